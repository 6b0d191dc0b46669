// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point} from "../interfaces/ConsortiumTypes.sol";
import {IRegistryCore} from "../interfaces/IRegistryCore.sol";
import {BN254} from "../libraries/BN254.sol";
import {PublicScalars} from "../libraries/PublicScalars.sol";
import {ProofChecks} from "./ProofChecks.sol";

/// @title What ties a proof to its sender, its place, and what the chain holds
abstract contract ProofLinks is IRegistryCore, ProofChecks {
    using BN254 for G1Point;

    /// @inheritdoc IRegistryCore
    function admissionContext(
        address member,
        uint32 shardIndex
    ) public view returns (uint256) {
        return PublicScalars.context(PublicScalars.ADMISSION_DOMAIN, address(this), member, shardIndex);
    }

    /// @inheritdoc IRegistryCore
    function trainingContext(
        address member,
        uint256 roundId
    ) public view returns (uint256) {
        return PublicScalars.context(PublicScalars.TRAINING_DOMAIN, address(this), member, roundId);
    }

    function _newCommitment(
        G1Point memory point,
        mapping(bytes32 => bool) storage known
    ) internal view returns (bytes32 key) {
        point.requireOnCurve();
        key = keccak256(abi.encode(point.x, point.y));
        if (known[key]) revert CommitmentAlreadyUsed(point);
    }
}
