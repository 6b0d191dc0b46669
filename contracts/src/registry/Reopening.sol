// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {FailureReason, Participation, Round} from "../interfaces/ConsortiumTypes.sol";
import {Cohorts} from "./Cohorts.sol";

/// @title The further attempts of a round, with those who are left
abstract contract Reopening is Cohorts {
    /// @dev A further attempt with those who have submitted and were not excluded: more than
    /// half of the first, so that no minority is left alone with a round. Weights stay: whoever
    /// can decrypt single ciphertexts and works with those who left knows a sum over the rest
    /// already, and under other weights would get a second equation on the same updates.
    function _reopen(
        uint256 roundId,
        FailureReason reason
    ) internal {
        Round storage entry = _rounds[roundId];
        address[] memory cohort_ = _leaveOut(roundId);
        bool few = cohort_.length < _config.minCohort || 2 * cohort_.length <= entry.members;
        if (few) return _fail(roundId, reason);
        entry.submissions = 0;
        entry.answers = 0;
        _begin(roundId, entry, cohort_, _config.remaskWindow);
    }

    /// @dev Whoever leaves has no weight any more; returns who comes into the next attempt.
    function _leaveOut(
        uint256 roundId
    ) private returns (address[] memory kept) {
        kept = _cohorts[roundId];
        uint256 count;
        for (uint256 i = 0; i < kept.length; ++i) {
            Participation storage part = _participations[roundId][kept[i]];
            bool keep = part.submitted && _members[kept[i]].active;
            (part.submitted, part.answered) = (false, false);
            if (keep) kept[count++] = kept[i];
            else (part.share, part.weight) = (0, 0);
        }
        _truncate(kept, count);
    }
}
