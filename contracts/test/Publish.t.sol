// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {FailureReason, IConsortiumRegistry, RoundStatus} from "../src/interfaces/IConsortiumRegistry.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

contract PublishTest is ConsortiumTest {
    bytes32 private constant OTHER_MODEL = keccak256("another model file");
    bytes32 private constant OTHER_SUM = keccak256("another sum file");

    uint256 private _round;

    function setUp() public override {
        super.setUp();
        _round = _toClosed();
    }

    function test_theAggregatorPublishes() public {
        uint64 deadline = uint64(block.timestamp) + WINDOW + 2;
        _expectEvent();
        emit IConsortiumRegistry.ModelPublished(_round, MODEL_FILE, SUM_FILE, deadline);
        _publish(_round, MODEL_FILE, SUM_FILE);
        _assertStatus(_round, RoundStatus.Published, FailureReason.None);
        vm.assertEq(registry.round(_round).modelHash, MODEL_FILE, "model file");
        vm.assertEq(registry.round(_round).sumHash, SUM_FILE, "sum file");
        vm.assertEq(registry.round(_round).deadline, deadline, "deadline");
        vm.assertEq(registry.modelHash(), 0, "not the consortium's yet");
    }

    function test_publishingDoesNotTouchWhatTheChainComputed() public {
        bytes32 computed = keccak256(abi.encode(registry.round(_round).modelAfter));
        _publish(_round, OTHER_MODEL, OTHER_SUM);
        vm.assertEq(keccak256(abi.encode(registry.round(_round).modelAfter)), computed, "model after");
    }

    function test_aWrongFileIsReplacedWithinTheSameDeadline() public {
        _publish(_round, OTHER_MODEL, OTHER_SUM);
        uint64 deadline = registry.round(_round).deadline;
        vm.warp(deadline);
        _expectEvent();
        emit IConsortiumRegistry.ModelPublished(_round, MODEL_FILE, SUM_FILE, deadline);
        _publish(_round, MODEL_FILE, SUM_FILE);
        vm.assertEq(registry.round(_round).modelHash, MODEL_FILE, "model file");
        vm.assertEq(registry.round(_round).sumHash, SUM_FILE, "sum file");
    }

    function test_aModelFileKeepsItsSum() public {
        _publish(_round, MODEL_FILE, SUM_FILE);
        _acknowledge(ADA, _round);
        bytes memory expected =
            abi.encodeWithSelector(IConsortiumErrors.SumHashMismatch.selector, _round, OTHER_SUM, SUM_FILE);
        _refuses(MODEL_FILE, OTHER_SUM, expected);
        // nor by way of another file
        _publish(_round, OTHER_MODEL, OTHER_SUM);
        _refuses(MODEL_FILE, OTHER_SUM, expected);
        _publish(_round, MODEL_FILE, SUM_FILE);
        _acknowledge(BAY, _round);
        _acknowledge(CAY, _round);
        _assertStatus(_round, RoundStatus.Final, FailureReason.None);
        vm.assertEq(registry.round(_round).sumHash, SUM_FILE, "sum file");
    }

    function test_theSameFilesArePublishedTwice() public {
        _publish(_round, MODEL_FILE, SUM_FILE);
        _publish(_round, MODEL_FILE, SUM_FILE);
        vm.assertEq(registry.round(_round).sumHash, SUM_FILE, "sum file");
    }

    function test_anotherRoundsSumIsItsOwn() public {
        _publish(_round, MODEL_FILE, OTHER_SUM);
        vm.warp(registry.round(_round).deadline + 1);
        registry.failRound(_round);
        _round = _toClosed();
        _publish(_round, MODEL_FILE, SUM_FILE);
        vm.assertEq(registry.round(_round).sumHash, SUM_FILE, "sum file");
    }

    function test_onlyTheAggregatorPublishes() public {
        address[5] memory others = [OWNER, GUARDIAN, KEY_HOLDER, ADA, OUTSIDER];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory expected = _unauthorized(others[i], registry.AGGREGATOR_ROLE());
            _refused(
                others[i], abi.encodeCall(registry.publishModel, (_round, MODEL_FILE, SUM_FILE)), expected
            );
        }
    }

    function test_hashesOfZero() public {
        bytes memory expected = abi.encodeWithSelector(IConsortiumErrors.ZeroHash.selector);
        _refuses(0, SUM_FILE, expected);
        _refuses(MODEL_FILE, 0, expected);
        _publish(_round, MODEL_FILE, SUM_FILE);
        _refuses(0, SUM_FILE, expected);
        _refuses(MODEL_FILE, 0, expected);
    }

    function test_theDeadlineItselfIsInTime() public {
        vm.warp(registry.round(_round).deadline);
        _publish(_round, MODEL_FILE, SUM_FILE);
    }

    function test_afterTheDeadline() public {
        _refusesLate();
        vm.warp(registry.round(_round).deadline);
        _publish(_round, MODEL_FILE, SUM_FILE);
        _refusesLate();
    }

    function test_aRoundThatIsNeitherClosedNorPublished() public {
        _refusesStatus(9, RoundStatus.None);
        _finishClosed(_round);
        _refusesStatus(_round, RoundStatus.Final);
        uint256 failed = _toFailed();
        _refusesStatus(failed, RoundStatus.Failed);
        _refusesStatus(_open(), RoundStatus.Open);
    }

    function _refuses(
        bytes32 modelFile,
        bytes32 sumFile,
        bytes memory expected
    ) private {
        _refused(AGGREGATOR, abi.encodeCall(registry.publishModel, (_round, modelFile, sumFile)), expected);
    }

    function _refusesLate() private {
        uint256 deadline = registry.round(_round).deadline;
        uint256 now_ = block.timestamp;
        vm.warp(deadline + 1);
        _refuses(
            MODEL_FILE,
            SUM_FILE,
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
            abi.encodeCall(registry.publishModel, (roundId, MODEL_FILE, SUM_FILE)),
            abi.encodeWithSelector(IConsortiumErrors.WrongRoundStatus.selector, roundId, status)
        );
    }
}
