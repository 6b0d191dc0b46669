// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {
    ConsortiumConfig,
    G1Point,
    IConsortiumRegistry,
    Member,
    Participation,
    Round,
    Shard
} from "../interfaces/IConsortiumRegistry.sol";
import {RegistryState} from "./RegistryState.sol";

/// @title What anyone can read
abstract contract Views is RegistryState {
    /// @inheritdoc IConsortiumRegistry
    function config() external view returns (ConsortiumConfig memory) {
        return _config;
    }

    /// @inheritdoc IConsortiumRegistry
    function model() external view returns (G1Point memory) {
        return _model;
    }

    /// @inheritdoc IConsortiumRegistry
    function members() external view returns (address[] memory) {
        return _memberList;
    }

    /// @inheritdoc IConsortiumRegistry
    function memberOf(
        address account
    ) external view returns (Member memory) {
        return _members[account];
    }

    /// @inheritdoc IConsortiumRegistry
    function shardCount(
        address member
    ) external view returns (uint32) {
        return uint32(_shards[member].length);
    }

    /// @inheritdoc IConsortiumRegistry
    function shardOf(
        address member,
        uint32 shardIndex
    ) external view returns (Shard memory) {
        return _shards[member][shardIndex];
    }

    /// @inheritdoc IConsortiumRegistry
    function round(
        uint256 roundId
    ) external view returns (Round memory) {
        return _rounds[roundId];
    }

    /// @inheritdoc IConsortiumRegistry
    function cohort(
        uint256 roundId
    ) external view returns (address[] memory) {
        return _cohorts[roundId];
    }

    /// @inheritdoc IConsortiumRegistry
    function participation(
        uint256 roundId,
        address member
    ) external view returns (Participation memory) {
        return _participations[roundId][member];
    }
}
