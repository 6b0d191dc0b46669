// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Participation, Round, RoundStatus} from "../interfaces/ConsortiumTypes.sol";
import {IRegistryCore} from "../interfaces/IRegistryCore.sol";
import {ChallengeWindow} from "./ChallengeWindow.sol";

/// @title From the proven sum to the consortium's model, as long as everyone does its part
abstract contract Finality is IRegistryCore, ChallengeWindow {
    uint256 private constant BPS = 10_000;

    /// @inheritdoc IRegistryCore
    function announceSum(
        uint256 roundId,
        bytes32 encryptedSumHash
    ) external whenNotPaused onlyRole(AGGREGATOR_ROLE) {
        Round storage entry = _inTime(roundId, RoundStatus.Closed);
        if (entry.sumHash != 0) revert SumAlreadyOpened(roundId, entry.sumHash);
        if (encryptedSumHash == 0) revert ZeroHash();
        // A correction comes out of the key holder's time, so that it cannot be repeated forever.
        if (entry.encryptedSumHash == 0) entry.deadline = _deadline(_config.publicationWindow);
        entry.encryptedSumHash = encryptedSumHash;
        emit SumAnnounced(roundId, encryptedSumHash, entry.deadline);
    }

    /// @inheritdoc IRegistryCore
    function openSum(
        uint256 roundId,
        bytes32 encryptedSumHash,
        bytes32 sumHash
    ) external whenNotPaused onlyRole(KEY_HOLDER_ROLE) {
        Round storage entry = _announced(roundId, encryptedSumHash);
        if (sumHash == 0) revert ZeroHash();
        entry.sumHash = sumHash;
        entry.deadline = _deadline(_config.publicationWindow);
        emit SumOpened(roundId, msg.sender, sumHash, entry.deadline);
    }

    /// @inheritdoc IRegistryCore
    function publishModel(
        uint256 roundId,
        bytes32 modelHash_
    ) external whenNotPaused onlyRole(AGGREGATOR_ROLE) {
        Round storage entry = _rounds[roundId];
        // Published again, a wrong file can be replaced by the right one before the deadline.
        if (entry.status != RoundStatus.Published) {
            _inTime(roundId, RoundStatus.Closed);
            if (entry.sumHash == 0) revert SumNotOpened(roundId);
            entry.status = RoundStatus.Published;
            entry.deadline = _deadlineAfterChallenges(roundId, _config.acknowledgementWindow);
        }
        _requireBeforeDeadline(entry);
        if (modelHash_ == 0) revert ZeroHash();
        entry.modelHash = modelHash_;
        emit ModelPublished(roundId, modelHash_, entry.deadline);
    }

    /// @inheritdoc IRegistryCore
    function acknowledge(
        uint256 roundId,
        bytes32 modelHash_
    ) external whenNotPaused {
        Round storage entry = _inTime(roundId, RoundStatus.Published);
        Participation storage part = _partOfSender(roundId);
        _requireSentDirectly();
        if (modelHash_ != entry.modelHash) revert ModelHashMismatch(roundId, modelHash_, entry.modelHash);
        _requireChallengesOver(roundId);
        // C(G') opens to one file only: nobody has reason to vouch for two.
        if (part.acknowledged != 0) revert AlreadyAcknowledged(roundId, msg.sender);
        part.acknowledged = modelHash_;
        uint256 count = ++_acknowledgements[roundId][modelHash_];
        emit Acknowledged(roundId, msg.sender, modelHash_);
        if (count * BPS >= uint256(_config.quorumBps) * entry.members) {
            _finalize(roundId, modelHash_);
        }
    }
}
