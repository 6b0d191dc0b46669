// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {FailureReason, RoundStatus} from "../src/interfaces/IConsortiumRegistry.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

/// @title A pause takes nobody's time
contract PauseTest is ConsortiumTest {
    uint256 private constant PAUSE = 5 * WINDOW;

    function test_anOpenRound() public {
        _movesTheDeadline(_open());
    }

    function test_aDisputedRound() public {
        _movesTheDeadline(_toDisputed());
    }

    function test_aClosedRound() public {
        _movesTheDeadline(_toClosed());
    }

    function test_aPublishedRound() public {
        _movesTheDeadline(_toPublished());
    }

    function test_aRevealingRound() public {
        _movesTheDeadline(_toRevealing());
    }

    function testFuzz_byExactlyThePause(
        uint256 before,
        uint256 length
    ) public {
        uint256 roundId = _open();
        uint256 deadline = registry.round(roundId).deadline;
        vm.warp(block.timestamp + before % WINDOW);
        _pauseFor(length % (365 days));
        vm.assertEq(registry.round(roundId).deadline, deadline + length % (365 days), "deadline");
    }

    function test_pausesAddUp() public {
        uint256 roundId = _open();
        uint256 deadline = registry.round(roundId).deadline;
        _pauseFor(100);
        vm.warp(block.timestamp + 50);
        _pauseFor(200);
        vm.assertEq(registry.round(roundId).deadline, deadline + 300, "deadline");
    }

    /// @dev What was missed before the pause stays missed.
    function test_aDeadlineThatHadPassed() public {
        uint256 roundId = _open();
        vm.warp(registry.round(roundId).deadline + 1);
        _pauseFor(PAUSE);
        uint256 deadline = registry.round(roundId).deadline;
        vm.assertEq(deadline, block.timestamp - 1, "by one second, as before");
        bytes memory late =
            abi.encodeWithSelector(IConsortiumErrors.DeadlinePassed.selector, deadline, deadline + 1);
        bytes memory proof = _encode(_trainingPoints(ADA, roundId, 5000));
        _refused(ADA, abi.encodeCall(registry.submitUpdate, (roundId, proof, _g1(77), CIPHERTEXT)), late);
        registry.pushRound(roundId);
        _assertStatus(roundId, RoundStatus.Failed, FailureReason.TooFewSubmissions);
    }

    function test_aRoundThatHasEndedKeepsItsDeadline() public {
        uint256 final_ = _toFinal();
        uint256 deadline = registry.round(final_).deadline;
        _pauseFor(PAUSE);
        vm.assertEq(registry.round(final_).deadline, deadline, "final");
        uint256 failed = _toFailed();
        deadline = registry.round(failed).deadline;
        _pauseFor(PAUSE);
        vm.assertEq(registry.round(failed).deadline, deadline, "failed");
    }

    function test_beforeTheFirstRound() public {
        _pauseFor(PAUSE);
        vm.assertEq(registry.round(0).deadline, 0, "no round");
        vm.assertEq(_open(), 1, "the first");
    }

    /// @dev A complete cohort is closed after a pause beyond its deadline.
    function test_aPauseBeyondTheDeadlineKeepsACompleteCohort() public {
        uint256 roundId = _open();
        _submitAll(roundId);
        _pauseFor(PAUSE);
        vm.warp(registry.round(roundId).deadline + 1);
        _refused(
            GUARDIAN,
            abi.encodeCall(registry.pushRound, (roundId)),
            abi.encodeWithSelector(IConsortiumErrors.CohortComplete.selector, roundId)
        );
        registry.closeRound(roundId);
        _assertStatus(roundId, RoundStatus.Closed, FailureReason.None);
    }

    function _movesTheDeadline(
        uint256 roundId
    ) private {
        uint256 deadline = registry.round(roundId).deadline;
        vm.warp(deadline - 10);
        _pauseFor(PAUSE);
        vm.assertEq(registry.round(roundId).deadline, deadline + PAUSE, "deadline");
        vm.warp(deadline + PAUSE);
        _refused(
            OUTSIDER,
            abi.encodeCall(registry.pushRound, (roundId)),
            abi.encodeWithSelector(
                IConsortiumErrors.DeadlineNotReached.selector, deadline + PAUSE, deadline + PAUSE
            )
        );
        vm.warp(deadline + PAUSE + 1);
        registry.pushRound(roundId);
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
