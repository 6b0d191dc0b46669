// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {FailureReason, IConsortiumRegistry, RoundStatus} from "../src/interfaces/IConsortiumRegistry.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

contract FailRoundTest is ConsortiumTest {
    function test_submissionsAreMissing() public {
        uint256 roundId = _open();
        _submit(ADA, roundId, 1, _mask(0, 3));
        _submit(BAY, roundId, 2, _mask(1, 3));
        _failsAfterItsDeadline(roundId, FailureReason.SubmissionsMissing);
    }

    function test_noModelIsPublished() public {
        _failsAfterItsDeadline(_toClosed(), FailureReason.ModelNotPublished);
    }

    function test_theQuorumIsNotReached() public {
        uint256 roundId = _toPublished();
        _acknowledge(ADA, roundId);
        _acknowledge(BAY, roundId);
        _failsAfterItsDeadline(roundId, FailureReason.QuorumNotReached);
    }

    /// @dev Whoever would rather see the round fail cannot win a race against its closing.
    function test_aCompleteCohortMissedNothing() public {
        uint256 roundId = _open();
        _submitAll(roundId);
        vm.warp(registry.round(roundId).deadline + 1);
        _refused(
            OUTSIDER,
            abi.encodeCall(registry.failRound, (roundId)),
            abi.encodeWithSelector(IConsortiumErrors.CohortComplete.selector, roundId)
        );
        registry.closeRound(roundId);
        _assertStatus(roundId, RoundStatus.Closed, FailureReason.None);
    }

    function test_theNextRoundStartsFromTheSameModel() public {
        uint256 first = _toClosed();
        vm.warp(registry.round(first).deadline + 1);
        registry.failRound(first);
        uint256 second = _open();
        vm.assertEq(second, first + 1, "its own id, and so its own contexts");
        _assertPoint(registry.round(second).modelBefore, _g1(ZERO_FACTOR), "model before");
        vm.assertTrue(
            registry.trainingContext(ADA, first) != registry.trainingContext(ADA, second), "contexts"
        );
    }

    function test_beforeTheDeadline() public {
        _refusesEarly(_open());
        uint256 roundId = registry.currentRound();
        _submitAll(roundId);
        registry.closeRound(roundId);
        _refusesEarly(roundId);
        _publish(roundId, MODEL_FILE, SUM_FILE);
        _refusesEarly(roundId);
    }

    function test_aRoundThatWaitsForNothing() public {
        _refusesStatus(0, RoundStatus.None);
        _refusesStatus(1, RoundStatus.None);
        _refusesStatus(_toFinal(), RoundStatus.Final);
        _refusesStatus(_toFailed(), RoundStatus.Failed);
    }

    function _failsAfterItsDeadline(
        uint256 roundId,
        FailureReason reason
    ) private {
        vm.warp(registry.round(roundId).deadline + 1);
        _expectEvent();
        emit IConsortiumRegistry.RoundFailed(roundId, reason);
        vm.prank(OUTSIDER);
        registry.failRound(roundId);
        _assertStatus(roundId, RoundStatus.Failed, reason);
        _assertPoint(registry.model(), _g1(ZERO_FACTOR), "the model stays");
        vm.assertEq(registry.modelHash(), 0, "no model file");
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
            abi.encodeCall(registry.failRound, (roundId)),
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
            abi.encodeCall(registry.failRound, (roundId)),
            abi.encodeWithSelector(IConsortiumErrors.WrongRoundStatus.selector, roundId, status)
        );
    }
}
