// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {
    FailureReason,
    IConsortiumEvents,
    Participation,
    Round,
    RoundStatus
} from "../src/interfaces/IConsortiumRegistry.sol";
import {ShardSelection} from "../src/libraries/ShardSelection.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

contract OpenRoundTest is ConsortiumTest {
    function test_aRoundOpensOverEveryoneWhoCanTakePart() public {
        address[] memory cohort = new address[](3);
        (cohort[0], cohort[1], cohort[2]) = (ADA, BAY, CAY);
        uint64 deadline = uint64(block.timestamp) + WINDOW;
        vm.prevrandao(12_345);
        bytes32 seed = keccak256(
            abi.encode(uint256(12_345), blockhash(block.number - 1), address(registry), uint256(1))
        );
        _expectEvent();
        emit IConsortiumEvents.SelectionSeedDrawn(1, seed);
        _expectEvent();
        emit IConsortiumEvents.RoundOpened(1, 1, cohort, _g1(ZERO_FACTOR), deadline);
        vm.assertEq(_open(), 1, "first round");

        vm.assertEq(registry.currentRound(), 1, "current round");
        vm.assertEq(registry.selectionSeed(), seed, "seed");
        vm.assertEq(registry.cohort(1), cohort, "cohort");
        Round memory opened = registry.round(1);
        _assertStatus(1, RoundStatus.Open, FailureReason.None);
        vm.assertEq(opened.attempt, 1, "attempt");
        vm.assertEq(opened.deadline, deadline, "deadline");
        vm.assertEq(opened.encryptionContext, ENCRYPTION_CONTEXT, "encryption context");
        _assertPoint(opened.modelBefore, _g1(ZERO_FACTOR), "model before");
    }

    function test_sharesAndWeightsFollowFromTheRecords() public {
        uint256 roundId = _open();
        // 100, 60 and 40 of 200 records; each share times 128 slots over its used ones
        _assertPart(roundId, ADA, 32_768, 41_943);
        _assertPart(roundId, BAY, 19_661, 41_943);
        _assertPart(roundId, CAY, 13_107, 41_942);
    }

    function test_whoCannotTakePartIsLeftOut() public {
        _join(DEE, "Dee");
        _admit(DEE, 10, 500);
        vm.assertEq(registry.cohort(_toFailed()).length, 3, "without a mask key");
        _announceKey(DEE);
        vm.assertEq(registry.cohort(_toFailed()).length, 4, "complete");
        vm.prank(OWNER);
        registry.removeMember(DEE);
        vm.assertEq(registry.cohort(_toFailed()).length, 3, "removed");
    }

    function test_aMemberWithoutAShardIsLeftOut() public {
        _join(DEE, "Dee");
        _announceKey(DEE);
        vm.assertEq(registry.cohort(_open()).length, 3, "cohort");
    }

    function test_onlyTheAggregatorOpens() public {
        address[5] memory others = [OWNER, GUARDIAN, KEY_HOLDER, ADA, OUTSIDER];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory expected = _unauthorized(others[i], registry.AGGREGATOR_ROLE());
            _refused(others[i], abi.encodeCall(registry.openRound, ()), expected);
        }
    }

    function test_noRoundWithoutAnEncryptionContext() public {
        _deploy(_config());
        _refusesToOpen(abi.encodeWithSelector(IConsortiumErrors.NoEncryptionContext.selector));
    }

    function test_tooFewMembers() public {
        vm.prank(OWNER);
        registry.removeMember(CAY);
        _refusesToOpen(abi.encodeWithSelector(IConsortiumErrors.TooFewMembers.selector, 2, 3));
        vm.assertEq(registry.currentRound(), 0, "no round");
        vm.assertEq(registry.selectionSeed(), 0, "a refused opening draws no seed");
    }

    function test_tooManyMembers() public {
        for (uint160 i = 1; i <= 2; ++i) {
            _join(address(i), "One more");
            _announceKey(address(i));
            _admit(address(i), 1, 600 + i);
        }
        _refusesToOpen(abi.encodeWithSelector(IConsortiumErrors.TooManyMembers.selector, 5, 4));
    }

    // --- shares of zero ---

    function test_whoseShareIsZeroIsLeftOut() public {
        _admitMany(ADA, 1100);
        _complete(DEE, 1);
        // 1 of 141,001 records is less than half of 2^-16
        uint256 roundId = _open();
        address[] memory cohort = new address[](3);
        (cohort[0], cohort[1], cohort[2]) = (ADA, BAY, CAY);
        vm.assertEq(registry.cohort(roundId), cohort, "cohort");
        _assertPart(roundId, DEE, 0, 0);
        // of 141,000 records, those of Dee no longer among them
        _assertShare(roundId, ADA, 65_489);
        _assertShare(roundId, BAY, 28);
        _assertShare(roundId, CAY, 19);
    }

    function test_whoseShareIsZeroDoesNotCountAgainstTheLargestCohort() public {
        _admitMany(ADA, 1100);
        _complete(DEE, 100);
        _complete(OUTSIDER, 1);
        uint256 roundId = _open();
        vm.assertEq(registry.cohort(roundId).length, 4, "cohort");
        vm.assertEq(registry.cohort(roundId)[3], DEE, "the fourth");
    }

    function test_tooFewMembersWhoseShareIsNotZero() public {
        vm.prank(OWNER);
        registry.removeMember(CAY);
        _admitMany(ADA, 1100);
        _complete(DEE, 1);
        _refusesToOpen(abi.encodeWithSelector(IConsortiumErrors.TooFewMembers.selector, 2, 3));
    }

    function test_whoWasLeftOutTakesPartOnceItHoldsEnough() public {
        _admitMany(ADA, 1100);
        _complete(DEE, 1);
        vm.assertEq(registry.cohort(_toFailed()).length, 3, "left out");
        _admit(DEE, 10, 8000);
        uint256 roundId = _open();
        vm.assertEq(registry.cohort(roundId).length, 4, "back");
        vm.assertTrue(registry.participation(roundId, DEE).weight != 0, "weight");
    }

    // --- spent shards ---

    function test_aSpentShardIsPassedOver() public {
        _admit(ADA, 28, 701);
        _admit(ADA, 128, 702);
        uint32 spent = _spend(ADA, 0);
        for (uint256 i = 0; i < 6; ++i) {
            uint256 roundId = _toFailed();
            uint32 wanted =
                ShardSelection.shardIndex(registry.selectionSeed(), registry.memberIdOf(ADA), roundId, 3);
            uint32 index = registry.participation(roundId, ADA).shardIndex;
            vm.assertEq(index, wanted == spent ? (wanted + 1) % 3 : wanted, "the first with blinders left");
        }
    }

    function test_theWeightIsThatOfTheShardTaken() public {
        _admit(ADA, 28, 701);
        _spend(ADA, 0);
        for (uint256 i = 0; i < 2; ++i) {
            uint256 roundId = _toFailed();
            Participation memory part = registry.participation(roundId, ADA);
            vm.assertEq(part.shardIndex, 1, "the only one left");
            vm.assertEq(part.weight, (uint256(part.share) * SLOTS + 14) / 28, "weight");
        }
    }

    function test_whoseShardsAreAllSpentIsLeftOut() public {
        _complete(DEE, 10);
        _admit(ADA, 28, 701);
        _spend(ADA, 0);
        vm.assertEq(registry.cohort(_toFailed())[0], ADA, "one is left");
        _spend(ADA, 1);
        uint256 roundId = _toFailed();
        vm.assertEq(registry.cohort(roundId).length, 3, "cohort");
        vm.assertEq(registry.cohort(roundId)[0], BAY, "without Ada");
        _assertPart(roundId, ADA, 0, 0);
        _admit(ADA, 5, 703);
        roundId = _open();
        vm.assertEq(registry.cohort(roundId)[0], ADA, "back");
        vm.assertEq(registry.participation(roundId, ADA).shardIndex, 2, "the new shard");
    }

    function test_tooFewMembersWithBlindersLeft() public {
        _spend(ADA, 0);
        _refusesToOpen(abi.encodeWithSelector(IConsortiumErrors.TooFewMembers.selector, 2, 3));
    }

    // --- the rotation ---

    function test_theSeedStaysUntilTheNextAdmission() public {
        _toFailed();
        bytes32 first = registry.selectionSeed();
        vm.roll(block.number + 1);
        _toFailed();
        vm.assertEq(registry.selectionSeed(), first, "kept");
        _admit(ADA, 10, 700);
        vm.roll(block.number + 1);
        _toFailed();
        vm.assertTrue(registry.selectionSeed() != first, "drawn anew");
    }

    function test_shardsTakeTurns() public {
        _admit(ADA, 28, 701);
        _admit(ADA, 128, 702);
        bool[3] memory seen;
        for (uint256 i = 0; i < 3; ++i) {
            uint256 roundId = _toFailed();
            uint32 index = registry.participation(roundId, ADA).shardIndex;
            bytes32 seed = registry.selectionSeed();
            vm.assertEq(
                index,
                ShardSelection.shardIndex(seed, registry.memberIdOf(ADA), roundId, 3),
                "the formula's shard"
            );
            vm.assertTrue(!seen[index], "each once");
            seen[index] = true;
        }
    }

    /// @dev Admits nothing but shards full of records.
    function _admitMany(
        address member,
        uint256 shards
    ) private {
        for (uint256 i = 0; i < shards; ++i) {
            _admit(member, SLOTS, 10_000 + i);
        }
    }

    /// @dev Someone new with all that a cohort asks for.
    function _complete(
        address member,
        uint32 count
    ) private {
        _join(member, "One more");
        _announceKey(member);
        _admit(member, count, 9000 + count);
    }

    /// @dev Submits, in rounds that fail, until the shard has no opening left.
    function _spend(
        address member,
        uint32 shard
    ) private returns (uint32) {
        while (registry.shardOf(member, shard).openings < registry.config().maxOpenings) {
            uint256 roundId = _open();
            bool selected = registry.participation(roundId, member).shardIndex == shard;
            if (selected) _submit(member, roundId, 5000 + roundId, _g1(77));
            _push(roundId);
        }
        return shard;
    }

    function _assertShare(
        uint256 roundId,
        address member,
        uint256 share
    ) private view {
        vm.assertEq(registry.participation(roundId, member).share, share, "share");
    }

    function _assertPart(
        uint256 roundId,
        address member,
        uint256 share,
        uint256 weight
    ) private view {
        Participation memory part = registry.participation(roundId, member);
        vm.assertEq(part.share, share, "share");
        vm.assertEq(part.weight, weight, "weight");
        vm.assertTrue(!part.submitted, "nothing submitted");
    }

    function _refusesToOpen(
        bytes memory expected
    ) private {
        _refused(AGGREGATOR, abi.encodeCall(registry.openRound, ()), expected);
    }
}
