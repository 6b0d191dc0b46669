// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BlameReason, FailureReason, Round, RoundStatus} from "../interfaces/ConsortiumTypes.sol";
import {IRegistryExtension} from "../interfaces/IRegistryExtension.sol";
import {Masks} from "./Masks.sol";
import {Reveals} from "./Reveals.sol";

/// @title Moving a round on that waits for somebody
abstract contract Progress is Masks, Reveals {
    /// @inheritdoc IRegistryExtension
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
}
