// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {
    BlameReason,
    FailureReason,
    G1Point,
    IConsortiumEvents,
    RoundStatus
} from "../src/interfaces/IConsortiumRegistry.sol";
import {IVerifierRouter} from "../src/interfaces/IVerifierRouter.sol";
import {BN254} from "../src/libraries/BN254.sol";
import {PostedTest} from "./support/PostedFixture.sol";
import {ScriptedVerifier} from "./support/ScriptedVerifier.sol";

/// @title Whoever posted an invalid proof is excluded, and nobody else
contract ChallengeUpdateTest is PostedTest {
    uint256 private constant NEEDED = 3_000_000 + uint256(3_000_000) / 63 + 150_000;

    // --- open rounds ---

    function test_theRoundReopensOnceEveryoneElseSubmitted() public {
        uint256 roundId = _open();
        bytes memory proof = _forge(DEE, roundId);
        _submitAll(roundId);
        _expectEvent();
        emit IConsortiumEvents.UpdateChallenged(roundId, DEE, OUTSIDER, keccak256(proof));
        _expectEvent();
        emit IConsortiumEvents.MemberExcluded(roundId, DEE, BlameReason.InvalidProof);
        _challenge(roundId, DEE);
        _assertExcluded(DEE);
        _reopened(roundId, 2);
        _endsWell(roundId);
    }

    function test_theOthersKeepTheirTimeToSubmit() public {
        uint256 roundId = _open();
        uint64 deadline = registry.round(roundId).deadline;
        _forge(DEE, roundId);
        _submitHonestly(DEE, roundId);
        _submitHonestly(ADA, roundId);
        _challenge(roundId, DEE);
        vm.assertEq(registry.round(roundId).attempt, 1, "attempt");
        vm.assertEq(registry.round(roundId).submissions, 1, "submissions");
        vm.assertEq(registry.round(roundId).deadline, deadline, "deadline");
        _submitHonestly(BAY, roundId);
        _submitHonestly(CAY, roundId);
        _refused(
            OUTSIDER,
            abi.encodeCall(registry.closeRound, (roundId)),
            abi.encodeWithSelector(IConsortiumErrors.SubmissionsMissing.selector, roundId, 3, 4)
        );
        _push(roundId);
        _reopened(roundId, 2);
        _endsWell(roundId);
    }

    function test_whoIsDroppedCannotSubmitAgain() public {
        uint256 roundId = _open();
        _forge(DEE, roundId);
        _submitHonestly(DEE, roundId);
        _challenge(roundId, DEE);
        _join(DEE, "Dee");
        bytes memory proof = _encode(_trainingPoints(DEE, roundId, 7777));
        _refused(
            DEE,
            abi.encodeCall(registry.submitUpdate, (roundId, proof, _g1(77), CIPHERTEXT)),
            abi.encodeWithSelector(IConsortiumErrors.NotInCohort.selector, roundId, DEE)
        );
        _refused(
            OUTSIDER,
            _challengeCall(roundId, DEE, _proofOf(DEE, roundId)),
            abi.encodeWithSelector(IConsortiumErrors.NotInCohort.selector, roundId, DEE)
        );
        _submitHonestly(ADA, roundId);
        _submitHonestly(BAY, roundId);
        _submitHonestly(CAY, roundId);
        _push(roundId);
        _reopened(roundId, 2);
    }

    function test_aProofIsChallengedInAFurtherAttempt() public {
        uint256 roundId = _slipped();
        _splitAll(roundId);
        vm.assertEq(registry.round(roundId).attempt, 2, "attempt");
        _forge(DEE, roundId);
        _remask(ADA, roundId, _mask(roundId, ADA));
        _challenge(roundId, DEE);
        vm.assertEq(registry.round(roundId).attempt, 2, "Bay and Cay have yet to mask");
        _remask(BAY, roundId, _mask(roundId, BAY));
        _remask(CAY, roundId, _mask(roundId, CAY));
        _push(roundId);
        _reopened(roundId, 3);
        _endsWell(roundId);
    }

    function test_tooFewAreLeft() public {
        uint256 roundId = _open();
        _forge(DEE, roundId);
        _forge(CAY, roundId);
        _submitAll(roundId);
        _challenge(roundId, DEE);
        _challenge(roundId, CAY);
        vm.assertEq(registry.round(roundId).attempt, 2, "Ada and Bay have yet to mask");
        _push(roundId);
        _assertStatus(roundId, RoundStatus.Failed, FailureReason.TooFewSubmissions);
    }

    function test_tooFewAreLeftOfThree() public {
        vm.prank(OWNER);
        registry.removeMember(DEE);
        uint256 roundId = _open();
        _forge(CAY, roundId);
        _submitAll(roundId);
        _challenge(roundId, CAY);
        _assertStatus(roundId, RoundStatus.Failed, FailureReason.InvalidProof);
        _assertExcluded(CAY);
    }

    // --- later rounds ---

    function test_aDisputedRoundReopens() public {
        uint256 roundId = _slipped();
        _forge(DEE, roundId);
        _challenge(roundId, DEE);
        _assertExcluded(DEE);
        _reopened(roundId, 2);
        _endsWell(roundId);
    }

    function test_aClosedRoundFails() public {
        _fails(_toClosed());
    }

    function test_anAnnouncedSumIsOpenedNoMore() public {
        uint256 roundId = _toAnnounced();
        _fails(roundId);
        _refused(
            KEY_HOLDER,
            abi.encodeCall(registry.openSum, (roundId, ENCRYPTED_SUM, SUM_FILE)),
            _wrongStatus(roundId, RoundStatus.Failed)
        );
    }

    function test_aPublishedRoundFails() public {
        _fails(_toPublished());
    }

    function test_aRevealingRoundFails() public {
        _fails(_toRevealing());
    }

    /// @dev Until something is final, a true challenge is welcome however late it comes.
    function test_afterTheWindowBeforeTheEnd() public {
        uint256 roundId = _toPublished();
        _waitForChallenges(roundId);
        _acknowledge(ADA, roundId);
        _fails(roundId);
    }

    function test_aFailedRoundLeavesTheModel() public {
        G1Point memory before = registry.model();
        uint256 roundId = _toPublished();
        _fails(roundId);
        _waitForChallenges(roundId);
        uint256[] memory vector = _firstModel(roundId);
        _refused(
            OUTSIDER,
            abi.encodeCall(registry.openModel, (roundId, vector, _quotient(vector))),
            _wrongStatus(roundId, RoundStatus.Failed)
        );
        _assertPoint(registry.model(), before, "model");
        uint256 next = _open();
        vm.assertEq(registry.cohort(next).length, 3, "the next round is without it");
    }

    // --- when it is refused ---

    function test_noSuchRound() public {
        bytes memory call = _challengeCall(7, ADA, "");
        _refused(OUTSIDER, call, _wrongStatus(7, RoundStatus.None));
    }

    function test_tooLate() public {
        uint256 roundId = _toPublished();
        _waitForChallenges(roundId);
        _acknowledgeToQuorum(roundId);
        bytes memory proof = _forge(DEE, roundId);
        _refused(OUTSIDER, _challengeCall(roundId, DEE, proof), _wrongStatus(roundId, RoundStatus.Final));
    }

    function test_aFailedRound() public {
        uint256 roundId = _open();
        bytes memory proof = _forge(DEE, roundId);
        _submitHonestly(DEE, roundId);
        _push(roundId);
        _refused(OUTSIDER, _challengeCall(roundId, DEE, proof), _wrongStatus(roundId, RoundStatus.Failed));
    }

    function test_whileItIsPaused() public {
        uint256 roundId = _toClosed();
        bytes memory proof = _forge(DEE, roundId);
        vm.prank(GUARDIAN);
        registry.pause();
        _refused(
            OUTSIDER,
            _challengeCall(roundId, DEE, proof),
            abi.encodeWithSelector(Pausable.EnforcedPause.selector)
        );
    }

    function test_whoTakesNoPart() public {
        uint256 roundId = _toClosed();
        _refused(
            ADA,
            _challengeCall(roundId, OUTSIDER, ""),
            abi.encodeWithSelector(IConsortiumErrors.NotInCohort.selector, roundId, OUTSIDER)
        );
    }

    function test_whoPostedNothing() public {
        uint256 roundId = _open();
        _refused(
            ADA,
            _challengeCall(roundId, DEE, _proofOf(DEE, roundId)),
            abi.encodeWithSelector(IConsortiumErrors.NothingToChallenge.selector, roundId, DEE)
        );
    }

    function testFuzz_otherBytes(
        uint256 place,
        uint8 by
    ) public {
        uint256 roundId = _toClosed();
        bytes memory posted = _forge(DEE, roundId);
        bytes memory other = _forge(DEE, roundId);
        place = place % other.length;
        other[place] = bytes1(uint8(other[place]) ^ (by == 0 ? 1 : by));
        _refused(
            OUTSIDER,
            _challengeCall(roundId, DEE, other),
            abi.encodeWithSelector(IConsortiumErrors.OtherProof.selector, keccak256(other), keccak256(posted))
        );
    }

    // --- an honest member is never harmed ---

    function testFuzz_aValidProofStands(
        uint256 who,
        uint256 status,
        uint256 gas,
        bool late
    ) public {
        uint256 roundId = _inAnyStatus(status);
        if (late) trainingVerifier.script(ScriptedVerifier.Answer.AcceptLate);
        address[] memory cohort = registry.cohort(roundId);
        address member = cohort[who % cohort.length];
        bytes memory call = _challengeCall(roundId, member, _proofOf(member, roundId));
        RoundStatus before = registry.round(roundId).status;
        gas = _within(gas, 30_000, 8_000_000);
        vm.prank(OUTSIDER);
        (bool accepted,) = address(registry).call{gas: gas}(call);
        vm.assertTrue(!accepted, "a valid proof was challenged away");
        vm.assertEq(uint256(registry.round(roundId).status), uint256(before), "status");
        vm.assertTrue(registry.memberOf(member).active, "excluded");
    }

    function test_aValidProofSaysSo() public {
        uint256 roundId = _toClosed();
        trainingVerifier.script(ScriptedVerifier.Answer.AcceptLate);
        _refused(
            OUTSIDER,
            _challengeCall(roundId, DEE, _proofOf(DEE, roundId)),
            abi.encodeWithSelector(IConsortiumErrors.ProofIsValid.selector, roundId, DEE)
        );
    }

    function test_tooLittleGas() public {
        uint256 roundId = _toClosed();
        bytes memory call = _challengeCall(roundId, DEE, _forge(DEE, roundId));
        vm.prank(OUTSIDER);
        (bool accepted, bytes memory answer) = address(registry).call{gas: NEEDED}(call);
        vm.assertTrue(!accepted, "accepted");
        vm.assertEq(
            bytes32(bytes4(answer)), bytes32(IConsortiumErrors.TooLittleGas.selector), "another reason"
        );
        vm.prank(OUTSIDER);
        (accepted,) = address(registry).call{gas: NEEDED + 200_000}(call);
        vm.assertTrue(accepted, "enough");
    }

    /// @dev A proof with a point off the curve burns what the verifier gets, and no more.
    function test_anInvalidProofThatBurnsGas() public {
        uint256 roundId = _toClosed();
        bytes memory call = _challengeCall(roundId, DEE, _proofOf(DEE, roundId));
        trainingVerifier.script(ScriptedVerifier.Answer.BurnGas);
        vm.prank(OUTSIDER);
        (bool accepted,) = address(registry).call{gas: NEEDED + 200_000}(call);
        vm.assertTrue(accepted, "a proof that burns gas cannot be challenged");
        _assertExcluded(DEE);
    }

    function test_aVerifierThatSaysNo() public {
        _excludes(ScriptedVerifier.Answer.Refuse);
    }

    function test_aVerifierThatReverts() public {
        _excludes(ScriptedVerifier.Answer.Revert);
    }

    function test_aVerifierThatPanics() public {
        _excludes(ScriptedVerifier.Answer.Panic);
    }

    function test_aVerifierThatAnswersNoBooleanProvesNothing() public {
        uint256 roundId = _toClosed();
        bytes memory call = _challengeCall(roundId, DEE, _proofOf(DEE, roundId));
        trainingVerifier.script(ScriptedVerifier.Answer.ReturnNothing);
        _refused(OUTSIDER, call, "");
        trainingVerifier.script(ScriptedVerifier.Answer.ReturnTwo);
        _refused(OUTSIDER, call, "");
    }

    function test_aRemovedCircuitProvesNothing() public {
        uint256 roundId = _toClosed();
        bytes memory call = _challengeCall(roundId, DEE, _proofOf(DEE, roundId));
        vm.prank(OWNER);
        router.remove(TRAINING_CIRCUIT);
        _refused(
            OUTSIDER,
            call,
            abi.encodeWithSelector(IVerifierRouter.CircuitTombstoned.selector, TRAINING_CIRCUIT)
        );
        vm.assertTrue(registry.memberOf(DEE).active, "excluded");
    }

    // --- helpers ---

    function _excludes(
        ScriptedVerifier.Answer answer
    ) private {
        uint256 roundId = _toClosed();
        trainingVerifier.script(answer);
        _challenge(roundId, DEE);
        _assertExcluded(DEE);
    }

    function _inAnyStatus(
        uint256 seed
    ) private returns (uint256 roundId) {
        if (seed % 5 == 0) {
            roundId = _open();
            _submitAll(roundId);
        } else if (seed % 5 == 1) {
            return _toDisputed();
        } else if (seed % 5 == 2) {
            return _toClosed();
        } else if (seed % 5 == 3) {
            return _toPublished();
        } else {
            return _toRevealing();
        }
    }

    /// @dev Ada's mask is off by one generator, so that the round is disputed.
    function _slipped() private returns (uint256 roundId) {
        roundId = _open();
        _submit(ADA, roundId, _update(roundId, ADA), BN254.add(_mask(roundId, ADA), _g1(1)));
        _submitHonestly(BAY, roundId);
        _submitHonestly(CAY, roundId);
        _submitHonestly(DEE, roundId);
        registry.closeRound(roundId);
    }

    function _splitAll(
        uint256 roundId
    ) private {
        G1Point[] memory slipped = _pairMasks(roundId, ADA);
        slipped[0] = BN254.add(slipped[0], _g1(1));
        _split(ADA, roundId, slipped);
        _split(BAY, roundId, _pairMasks(roundId, BAY));
        _split(CAY, roundId, _pairMasks(roundId, CAY));
        _split(DEE, roundId, _pairMasks(roundId, DEE));
    }

    function _reopened(
        uint256 roundId,
        uint32 attempt
    ) private view {
        _assertStatus(roundId, RoundStatus.Open, FailureReason.None);
        vm.assertEq(registry.round(roundId).attempt, attempt, "attempt");
        vm.assertEq(registry.round(roundId).submissions, 0, "submissions");
        vm.assertEq(registry.cohort(roundId).length, 3, "cohort");
        vm.assertEq(_weightOf(roundId, DEE), 0, "weight");
    }

    /// @dev The model is the sum of the others' updates.
    function _endsWell(
        uint256 roundId
    ) private {
        _remaskAll(roundId);
        registry.closeRound(roundId);
        _announceSum(roundId, ENCRYPTED_SUM);
        _openSum(roundId, ENCRYPTED_SUM, SUM_FILE);
        _publish(roundId, MODEL_FILE);
        _waitForChallenges(roundId);
        _acknowledgeToQuorum(roundId);
        _assertStatus(roundId, RoundStatus.Final, FailureReason.None);
        _assertPoint(registry.model(), _commit(_firstModel(roundId)), "model");
    }

    function _fails(
        uint256 roundId
    ) private {
        _forge(DEE, roundId);
        _challenge(roundId, DEE);
        _assertStatus(roundId, RoundStatus.Failed, FailureReason.InvalidProof);
        _assertExcluded(DEE);
        vm.assertTrue(registry.memberOf(ADA).active, "nobody else");
    }

    function _assertExcluded(
        address member
    ) private view {
        vm.assertTrue(!registry.memberOf(member).active, "active");
        vm.assertEq(uint256(registry.memberOf(member).blame), uint256(BlameReason.InvalidProof), "blame");
    }
}
