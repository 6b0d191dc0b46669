// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point} from "../interfaces/ConsortiumTypes.sol";
import {BN254} from "../libraries/BN254.sol";
import {ProofLinks} from "./ProofLinks.sol";

/// @title Proofs of updates: verified as they come, or posted for everyone to check
abstract contract PostedProofs is ProofLinks {
    using BN254 for G1Point;

    function _requireProof(
        uint256 roundId,
        bytes calldata proof
    ) internal {
        uint32 window = _config.challengeWindow;
        if (window == 0) return ROUTER.requireValid(_config.trainingCircuit, proof);
        ROUTER.requireVerifiable(_config.trainingCircuit, proof.length);
        _postedProofs[roundId][msg.sender] = keccak256(proof);
        _challengeDeadlines[roundId] = uint64(block.timestamp) + window;
    }

    /// @dev The key under which an update is remembered. One that is not proven yet counts for
    /// its sender alone: otherwise whoever copies it from a pending transaction shuts out its
    /// owner. A copy is no valid proof, and is challenged like any other.
    function _newUpdate(
        G1Point memory point
    ) internal view returns (bytes32 key) {
        if (_config.challengeWindow == 0) return _newCommitment(point, _updateUsed);
        point.requireOnCurve();
        key = keccak256(abi.encode(msg.sender, point.x, point.y));
        if (_updateUsed[key]) revert CommitmentAlreadyUsed(point);
    }
}
