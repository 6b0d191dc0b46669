// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {FailureReason, RoundStatus} from "../src/interfaces/IConsortiumRegistry.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

contract GuardianTest is ConsortiumTest {
    bytes32 private constant KEY = keccak256("key");

    function test_onlyTheGuardianPauses() public {
        address[5] memory others = [OWNER, AGGREGATOR, KEY_HOLDER, ADA, OUTSIDER];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory expected = _unauthorized(others[i], registry.GUARDIAN_ROLE());
            _refused(others[i], abi.encodeCall(registry.pause, ()), expected);
            _refused(others[i], abi.encodeCall(registry.unpause, ()), expected);
        }
    }

    function test_twiceIsRefused() public {
        bytes memory notPaused = abi.encodeWithSelector(Pausable.ExpectedPause.selector);
        _refused(GUARDIAN, abi.encodeCall(registry.unpause, ()), notPaused);
        _pause();
        bytes memory paused = abi.encodeWithSelector(Pausable.EnforcedPause.selector);
        _refused(GUARDIAN, abi.encodeCall(registry.pause, ()), paused);
    }

    function test_betweenRoundsNothingHappensWhilePaused() public {
        bytes memory proof = _encode(_admissionPoints(ADA, 10, 800));
        _pause();
        _stopped(ADA, abi.encodeCall(registry.announceMaskKey, (KEY)));
        _stopped(KEY_HOLDER, abi.encodeCall(registry.announceEncryptionContext, (KEY)));
        _stopped(KEY_HOLDER, abi.encodeCall(registry.acknowledgeEncryptionContext, (KEY)));
        _stopped(ADA, abi.encodeCall(registry.admitShard, (10, proof)));
        _stopped(AGGREGATOR, abi.encodeCall(registry.openRound, ()));
    }

    function test_anOpenRoundStandsStillWhilePaused() public {
        uint256 roundId = _open();
        bytes memory proof = _encode(_trainingPoints(ADA, roundId, 800));
        _pause();
        _stopped(ADA, abi.encodeCall(registry.submitUpdate, (roundId, proof, _g1(77), KEY)));
        _stopped(ADA, abi.encodeCall(registry.closeRound, (roundId)));
        _stopped(ADA, abi.encodeCall(registry.pushRound, (roundId)));
    }

    function test_aClosedRoundStandsStillWhilePaused() public {
        uint256 roundId = _toClosed();
        _pause();
        _stopped(AGGREGATOR, abi.encodeCall(registry.publishModel, (roundId, MODEL_FILE)));
        _stopped(ADA, abi.encodeCall(registry.pushRound, (roundId)));
    }

    function test_aPublishedRoundStandsStillWhilePaused() public {
        uint256 roundId = _toPublished();
        _pause();
        _stopped(ADA, abi.encodeCall(registry.acknowledge, (roundId, MODEL_FILE)));
        _stopped(ADA, abi.encodeCall(registry.pushRound, (roundId)));
    }

    function test_aReopenedRoundStandsStillWhilePaused() public {
        _join(DEE, "Dee");
        _announceKey(DEE);
        _admit(DEE, 50, 104);
        uint256 roundId = _toReopened(DEE);
        _pause();
        _stopped(ADA, abi.encodeCall(registry.remaskUpdate, (roundId, 2, _g1(77), KEY)));
        _stopped(ADA, abi.encodeCall(registry.pushRound, (roundId)));
    }

    function test_aDisputedRoundStandsStillWhilePaused() public {
        uint256 roundId = _toDisputed();
        _pause();
        _stopped(ADA, _splitCall(roundId, _pairMasks(roundId, ADA)));
        _stopped(ADA, abi.encodeCall(registry.pushRound, (roundId)));
    }

    function test_anAnnouncedRoundStandsStillWhilePaused() public {
        uint256 roundId = _toAnnounced();
        _pause();
        _stopped(AGGREGATOR, abi.encodeCall(registry.announceSum, (roundId, KEY)));
        _stopped(KEY_HOLDER, abi.encodeCall(registry.openSum, (roundId, ENCRYPTED_SUM, SUM_FILE)));
        _stopped(KEY_HOLDER, abi.encodeCall(registry.refuseSum, (roundId, ENCRYPTED_SUM)));
    }

    function test_aRevealingRoundStandsStillWhilePaused() public {
        uint256 roundId = _toRevealing();
        uint256[] memory masked = _maskedVector(roundId, ADA);
        uint256[] memory model = _firstModel(roundId);
        _pause();
        _stopped(ADA, abi.encodeCall(registry.revealUpdate, (roundId, masked, _quotient(masked))));
        _stopped(ADA, abi.encodeCall(registry.openModel, (roundId, model, _quotient(model))));
        _stopped(ADA, abi.encodeCall(registry.pushRound, (roundId)));
    }

    function test_theOwnerStillRemovesAMember() public {
        _pause();
        vm.prank(OWNER);
        registry.removeMember(ADA);
        _join(ADA, "Ada");
    }

    /// @dev The same round with a pause before every step ends in the same state.
    function test_aPauseNeverChangesAResult() public {
        uint256 roundId = _open();
        bytes32 cohort = keccak256(abi.encode(registry.cohort(roundId), registry.selectionSeed()));
        _pauseAndGoOn();
        _submitAll(roundId);
        _pauseAndGoOn();
        registry.closeRound(roundId);
        bytes32 modelAfter = keccak256(abi.encode(registry.round(roundId).modelAfter));
        _pauseAndGoOn();
        _finishClosed(roundId);
        vm.assertEq(
            keccak256(abi.encode(registry.cohort(roundId), registry.selectionSeed())), cohort, "cohort"
        );
        vm.assertEq(keccak256(abi.encode(registry.model())), modelAfter, "model");

        _deploy(_config());
        _found();
        _toFinal();
        // addresses and shards are the same, so weights and updates are too
        vm.assertEq(keccak256(abi.encode(registry.model())), modelAfter, "as without a pause");
    }

    function _pause() private {
        vm.prank(GUARDIAN);
        registry.pause();
        vm.assertTrue(registry.paused(), "paused");
    }

    function _pauseAndGoOn() private {
        bytes32 model = keccak256(abi.encode(registry.model(), registry.modelHash()));
        _pause();
        vm.warp(block.timestamp + 1);
        vm.roll(block.number + 1);
        vm.prank(GUARDIAN);
        registry.unpause();
        vm.assertEq(keccak256(abi.encode(registry.model(), registry.modelHash())), model, "model");
    }

    function _stopped(
        address sender,
        bytes memory call
    ) private {
        _refused(sender, call, abi.encodeWithSelector(Pausable.EnforcedPause.selector));
    }
}
