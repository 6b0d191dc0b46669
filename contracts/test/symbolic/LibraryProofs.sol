// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point} from "../../src/interfaces/IConsortiumRegistry.sol";
import {ProofCommitments} from "../../src/libraries/ProofCommitments.sol";
import {ShardSelection} from "../../src/libraries/ShardSelection.sol";
import {Weights} from "../../src/libraries/Weights.sol";

/// @title What halmos proves of the pure libraries, for every input at once
/// @dev `scripts/halmos` runs it; forge does not, as no function's name begins with `test`.
contract LibraryProofs {
    /// @dev Whoever has a share has a weight, which fits into 64 bits.
    function check_aShareHasAWeightThatFits(
        uint32 share,
        uint32 slots,
        uint32 used
    ) external pure {
        if (share == 0 || share > Weights.WHOLE || used == 0 || used > slots) return;
        uint256 weight = Weights.weight(share, slots, used);
        assert(weight >= share && weight <= type(uint64).max);
    }

    /// @dev A full shard's weight is its share.
    function check_aFullShardsWeightIsItsShare(
        uint32 share,
        uint32 slots
    ) external pure {
        if (slots == 0 || share > Weights.WHOLE) return;
        assert(Weights.weight(share, slots, slots) == share);
    }

    /// @dev Rounded half up: `2*used*weight` is within `used` of `2*share*slots`.
    function check_weightsAreRoundedHalfUp(
        uint16 share,
        uint8 slots,
        uint8 used
    ) external pure {
        if (used == 0 || used > slots) return;
        uint256 weight = Weights.weight(share, slots, used);
        uint256 exact = 2 * uint256(share) * slots;
        assert(2 * uint256(used) * weight <= exact + used);
        assert(2 * uint256(used) * weight + used > exact);
    }

    /// @dev The selected shard exists.
    function check_theSelectedShardExists(
        bytes32 seed,
        address member,
        uint64 roundId,
        uint32 shards
    ) external pure {
        if (shards == 0) return;
        assert(ShardSelection.shardIndex(seed, member, roundId, shards) < shards);
    }

    /// @dev Consecutive rounds take consecutive shards.
    function check_shardsTakeTurns(
        bytes32 seed,
        address member,
        uint64 roundId,
        uint8 shards
    ) external pure {
        if (shards == 0) return;
        uint256 now_ = ShardSelection.shardIndex(seed, member, roundId, shards);
        uint256 next = ShardSelection.shardIndex(seed, member, uint256(roundId) + 1, shards);
        assert(next == (now_ + 1) % shards);
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

    function check_noPointBeyondTheEnd(
        uint256 index
    ) external view {
        bytes memory proof = new bytes(128);
        try this.at(proof, index) {
            assert(index < 2);
        } catch {
            assert(index >= 2);
        }
    }

    function at(
        bytes calldata proof,
        uint256 index
    ) external pure returns (G1Point memory) {
        return ProofCommitments.at(proof, index);
    }
}
