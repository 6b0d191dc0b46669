// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point, Shard} from "../interfaces/ConsortiumTypes.sol";
import {IRegistryCore} from "../interfaces/IRegistryCore.sol";
import {ProofCommitments} from "../libraries/ProofCommitments.sol";
import {ProofLinks} from "./ProofLinks.sol";

/// @title Shards of records that were proven well formed
abstract contract Admission is ProofLinks {
    using ProofCommitments for bytes;

    /// @inheritdoc IRegistryCore
    function admitShard(
        uint32 count,
        bytes calldata proof
    ) external whenNotPaused {
        _requireCanonical(abi.encodeCall(this.admitShard, (count, proof)));
        _requireSentDirectly();
        _requireBetweenRounds();
        _requireMember(msg.sender);
        if (count > _config.shardSlots) revert CountOutOfRange(count, _config.shardSlots);
        if (count < _config.minimumRecords) revert TooFewRecords(count, _config.minimumRecords);
        uint32 index = uint32(_shardsOf(msg.sender).length);
        G1Point memory commitment = proof.at(ProofCommitments.ADMISSION_DATA);
        bytes32 key = _newCommitment(commitment, _shardKnown);
        _requireScalars(
            proof.at(ProofCommitments.ADMISSION_PUBLIC), count, admissionContext(msg.sender, index)
        );
        _requireZeros(proof.at(ProofCommitments.ADMISSION_ZEROS));
        ROUTER.requireValid(_config.admissionCircuit, proof);

        _shardKnown[key] = true;
        _shardsOf(msg.sender).push(Shard(commitment, count, 1));
        _members[msg.sender].records += count;
        selectionSeed = 0;
        emit ShardAdmitted(msg.sender, index, count, commitment);
    }
}
