// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {
    BlameReason,
    FailureReason,
    G1Point,
    IConsortiumEvents,
    RoundStatus
} from "../src/interfaces/IConsortiumRegistry.sol";
import {IVectorOpening} from "../src/interfaces/IVectorOpening.sol";
import {BN254} from "../src/libraries/BN254.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

contract RevealTest is ConsortiumTest {
    uint256 private constant P = BN254.SCALAR_MODULUS;

    /// @dev Four hospitals, so that three are left when one is excluded.
    function setUp() public override {
        super.setUp();
        _join(DEE, "Dee");
        _announceKey(DEE);
        _admit(DEE, 50, 104);
    }

    // --- who was to act ---

    function test_noSumIsAnnounced() public {
        _demandsReveals(_toClosed(), RoundStatus.Closed, registry.AGGREGATOR_ROLE());
    }

    function test_anAnnouncedSumIsNotOpened() public {
        _demandsReveals(_toAnnounced(), RoundStatus.Closed, registry.KEY_HOLDER_ROLE());
    }

    function test_noModelIsPublished() public {
        _demandsReveals(_toOpened(), RoundStatus.Closed, registry.AGGREGATOR_ROLE());
    }

    function test_theQuorumIsNotReached() public {
        uint256 roundId = _toPublished();
        _acknowledge(ADA, roundId);
        _acknowledge(BAY, roundId);
        _demandsReveals(roundId, RoundStatus.Published, 0);
    }

    // --- the way to the model without aggregator and key holder ---

    function test_everyoneRevealsAndAnyoneOpensTheModel() public {
        uint256 roundId = _toRevealing();
        uint256[] memory model = new uint256[](MODEL_LENGTH);
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 0; i < cohort.length; ++i) {
            uint256[] memory masked = _maskedVector(roundId, cohort[i]);
            _expectEvent();
            emit IConsortiumEvents.UpdateRevealed(roundId, cohort[i], masked);
            _reveal(cohort[i], roundId);
            vm.assertTrue(registry.participation(roundId, cohort[i]).answered, "answered");
            vm.assertEq(registry.round(roundId).answers, i + 1, "answers");
            // what was revealed adds up to the model, from the model of zeros
            model = _plus(model, masked);
        }
        vm.assertEq(model, _firstModel(roundId), "masks cancel");
        vm.prank(OUTSIDER);
        registry.openModel(roundId, model, _quotient(model));
        _assertStatus(roundId, RoundStatus.Final, FailureReason.None);
        _assertPoint(registry.model(), _commit(model), "the consortium's model");
        vm.assertEq(registry.modelHash(), _fileHash(model), "its file");
        vm.assertEq(registry.finalRound(), roundId, "final round");
    }

    function test_theLastRevealGivesTimeToOpenTheModel() public {
        uint256 roundId = _toRevealing();
        _reveal(ADA, roundId);
        _reveal(BAY, roundId);
        _reveal(CAY, roundId);
        uint256 deadline = registry.round(roundId).deadline;
        vm.warp(deadline);
        _reveal(DEE, roundId);
        vm.assertEq(registry.round(roundId).deadline, deadline + WINDOW + 1, "deadline");
    }

    function test_nobodyOpensTheModel() public {
        uint256 roundId = _toRevealing();
        _revealAll(roundId);
        vm.warp(registry.round(roundId).deadline + 1);
        _expectEvent();
        emit IConsortiumEvents.RoundFailed(roundId, FailureReason.ModelNotOpened);
        registry.pushRound(roundId);
        _assertStatus(roundId, RoundStatus.Failed, FailureReason.ModelNotOpened);
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 0; i < cohort.length; ++i) {
            vm.assertTrue(registry.memberOf(cohort[i]).active, "nobody is excluded");
        }
    }

    /// @dev Dee's ciphertext may hold anything; it has nothing that its commitments open to.
    function test_whoRevealsNothingIsExcluded() public {
        uint256 roundId = _toRevealing();
        _reveal(ADA, roundId);
        _reveal(BAY, roundId);
        _reveal(CAY, roundId);
        vm.warp(registry.round(roundId).deadline + 1);
        _expectEvent();
        emit IConsortiumEvents.StepMissed(roundId, RoundStatus.Revealing, 0);
        _expectEvent();
        emit IConsortiumEvents.MemberExcluded(roundId, DEE, BlameReason.UpdateNotRevealed);
        _expectEvent();
        emit IConsortiumEvents.RoundFailed(roundId, FailureReason.UpdatesNotRevealed);
        registry.pushRound(roundId);
        _assertStatus(roundId, RoundStatus.Failed, FailureReason.UpdatesNotRevealed);
        vm.assertEq(uint256(registry.memberOf(DEE).blame), uint256(BlameReason.UpdateNotRevealed), "blame");
        _assertPoint(registry.model(), _g1(ZERO_FACTOR), "the model stays");

        roundId = _open();
        address[] memory cohort = registry.cohort(roundId);
        vm.assertEq(cohort.length, 3, "the next round");
        for (uint256 i = 0; i < cohort.length; ++i) {
            vm.assertTrue(cohort[i] != DEE, "without Dee");
        }
    }

    function test_theOwnerTakesAnExcludedMemberBack() public {
        uint256 roundId = _toRevealing();
        _reveal(ADA, roundId);
        _reveal(BAY, roundId);
        _reveal(CAY, roundId);
        _push(roundId);
        _join(DEE, "Dee");
        vm.assertEq(uint256(registry.memberOf(DEE).blame), uint256(BlameReason.None), "blame");
        vm.assertEq(registry.cohort(_open()).length, 4, "cohort");
    }

    function test_aRefusedSumIsReplacedByReveals() public {
        uint256 roundId = _toAnnounced();
        vm.prank(KEY_HOLDER);
        registry.refuseSum(roundId, ENCRYPTED_SUM);
        _revealAll(roundId);
        uint256[] memory model = _firstModel(roundId);
        registry.openModel(roundId, model, _quotient(model));
        _assertStatus(roundId, RoundStatus.Final, FailureReason.None);
    }

    function test_inASecondAttemptTheMasksAreItsOwn() public {
        uint256 roundId = _toReopened(DEE);
        _remaskAll(roundId);
        registry.closeRound(roundId);
        _push(roundId);
        _revealAll(roundId);
        uint256[] memory model = _firstModel(roundId);
        registry.openModel(roundId, model, _quotient(model));
        _assertStatus(roundId, RoundStatus.Final, FailureReason.None);
    }

    // --- refusals ---

    function test_anotherVector() public {
        uint256 roundId = _toRevealing();
        G1Point memory masked = _maskedCommitment(roundId, ADA);
        for (uint256 i = 0; i < MODEL_LENGTH; ++i) {
            uint256[] memory other = _maskedVector(roundId, ADA);
            other[i] = addmod(other[i], 1, P);
            _refuses(ADA, roundId, other, _quotient(other), _doesNotOpen(masked, other));
        }
    }

    function test_aPeersVector() public {
        uint256 roundId = _toRevealing();
        uint256[] memory other = _maskedVector(roundId, BAY);
        G1Point memory masked = _maskedCommitment(roundId, ADA);
        _refuses(ADA, roundId, other, _quotient(other), _doesNotOpen(masked, other));
    }

    /// @dev The update alone, which nobody has to reveal, or under another weight.
    function test_theUpdateWithoutItsMask() public {
        uint256 roundId = _toRevealing();
        G1Point memory masked = _maskedCommitment(roundId, ADA);
        uint256 weight = registry.participation(roundId, ADA).weight;
        uint256[] memory other = _scale(_updateVector(roundId, ADA), weight);
        _refuses(ADA, roundId, other, _quotient(other), _doesNotOpen(masked, other));
        other = _plus(_updateVector(roundId, ADA), _maskVector(roundId, ADA));
        _refuses(ADA, roundId, other, _quotient(other), _doesNotOpen(masked, other));
    }

    function test_anotherQuotient() public {
        uint256 roundId = _toRevealing();
        uint256[] memory masked = _maskedVector(roundId, ADA);
        bytes memory expected = _doesNotOpen(_maskedCommitment(roundId, ADA), masked);
        _refuses(ADA, roundId, masked, G1Point(0, 0), expected);
        _refuses(ADA, roundId, masked, BN254.negate(_quotient(masked)), expected);
        _refuses(
            ADA, roundId, masked, G1Point(1, 3), abi.encodeWithSelector(BN254.PointNotOnCurve.selector, 1, 3)
        );
    }

    function test_anotherLength() public {
        uint256 roundId = _toRevealing();
        uint256[3] memory lengths = [uint256(0), MODEL_LENGTH - 1, MODEL_LENGTH + 1];
        for (uint256 i = 0; i < lengths.length; ++i) {
            bytes memory expected = abi.encodeWithSelector(
                IConsortiumErrors.WrongVectorLength.selector, lengths[i], MODEL_LENGTH
            );
            _refuses(ADA, roundId, new uint256[](lengths[i]), _g1(1), expected);
        }
    }

    function test_anEntryAboveTheModulus() public {
        uint256 roundId = _toRevealing();
        uint256[] memory masked = _maskedVector(roundId, ADA);
        G1Point memory quotient = _quotient(masked);
        masked[2] += P;
        bytes memory expected =
            abi.encodeWithSelector(IVectorOpening.ValueNotBelowModulus.selector, 2, masked[2]);
        _refuses(ADA, roundId, masked, quotient, expected);
    }

    function test_twice() public {
        uint256 roundId = _toRevealing();
        _reveal(ADA, roundId);
        uint256[] memory masked = _maskedVector(roundId, ADA);
        bytes memory expected =
            abi.encodeWithSelector(IConsortiumErrors.AlreadyAnswered.selector, roundId, ADA);
        _refuses(ADA, roundId, masked, _quotient(masked), expected);
    }

    function test_whoTakesNoPart() public {
        uint256 roundId = _toRevealing();
        uint256[] memory masked = _maskedVector(roundId, ADA);
        address[3] memory others = [OUTSIDER, AGGREGATOR, KEY_HOLDER];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory expected =
                abi.encodeWithSelector(IConsortiumErrors.NotInCohort.selector, roundId, others[i]);
            _refuses(others[i], roundId, masked, _quotient(masked), expected);
        }
    }

    function test_whoWasLeftOutOfTheAttempt() public {
        uint256 roundId = _toReopened(DEE);
        _remaskAll(roundId);
        registry.closeRound(roundId);
        _push(roundId);
        bytes memory expected = abi.encodeWithSelector(IConsortiumErrors.NotInCohort.selector, roundId, DEE);
        _refuses(DEE, roundId, new uint256[](MODEL_LENGTH), _g1(1), expected);
    }

    function test_afterTheDeadline() public {
        uint256 roundId = _toRevealing();
        uint256 deadline = registry.round(roundId).deadline;
        vm.warp(deadline + 1);
        uint256[] memory masked = _maskedVector(roundId, ADA);
        bytes memory late =
            abi.encodeWithSelector(IConsortiumErrors.DeadlinePassed.selector, deadline, deadline + 1);
        _refuses(ADA, roundId, masked, _quotient(masked), late);
    }

    function test_nobodyRevealsUnlessAsked() public {
        _refusesStatus(9, RoundStatus.None);
        _refusesStatus(_toPublished(), RoundStatus.Published);
        _acknowledgeToQuorum(1);
        _refusesStatus(1, RoundStatus.Final);
        _refusesStatus(_toClosed(), RoundStatus.Closed);
    }

    // --- helpers ---

    function _demandsReveals(
        uint256 roundId,
        RoundStatus status,
        bytes32 role
    ) private {
        vm.warp(registry.round(roundId).deadline + 1);
        uint64 deadline = uint64(block.timestamp) + WINDOW + 4;
        _expectEvent();
        emit IConsortiumEvents.StepMissed(roundId, status, role);
        _expectEvent();
        emit IConsortiumEvents.RevealsDemanded(roundId, deadline);
        vm.prank(OUTSIDER);
        registry.pushRound(roundId);
        _assertStatus(roundId, RoundStatus.Revealing, FailureReason.None);
        vm.assertEq(registry.round(roundId).deadline, deadline, "deadline");
    }

    function _reveal(
        address member,
        uint256 roundId
    ) private {
        uint256[] memory masked = _maskedVector(roundId, member);
        G1Point memory quotient = _quotient(masked);
        vm.prank(member);
        registry.revealUpdate(roundId, masked, quotient);
    }

    function _revealAll(
        uint256 roundId
    ) private {
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 0; i < cohort.length; ++i) {
            _reveal(cohort[i], roundId);
        }
    }

    /// @dev Without U.
    function _maskedCommitment(
        uint256 roundId,
        address member
    ) private view returns (G1Point memory) {
        return BN254.subtract(_commit(_maskedVector(roundId, member)), _g1(ZERO_FACTOR));
    }

    function _refuses(
        address sender,
        uint256 roundId,
        uint256[] memory masked,
        G1Point memory quotient,
        bytes memory expected
    ) private {
        _refused(sender, abi.encodeCall(registry.revealUpdate, (roundId, masked, quotient)), expected);
    }

    function _refusesStatus(
        uint256 roundId,
        RoundStatus status
    ) private {
        uint256[] memory masked = _maskedVector(roundId, ADA);
        _refuses(ADA, roundId, masked, _quotient(masked), _wrongStatus(roundId, status));
    }
}
