// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {FailureReason, IConsortiumEvents, RoundStatus} from "../src/interfaces/IConsortiumRegistry.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

contract PublishTest is ConsortiumTest {
    bytes32 private constant OTHER_MODEL = keccak256("another model file");

    uint256 private _round;

    function setUp() public override {
        super.setUp();
        _round = _toOpened();
    }

    function test_theAggregatorPublishes() public {
        uint64 deadline = uint64(block.timestamp) + WINDOW + 2;
        _expectEvent();
        emit IConsortiumEvents.ModelPublished(_round, MODEL_FILE, deadline);
        _publish(_round, MODEL_FILE);
        _assertStatus(_round, RoundStatus.Published, FailureReason.None);
        vm.assertEq(registry.round(_round).modelHash, MODEL_FILE, "model file");
        vm.assertEq(registry.round(_round).deadline, deadline, "deadline");
        vm.assertEq(registry.modelHash(), 0, "not the consortium's yet");
    }

    function test_publishingDoesNotTouchWhatTheChainComputed() public {
        bytes32 computed = keccak256(abi.encode(registry.round(_round).modelAfter));
        _publish(_round, OTHER_MODEL);
        vm.assertEq(keccak256(abi.encode(registry.round(_round).modelAfter)), computed, "model after");
    }

    function test_aWrongFileIsReplacedWithinTheSameDeadline() public {
        _publish(_round, OTHER_MODEL);
        uint64 deadline = registry.round(_round).deadline;
        vm.warp(deadline);
        _expectEvent();
        emit IConsortiumEvents.ModelPublished(_round, MODEL_FILE, deadline);
        _publish(_round, MODEL_FILE);
        vm.assertEq(registry.round(_round).modelHash, MODEL_FILE, "model file");
    }

    function test_theSameFileIsPublishedTwice() public {
        _publish(_round, MODEL_FILE);
        uint64 deadline = registry.round(_round).deadline;
        vm.warp(block.timestamp + 5);
        _publish(_round, MODEL_FILE);
        vm.assertEq(registry.round(_round).modelHash, MODEL_FILE, "model file");
        vm.assertEq(registry.round(_round).deadline, deadline, "deadline");
    }

    function test_noModelBeforeTheSumIsOpened() public {
        _publish(_round, MODEL_FILE);
        _acknowledgeToQuorum(_round);
        _round = _toClosed();
        bytes memory expected = abi.encodeWithSelector(IConsortiumErrors.SumNotOpened.selector, _round);
        _refuses(MODEL_FILE, expected);
        _announceSum(_round, ENCRYPTED_SUM);
        _refuses(MODEL_FILE, expected);
        _openSum(_round, ENCRYPTED_SUM, SUM_FILE);
        _publish(_round, MODEL_FILE);
    }

    function test_onlyTheAggregatorPublishes() public {
        address[5] memory others = [OWNER, GUARDIAN, KEY_HOLDER, ADA, OUTSIDER];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory expected = _unauthorized(others[i], registry.AGGREGATOR_ROLE());
            _refused(others[i], abi.encodeCall(registry.publishModel, (_round, MODEL_FILE)), expected);
        }
    }

    function test_aHashOfZero() public {
        bytes memory expected = abi.encodeWithSelector(IConsortiumErrors.ZeroHash.selector);
        _refuses(0, expected);
        _publish(_round, MODEL_FILE);
        _refuses(0, expected);
    }

    function test_theDeadlineItselfIsInTime() public {
        vm.warp(registry.round(_round).deadline);
        _publish(_round, MODEL_FILE);
    }

    function test_afterTheDeadline() public {
        _refusesLate();
        vm.warp(registry.round(_round).deadline);
        _publish(_round, MODEL_FILE);
        _refusesLate();
    }

    function test_aRoundThatIsNeitherClosedNorPublished() public {
        _refusesStatus(9, RoundStatus.None);
        _publish(_round, MODEL_FILE);
        _acknowledgeToQuorum(_round);
        _refusesStatus(_round, RoundStatus.Final);
        uint256 failed = _toFailed();
        _refusesStatus(failed, RoundStatus.Failed);
        _refusesStatus(_open(), RoundStatus.Open);
    }

    function test_aRevealingRound() public {
        _push(_round);
        _refusesStatus(_round, RoundStatus.Revealing);
    }

    function _refuses(
        bytes32 modelFile,
        bytes memory expected
    ) private {
        _refused(AGGREGATOR, abi.encodeCall(registry.publishModel, (_round, modelFile)), expected);
    }

    function _refusesLate() private {
        uint256 deadline = registry.round(_round).deadline;
        uint256 now_ = block.timestamp;
        vm.warp(deadline + 1);
        _refuses(
            MODEL_FILE,
            abi.encodeWithSelector(IConsortiumErrors.DeadlinePassed.selector, deadline, deadline + 1)
        );
        vm.warp(now_);
    }

    function _refusesStatus(
        uint256 roundId,
        RoundStatus status
    ) private {
        _refused(
            AGGREGATOR,
            abi.encodeCall(registry.publishModel, (roundId, MODEL_FILE)),
            abi.encodeWithSelector(IConsortiumErrors.WrongRoundStatus.selector, roundId, status)
        );
    }
}
