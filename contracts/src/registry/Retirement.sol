// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Member, Shard} from "../interfaces/ConsortiumTypes.sol";
import {IRegistryExtension} from "../interfaces/IRegistryExtension.sol";
import {RegistryState} from "./RegistryState.sol";

/// @title Shards that take no further part: a member's data in a newer version
/// @dev Only the oldest shards can go, and the seed is drawn anew afterwards. Whoever retires
/// shards ends where it would be had it never admitted them, and chooses nothing else.
abstract contract Retirement is IRegistryExtension, RegistryState {
    /// @inheritdoc IRegistryExtension
    function retireShards(
        uint32 below
    ) external whenNotPaused {
        _requireBetweenRounds();
        _requireMember(msg.sender);
        Member storage entry = _members[msg.sender];
        Shard[] storage shards = _shardsOf(msg.sender);
        uint32 first = entry.firstShard;
        if (below <= first || below > shards.length) {
            revert NothingToRetire(msg.sender, below, first, shards.length);
        }
        (uint32 records, uint256 spent) = _held(shards, first, below);
        entry.records -= records;
        _spentShards[msg.sender] -= spent;
        entry.firstShard = below;
        selectionSeed = 0;
        emit DatasetRetired(msg.sender, ++entry.datasetVersion, below);
    }

    function _held(
        Shard[] storage shards,
        uint32 first,
        uint32 below
    ) private view returns (uint32 records, uint256 spent) {
        for (uint32 i = first; i < below; ++i) {
            records += shards[i].count;
            if (shards[i].openings >= _config.maxOpenings) ++spent;
        }
    }
}
