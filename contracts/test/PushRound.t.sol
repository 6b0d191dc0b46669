// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {FailureReason, IConsortiumEvents, RoundStatus} from "../src/interfaces/IConsortiumRegistry.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

contract PushRoundTest is ConsortiumTest {
    function test_nobodySubmits() public {
        _failsAfterItsDeadline(_open(), RoundStatus.Open, FailureReason.TooFewSubmissions);
    }

    function test_tooFewSubmit() public {
        uint256 roundId = _open();
        _submitHonestly(ADA, roundId);
        _submitHonestly(BAY, roundId);
        _failsAfterItsDeadline(roundId, RoundStatus.Open, FailureReason.TooFewSubmissions);
    }

    function test_nobodySplitsItsMask() public {
        _failsAfterItsDeadline(_toDisputed(), RoundStatus.Disputed, FailureReason.TooFewAfterDispute);
    }

    function test_nobodyReveals() public {
        _failsAfterItsDeadline(_toRevealing(), RoundStatus.Revealing, FailureReason.UpdatesNotRevealed);
    }

    /// @dev Whoever would rather see the round fail cannot win a race against its closing.
    function test_aCompleteCohortMissedNothing() public {
        uint256 roundId = _open();
        _submitAll(roundId);
        vm.warp(registry.round(roundId).deadline + 1);
        _refused(
            OUTSIDER,
            abi.encodeCall(registry.pushRound, (roundId)),
            abi.encodeWithSelector(IConsortiumErrors.CohortComplete.selector, roundId)
        );
        registry.closeRound(roundId);
        _assertStatus(roundId, RoundStatus.Closed, FailureReason.None);
    }

    function test_theNextRoundStartsFromTheSameModel() public {
        uint256 first = _toFailed();
        uint256 second = _open();
        vm.assertEq(second, first + 1, "its own id, and so its own contexts");
        _assertPoint(registry.round(second).modelBefore, _g1(ZERO_FACTOR), "model before");
        vm.assertTrue(
            registry.trainingContext(ADA, first) != registry.trainingContext(ADA, second), "contexts"
        );
    }

    function test_anOpenRoundBeforeItsDeadline() public {
        _refusesEarly(_open());
    }

    function test_aDisputedRoundBeforeItsDeadline() public {
        _refusesEarly(_toDisputed());
    }

    function test_aClosedRoundBeforeItsDeadlines() public {
        uint256 roundId = _toClosed();
        _refusesEarly(roundId);
        _announceSum(roundId, ENCRYPTED_SUM);
        _refusesEarly(roundId);
        _openSum(roundId, ENCRYPTED_SUM, SUM_FILE);
        _refusesEarly(roundId);
        _publish(roundId, MODEL_FILE);
        _refusesEarly(roundId);
    }

    function test_aRevealingRoundBeforeItsDeadline() public {
        _refusesEarly(_toRevealing());
    }

    function test_aRoundThatWaitsForNothing() public {
        _refusesStatus(0, RoundStatus.None);
        _refusesStatus(1, RoundStatus.None);
        _refusesStatus(_toFinal(), RoundStatus.Final);
        _refusesStatus(_toFailed(), RoundStatus.Failed);
    }

    function _failsAfterItsDeadline(
        uint256 roundId,
        RoundStatus status,
        FailureReason reason
    ) private {
        vm.warp(registry.round(roundId).deadline + 1);
        _expectEvent();
        emit IConsortiumEvents.StepMissed(roundId, status, 0);
        _expectEvent();
        emit IConsortiumEvents.RoundFailed(roundId, reason);
        vm.prank(OUTSIDER);
        registry.pushRound(roundId);
        _assertStatus(roundId, RoundStatus.Failed, reason);
        _assertPoint(registry.model(), _g1(ZERO_FACTOR), "the model stays");
        vm.assertEq(registry.modelHash(), 0, "no model file");
        vm.assertEq(registry.finalRound(), 0, "no final round");
    }

    /// @dev The deadline itself still belongs to those who may act.
    function _refusesEarly(
        uint256 roundId
    ) private {
        uint256 now_ = block.timestamp;
        uint256 deadline = registry.round(roundId).deadline;
        vm.warp(deadline);
        _refused(
            OUTSIDER,
            abi.encodeCall(registry.pushRound, (roundId)),
            abi.encodeWithSelector(IConsortiumErrors.DeadlineNotReached.selector, deadline, deadline)
        );
        vm.warp(now_);
    }

    function _refusesStatus(
        uint256 roundId,
        RoundStatus status
    ) private {
        vm.warp(block.timestamp + 10 * WINDOW);
        _refused(
            OUTSIDER,
            abi.encodeCall(registry.pushRound, (roundId)),
            abi.encodeWithSelector(IConsortiumErrors.WrongRoundStatus.selector, roundId, status)
        );
    }
}
