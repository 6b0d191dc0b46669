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

contract OpenModelTest is ConsortiumTest {
    uint256 private constant P = BN254.SCALAR_MODULUS;

    // --- instead of a quorum ---

    function test_aClosedRound() public {
        _finalizes(_toClosed());
    }

    function test_anAnnouncedRound() public {
        _finalizes(_toAnnounced());
    }

    function test_aRoundWhoseSumIsOpened() public {
        _finalizes(_toOpened());
    }

    function test_aPublishedRound() public {
        _finalizes(_toPublished());
    }

    function test_aRevealingRound() public {
        _finalizes(_toRevealing());
    }

    /// @dev Nobody needs to be there for it: the deadline binds whoever pushes.
    function test_afterTheDeadlineUnlessSomebodyPushed() public {
        uint256 roundId = _toClosed();
        vm.warp(registry.round(roundId).deadline + 1);
        _finalizes(roundId);
    }

    function test_theRightFileStaysTheRightFile() public {
        uint256 roundId = _toOpened();
        uint256[] memory model = _firstModel(roundId);
        _publish(roundId, _fileHash(model));
        _acknowledgeFile(ADA, roundId, _fileHash(model));
        _finalizes(roundId);
        vm.assertTrue(registry.memberOf(ADA).active, "who vouched for it stays");
    }

    function test_aModelOfZeros() public {
        uint256 roundId = _open();
        _submit(ADA, roundId, ZERO_FACTOR, _mask(roundId, ADA));
        uint256 bay = registry.participation(roundId, BAY).weight;
        uint256 cay = registry.participation(roundId, CAY).weight;
        _submit(BAY, roundId, ZERO_FACTOR + cay, _mask(roundId, BAY));
        _submit(CAY, roundId, P + ZERO_FACTOR - bay, _mask(roundId, CAY));
        registry.closeRound(roundId);
        registry.openModel(roundId, new uint256[](MODEL_LENGTH), G1Point(0, 0));
        _assertStatus(roundId, RoundStatus.Final, FailureReason.None);
        _assertPoint(registry.model(), _g1(ZERO_FACTOR), "U");
    }

    function test_theNextRoundStartsFromTheOpenedModel() public {
        uint256 roundId = _toClosed();
        uint256[] memory first = _firstModel(roundId);
        _openModel(roundId, first);
        uint256 next = _toClosed();
        uint256[] memory second = _modelVector(next, first);
        _openModel(next, second);
        _assertPoint(registry.model(), _commit(second), "model");
        vm.assertEq(registry.modelHash(), _fileHash(second), "file");
    }

    // --- against a dishonest quorum ---

    function test_aDishonestQuorumIsCorrectedAndExcluded() public {
        uint256 roundId = _toPublished();
        _acknowledge(ADA, roundId);
        _acknowledge(BAY, roundId);
        _acknowledge(CAY, roundId);
        vm.assertEq(registry.modelHash(), MODEL_FILE, "a file that nothing opens to");
        G1Point memory model = registry.model();
        uint256[] memory opened = _firstModel(roundId);
        _expectEvent();
        emit IConsortiumEvents.ModelOpened(roundId, _fileHash(opened), opened);
        _expectEvent();
        emit IConsortiumEvents.MemberExcluded(roundId, ADA, BlameReason.FalseAcknowledgement);
        _expectEvent();
        emit IConsortiumEvents.MemberExcluded(roundId, BAY, BlameReason.FalseAcknowledgement);
        _expectEvent();
        emit IConsortiumEvents.MemberExcluded(roundId, CAY, BlameReason.FalseAcknowledgement);
        _openModel(roundId, opened);
        vm.assertEq(registry.modelHash(), _fileHash(opened), "corrected");
        vm.assertEq(registry.round(roundId).modelHash, _fileHash(opened), "on record");
        _assertPoint(registry.model(), model, "the commitment was right all along");
        vm.assertTrue(!registry.memberOf(ADA).active, "excluded");
    }

    /// @dev Or a false witness's stake could leave while the registry is paused.
    function test_aFinalRoundsFileIsCorrectedWhilePaused() public {
        uint256 roundId = _toPublished();
        _acknowledge(ADA, roundId);
        _acknowledge(BAY, roundId);
        _acknowledge(CAY, roundId);
        uint256[] memory opened = _firstModel(roundId);
        vm.prank(GUARDIAN);
        registry.pause();
        _openModel(roundId, opened);
        vm.assertEq(registry.modelHash(), _fileHash(opened), "corrected");
        vm.assertTrue(!registry.memberOf(ADA).active, "excluded");
    }

    function test_onlyWhoVouchedForTheFalseFileIsExcluded() public {
        _addDee();
        uint256 roundId = _toOpened();
        uint256[] memory model = _firstModel(roundId);
        _publish(roundId, _fileHash(model));
        _acknowledgeFile(CAY, roundId, _fileHash(model));
        _publish(roundId, MODEL_FILE);
        _acknowledge(ADA, roundId);
        _openModel(roundId, model);
        vm.assertTrue(!registry.memberOf(ADA).active, "Ada vouched for the false file");
        vm.assertTrue(registry.memberOf(BAY).active, "Bay said nothing");
        vm.assertTrue(registry.memberOf(CAY).active, "Cay vouched for the true file");
        vm.assertEq(uint256(registry.memberOf(ADA).blame), uint256(BlameReason.FalseAcknowledgement), "blame");
        vm.assertEq(registry.cohort(_open()).length, 3, "the next round");
    }

    function test_anOlderRoundCorrectsItsOwnRecordAlone() public {
        uint256 first = _toFinal();
        uint256[] memory older = _firstModel(first);
        uint256 second = _toClosed();
        uint256[] memory newer = _modelVector(second, older);
        _openModel(second, newer);
        bytes32 model = keccak256(abi.encode(registry.model(), registry.modelHash(), registry.finalRound()));
        _openModel(first, older);
        vm.assertEq(registry.round(first).modelHash, _fileHash(older), "its own record");
        vm.assertEq(
            keccak256(abi.encode(registry.model(), registry.modelHash(), registry.finalRound())),
            model,
            "the consortium's model stays"
        );
        vm.assertEq(registry.round(second).modelHash, _fileHash(newer), "the later record");
        vm.assertTrue(!registry.memberOf(ADA).active, "false witnesses all the same");
    }

    function test_anOlderRoundWhileAnotherIsOpen() public {
        uint256 first = _toFinal();
        uint256 second = _open();
        _submitAll(second);
        _openModel(first, _firstModel(first));
        vm.assertEq(registry.modelHash(), _fileHash(_firstModel(first)), "corrected");
        _assertStatus(second, RoundStatus.Open, FailureReason.None);
        vm.assertEq(registry.cohort(second).length, 3, "the cohort of this attempt stays");
        registry.closeRound(second);
        _openModel(second, _modelVector(second, _firstModel(first)));
        _assertStatus(second, RoundStatus.Final, FailureReason.None);
    }

    function test_whoIsExcludedMeanwhileIsLeftOutOfTheNextAttempt() public {
        _addDee();
        uint256 first = _toOpened();
        _publish(first, MODEL_FILE);
        _acknowledge(ADA, first);
        _acknowledge(BAY, first);
        // three of four are the quorum
        _acknowledge(CAY, first);
        uint256 second = _toReopened(DEE);
        vm.assertEq(registry.cohort(second).length, 3, "Ada, Bay and Cay");
        _remaskAll(second);
        _openModel(first, _firstModel(first));
        registry.closeRound(second);
        _assertStatus(second, RoundStatus.Closed, FailureReason.None);
        uint256[] memory model = _modelVector(second, _firstModel(first));
        _openModel(second, model);
        bytes memory expected = abi.encodeWithSelector(IConsortiumErrors.TooFewMembers.selector, 1, 3);
        _refused(AGGREGATOR, abi.encodeCall(registry.openRound, ()), expected);
    }

    function test_whoIsExcludedDuringAnAttemptIsNotInTheNext() public {
        _addDee();
        uint256 first = _toFinal();
        uint256 second = _open();
        _submitHonestly(ADA, second);
        _submitHonestly(BAY, second);
        _submitHonestly(DEE, second);
        _openModel(first, _firstModel(first));
        _push(second);
        // Ada, Bay and Cay vouched for the false file; Dee alone is left
        _assertStatus(second, RoundStatus.Failed, FailureReason.TooFewSubmissions);
    }

    /// @dev Whom the owner takes back cannot be driven out again by the same words.
    function test_aFalseWitnessIsExcludedOnce() public {
        uint256 roundId = _toFinal();
        uint256[] memory model = _firstModel(roundId);
        _openModel(roundId, model);
        vm.assertTrue(!registry.memberOf(ADA).active, "excluded");
        _join(ADA, "Ada");
        _openModel(roundId, model);
        vm.assertTrue(registry.memberOf(ADA).active, "excluded for the same words again");
    }

    // --- refusals ---

    function test_anotherVector() public {
        uint256 roundId = _toClosed();
        G1Point memory commitment = BN254.subtract(registry.round(roundId).modelAfter, _g1(ZERO_FACTOR));
        for (uint256 i = 0; i < MODEL_LENGTH; ++i) {
            uint256[] memory other = _firstModel(roundId);
            other[i] = addmod(other[i], 1, P);
            _refuses(roundId, other, _quotient(other), _doesNotOpen(commitment, other));
        }
        uint256[] memory swapped = _firstModel(roundId);
        (swapped[0], swapped[3]) = (swapped[3], swapped[0]);
        _refuses(roundId, swapped, _quotient(swapped), _doesNotOpen(commitment, swapped));
        uint256[] memory zeros = new uint256[](MODEL_LENGTH);
        _refuses(roundId, zeros, G1Point(0, 0), _doesNotOpen(commitment, zeros));
    }

    function test_theModelBefore() public {
        uint256 first = _toFinal();
        uint256[] memory before = _firstModel(first);
        uint256 roundId = _toClosed();
        G1Point memory commitment = BN254.subtract(registry.round(roundId).modelAfter, _g1(ZERO_FACTOR));
        _refuses(roundId, before, _quotient(before), _doesNotOpen(commitment, before));
    }

    function test_anotherQuotient() public {
        uint256 roundId = _toClosed();
        uint256[] memory model = _firstModel(roundId);
        G1Point memory commitment = BN254.subtract(registry.round(roundId).modelAfter, _g1(ZERO_FACTOR));
        bytes memory expected = _doesNotOpen(commitment, model);
        _refuses(roundId, model, G1Point(0, 0), expected);
        _refuses(roundId, model, _g1(1), expected);
        _refuses(roundId, model, BN254.negate(_quotient(model)), expected);
        expected = abi.encodeWithSelector(BN254.PointNotOnCurve.selector, 1, 3);
        _refuses(roundId, model, G1Point(1, 3), expected);
    }

    function test_anotherLength() public {
        uint256 roundId = _toClosed();
        uint256[3] memory lengths = [uint256(0), MODEL_LENGTH - 1, MODEL_LENGTH + 1];
        for (uint256 i = 0; i < lengths.length; ++i) {
            bytes memory expected = abi.encodeWithSelector(
                IConsortiumErrors.WrongVectorLength.selector, lengths[i], MODEL_LENGTH
            );
            _refuses(roundId, new uint256[](lengths[i]), G1Point(0, 0), expected);
        }
    }

    /// @dev The same numbers modulo p would be another file.
    function test_anEntryAboveTheModulus() public {
        uint256 roundId = _toClosed();
        uint256[] memory model = _firstModel(roundId);
        G1Point memory quotient = _quotient(model);
        model[1] += P;
        bytes memory expected =
            abi.encodeWithSelector(IVectorOpening.ValueNotBelowModulus.selector, 1, model[1]);
        _refuses(roundId, model, quotient, expected);
    }

    function test_aRoundWithoutAModel() public {
        _refusesStatus(0, RoundStatus.None);
        _refusesStatus(_open(), RoundStatus.Open);
        _push(1);
        _refusesStatus(1, RoundStatus.Failed);
        _refusesStatus(_toDisputed(), RoundStatus.Disputed);
    }

    function test_aRoundThatFailedAfterItWasClosed() public {
        uint256 roundId = _toRevealing();
        _push(roundId);
        uint256[] memory model = _firstModel(roundId);
        _refuses(roundId, model, _quotient(model), _wrongStatus(roundId, RoundStatus.Failed));
    }

    // --- helpers ---

    function _addDee() private {
        _join(DEE, "Dee");
        _announceKey(DEE);
        _admit(DEE, 50, 104);
    }

    function _finalizes(
        uint256 roundId
    ) private {
        uint256[] memory model = _firstModel(roundId);
        G1Point memory modelAfter = registry.round(roundId).modelAfter;
        G1Point memory quotient = _quotient(model);
        _expectEvent();
        emit IConsortiumEvents.ModelOpened(roundId, _fileHash(model), model);
        _expectEvent();
        emit IConsortiumEvents.RoundFinalized(roundId, modelAfter, _fileHash(model));
        vm.prank(OUTSIDER);
        registry.openModel(roundId, model, quotient);
        _assertStatus(roundId, RoundStatus.Final, FailureReason.None);
        _assertPoint(registry.model(), modelAfter, "model");
        vm.assertEq(registry.modelHash(), _fileHash(model), "file");
        vm.assertEq(registry.round(roundId).modelHash, _fileHash(model), "file of the round");
        vm.assertEq(registry.finalRound(), roundId, "final round");
    }

    function _openModel(
        uint256 roundId,
        uint256[] memory model
    ) private {
        G1Point memory quotient = _quotient(model);
        vm.prank(OUTSIDER);
        registry.openModel(roundId, model, quotient);
    }

    function _refuses(
        uint256 roundId,
        uint256[] memory model,
        G1Point memory quotient,
        bytes memory expected
    ) private {
        _refused(OUTSIDER, abi.encodeCall(registry.openModel, (roundId, model, quotient)), expected);
    }

    function _refusesStatus(
        uint256 roundId,
        RoundStatus status
    ) private {
        uint256[] memory model = new uint256[](MODEL_LENGTH);
        _refuses(roundId, model, G1Point(0, 0), _wrongStatus(roundId, status));
    }
}
