// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {FailureReason, RoundStatus} from "../src/interfaces/IConsortiumRegistry.sol";
import {IVerifierRouter} from "../src/interfaces/IVerifierRouter.sol";
import {PostedTest} from "./support/PostedFixture.sol";

/// @title Nothing is final while proofs can still be challenged, and nobody loses time by it
contract ChallengeWindowTest is PostedTest {
    // --- acknowledgements ---

    function test_anHonestRoundEndsAfterTheWindow() public {
        uint256 roundId = _toPublished();
        _waitForChallenges(roundId);
        _acknowledgeToQuorum(roundId);
        _assertStatus(roundId, RoundStatus.Final, FailureReason.None);
    }

    function test_noAcknowledgementWithinTheWindow() public {
        uint256 roundId = _toPublished();
        uint64 end = registry.challengeDeadline(roundId);
        _refused(ADA, abi.encodeCall(registry.acknowledge, (roundId, MODEL_FILE)), _open(roundId, end));
        vm.warp(end);
        _refused(ADA, abi.encodeCall(registry.acknowledge, (roundId, MODEL_FILE)), _open(roundId, end));
        vm.warp(end + 1);
        _acknowledge(ADA, roundId);
    }

    function test_acknowledgementsHaveTheirOwnTime() public {
        uint256 roundId = _toPublished();
        uint64 end = registry.challengeDeadline(roundId);
        vm.assertEq(registry.round(roundId).deadline, end + WINDOW + 2, "deadline");
    }

    function test_aModelThatIsPublishedLaterHasTheUsualTime() public {
        uint256 roundId = _toOpened();
        _waitForChallenges(roundId);
        _publish(roundId, MODEL_FILE);
        vm.assertEq(registry.round(roundId).deadline, block.timestamp + WINDOW + 2, "deadline");
    }

    // --- openings ---

    function test_aClosedRoundIsNotOpenedWithinTheWindow() public {
        _opensAfterTheWindow(_toClosed());
    }

    function test_aPublishedRoundIsNotOpenedWithinTheWindow() public {
        _opensAfterTheWindow(_toPublished());
    }

    function test_aRevealingRoundIsNotOpenedWithinTheWindow() public {
        uint256 roundId = _toAnnounced();
        vm.prank(KEY_HOLDER);
        registry.refuseSum(roundId, ENCRYPTED_SUM);
        uint64 end = registry.challengeDeadline(roundId);
        vm.assertEq(registry.round(roundId).deadline, end + WINDOW + 4, "time to reveal");
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 0; i < cohort.length; ++i) {
            uint256[] memory masked = _maskedVector(roundId, cohort[i]);
            _accepted(
                cohort[i],
                address(registry),
                abi.encodeCall(registry.revealUpdate, (roundId, masked, _quotient(masked)))
            );
        }
        vm.assertEq(registry.round(roundId).deadline, end + WINDOW + 1, "time to open");
        _opensAfterTheWindow(roundId);
    }

    function test_theFileOfAFinalRoundIsCorrectedAtAnyTime() public {
        uint256 roundId = _toPublished();
        _waitForChallenges(roundId);
        _acknowledgeToQuorum(roundId);
        _accepted(OUTSIDER, address(registry), _opening(roundId));
    }

    // --- pauses ---

    function test_aPauseExtendsTheWindow() public {
        uint256 roundId = _toPublished();
        uint64 end = registry.challengeDeadline(roundId);
        _pauseFor(5 * WINDOW);
        vm.assertEq(registry.challengeDeadline(roundId), end + 5 * WINDOW, "by the pause");
        _refused(
            ADA, abi.encodeCall(registry.acknowledge, (roundId, MODEL_FILE)), _open(roundId, end + 5 * WINDOW)
        );
    }

    /// @dev Else pauses from a block's first transaction to its last would use the window up.
    function test_aPauseInTheLastSecondBeginsTheWindowAnew() public {
        uint256 roundId = _toPublished();
        uint64 end = registry.challengeDeadline(roundId);
        vm.warp(end);
        _pauseFor(WINDOW);
        uint32 window = registry.config().challengeWindow;
        vm.assertEq(registry.challengeDeadline(roundId), end + WINDOW + window, "a whole window");
    }

    function test_aPauseAfterTheWindowOpensItNotAgain() public {
        uint256 roundId = _toPublished();
        uint64 end = registry.challengeDeadline(roundId);
        vm.warp(end + 1);
        _pauseFor(WINDOW);
        vm.assertEq(registry.challengeDeadline(roundId), end, "over");
        _acknowledge(ADA, roundId);
    }

    // --- a circuit that is removed meanwhile ---

    /// @dev Nobody could challenge any more, so nothing may become final; the round still ends.
    function test_aRemovedCircuit() public {
        uint256 roundId = _toPublished();
        _waitForChallenges(roundId);
        vm.prank(OWNER);
        router.remove(TRAINING_CIRCUIT);
        bytes memory expected =
            abi.encodeWithSelector(IVerifierRouter.CircuitTombstoned.selector, TRAINING_CIRCUIT);
        _refused(ADA, abi.encodeCall(registry.acknowledge, (roundId, MODEL_FILE)), expected);
        _refused(OUTSIDER, _opening(roundId), expected);
        _push(roundId);
        _push(roundId);
        _assertStatus(roundId, RoundStatus.Failed, FailureReason.UpdatesNotRevealed);
    }

    // --- helpers ---

    function _opensAfterTheWindow(
        uint256 roundId
    ) private {
        uint64 end = registry.challengeDeadline(roundId);
        vm.assertTrue(block.timestamp <= end, "within the window");
        _refused(OUTSIDER, _opening(roundId), _open(roundId, end));
        vm.warp(end + 1);
        _accepted(OUTSIDER, address(registry), _opening(roundId));
        _assertStatus(roundId, RoundStatus.Final, FailureReason.None);
    }

    function _opening(
        uint256 roundId
    ) private view returns (bytes memory) {
        uint256[] memory vector = _firstModel(roundId);
        return abi.encodeCall(registry.openModel, (roundId, vector, _quotient(vector)));
    }

    function _open(
        uint256 roundId,
        uint256 end
    ) private view returns (bytes memory) {
        return
            abi.encodeWithSelector(IConsortiumErrors.ChallengesOpen.selector, roundId, end, block.timestamp);
    }

    function _pauseFor(
        uint256 time
    ) private {
        vm.prank(GUARDIAN);
        registry.pause();
        vm.warp(block.timestamp + time);
        vm.prank(GUARDIAN);
        registry.unpause();
    }
}
