// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point, Participation, Round, RoundStatus} from "../interfaces/ConsortiumTypes.sol";
import {IRegistryCore} from "../interfaces/IRegistryCore.sol";
import {BN254} from "../libraries/BN254.sol";
import {RegistryState} from "./RegistryState.sol";

/// @title Closing a round whose cohort has submitted
abstract contract Closing is IRegistryCore, RegistryState {
    using BN254 for G1Point;

    /// @inheritdoc IRegistryCore
    function closeRound(
        uint256 roundId
    ) external whenNotPaused {
        Round storage entry = _inStatus(roundId, RoundStatus.Open);
        uint256 expected = _cohorts[roundId].length;
        if (entry.submissions != expected) revert SubmissionsMissing(roundId, entry.submissions, expected);
        (bool cancels, G1Point memory modelAfter) = _aggregate(roundId);
        if (!cancels) return _dispute(roundId);
        entry.modelAfter = modelAfter;
        entry.status = RoundStatus.Closed;
        entry.deadline = _deadline(_config.publicationWindow);
        emit RoundClosed(roundId, modelAfter, entry.deadline);
    }

    function _dispute(
        uint256 roundId
    ) private {
        Round storage entry = _rounds[roundId];
        entry.status = RoundStatus.Disputed;
        entry.deadline = _deadline(_config.revealWindow);
        emit MasksDisputed(roundId, entry.attempt, entry.deadline);
    }

    /// @dev `sum M_i == N*U` and `C(G') = C(G) + sum w_i*(C_i - U)`.
    function _aggregate(
        uint256 roundId
    ) private view returns (bool cancels, G1Point memory modelAfter) {
        address[] storage cohort_ = _cohorts[roundId];
        G1Point memory zero = _config.zeroCommitment;
        G1Point memory masks;
        modelAfter = _rounds[roundId].modelBefore;
        for (uint256 i = 0; i < cohort_.length; ++i) {
            Participation storage part = _participations[roundId][cohort_[i]];
            masks = masks.add(part.mask);
            G1Point memory update = part.update;
            modelAfter = modelAfter.add(update.subtract(zero).mul(part.weight));
        }
        cancels = masks.equals(zero.mul(cohort_.length));
    }
}
