// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ConsortiumConfig, WeightRule} from "../interfaces/ConsortiumTypes.sol";
import {BN254} from "./BN254.sol";

/// @title What a consortium's configuration must satisfy
library ConfigRules {
    /// @dev A sum of two updates reveals each to the other.
    uint256 private constant SMALLEST_COHORT = 3;
    /// @dev 16-bit limbs sum below the plaintext modulus, with room to spare.
    uint256 private constant LARGEST_COHORT = 64;

    /// @dev A round must end while those who began it are there.
    uint256 private constant LONGEST_CHALLENGE = 30 days;

    error InvalidConfig(string field, uint256 value);

    function requireSound(
        ConsortiumConfig memory config
    ) internal pure {
        BN254.requireOnCurve(config.zeroCommitment);
        BN254.requireOnCurve(config.lagrange0);
        BN254.requireOnCurve(config.lagrange1);
        _require(config.srsHash != 0, "srsHash", 0);
        _require(config.admissionCircuit != 0, "admissionCircuit", 0);
        _require(config.trainingCircuit != 0, "trainingCircuit", 0);
        _require(config.admissionCircuit != config.trainingCircuit, "trainingCircuit", 0);
        _require(config.modelLength > 0, "modelLength", 0);
        _require(config.shardSlots > 0, "shardSlots", config.shardSlots);
        bool fillable = config.minimumRecords > 0 && config.minimumRecords <= config.shardSlots;
        _require(fillable, "minimumRecords", config.minimumRecords);
        _require(config.maxOpenings > 1, "maxOpenings", config.maxOpenings);
        _require(config.minCohort >= SMALLEST_COHORT, "minCohort", config.minCohort);
        _require(config.maxCohort >= config.minCohort, "maxCohort", config.maxCohort);
        _require(config.maxCohort <= LARGEST_COHORT, "maxCohort", config.maxCohort);
        _require(config.quorumBps > 5000 && config.quorumBps <= 10_000, "quorumBps", config.quorumBps);
        _require(config.submissionWindow > 0, "submissionWindow", 0);
        _require(config.remaskWindow > 0, "remaskWindow", 0);
        _require(config.publicationWindow > 0, "publicationWindow", 0);
        _require(config.acknowledgementWindow > 0, "acknowledgementWindow", 0);
        _require(config.revealWindow > 0, "revealWindow", 0);
        _require(config.challengeWindow <= LONGEST_CHALLENGE, "challengeWindow", config.challengeWindow);
        bool rewards = config.weightRule == WeightRule.Benefit;
        bool own = config.benefitCircuit != config.admissionCircuit
            && config.benefitCircuit != config.trainingCircuit;
        _require(
            (config.benefitCircuit != 0) == rewards && own, "benefitCircuit", uint256(config.benefitCircuit)
        );
        bool capped = config.weightRule == WeightRule.Capped;
        bool capHolds = uint256(config.capShare) * config.minCohort >= 1 << 16 && config.capShare <= 1 << 16;
        _require(!capped || capHolds, "capShare", config.capShare);
    }

    function _require(
        bool holds,
        string memory field,
        uint256 value
    ) private pure {
        if (!holds) revert InvalidConfig(field, value);
    }
}
