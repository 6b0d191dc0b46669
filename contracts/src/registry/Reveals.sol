// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BlameReason, G1Point, Participation, Round, RoundStatus} from "../interfaces/ConsortiumTypes.sol";
import {IRegistryExtension} from "../interfaces/IRegistryExtension.sol";
import {BN254} from "../libraries/BN254.sol";
import {ChallengeWindow} from "./ChallengeWindow.sol";

/// @title A model without a quorum: opened by whoever knows it, or from revealed updates
abstract contract Reveals is IRegistryExtension, ChallengeWindow {
    using BN254 for G1Point;

    /// @inheritdoc IRegistryExtension
    function refuseSum(
        uint256 roundId,
        bytes32 encryptedSumHash
    ) external whenNotPaused onlyRole(KEY_HOLDER_ROLE) {
        _announced(roundId, encryptedSumHash);
        emit SumRefused(roundId, msg.sender, encryptedSumHash);
        _demandReveals(roundId);
    }

    /// @inheritdoc IRegistryExtension
    function openModel(
        uint256 roundId,
        uint256[] calldata model_,
        G1Point calldata quotient
    ) external {
        Round storage entry = _rounds[roundId];
        RoundStatus status = entry.status;
        bool final_ = status == RoundStatus.Final;
        // A false witness of a final round must not get its stake out while it cannot be shown.
        if (!final_) _requireNotPaused();
        bool waits = status == RoundStatus.Closed || status == RoundStatus.Published
            || status == RoundStatus.Revealing;
        if (!final_ && !waits) revert WrongRoundStatus(roundId, status);
        if (waits) _requireChallengesOver(roundId);
        G1Point memory modelAfter = entry.modelAfter;
        _requireOpens(modelAfter.subtract(_config.zeroCommitment), model_, quotient);

        bytes32 modelHash_ = sha256(abi.encodePacked(model_));
        emit ModelOpened(roundId, modelHash_, model_);
        _excludeFalseWitnesses(roundId, modelHash_);
        if (!final_) return _finalize(roundId, modelHash_);
        entry.modelHash = modelHash_;
        if (roundId == finalRound) modelHash = modelHash_;
    }

    /// @inheritdoc IRegistryExtension
    function revealUpdate(
        uint256 roundId,
        uint256[] calldata masked,
        G1Point calldata quotient
    ) external whenNotPaused {
        Round storage entry = _inTime(roundId, RoundStatus.Revealing);
        Participation storage part = _partOfSender(roundId);
        if (part.answered) revert AlreadyAnswered(roundId, msg.sender);
        _requireOpens(_maskedCommitment(part), masked, quotient);

        part.answered = true;
        // Everyone can add what was revealed; who does it gets the time to open the model.
        bool complete = ++entry.answers == _cohorts[roundId].length;
        if (complete) entry.deadline = _deadlineAfterChallenges(roundId, _config.publicationWindow);
        emit UpdateRevealed(roundId, msg.sender, masked);
    }

    function _demandReveals(
        uint256 roundId
    ) internal {
        Round storage entry = _rounds[roundId];
        entry.status = RoundStatus.Revealing;
        entry.deadline = _deadlineAfterChallenges(roundId, _config.revealWindow);
        emit RevealsDemanded(roundId, entry.deadline);
    }

    /// @dev `w_i*(C_i - U) + (M_i - U)`, the commitment of `w_i*u_i + m_i` without U.
    function _maskedCommitment(
        Participation storage part
    ) private view returns (G1Point memory) {
        G1Point memory zero = _config.zeroCommitment;
        (G1Point memory update, G1Point memory mask) = (part.update, part.mask);
        return update.subtract(zero).mul(part.weight).add(mask.subtract(zero));
    }

    function _requireOpens(
        G1Point memory commitment,
        uint256[] calldata values,
        G1Point calldata quotient
    ) private view {
        if (values.length != _config.modelLength) {
            revert WrongVectorLength(values.length, _config.modelLength);
        }
        OPENING.requireOpens(commitment, values, quotient);
    }

    /// @dev Whoever vouched for a file that `modelAfter` does not open to; once, so that the
    /// owner can take it back for good.
    function _excludeFalseWitnesses(
        uint256 roundId,
        bytes32 modelHash_
    ) private {
        address[] memory cohort_ = _cohorts[roundId];
        for (uint256 i = 0; i < cohort_.length; ++i) {
            Participation storage part = _participations[roundId][cohort_[i]];
            bytes32 vouched = part.acknowledged;
            bool lied = vouched != 0 && vouched != modelHash_;
            if (!lied) continue;
            // It may go by another account since.
            address member = _memberList[_everIds[cohort_[i]] - 1];
            // Who left before it was found out keeps its name, and not its bond.
            if (!_members[member].active && BOND_VAULT == address(0)) continue;
            part.acknowledged = 0;
            _exclude(roundId, member, BlameReason.FalseAcknowledgement);
        }
    }
}
