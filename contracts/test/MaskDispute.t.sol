// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {
    BlameReason,
    ConsortiumConfig,
    FailureReason,
    G1Point,
    IConsortiumEvents,
    Member,
    RoundStatus
} from "../src/interfaces/IConsortiumRegistry.sol";
import {BN254} from "../src/libraries/BN254.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

/// @dev A liar's mask is one multiple of the generator off; where it puts the slip when it has
/// to split its mask decides with whom it disagrees.
contract MaskDisputeTest is ConsortiumTest {
    uint256 private constant P = BN254.SCALAR_MODULUS;
    uint256 private constant HOSPITALS = 7;

    address[] private _all;

    /// @dev Seven hospitals of equal weight.
    function setUp() public override {
        super.setUp();
        _all = [ADA, BAY, CAY];
        for (uint160 i = 0; i < HOSPITALS - 3; ++i) {
            address member = address(0xd000 + i);
            _all.push(member);
            _join(member, "One more");
            _announceKey(member);
            _admit(member, 40, 200 + i);
        }
    }

    function _config() internal view override returns (ConsortiumConfig memory config) {
        config = super._config();
        config.maxCohort = uint16(HOSPITALS);
        config.maxOpenings = 10;
    }

    // --- one liar ---

    function test_whoLiesToAllIsExcluded() public {
        address liar = _all[3];
        uint256 roundId = _disputed(liar);
        for (uint256 i = 0; i + 1 < HOSPITALS; ++i) {
            address member = _all[i];
            _split(
                member,
                roundId,
                member == liar ? _lie(roundId, liar, _others(liar)) : _honest(roundId, member)
            );
        }
        _expectEvent();
        emit IConsortiumEvents.MemberExcluded(roundId, liar, BlameReason.MaskDisputed);
        _split(_all[HOSPITALS - 1], roundId, _honest(roundId, _all[HOSPITALS - 1]));
        Member memory excluded = registry.memberOf(liar);
        vm.assertTrue(!excluded.active, "excluded");
        vm.assertEq(uint256(excluded.blame), uint256(BlameReason.MaskDisputed), "blame");
        _assertStatus(roundId, RoundStatus.Open, FailureReason.None);
        vm.assertEq(registry.round(roundId).attempt, 2, "attempt");
        vm.assertEq(registry.round(roundId).deadline, block.timestamp + WINDOW + 3, "deadline");
        vm.assertEq(registry.cohort(roundId), _others(liar), "everyone else");

        _remaskAll(roundId);
        registry.closeRound(roundId);
        _assertPoint(registry.round(roundId).modelAfter, _commit(_firstModel(roundId)), "model after");
        _finishClosed(roundId);
        vm.assertEq(registry.cohort(_open()).length, HOSPITALS - 1, "nor in the next round");
    }

    function test_whoLiesToOneLosesThatPairAlone() public {
        (address liar, address victim) = (BAY, CAY);
        uint256 roundId = _disputed(liar);
        _splitAll(roundId, liar, _list(victim));
        vm.assertTrue(registry.unpaired(liar, victim), "unpaired");
        vm.assertTrue(registry.unpaired(victim, liar), "in either order");
        vm.assertTrue(!registry.unpaired(liar, ADA), "no other pair");
        vm.assertEq(registry.cohort(roundId).length, HOSPITALS, "nobody is excluded");
        vm.assertEq(registry.round(roundId).attempt, 2, "attempt");
        // the honest fixture leaves the pair's mask out
        _remaskAll(roundId);
        registry.closeRound(roundId);
        _assertPoint(registry.round(roundId).modelAfter, _commit(_firstModel(roundId)), "model after");
    }

    function test_aDisputeNamesThePair() public {
        uint256 roundId = _disputed(BAY);
        _split(ADA, roundId, _honest(roundId, ADA));
        _split(BAY, roundId, _lie(roundId, BAY, _list(CAY)));
        _expectEvent();
        emit IConsortiumEvents.PairDisputed(roundId, 1, BAY, CAY);
        _split(CAY, roundId, _honest(roundId, CAY));
    }

    function test_anUnpairedPairHasNoMaskInTheNextSplit() public {
        uint256 roundId = _disputed(BAY);
        _splitAll(roundId, BAY, _list(CAY));
        // Bay goes on with the mask of the pair, and one slip more
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 0; i < cohort.length; ++i) {
            G1Point memory mask = _mask(roundId, cohort[i]);
            _remask(cohort[i], roundId, cohort[i] == BAY ? BN254.add(mask, _g1(1)) : mask);
        }
        registry.closeRound(roundId);
        G1Point[] memory split = _lie(roundId, BAY, _list(CAY));
        _refusesSplit(
            BAY,
            roundId,
            split,
            abi.encodeWithSelector(IConsortiumErrors.PairMaskNotZero.selector, CAY, split[1])
        );
        // so the slip has to go to another pair
        _splitAll(roundId, BAY, _list(ADA));
        vm.assertTrue(registry.unpaired(BAY, ADA), "unpaired");
        vm.assertEq(registry.round(roundId).attempt, 3, "attempt");
        _remaskAll(roundId);
        registry.closeRound(roundId);
        _assertStatus(roundId, RoundStatus.Closed, FailureReason.None);
    }

    function test_aPairStaysApartInLaterRounds() public {
        uint256 roundId = _disputed(BAY);
        _splitAll(roundId, BAY, _list(CAY));
        _push(roundId);
        uint256 next = _open();
        vm.assertTrue(registry.unpaired(BAY, CAY), "in the next round, too");
        // the honest fixture leaves the pair's mask out in the first attempt already
        _submitAll(next);
        registry.closeRound(next);
        _assertStatus(next, RoundStatus.Closed, FailureReason.None);
    }

    /// @dev Three lies of six are no majority; the fourth is, in whichever round it comes.
    function test_aLiarsBudgetIsNotRenewedByARound() public {
        address liar = BAY;
        address[4] memory victims = [CAY, ADA, _all[3], _all[4]];
        for (uint256 i = 0; i < victims.length; ++i) {
            vm.assertTrue(registry.memberOf(liar).active, "within its budget");
            uint256 roundId = _disputed(liar);
            _splitAll(roundId, liar, _list(victims[i]));
            if (i + 1 < victims.length) _push(roundId);
        }
        vm.assertTrue(!registry.memberOf(liar).active, "excluded");
        vm.assertEq(uint256(registry.memberOf(liar).blame), uint256(BlameReason.MaskDisputed), "blame");
    }

    function test_whoIsAddedAnewStartsWithAllItsPairs() public {
        uint256 roundId = _disputed(BAY);
        _splitAll(roundId, BAY, _list(CAY));
        _push(roundId);
        vm.prank(BAY);
        registry.leave();
        vm.assertTrue(registry.unpaired(BAY, CAY), "leaving alone changes nothing");
        _join(BAY, "Bay");
        vm.assertTrue(!registry.unpaired(BAY, CAY), "added anew");
        _toClosed();
    }

    function test_aNewAccountBringsNoNewPairs() public {
        uint256 roundId = _disputed(BAY);
        _splitAll(roundId, BAY, _list(CAY));
        _push(roundId);
        address fresh = address(0xbabe);
        vm.prank(BAY, BAY);
        registry.nominateAccount(BAY, fresh);
        vm.prank(fresh);
        registry.acceptAccount(BAY);
        vm.assertTrue(registry.unpaired(fresh, CAY), "the same member");
        vm.assertTrue(!registry.unpaired(fresh, ADA), "and no other pair");
    }

    // --- silence ---

    function test_whoDoesNotSplitIsExcluded() public {
        uint256 roundId = _disputed(BAY);
        for (uint256 i = 0; i < HOSPITALS; ++i) {
            if (_all[i] != BAY) _split(_all[i], roundId, _honest(roundId, _all[i]));
        }
        vm.assertEq(registry.round(roundId).answers, HOSPITALS - 1, "answers");
        vm.warp(registry.round(roundId).deadline + 1);
        _expectEvent();
        emit IConsortiumEvents.StepMissed(roundId, RoundStatus.Disputed, 0);
        _expectEvent();
        emit IConsortiumEvents.MemberExcluded(roundId, BAY, BlameReason.MaskNotSplit);
        registry.pushRound(roundId);
        vm.assertEq(registry.cohort(roundId), _others(BAY), "everyone else");
        vm.assertEq(uint256(registry.memberOf(BAY).blame), uint256(BlameReason.MaskNotSplit), "blame");
        _remaskAll(roundId);
        registry.closeRound(roundId);
        _assertStatus(roundId, RoundStatus.Closed, FailureReason.None);
    }

    function test_whoSplitsNothingMaySplitInTheNextDispute() public {
        uint256 roundId = _disputed(BAY);
        _splitAll(roundId, BAY, _list(CAY));
        vm.assertTrue(!registry.participation(roundId, ADA).answered, "answers are those of an attempt");
        vm.assertEq(registry.round(roundId).answers, 0, "answers");
    }

    function test_tooFewAreLeft() public {
        uint256 roundId = _disputed(BAY);
        _split(ADA, roundId, _honest(roundId, ADA));
        _split(CAY, roundId, _honest(roundId, CAY));
        _push(roundId);
        _assertStatus(roundId, RoundStatus.Failed, FailureReason.TooFewAfterDispute);
        vm.assertTrue(registry.memberOf(ADA).active, "who answered stays");
        for (uint256 i = 3; i < HOSPITALS; ++i) {
            vm.assertTrue(!registry.memberOf(_all[i]).active, "who did not is excluded");
        }
    }

    // --- the smallest cohort ---

    function test_ofThreeOneLiarCannotExcludeAnotherButItself() public {
        for (uint256 i = 3; i < HOSPITALS; ++i) {
            vm.prank(_all[i]);
            registry.leave();
        }
        _all = [ADA, BAY, CAY];
        uint256 roundId = _disputed(BAY);
        _splitAll(roundId, BAY, _list(CAY));
        vm.assertEq(registry.cohort(roundId).length, 3, "nobody is excluded");
        // Bay lies to Ada too: then it disagrees with everyone
        _remask(ADA, roundId, _mask(roundId, ADA));
        _remask(BAY, roundId, BN254.add(_mask(roundId, BAY), _g1(1)));
        _remask(CAY, roundId, _mask(roundId, CAY));
        registry.closeRound(roundId);
        _splitAll(roundId, BAY, _list(ADA));
        _assertStatus(roundId, RoundStatus.Failed, FailureReason.TooFewAfterDispute);
        vm.assertTrue(!registry.memberOf(BAY).active, "the liar");
        vm.assertTrue(registry.memberOf(ADA).active && registry.memberOf(CAY).active, "nobody else");
    }

    // --- several liars ---

    /// @dev Up to half of everyone's peers lie, in every attempt, to whomever they like. Some
    /// dozen million gas a run.
    /// forge-config: default.fuzz.runs = 64
    /// forge-config: ci.fuzz.runs = 256
    function testFuzz_anHonestMemberIsNeverExcluded(
        uint256 seed
    ) public {
        uint256 liars = _within(seed, 1, (HOSPITALS - 1) / 2);
        uint256 roundId = _open();
        for (uint256 i = 0; i < HOSPITALS; ++i) {
            _submit(_all[i], roundId, _update(roundId, _all[i]), _maskOf(roundId, i, liars, seed));
        }
        registry.closeRound(roundId);
        for (uint256 attempt = 1; registry.round(roundId).status == RoundStatus.Disputed; ++attempt) {
            vm.assertTrue(attempt < 40, "a dispute without end");
            _answerAll(roundId, liars, seed);
            _assertTheHonestStay(liars);
            if (registry.round(roundId).status != RoundStatus.Open) break;
            seed = uint256(keccak256(abi.encode(seed)));
            _remaskBut(roundId, liars, seed);
            registry.closeRound(roundId);
        }
        // the honest are four or more, so the round ends well
        _assertStatus(roundId, RoundStatus.Closed, FailureReason.None);
    }

    /// @dev Disagreements with members that are gone count against nobody.
    function test_whoIsGoneCountsAgainstNobody() public {
        for (uint256 i = 5; i < HOSPITALS; ++i) {
            vm.prank(_all[i]);
            registry.leave();
        }
        _all = [ADA, BAY, CAY, _all[3], _all[4]];
        (address first, address second) = (_all[3], _all[4]);
        uint256 roundId = _disputed(first);
        // the first liar disagrees with all honest ones, and is excluded
        address[] memory honest = new address[](3);
        (honest[0], honest[1], honest[2]) = (ADA, BAY, CAY);
        _splitAll(roundId, first, honest);
        vm.assertTrue(!registry.memberOf(first).active, "the first liar");
        vm.assertEq(registry.cohort(roundId).length, 4, "the others");
        // the second liar, one of Ada's three peers, disagrees with Ada
        for (uint256 i = 0; i < 3; ++i) {
            _remask(_all[i], roundId, _mask(roundId, _all[i]));
        }
        _remask(second, roundId, BN254.add(_mask(roundId, second), _g1(1)));
        registry.closeRound(roundId);
        _splitAll(roundId, second, _list(ADA));
        vm.assertTrue(registry.memberOf(ADA).active, "Ada");
        vm.assertEq(registry.cohort(roundId).length, 4, "nobody is excluded");
    }

    // --- refusals ---

    function test_anotherSum() public {
        uint256 roundId = _disputed(BAY);
        G1Point[] memory split = _honest(roundId, BAY);
        uint256 mask = addmod(_factor(_maskVector(roundId, BAY)), 1, P);
        G1Point memory expected = _g1(addmod(mask, (HOSPITALS - 2) * ZERO_FACTOR, P));
        // what Bay should have submitted, not what it did
        G1Point memory actual = BN254.subtract(expected, _g1(1));
        _refusesSplit(
            BAY,
            roundId,
            split,
            abi.encodeWithSelector(IConsortiumErrors.MaskSplitMismatch.selector, actual, expected)
        );
        for (uint256 i = 0; i + 1 < HOSPITALS; ++i) {
            split = _honest(roundId, ADA);
            expected = BN254.add(_mask(roundId, ADA), _g1((HOSPITALS - 2) * ZERO_FACTOR));
            split[i] = BN254.add(split[i], _g1(5));
            actual = BN254.add(expected, _g1(5));
            _refusesSplit(
                ADA,
                roundId,
                split,
                abi.encodeWithSelector(IConsortiumErrors.MaskSplitMismatch.selector, actual, expected)
            );
        }
    }

    function test_anotherNumberOfMasks() public {
        uint256 roundId = _disputed(BAY);
        uint256[4] memory counts = [uint256(0), 1, HOSPITALS - 2, HOSPITALS];
        for (uint256 i = 0; i < counts.length; ++i) {
            G1Point[] memory split = new G1Point[](counts[i]);
            _refusesSplit(
                ADA,
                roundId,
                split,
                abi.encodeWithSelector(IConsortiumErrors.WrongPeerCount.selector, counts[i], HOSPITALS - 1)
            );
        }
    }

    function test_twice() public {
        uint256 roundId = _disputed(BAY);
        _split(ADA, roundId, _honest(roundId, ADA));
        _refusesSplit(
            ADA,
            roundId,
            _honest(roundId, ADA),
            abi.encodeWithSelector(IConsortiumErrors.AlreadyAnswered.selector, roundId, ADA)
        );
    }

    function test_theDeadlineItselfIsInTime() public {
        uint256 roundId = _disputed(BAY);
        vm.warp(registry.round(roundId).deadline);
        _split(ADA, roundId, _honest(roundId, ADA));
    }

    function test_afterTheDeadline() public {
        uint256 roundId = _disputed(BAY);
        uint256 deadline = registry.round(roundId).deadline;
        vm.warp(deadline + 1);
        _refusesSplit(
            ADA,
            roundId,
            _honest(roundId, ADA),
            abi.encodeWithSelector(IConsortiumErrors.DeadlinePassed.selector, deadline, deadline + 1)
        );
    }

    function test_whoTakesNoPart() public {
        uint256 roundId = _disputed(BAY);
        address[3] memory others = [OUTSIDER, OWNER, AGGREGATOR];
        for (uint256 i = 0; i < others.length; ++i) {
            _refusesSplit(
                others[i],
                roundId,
                _honest(roundId, ADA),
                abi.encodeWithSelector(IConsortiumErrors.NotInCohort.selector, roundId, others[i])
            );
        }
    }

    function test_masksArePoints() public {
        uint256 roundId = _disputed(BAY);
        G1Point[] memory split = _honest(roundId, ADA);
        for (uint256 place = 0; place < split.length; place += 2) {
            (G1Point[] memory bad, bytes[] memory errors) = _badPoints(split[place]);
            G1Point memory good = split[place];
            for (uint256 i = 0; i < bad.length; ++i) {
                split[place] = bad[i];
                _refusesSplit(ADA, roundId, split, errors[i]);
            }
            split[place] = good;
        }
        _split(ADA, roundId, split);
    }

    function test_aRoundThatIsNotDisputed() public {
        G1Point[] memory split = new G1Point[](HOSPITALS - 1);
        _refusesSplit(ADA, 9, split, _wrongStatus(9, RoundStatus.None));
        uint256 roundId = _open();
        _refusesSplit(ADA, roundId, split, _wrongStatus(roundId, RoundStatus.Open));
        _submitAll(roundId);
        registry.closeRound(roundId);
        _refusesSplit(ADA, roundId, split, _wrongStatus(roundId, RoundStatus.Closed));
    }

    // --- splits ---

    /// @dev A round in which this member's mask is one multiple of the generator off.
    function _disputed(
        address liar
    ) private returns (uint256 roundId) {
        roundId = _open();
        for (uint256 i = 0; i < _all.length; ++i) {
            G1Point memory mask = _mask(roundId, _all[i]);
            if (_all[i] == liar) mask = BN254.add(mask, _g1(1));
            _submit(_all[i], roundId, _update(roundId, _all[i]), mask);
        }
        registry.closeRound(roundId);
        _assertStatus(roundId, RoundStatus.Disputed, FailureReason.None);
    }

    function _honest(
        uint256 roundId,
        address member
    ) private view returns (G1Point[] memory) {
        return _pairMasks(roundId, member);
    }

    /// @dev Off from each victim's mask, by 1 in all.
    function _lie(
        uint256 roundId,
        address liar,
        address[] memory victims
    ) private view returns (G1Point[] memory split) {
        split = _pairMasks(roundId, liar);
        address[] memory cohort = registry.cohort(roundId);
        uint256 next;
        uint256 left = victims.length;
        for (uint256 i = 0; i < cohort.length; ++i) {
            if (cohort[i] == liar) continue;
            // 7, 7, ..., and what makes 1 of it
            uint256 slip = left == 1 ? P + 1 - 7 * (victims.length - 1) : 7;
            if (_among(cohort[i], victims)) {
                split[next] = BN254.add(split[next], _g1(slip));
                --left;
            }
            ++next;
        }
    }

    function _splitAll(
        uint256 roundId,
        address liar,
        address[] memory victims
    ) private {
        address[] memory cohort = registry.cohort(roundId);
        G1Point[][] memory splits = new G1Point[][](cohort.length);
        for (uint256 i = 0; i < cohort.length; ++i) {
            bool lies = cohort[i] == liar;
            splits[i] = lies ? _lie(roundId, liar, victims) : _honest(roundId, cohort[i]);
        }
        for (uint256 i = 0; i < cohort.length; ++i) {
            _split(cohort[i], roundId, splits[i]);
        }
    }

    // --- what the fuzzer's liars do; they are the last of all ---

    function _maskOf(
        uint256 roundId,
        uint256 place,
        uint256 liars,
        uint256 seed
    ) private view returns (G1Point memory mask) {
        mask = _mask(roundId, _all[place]);
        if (place + liars >= HOSPITALS) mask = BN254.add(mask, _g1(_slips(place, liars, seed)));
    }

    function _remaskBut(
        uint256 roundId,
        uint256 liars,
        uint256 seed
    ) private {
        for (uint256 i = 0; i < HOSPITALS; ++i) {
            if (registry.participation(roundId, _all[i]).weight == 0) continue;
            _remask(_all[i], roundId, _maskOf(roundId, i, liars, seed));
        }
    }

    function _answerAll(
        uint256 roundId,
        uint256 liars,
        uint256 seed
    ) private {
        G1Point[][] memory splits = new G1Point[][](HOSPITALS);
        for (uint256 i = 0; i < HOSPITALS; ++i) {
            if (registry.participation(roundId, _all[i]).weight == 0) continue;
            splits[i] = _slippedSplit(roundId, i, liars, seed);
        }
        for (uint256 i = 0; i < HOSPITALS; ++i) {
            if (splits[i].length == 0) continue;
            // a liar whose slips do not fit, as a pair shares none any more, stays silent
            bytes memory call = _splitCall(roundId, splits[i]);
            vm.prank(_all[i], _all[i]);
            (bool taken,) = address(registry).call(call);
            vm.assertTrue(taken || i + liars >= HOSPITALS, "an honest split is refused");
        }
        if (registry.round(roundId).status == RoundStatus.Disputed) _push(roundId);
    }

    function _slippedSplit(
        uint256 roundId,
        uint256 place,
        uint256 liars,
        uint256 seed
    ) private view returns (G1Point[] memory split) {
        split = _pairMasks(roundId, _all[place]);
        if (place + liars < HOSPITALS) return split;
        uint256 next;
        for (uint256 i = 0; i < HOSPITALS; ++i) {
            if (i == place || registry.participation(roundId, _all[i]).weight == 0) continue;
            split[next] = BN254.add(split[next], _g1(_slip(place, i, liars, seed)));
            ++next;
        }
    }

    /// @dev By how much a liar's mask against a peer is off: 1 against about every other honest
    /// member, 0 against liars.
    function _slip(
        uint256 place,
        uint256 peer,
        uint256 liars,
        uint256 seed
    ) private pure returns (uint256) {
        bool honest = peer + liars < HOSPITALS;
        return honest && uint256(keccak256(abi.encode(seed, place, peer))) % 2 == 0 ? 1 : 0;
    }

    function _slips(
        uint256 place,
        uint256 liars,
        uint256 seed
    ) private pure returns (uint256 sum) {
        for (uint256 i = 0; i < HOSPITALS; ++i) {
            if (i != place) sum += _slip(place, i, liars, seed);
        }
    }

    function _assertTheHonestStay(
        uint256 liars
    ) private view {
        for (uint256 i = 0; i + liars < HOSPITALS; ++i) {
            vm.assertTrue(registry.memberOf(_all[i]).active, "an honest member was excluded");
        }
    }

    // --- lists ---

    function _list(
        address member
    ) private pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = member;
    }

    function _others(
        address member
    ) private view returns (address[] memory list) {
        list = new address[](_all.length - 1);
        uint256 next;
        for (uint256 i = 0; i < _all.length; ++i) {
            if (_all[i] != member) list[next++] = _all[i];
        }
    }

    function _among(
        address member,
        address[] memory list
    ) private pure returns (bool found) {
        for (uint256 i = 0; i < list.length; ++i) {
            found = found || list[i] == member;
        }
    }

    function _refusesSplit(
        address sender,
        uint256 roundId,
        G1Point[] memory split,
        bytes memory expected
    ) private {
        _refused(sender, _splitCall(roundId, split), expected);
    }
}
