// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {
    FailureReason,
    G1Point,
    IConsortiumEvents,
    Participation,
    Round,
    RoundStatus
} from "../src/interfaces/IConsortiumRegistry.sol";
import {BN254} from "../src/libraries/BN254.sol";
import {Weights} from "../src/libraries/Weights.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

contract ReopenTest is ConsortiumTest {
    uint256 private _round;

    /// @dev Four hospitals; Dee does not submit, and the round reopens without it.
    function setUp() public override {
        super.setUp();
        _join(DEE, "Dee");
        _announceKey(DEE);
        _admit(DEE, 50, 104);
        _round = _toReopened(DEE);
    }

    // --- with whom ---

    function test_aRoundReopensWithThoseWhoSubmitted() public {
        _remaskAll(_round);
        registry.closeRound(_round);
        _finishClosed(_round);
        uint256 roundId = _open();
        vm.assertEq(registry.cohort(roundId).length, 4, "cohort");
        _submitHonestly(DEE, roundId);
        _submitHonestly(CAY, roundId);
        _submitHonestly(ADA, roundId);
        vm.warp(registry.round(roundId).deadline + 1);
        address[] memory rest = _three(ADA, CAY, DEE);
        uint64 deadline = uint64(block.timestamp) + WINDOW + 3;
        _expectEvent();
        emit IConsortiumEvents.StepMissed(roundId, RoundStatus.Open, 0);
        _expectEvent();
        emit IConsortiumEvents.RoundOpened(roundId, 2, rest, registry.model(), deadline);
        registry.pushRound(roundId);
        vm.assertEq(registry.cohort(roundId), rest, "cohort");
        Round memory reopened = registry.round(roundId);
        _assertStatus(roundId, RoundStatus.Open, FailureReason.None);
        vm.assertEq(reopened.attempt, 2, "attempt");
        vm.assertEq(reopened.submissions, 0, "everyone has to mask again");
        vm.assertEq(reopened.deadline, deadline, "deadline");
        vm.assertEq(registry.currentRound(), roundId, "the same round");
    }

    function test_whoIsLeftOutHasNoPart() public view {
        Participation memory part = registry.participation(_round, DEE);
        vm.assertEq(part.share, 0, "share");
        vm.assertEq(part.weight, 0, "weight");
        vm.assertTrue(registry.memberOf(DEE).active, "nobody is excluded for an absence");
    }

    function test_theNextRoundHasEveryoneAgain() public {
        _push(_round);
        vm.assertEq(registry.cohort(_open()).length, 4, "cohort");
    }

    // --- with which weight ---

    /// @dev Other weights over the same updates would be a second equation on them.
    function test_weightsAreThoseOfTheFirstAttempt() public view {
        // 100, 60 and 40 of 250 records: Dee's share is nobody's
        _assertPart(ADA, 26_214, 33_554);
        _assertPart(BAY, 15_729, 33_555);
        _assertPart(CAY, 10_486, 33_555);
    }

    function test_sharesSumToTheWholeBeforeAnyoneLeaves() public {
        vm.assertEq(_shares(_round), 26_214 + 15_729 + 10_486, "second attempt");
        uint256 roundId = _nextOpen();
        vm.assertEq(_shares(roundId), Weights.WHOLE, "first attempt");
        uint256 without = Weights.WHOLE - registry.participation(roundId, ADA).share;
        _submitHonestly(BAY, roundId);
        _submitHonestly(CAY, roundId);
        _submitHonestly(DEE, roundId);
        _push(roundId);
        vm.assertEq(_shares(roundId), without, "without Ada");
    }

    function test_theModelIsTheSumOfThoseWhoAreLeft() public {
        _remaskAll(_round);
        uint256 p = BN254.SCALAR_MODULUS;
        uint256 factor = ZERO_FACTOR;
        address[] memory cohort = registry.cohort(_round);
        for (uint256 i = 0; i < cohort.length; ++i) {
            uint256 weight = registry.participation(_round, cohort[i]).weight;
            uint256 moved = _update(_round, cohort[i]) + p - ZERO_FACTOR;
            factor = addmod(factor, mulmod(weight, moved, p), p);
        }
        vm.assertEq(cohort.length, 3, "cohort");
        registry.closeRound(_round);
        _assertPoint(registry.round(_round).modelAfter, _g1(factor), "model after");
        _assertPoint(registry.round(_round).modelAfter, _commit(_firstModel(_round)), "and it opens");
    }

    // --- masks ---

    function test_oldMasksAreVoid() public {
        address[] memory cohort = registry.cohort(_round);
        for (uint256 i = 0; i < cohort.length; ++i) {
            vm.assertTrue(!registry.participation(_round, cohort[i]).submitted, "to be masked again");
        }
        _refused(
            OUTSIDER,
            abi.encodeCall(registry.closeRound, (_round)),
            abi.encodeWithSelector(IConsortiumErrors.SubmissionsMissing.selector, _round, 0, 3)
        );
    }

    function test_theMasksOfTheFirstAttemptDoNotCancelInTheSecond() public {
        uint256 roundId = _nextOpen();
        G1Point[3] memory old = [_mask(roundId, ADA), _mask(roundId, BAY), _mask(roundId, CAY)];
        _submit(ADA, roundId, _update(roundId, ADA), old[0]);
        _submit(BAY, roundId, _update(roundId, BAY), old[1]);
        _submit(CAY, roundId, _update(roundId, CAY), old[2]);
        _push(roundId);
        _remask(ADA, roundId, old[0]);
        _remask(BAY, roundId, old[1]);
        _remask(CAY, roundId, old[2]);
        registry.closeRound(roundId);
        _assertStatus(roundId, RoundStatus.Disputed, FailureReason.None);
    }

    function test_aMaskAndACiphertextAreTakenAgain() public {
        G1Point memory mask = _mask(_round, ADA);
        bytes32 other = keccak256("another ciphertext");
        _expectEvent();
        emit IConsortiumEvents.UpdateRemasked(_round, ADA, 2, mask, other);
        vm.prank(ADA);
        registry.remaskUpdate(_round, 2, mask, other);
        Participation memory part = registry.participation(_round, ADA);
        vm.assertTrue(part.submitted, "submitted");
        _assertPoint(part.mask, mask, "mask");
        vm.assertEq(part.ciphertextHash, other, "ciphertext");
        _assertPoint(part.update, _g1(_update(_round, ADA)), "the update stays");
        vm.assertEq(registry.round(_round).submissions, 1, "submissions");
        vm.assertEq(registry.shardOf(ADA, 0).openings, 2, "no further opening");
    }

    // --- refusals ---

    function test_anotherAttempt() public {
        uint32[4] memory attempts = [0, 1, 3, type(uint32).max];
        for (uint256 i = 0; i < attempts.length; ++i) {
            _refusesRemask(ADA, attempts[i], _wrongAttempt(attempts[i], 2));
        }
    }

    function test_inTheFirstAttempt() public {
        _push(_round);
        _round = _open();
        _refusesRemask(ADA, 1, _wrongAttempt(1, 1));
        _refusesRemask(ADA, 2, _wrongAttempt(2, 1));
    }

    function test_twice() public {
        _remask(ADA, _round, _mask(_round, ADA));
        _refusesRemask(
            ADA, 2, abi.encodeWithSelector(IConsortiumErrors.AlreadySubmitted.selector, _round, ADA)
        );
    }

    function test_whoTakesNoPart() public {
        address[4] memory others = [OUTSIDER, OWNER, AGGREGATOR, DEE];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory expected =
                abi.encodeWithSelector(IConsortiumErrors.NotInCohort.selector, _round, others[i]);
            _refusesRemask(others[i], 2, expected);
        }
    }

    function test_theDeadlineItselfIsInTime() public {
        vm.warp(registry.round(_round).deadline);
        _remask(ADA, _round, _mask(_round, ADA));
    }

    function test_afterTheDeadline() public {
        uint256 deadline = registry.round(_round).deadline;
        vm.warp(deadline + 1);
        _refusesRemask(
            ADA, 2, abi.encodeWithSelector(IConsortiumErrors.DeadlinePassed.selector, deadline, deadline + 1)
        );
    }

    function test_aCiphertextOfHashZero() public {
        _refused(
            ADA,
            abi.encodeCall(registry.remaskUpdate, (_round, 2, _g1(77), 0)),
            abi.encodeWithSelector(IConsortiumErrors.ZeroHash.selector)
        );
    }

    function test_theMaskIsAPoint() public {
        (G1Point[] memory bad, bytes[] memory errors) = _badPoints(_g1(77));
        for (uint256 i = 0; i < bad.length; ++i) {
            _refused(ADA, abi.encodeCall(registry.remaskUpdate, (_round, 2, bad[i], CIPHERTEXT)), errors[i]);
        }
    }

    function test_aRoundThatIsNotOpen() public {
        _remaskAll(_round);
        registry.closeRound(_round);
        _refusesRemask(ADA, 2, _wrongStatus(_round, RoundStatus.Closed));
        _refused(
            ADA,
            abi.encodeCall(registry.remaskUpdate, (9, 2, _g1(77), CIPHERTEXT)),
            _wrongStatus(9, RoundStatus.None)
        );
    }

    function test_noProofIsTakenInTheSecondAttempt() public {
        address[2] memory senders = [ADA, DEE];
        for (uint256 i = 0; i < senders.length; ++i) {
            bytes memory proof = _encode(_trainingPoints(senders[i], _round, 9999));
            _refused(
                senders[i],
                abi.encodeCall(registry.submitUpdate, (_round, proof, _g1(77), CIPHERTEXT)),
                _wrongAttempt(1, 2)
            );
        }
    }

    // --- the end ---

    function test_fewerThanTheSmallestCohortFail() public {
        _remask(ADA, _round, _mask(_round, ADA));
        _remask(BAY, _round, _mask(_round, BAY));
        vm.warp(registry.round(_round).deadline + 1);
        _expectEvent();
        emit IConsortiumEvents.RoundFailed(_round, FailureReason.TooFewSubmissions);
        registry.pushRound(_round);
        _assertStatus(_round, RoundStatus.Failed, FailureReason.TooFewSubmissions);
        _assertPoint(registry.model(), _g1(ZERO_FACTOR), "the model stays");
        vm.assertEq(registry.round(_round).attempt, 2, "no third attempt");
    }

    function test_aCompleteCohortOfTheSecondAttemptMissedNothing() public {
        _remaskAll(_round);
        vm.warp(registry.round(_round).deadline + 1);
        _refused(
            OUTSIDER,
            abi.encodeCall(registry.pushRound, (_round)),
            abi.encodeWithSelector(IConsortiumErrors.CohortComplete.selector, _round)
        );
        registry.closeRound(_round);
        _assertStatus(_round, RoundStatus.Closed, FailureReason.None);
    }

    /// @dev Once a sum may have been opened, another sum of the same updates would tell them apart.
    function test_aClosedRoundNeverReopens() public {
        _remaskAll(_round);
        registry.closeRound(_round);
        _push(_round);
        _assertStatus(_round, RoundStatus.Revealing, FailureReason.None);
        _push(_round);
        _assertStatus(_round, RoundStatus.Failed, FailureReason.UpdatesNotRevealed);
        vm.assertEq(registry.round(_round).attempt, 2, "no further attempt");
    }

    function test_aPublishedRoundNeverReopens() public {
        _remaskAll(_round);
        registry.closeRound(_round);
        _announceSum(_round, ENCRYPTED_SUM);
        _openSum(_round, ENCRYPTED_SUM, SUM_FILE);
        _publish(_round, MODEL_FILE);
        _push(_round);
        _assertStatus(_round, RoundStatus.Revealing, FailureReason.None);
        vm.assertEq(registry.round(_round).attempt, 2, "no further attempt");
    }

    function test_aFailedRoundsProofsAreUsedUp() public {
        G1Point[] memory points = _trainingPoints(ADA, _round, _update(_round, ADA));
        _push(_round);
        uint256 roundId = _open();
        bytes memory proof = _encode(_trainingPoints(ADA, roundId, _update(_round, ADA)));
        _refused(
            ADA,
            abi.encodeCall(registry.submitUpdate, (roundId, proof, _g1(77), CIPHERTEXT)),
            abi.encodeWithSelector(IConsortiumErrors.CommitmentAlreadyUsed.selector, points[4])
        );
    }

    // --- helpers ---

    function _nextOpen() private returns (uint256) {
        _push(_round);
        return _open();
    }

    function _three(
        address first,
        address second,
        address third
    ) private pure returns (address[] memory list) {
        list = new address[](3);
        (list[0], list[1], list[2]) = (first, second, third);
    }

    function _shares(
        uint256 roundId
    ) private view returns (uint256 sum) {
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 0; i < cohort.length; ++i) {
            sum += registry.participation(roundId, cohort[i]).share;
        }
    }

    function _assertPart(
        address member,
        uint256 share,
        uint256 weight
    ) private view {
        Participation memory part = registry.participation(_round, member);
        vm.assertEq(part.share, share, "share");
        vm.assertEq(part.weight, weight, "weight");
    }

    function _wrongAttempt(
        uint32 attempt,
        uint32 current
    ) private view returns (bytes memory) {
        return abi.encodeWithSelector(IConsortiumErrors.WrongAttempt.selector, _round, attempt, current);
    }

    function _refusesRemask(
        address sender,
        uint32 attempt,
        bytes memory expected
    ) private {
        _refused(
            sender, abi.encodeCall(registry.remaskUpdate, (_round, attempt, _g1(77), CIPHERTEXT)), expected
        );
    }
}
