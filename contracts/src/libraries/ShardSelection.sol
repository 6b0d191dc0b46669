// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Which shard a member trains on
/// @notice Every shard once in as many rounds as there are shards, from a start that the
/// chain draws: nobody picks a convenient shard. A member's id stays when its account changes.
library ShardSelection {
    function shardIndex(
        bytes32 seed,
        uint256 memberId,
        uint256 roundId,
        uint256 shards
    ) internal pure returns (uint32) {
        uint256 start = uint256(keccak256(abi.encode(seed, memberId))) % shards;
        return uint32((start + roundId) % shards);
    }
}
