// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {
    BlameReason,
    FailureReason,
    G1Point,
    IConsortiumRegistry,
    Participation,
    Round,
    RoundStatus
} from "../interfaces/IConsortiumRegistry.sol";
import {BN254} from "../libraries/BN254.sol";
import {Finality} from "./Finality.sol";
import {Masks} from "./Masks.sol";

/// @title Closing a round, and moving one on that waits for somebody
abstract contract Progress is Masks, Finality {
    using BN254 for G1Point;

    /// @inheritdoc IConsortiumRegistry
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

    /// @inheritdoc IConsortiumRegistry
    function pushRound(
        uint256 roundId
    ) external whenNotPaused {
        Round storage entry = _rounds[roundId];
        RoundStatus status = entry.status;
        if (!_inProgress(status)) revert WrongRoundStatus(roundId, status);
        if (block.timestamp <= entry.deadline) revert DeadlineNotReached(entry.deadline, block.timestamp);
        bool open = status == RoundStatus.Open;
        // A complete cohort kept the deadline, however late the round is closed.
        if (open && entry.submissions == _cohorts[roundId].length) revert CohortComplete(roundId);
        emit StepMissed(roundId, status, _missing(entry));
        if (open) return _reopen(roundId, FailureReason.TooFewSubmissions);
        if (status == RoundStatus.Disputed) return _settleMasks(roundId);
        if (status == RoundStatus.Revealing) return _endReveals(roundId, entry);
        _demandReveals(roundId);
    }

    /// @dev Who was to act; zero for members of the cohort.
    function _missing(
        Round storage entry
    ) private view returns (bytes32) {
        if (entry.status != RoundStatus.Closed) return 0;
        bool waitsForKeyHolder = entry.encryptedSumHash != 0 && entry.sumHash == 0;
        return waitsForKeyHolder ? KEY_HOLDER_ROLE : AGGREGATOR_ROLE;
    }

    function _endReveals(
        uint256 roundId,
        Round storage entry
    ) private {
        address[] memory cohort_ = _cohorts[roundId];
        if (entry.answers == cohort_.length) return _fail(roundId, FailureReason.ModelNotOpened);
        for (uint256 i = 0; i < cohort_.length; ++i) {
            if (!_participations[roundId][cohort_[i]].answered) {
                _exclude(roundId, cohort_[i], BlameReason.UpdateNotRevealed);
            }
        }
        _fail(roundId, FailureReason.UpdatesNotRevealed);
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
