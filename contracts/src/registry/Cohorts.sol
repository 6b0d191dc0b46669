// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Round, RoundStatus} from "../interfaces/ConsortiumTypes.sol";
import {RegistryState} from "./RegistryState.sol";

/// @title How every attempt of a round begins
abstract contract Cohorts is RegistryState {
    function _begin(
        uint256 roundId,
        Round storage entry,
        address[] memory cohort_,
        uint32 window
    ) internal {
        _cohorts[roundId] = cohort_;
        entry.status = RoundStatus.Open;
        entry.deadline = _deadline(window);
        emit RoundOpened(roundId, ++entry.attempt, cohort_, entry.modelBefore, entry.deadline);
    }

    function _truncate(
        address[] memory list,
        uint256 length
    ) internal pure {
        assembly ("memory-safe") {
            mstore(list, length)
        }
    }
}
