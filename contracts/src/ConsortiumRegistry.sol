// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Proxy} from "@openzeppelin/contracts/proxy/Proxy.sol";
import {ConsortiumConfig, Round, RoundStatus, WeightRule} from "./interfaces/ConsortiumTypes.sol";
import {IRegistryCore} from "./interfaces/IRegistryCore.sol";
import {IRegistryExtension} from "./interfaces/IRegistryExtension.sol";
import {IVectorOpening} from "./interfaces/IVectorOpening.sol";
import {IVerifierRouter} from "./interfaces/IVerifierRouter.sol";
import {ConfigRules} from "./libraries/ConfigRules.sol";
import {ProofCommitments} from "./libraries/ProofCommitments.sol";
import {Admission} from "./registry/Admission.sol";
import {Attempts} from "./registry/Attempts.sol";
import {Closing} from "./registry/Closing.sol";
import {Finality} from "./registry/Finality.sol";
import {RegistryState} from "./registry/RegistryState.sol";
import {Submissions} from "./registry/Submissions.sol";
import {Views} from "./registry/Views.sol";

/// @title One consortium: members, admitted shards, rounds, and the model they lead to
/// @dev Whatever is not here is in `RegistryExtension`, whose code the fallback runs on this
/// contract's storage. No call can change which code that is.
contract ConsortiumRegistry is Admission, Attempts, Submissions, Closing, Finality, Views, Proxy {
    /// @inheritdoc IRegistryCore
    address public immutable EXTENSION;

    constructor(
        ConsortiumConfig memory config_,
        IVerifierRouter router,
        IVectorOpening opening,
        address extension,
        address bondVault,
        address learningRate,
        address owner,
        address aggregator,
        address guardian,
        address keyHolder
    ) RegistryState(router, opening, bondVault) Attempts(learningRate) {
        ConfigRules.requireSound(config_);
        if (opening.ROWS() != uint256(1) << config_.logrows) {
            revert OtherRows(opening.ROWS(), config_.logrows);
        }
        _requireExtension(IRegistryExtension(extension));
        // It is created first and names this address, which whoever looks from outside can compare.
        if (bondVault != address(0) && bondVault.code.length == 0) revert NoCode(bondVault);
        _requireTrainingLayout(config_.trainingCircuit, learningRate);
        EXTENSION = extension;
        _config = config_;
        _model = config_.zeroCommitment;
        _grantRole(DEFAULT_ADMIN_ROLE, owner);
        _grantRole(AGGREGATOR_ROLE, aggregator);
        _grantRole(GUARDIAN_ROLE, guardian);
        _grantRole(KEY_HOLDER_ROLE, keyHolder);
        emit ConsortiumCreated(
            config_.srsHash, config_.srsInsecure, config_.admissionCircuit, config_.trainingCircuit
        );
    }

    /// @inheritdoc IRegistryCore
    function pause() external onlyRole(GUARDIAN_ROLE) {
        _pausedAt = block.timestamp;
        _pause();
    }

    /// @inheritdoc IRegistryCore
    function unpause() external onlyRole(GUARDIAN_ROLE) {
        _unpause();
        Round storage entry = _rounds[currentRound];
        bool waits = _inProgress(entry.status)
            || (entry.status == RoundStatus.Final && _config.weightRule == WeightRule.Benefit);
        if (waits) entry.deadline += uint64(block.timestamp - _pausedAt);
        if (_inProgress(entry.status)) _extendChallenges(currentRound);
    }

    /// @dev Immutables live in code: those of the extension must be these, as its code runs here.
    function _requireExtension(
        IRegistryExtension extension
    ) private view {
        if (address(extension).code.length == 0) revert NoCode(address(extension));
        _requireSame(address(extension.ROUTER()), address(ROUTER));
        _requireSame(address(extension.OPENING()), address(OPENING));
        _requireSame(extension.BOND_VAULT(), BOND_VAULT);
    }

    /// @dev A rate that no rule fixes would be the prover's to choose.
    function _requireTrainingLayout(
        bytes32 circuit,
        address learningRate
    ) private view {
        uint256 expected = ProofCommitments.TRAINING_COMMITMENTS;
        if (learningRate != address(0)) {
            if (learningRate.code.length == 0) revert NoCode(learningRate);
            expected = ProofCommitments.RATED_TRAINING_COMMITMENTS;
        }
        uint256 points = ROUTER.route(circuit).commitments;
        if (points != expected) revert OtherTrainingLayout(points, expected);
    }

    function _requireSame(
        address actual,
        address expected
    ) private pure {
        if (actual != expected) revert OtherExtension(actual, expected);
    }

    function _implementation() internal view override returns (address) {
        return EXTENSION;
    }
}
