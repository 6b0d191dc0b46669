// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {
    BlameReason,
    FailureReason,
    G1Point,
    Participation,
    Round,
    RoundStatus
} from "../interfaces/ConsortiumTypes.sol";
import {IRegistryExtension} from "../interfaces/IRegistryExtension.sol";
import {BN254} from "../libraries/BN254.sol";
import {Reopening} from "./Reopening.sol";

/// @title Masks that do not cancel: which pairs disagree, and who leaves
/// @dev Nobody can tell from outside which of two members lies about their common mask. They
/// stop sharing one, which costs no privacy: a mask shared with a liar hides nothing from the
/// liar. Whoever disagrees with more than half of its peers is excluded, which liars cannot
/// do to an honest member while they are half of its peers or fewer.
/// Members take a peer as apart on its signed split alone, so a split says what it is about, and is
/// refused in any form in which its signature could not be checked from the transaction.
abstract contract Masks is IRegistryExtension, Reopening {
    using BN254 for G1Point;

    bytes32 private constant COHORT_DOMAIN = keccak256("zkfl.mask-cohort.v1");

    /// @inheritdoc IRegistryExtension
    function splitMask(
        uint256 roundId,
        uint32 attempt,
        bytes32 cohortHash,
        G1Point[] calldata pairMasks
    ) external whenNotPaused {
        _requireCanonical(abi.encodeCall(this.splitMask, (roundId, attempt, cohortHash, pairMasks)));
        Round storage entry = _inTime(roundId, RoundStatus.Disputed);
        if (entry.attempt != attempt) revert WrongAttempt(roundId, attempt, entry.attempt);
        Participation storage part = _partOfSender(roundId);
        _requireSentDirectly();
        if (part.answered) revert AlreadyAnswered(roundId, msg.sender);
        address[] memory cohort_ = _cohorts[roundId];
        _requireCohort(roundId, cohort_, cohortHash);
        if (pairMasks.length + 1 != cohort_.length) {
            revert WrongPeerCount(pairMasks.length, cohort_.length - 1);
        }
        _requireSplit(part.mask, pairMasks);

        part.answered = true;
        emit MaskSplit(roundId, msg.sender, attempt);
        uint256 next;
        for (uint256 i = 0; i < cohort_.length; ++i) {
            if (cohort_[i] != msg.sender) _compare(roundId, attempt, cohort_[i], pairMasks[next++]);
        }
        if (++entry.answers == cohort_.length) _settleMasks(roundId);
    }

    /// @inheritdoc IRegistryExtension
    function unpaired(
        address first,
        address second
    ) external view returns (bool) {
        return _unpaired[_pair(first, second)];
    }

    /// @dev Excludes who did not answer or disagrees with most, and reopens with the rest. A
    /// dispute ends: each costs a member or a pair, of which there are finitely many.
    function _settleMasks(
        uint256 roundId
    ) internal {
        address[] memory cohort_ = _cohorts[roundId];
        for (uint256 i = 0; i < cohort_.length; ++i) {
            Participation storage part = _participations[roundId][cohort_[i]];
            if (!part.answered) {
                _exclude(roundId, cohort_[i], BlameReason.MaskNotSplit);
            } else if (2 * _disagreements(cohort_, cohort_[i]) > cohort_.length - 1) {
                _exclude(roundId, cohort_[i], BlameReason.MaskDisputed);
            }
        }
        _reopen(roundId, FailureReason.TooFewAfterDispute);
    }

    /// @dev With how many of this attempt's cohort: who is gone counts against nobody.
    function _disagreements(
        address[] memory cohort_,
        address member
    ) private view returns (uint256 count) {
        for (uint256 i = 0; i < cohort_.length; ++i) {
            if (_unpaired[_pair(member, cohort_[i])]) ++count;
        }
    }

    /// @dev Who stands where, and under which keys: a pair's mask depends on nothing else of an
    /// attempt. Keys change between rounds alone.
    function _requireCohort(
        uint256 roundId,
        address[] memory cohort_,
        bytes32 named
    ) private view {
        bytes32[] memory maskKeys = new bytes32[](cohort_.length);
        for (uint256 i = 0; i < cohort_.length; ++i) {
            maskKeys[i] = _members[cohort_[i]].maskKey;
        }
        bytes32 current = keccak256(abi.encode(COHORT_DOMAIN, cohort_, maskKeys));
        if (named != current) revert OtherCohort(roundId, named, current);
    }

    /// @dev `sum C(m_ij) = M_i + (N - 2)*U` over the N - 1 peers.
    function _requireSplit(
        G1Point memory mask,
        G1Point[] calldata pairMasks
    ) private view {
        G1Point memory sum;
        for (uint256 i = 0; i < pairMasks.length; ++i) {
            BN254.requireOnCurve(pairMasks[i]);
            sum = sum.add(pairMasks[i]);
        }
        G1Point memory zero = _config.zeroCommitment;
        G1Point memory expected = mask.add(zero.mul(pairMasks.length - 1));
        if (!sum.equals(expected)) revert MaskSplitMismatch(sum, expected);
    }

    /// @dev `C(m_ij) + C(m_ji) = 2*U`, checked when the second of the pair comes.
    function _compare(
        uint256 roundId,
        uint32 attempt,
        address peer,
        G1Point memory mask
    ) private {
        G1Point memory zero = _config.zeroCommitment;
        bytes32 pair = _pair(msg.sender, peer);
        if (_unpaired[pair]) {
            if (!mask.equals(zero)) revert PairMaskNotZero(peer, mask);
            return;
        }
        mapping(bytes32 => bytes32) storage stated = _pairMasks[roundId][attempt];
        if (stated[pair] == 0) {
            stated[pair] = _hash(mask);
        } else if (stated[pair] != _hash(zero.add(zero).subtract(mask))) {
            _unpaired[pair] = true;
            emit PairDisputed(roundId, attempt, peer, msg.sender);
        }
    }

    /// @dev By members, not by accounts, so that no new account gives a liar new pairs; and by
    /// terms, so that the owner can give somebody a new start.
    function _pair(
        address first,
        address second
    ) private view returns (bytes32) {
        (uint256 low, uint256 high) = (_memberIds[first], _memberIds[second]);
        if (high < low) (low, high) = (high, low);
        return keccak256(abi.encode(low, _terms[low], high, _terms[high]));
    }

    function _hash(
        G1Point memory point
    ) private pure returns (bytes32) {
        return keccak256(abi.encode(point.x, point.y));
    }
}
