// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IBondVault} from "../interfaces/IBondVault.sol";
import {Member, Participation, Round, Shard, WeightRule} from "../interfaces/ConsortiumTypes.sol";
import {ILearningRate} from "../interfaces/ILearningRate.sol";
import {IRegistryCore} from "../interfaces/IRegistryCore.sol";
import {ShardSelection} from "../libraries/ShardSelection.sol";
import {Weights} from "../libraries/Weights.sol";
import {Cohorts} from "./Cohorts.sol";

/// @title The first attempt of a round: who takes part, on which shard, with which weight
abstract contract Attempts is IRegistryCore, Cohorts {
    /// @inheritdoc IRegistryCore
    address public immutable LEARNING_RATE;

    constructor(
        address learningRate
    ) {
        LEARNING_RATE = learningRate;
    }

    /// @inheritdoc IRegistryCore
    function openRound() external whenNotPaused onlyRole(AGGREGATOR_ROLE) returns (uint256 roundId) {
        _requireBetweenRounds();
        _requireBenefits();
        if (encryptionContext == 0) revert NoEncryptionContext();
        roundId = ++currentRound;
        _drawSeed(roundId);
        address[] memory cohort_ = _eligible();
        uint256[] memory shares = _shareOut(cohort_);
        if (cohort_.length < _config.minCohort) revert TooFewMembers(cohort_.length, _config.minCohort);
        if (cohort_.length > _config.maxCohort) revert TooManyMembers(cohort_.length, _config.maxCohort);
        for (uint256 i = 0; i < cohort_.length; ++i) {
            _participations[roundId][cohort_[i]].shardIndex = _select(roundId, cohort_[i]);
        }
        for (uint256 i = 0; i < cohort_.length; ++i) {
            _weigh(roundId, cohort_[i], shares[i]);
        }
        Round storage entry = _rounds[roundId];
        entry.encryptionContext = encryptionContext;
        entry.modelBefore = _model;
        entry.members = uint32(cohort_.length);
        if (LEARNING_RATE != address(0)) _fixRate(roundId, entry);
        _begin(roundId, entry, cohort_, _config.submissionWindow);
    }

    function _weigh(
        uint256 roundId,
        address member,
        uint256 share
    ) private {
        Participation storage part = _participations[roundId][member];
        uint256 used = _shardsOf(member)[part.shardIndex].count;
        part.share = uint32(share);
        // A share of 1 or more has a weight of 1 or more, as no shard uses more than its slots.
        part.weight = uint64(Weights.weight(share, _config.shardSlots, used));
    }

    /// @dev Asked once a round, so that nothing that is proven later changes it.
    function _fixRate(
        uint256 roundId,
        Round storage entry
    ) private {
        entry.rate = ILearningRate(LEARNING_RATE).nextRate(finalRound);
        emit RateFixed(roundId, entry.rate);
    }

    // --- who ---

    /// @dev Drawn once after the last admission or retirement, so that nobody chooses its data to
    /// fit a seed.
    function _drawSeed(
        uint256 roundId
    ) private {
        if (selectionSeed != 0) return;
        selectionSeed =
            keccak256(abi.encode(block.prevrandao, blockhash(block.number - 1), address(this), roundId));
        emit SelectionSeedDrawn(roundId, selectionSeed);
    }

    /// @dev Everyone who can take part does; nobody picks a cohort.
    function _eligible() private view returns (address[] memory eligible) {
        uint256 count;
        eligible = new address[](_memberList.length);
        for (uint256 i = 0; i < _memberList.length; ++i) {
            address member = _memberList[i];
            if (_isEligible(member)) eligible[count++] = member;
        }
        _truncate(eligible, count);
    }

    function _isEligible(
        address member
    ) private view returns (bool) {
        Member storage entry = _members[member];
        bool able = entry.active && entry.maskKey != 0 && _liveShards(member) > _spentShards[member];
        if (!able || BOND_VAULT == address(0)) return able;
        return IBondVault(BOND_VAULT).covers(_memberIds[member]);
    }

    /// @dev The rotation's shard, or the first one after it that has blinders left. There is
    /// one: `_isEligible` has counted.
    function _select(
        uint256 roundId,
        address member
    ) private view returns (uint32 index) {
        Shard[] storage shards = _shardsOf(member);
        uint32 first = _members[member].firstShard;
        index = first
            + ShardSelection.shardIndex(selectionSeed, _memberIds[member], roundId, shards.length - first);
        if (_spentShards[member] == 0) return index;
        uint256 limit = _config.maxOpenings;
        while (shards[index].openings >= limit) {
            if (++index == shards.length) index = first;
        }
    }

    function _liveShards(
        address member
    ) private view returns (uint256) {
        return _shardsOf(member).length - _members[member].firstShard;
    }

    // --- with which share ---

    /// @dev Leaves out, in place, whoever's share is zero until nobody's is: a member that
    /// holds next to nothing stops no round. No shares where too few are left.
    function _shareOut(
        address[] memory cohort_
    ) private view returns (uint256[] memory shares) {
        uint256 before;
        do {
            before = cohort_.length;
            if (before < _config.minCohort) return shares;
            shares = Weights.shares(_config.weightRule, _countedOf(cohort_), _config.capShare);
            _keepShareholders(cohort_, shares);
        } while (cohort_.length != before);
    }

    /// @dev Records; under `Benefit`, as many times as the last final round's level says.
    function _countedOf(
        address[] memory cohort_
    ) private view returns (uint256[] memory counted) {
        bool rewards = _config.weightRule == WeightRule.Benefit;
        counted = new uint256[](cohort_.length);
        for (uint256 i = 0; i < cohort_.length; ++i) {
            counted[i] = _members[cohort_[i]].records;
            if (rewards) counted[i] = Weights.rewarded(counted[i], _benefits[finalRound][cohort_[i]].level);
        }
    }

    /// @dev Under `Benefit`, nobody can open a round before everyone had time to prove.
    function _requireBenefits() private view {
        Round storage entry = _rounds[finalRound];
        if (_config.weightRule != WeightRule.Benefit || block.timestamp > entry.deadline) return;
        address[] storage cohort_ = _cohorts[finalRound];
        for (uint256 i = 0; i < cohort_.length; ++i) {
            address member = cohort_[i];
            if (_members[member].active && !_benefits[finalRound][member].proven) {
                revert BenefitMissing(finalRound, member, entry.deadline);
            }
        }
    }

    function _keepShareholders(
        address[] memory cohort_,
        uint256[] memory shares
    ) private pure {
        uint256 count;
        for (uint256 i = 0; i < shares.length; ++i) {
            if (shares[i] != 0) cohort_[count++] = cohort_[i];
        }
        _truncate(cohort_, count);
    }
}
