// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {
    ConsortiumConfig,
    G1Point,
    Member,
    Participation,
    Round,
    Shard
} from "../interfaces/ConsortiumTypes.sol";
import {IRegistryCore} from "../interfaces/IRegistryCore.sol";
import {RegistryState} from "./RegistryState.sol";

/// @title What anyone can read
abstract contract Views is IRegistryCore, RegistryState {
    /// @inheritdoc IRegistryCore
    function config() external view returns (ConsortiumConfig memory) {
        return _config;
    }

    /// @inheritdoc IRegistryCore
    function model() external view returns (G1Point memory) {
        return _model;
    }

    /// @inheritdoc IRegistryCore
    function members() external view returns (address[] memory) {
        return _memberList;
    }

    /// @inheritdoc IRegistryCore
    function memberOf(
        address account
    ) external view returns (Member memory) {
        return _members[account];
    }

    /// @inheritdoc IRegistryCore
    function shardCount(
        address member
    ) external view returns (uint32) {
        return uint32(_shardsOf(member).length);
    }

    /// @inheritdoc IRegistryCore
    function shardOf(
        address member,
        uint32 shardIndex
    ) external view returns (Shard memory) {
        return _shardsOf(member)[shardIndex];
    }

    /// @inheritdoc IRegistryCore
    function isAdmitted(
        G1Point calldata commitment
    ) external view returns (bool) {
        return _shardKnown[keccak256(abi.encode(commitment.x, commitment.y))];
    }

    /// @inheritdoc IRegistryCore
    function round(
        uint256 roundId
    ) external view returns (Round memory) {
        return _rounds[roundId];
    }

    /// @inheritdoc IRegistryCore
    function cohort(
        uint256 roundId
    ) external view returns (address[] memory) {
        return _cohorts[roundId];
    }

    /// @inheritdoc IRegistryCore
    function participation(
        uint256 roundId,
        address member
    ) external view returns (Participation memory) {
        return _participations[roundId][member];
    }
}
