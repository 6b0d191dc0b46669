// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {IConsortiumEvents} from "../src/interfaces/IConsortiumEvents.sol";
import {Member, Participation, RoundStatus} from "../src/interfaces/IConsortiumRegistry.sol";
import {ShardSelection} from "../src/libraries/ShardSelection.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

/// @title A member's data in a newer version
contract RetireShardsTest is ConsortiumTest {
    function test_aMemberStartsAtVersionOneAndShardZero() public view {
        Member memory member = registry.memberOf(ADA);
        vm.assertEq(member.datasetVersion, 1, "version");
        vm.assertEq(member.firstShard, 0, "first shard");
        vm.assertEq(registry.memberOf(OUTSIDER).datasetVersion, 0, "a stranger has none");
    }

    function test_olderShardsAreRetired() public {
        _admit(ADA, 28, 701);
        _expectEvent();
        emit IConsortiumEvents.DatasetRetired(ADA, 2, 1);
        _retire(ADA, 1);
        Member memory member = registry.memberOf(ADA);
        vm.assertEq(member.datasetVersion, 2, "version");
        vm.assertEq(member.firstShard, 1, "first shard");
        vm.assertEq(member.records, 28, "records of the rest");
        vm.assertEq(registry.shardCount(ADA), 2, "what was admitted stays on record");
        vm.assertEq(registry.shardOf(ADA, 0).count, 100, "the retired one, too");
        vm.assertEq(registry.memberOf(BAY).records, 60, "nobody else's");
    }

    function test_onlyTheRestIsSelected() public {
        _admit(ADA, 28, 701);
        _admit(ADA, 29, 702);
        _admit(ADA, 30, 703);
        _retire(ADA, 2);
        bool[4] memory seen;
        for (uint256 i = 0; i < 4; ++i) {
            uint256 roundId = _toFailed();
            uint32 index = registry.participation(roundId, ADA).shardIndex;
            uint32 turn =
                ShardSelection.shardIndex(registry.selectionSeed(), registry.memberIdOf(ADA), roundId, 2);
            vm.assertEq(index, 2 + turn, "the formula over the rest");
            seen[index] = true;
        }
        vm.assertTrue(!seen[0] && !seen[1] && seen[2] && seen[3], "both of the rest, none of the others");
    }

    function test_shareAndWeightFollowFromTheRest() public {
        _admit(ADA, 28, 701);
        _retire(ADA, 1);
        Participation memory part = registry.participation(_open(), ADA);
        // 28 of 28 + 60 + 40
        vm.assertEq(part.share, (uint256(28) << 16) / 128, "share");
        vm.assertEq(part.weight, (uint256(part.share) * SLOTS + 14) / 28, "weight");
    }

    function test_theSeedIsDrawnAnew() public {
        _toFailed();
        bytes32 first = registry.selectionSeed();
        _admit(ADA, 28, 701);
        _toFailed();
        _retire(ADA, 1);
        vm.assertEq(registry.selectionSeed(), 0, "none until the next round");
        vm.roll(block.number + 1);
        _toFailed();
        vm.assertTrue(registry.selectionSeed() != first && registry.selectionSeed() != 0, "drawn anew");
    }

    function test_whoRetiresEverythingTakesNoPartUntilItAdmits() public {
        _admitDee();
        _retire(ADA, 1);
        vm.assertEq(registry.memberOf(ADA).records, 0, "no records");
        uint256 roundId = _toFailed();
        vm.assertEq(registry.cohort(roundId).length, 3, "without Ada");
        vm.assertEq(registry.participation(roundId, ADA).weight, 0, "no weight");
        _admit(ADA, 28, 701);
        roundId = _open();
        vm.assertEq(registry.cohort(roundId).length, 4, "Ada is back");
        vm.assertEq(registry.participation(roundId, ADA).shardIndex, 1, "on the new shard");
    }

    function test_retiredShardsDoNotCountAsSpentOrUnspent() public {
        _admit(ADA, 28, 701);
        _spend(ADA, 0);
        _retire(ADA, 1);
        for (uint256 i = 0; i < 2; ++i) {
            vm.assertEq(registry.participation(_toFailed(), ADA).shardIndex, 1, "the unspent one");
        }
        _admitDee();
        _spend(ADA, 1);
        vm.assertEq(registry.participation(_toFailed(), ADA).weight, 0, "nothing left");
        _admit(ADA, 29, 702);
        _retire(ADA, 2);
        vm.assertEq(registry.participation(_toFailed(), ADA).shardIndex, 2, "the newest");
    }

    function test_spentShardsAboveTheFirstArePassedOver() public {
        _admit(ADA, 28, 701);
        _admit(ADA, 29, 702);
        _retire(ADA, 1);
        _spend(ADA, 2);
        for (uint256 i = 0; i < 2; ++i) {
            vm.assertEq(registry.participation(_toFailed(), ADA).shardIndex, 1, "round the end");
        }
    }

    function test_aRetiredShardIsNotAdmittedAgain() public {
        _retire(ADA, 1);
        bytes memory proof = _encode(_admissionPoints(ADA, 100, 101));
        _refused(
            ADA,
            abi.encodeCall(registry.admitShard, (100, proof)),
            abi.encodeWithSelector(IConsortiumErrors.CommitmentAlreadyUsed.selector, _g1(101))
        );
    }

    function test_whoReturnsKeepsItsVersion() public {
        _admit(ADA, 28, 701);
        _retire(ADA, 1);
        vm.prank(OWNER);
        registry.removeMember(ADA);
        _join(ADA, "Ada");
        vm.assertEq(registry.memberOf(ADA).datasetVersion, 2, "version");
        vm.assertEq(registry.memberOf(ADA).firstShard, 1, "first shard");
    }

    // --- refusals ---

    function test_nothingBelowTheFirst() public {
        _admit(ADA, 28, 701);
        _refusedRetirement(ADA, 0, _nothing(0, 0, 2));
        _retire(ADA, 1);
        _refusedRetirement(ADA, 1, _nothing(1, 1, 2));
        _refusedRetirement(ADA, 0, _nothing(0, 1, 2));
    }

    function test_nothingThatWasNotAdmitted() public {
        _refusedRetirement(ADA, 2, _nothing(2, 0, 1));
        _refusedRetirement(ADA, type(uint32).max, _nothing(type(uint32).max, 0, 1));
    }

    function test_noStranger() public {
        bytes memory stranger = abi.encodeWithSelector(IConsortiumErrors.NotAMember.selector, OUTSIDER);
        _refusedRetirement(OUTSIDER, 1, stranger);
    }

    function test_noOneWhoLeft() public {
        vm.prank(ADA);
        registry.leave();
        _refusedRetirement(ADA, 1, abi.encodeWithSelector(IConsortiumErrors.NotAMember.selector, ADA));
    }

    function test_notDuringARound() public {
        uint256 roundId = _open();
        _refusedRetirement(
            ADA,
            1,
            abi.encodeWithSelector(IConsortiumErrors.RoundInProgress.selector, roundId, RoundStatus.Open)
        );
    }

    function test_notWhilePaused() public {
        vm.prank(GUARDIAN);
        registry.pause();
        _refusedRetirement(ADA, 1, abi.encodeWithSelector(Pausable.EnforcedPause.selector));
    }

    /// @dev Against a plain account of what is live.
    function testFuzz_recordsAreThoseOfTheLiveShards(
        uint8[5] memory counts,
        uint8[3] memory steps
    ) public {
        uint32[] memory all = new uint32[](6);
        all[0] = 100;
        for (uint256 i = 0; i < 5; ++i) {
            all[i + 1] = 1 + counts[i] % SLOTS;
            _admit(ADA, all[i + 1], 701 + i);
        }
        uint32 first;
        uint32 version = 1;
        for (uint256 i = 0; i < 3; ++i) {
            uint32 below = steps[i] % 8;
            bool valid = below > first && below <= 6;
            if (!valid) {
                _refusedRetirement(ADA, below, _nothing(below, first, 6));
                continue;
            }
            _retire(ADA, below);
            (first, version) = (below, version + 1);
        }
        uint256 records;
        for (uint256 i = first; i < 6; ++i) {
            records += all[i];
        }
        Member memory member = registry.memberOf(ADA);
        vm.assertEq(member.records, records, "records");
        vm.assertEq(member.firstShard, first, "first");
        vm.assertEq(member.datasetVersion, version, "version");
    }

    // --- inside ---

    function _retire(
        address member,
        uint32 below
    ) private {
        vm.prank(member);
        registry.retireShards(below);
    }

    function _admitDee() private {
        _join(DEE, "Dee");
        _announceKey(DEE);
        _admit(DEE, 50, 104);
    }

    function _spend(
        address member,
        uint32 shard
    ) private {
        while (registry.shardOf(member, shard).openings < registry.config().maxOpenings) {
            uint256 roundId = _open();
            bool selected = registry.participation(roundId, member).shardIndex == shard;
            if (selected) _submit(member, roundId, 5000 + roundId, _g1(77));
            _push(roundId);
        }
    }

    function _nothing(
        uint256 below,
        uint256 first,
        uint256 shards
    ) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IConsortiumErrors.NothingToRetire.selector, ADA, below, first, shards);
    }

    function _refusedRetirement(
        address sender,
        uint32 below,
        bytes memory expected
    ) private {
        _refused(sender, abi.encodeCall(registry.retireShards, (below)), expected);
    }
}
