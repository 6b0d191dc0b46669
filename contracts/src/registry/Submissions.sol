// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point, Participation, Round, RoundStatus, Shard} from "../interfaces/ConsortiumTypes.sol";
import {IRegistryCore} from "../interfaces/IRegistryCore.sol";
import {BN254} from "../libraries/BN254.sol";
import {ProofCommitments} from "../libraries/ProofCommitments.sol";
import {PostedProofs} from "./PostedProofs.sol";

/// @title Proven updates, and their masks and ciphertexts in each attempt
abstract contract Submissions is PostedProofs {
    using BN254 for G1Point;
    using ProofCommitments for bytes;

    /// @inheritdoc IRegistryCore
    function submitUpdate(
        uint256 roundId,
        bytes calldata proof,
        G1Point calldata maskCommitment,
        bytes32 ciphertextHash
    ) external whenNotPaused {
        _requireCanonical(abi.encodeCall(this.submitUpdate, (roundId, proof, maskCommitment, ciphertextHash)));
        _requireSentDirectly();
        Participation storage part = _readyForAttempt(roundId, 1);
        bytes32 key = _requireLinked(roundId, part.shardIndex, proof);
        _requireProof(roundId, proof);

        _updateUsed[key] = true;
        uint32 openings = ++_shardsOf(msg.sender)[part.shardIndex].openings;
        if (openings == _config.maxOpenings) ++_spentShards[msg.sender];
        part.update = proof.at(ProofCommitments.TRAINING_UPDATE);
        _accept(roundId, part, maskCommitment, ciphertextHash);
        emit UpdateSubmitted(
            roundId, msg.sender, part.update, maskCommitment, ciphertextHash, keccak256(proof)
        );
    }

    /// @inheritdoc IRegistryCore
    function remaskUpdate(
        uint256 roundId,
        uint32 attempt,
        G1Point calldata maskCommitment,
        bytes32 ciphertextHash
    ) external whenNotPaused {
        if (attempt < 2) revert WrongAttempt(roundId, attempt, _rounds[roundId].attempt);
        Participation storage part = _readyForAttempt(roundId, attempt);
        _accept(roundId, part, maskCommitment, ciphertextHash);
        emit UpdateRemasked(roundId, msg.sender, attempt, maskCommitment, ciphertextHash);
    }

    function _readyForAttempt(
        uint256 roundId,
        uint32 attempt
    ) private view returns (Participation storage part) {
        Round storage entry = _inTime(roundId, RoundStatus.Open);
        if (entry.attempt != attempt) revert WrongAttempt(roundId, attempt, entry.attempt);
        part = _partOfSender(roundId);
        if (part.submitted) revert AlreadySubmitted(roundId, msg.sender);
    }

    function _accept(
        uint256 roundId,
        Participation storage part,
        G1Point calldata maskCommitment,
        bytes32 ciphertextHash
    ) private {
        if (ciphertextHash == 0) revert ZeroHash();
        BN254.requireOnCurve(maskCommitment);
        part.submitted = true;
        part.mask = maskCommitment;
        part.ciphertextHash = ciphertextHash;
        ++_rounds[roundId].submissions;
    }

    /// @dev Every link between a training proof and the chain, cheapest first; returns the
    /// key under which the update is remembered.
    function _requireLinked(
        uint256 roundId,
        uint32 shardIndex,
        bytes calldata proof
    ) private view returns (bytes32 key) {
        Shard storage shard = _shardsOf(msg.sender)[shardIndex];
        if (shard.openings >= _config.maxOpenings) {
            revert BlindersExhausted(msg.sender, shardIndex, shard.openings, _config.maxOpenings);
        }
        G1Point memory data = proof.at(ProofCommitments.TRAINING_DATA);
        if (!data.equals(shard.commitment)) revert DataCommitmentMismatch(data, shard.commitment);
        G1Point memory model_ = proof.at(ProofCommitments.TRAINING_MODEL);
        if (!model_.equals(_model)) revert ModelCommitmentMismatch(model_, _model);
        _requireScalars(
            proof.at(ProofCommitments.TRAINING_PUBLIC),
            _config.noiseBound,
            trainingContext(msg.sender, roundId)
        );
        uint32 rate = _rounds[roundId].rate;
        if (rate != 0) _requireScalars(proof.at(ProofCommitments.TRAINING_RATE), rate, 0);
        _requireZeros(proof.at(ProofCommitments.TRAINING_ZEROS));
        return _newUpdate(proof.at(ProofCommitments.TRAINING_UPDATE));
    }
}
