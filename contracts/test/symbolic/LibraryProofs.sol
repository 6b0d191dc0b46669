// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point} from "../../src/interfaces/IConsortiumRegistry.sol";
import {ProofCommitments} from "../../src/libraries/ProofCommitments.sol";
import {ShardSelection} from "../../src/libraries/ShardSelection.sol";

/// @title What halmos proves of the pure libraries, for every input at once
/// @dev `scripts/halmos` runs it; forge does not, as no function's name begins with `test`.
contract LibraryProofs {
    /// @dev The selected shard exists.
    function check_theSelectedShardExists(
        bytes32 seed,
        uint256 memberId,
        uint64 roundId,
        uint32 shards
    ) external pure {
        if (shards == 0) return;
        assert(ShardSelection.shardIndex(seed, memberId, roundId, shards) < shards);
    }

    /// @dev Consecutive rounds take consecutive shards, of some numbers of shards.
    function check_shardsTakeTurns(
        bytes32 seed,
        uint256 memberId,
        uint64 roundId
    ) external pure {
        uint8[4] memory counts = [1, 2, 4, 16];
        for (uint256 i = 0; i < counts.length; ++i) {
            uint256 now_ = ShardSelection.shardIndex(seed, memberId, roundId, counts[i]);
            uint256 next = ShardSelection.shardIndex(seed, memberId, uint256(roundId) + 1, counts[i]);
            assert(next == (now_ + 1) % counts[i]);
        }
    }

    /// @dev A point is its 64 bytes, and nothing beyond the end of a proof is read.
    function check_aPointIsItsBytes(
        bytes32 x,
        bytes32 y,
        bytes32 before
    ) external view {
        bytes memory proof = abi.encodePacked(before, before, x, y);
        G1Point memory point = this.at(proof, 1);
        assert(bytes32(point.x) == x && bytes32(point.y) == y);
    }

    /// @dev Nothing beyond the end of a proof is read, whatever its bytes are.
    function check_noPointBeyondTheEnd(
        bytes32 word
    ) external view {
        bytes memory proof = abi.encodePacked(word, word, word, bytes31(word));
        try this.at(proof, 1) {
            assert(false);
        } catch (bytes memory reason) {
            assert(bytes4(reason) == ProofCommitments.ProofTooShort.selector);
        }
    }

    function at(
        bytes calldata proof,
        uint256 index
    ) external pure returns (G1Point memory) {
        return ProofCommitments.at(proof, index);
    }
}
