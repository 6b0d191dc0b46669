// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IVerifierRouter} from "../interfaces/IVerifierRouter.sol";
import {RegistryState} from "./RegistryState.sol";

/// @title The time in which posted proofs can be challenged before anything is final
/// @dev It runs from the last proof that was accepted. Further attempts keep proofs, and so keep
/// its end. Where the chain verifies every proof as it comes, it is over before it begins.
abstract contract ChallengeWindow is RegistryState {
    /// @dev Fails closed where the circuit was removed meanwhile: nobody could challenge.
    function _requireChallengesOver(
        uint256 roundId
    ) internal view {
        uint64 end = _challengeDeadlines[roundId];
        if (end == 0) return;
        if (block.timestamp <= end) revert ChallengesOpen(roundId, end, block.timestamp);
        bytes32 circuit = _config.trainingCircuit;
        if (ROUTER.route(circuit).removed) revert IVerifierRouter.CircuitTombstoned(circuit);
    }

    /// @dev Whoever has to wait for the challenges loses none of its own time.
    function _deadlineAfterChallenges(
        uint256 roundId,
        uint32 window
    ) internal view returns (uint64) {
        uint64 end = _challengeDeadlines[roundId];
        return (end > block.timestamp ? end : uint64(block.timestamp)) + window;
    }

    /// @dev Nobody could challenge while the registry was paused. The window begins anew, or pauses
    /// from a block's first transaction to its last would leave it no time that anyone could use.
    function _extendChallenges(
        uint256 roundId
    ) internal {
        uint64 end = _challengeDeadlines[roundId];
        if (end >= _pausedAt) {
            _challengeDeadlines[roundId] = uint64(block.timestamp) + _config.challengeWindow;
        }
    }
}
