// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {FailureReason, IConsortiumEvents, RoundStatus} from "../src/interfaces/IConsortiumRegistry.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

contract RefuseSumTest is ConsortiumTest {
    bytes32 private constant OTHER_SUM = keccak256("another encrypted sum");

    uint256 private _round;

    function setUp() public override {
        super.setUp();
        _round = _toAnnounced();
    }

    function test_aRefusalDemandsReveals() public {
        uint64 deadline = uint64(block.timestamp) + WINDOW + 4;
        _expectEvent();
        emit IConsortiumEvents.SumRefused(_round, KEY_HOLDER, ENCRYPTED_SUM);
        _expectEvent();
        emit IConsortiumEvents.RevealsDemanded(_round, deadline);
        _refuse(_round, ENCRYPTED_SUM);
        _assertStatus(_round, RoundStatus.Revealing, FailureReason.None);
        vm.assertEq(registry.round(_round).deadline, deadline, "deadline");
        vm.assertEq(registry.round(_round).answers, 0, "answers");
        _assertPoint(registry.model(), _g1(ZERO_FACTOR), "the model stays");
    }

    function test_aCorrectedSumIsRefusedByItsOwnHash() public {
        _announceSum(_round, OTHER_SUM);
        _refuses(_round, ENCRYPTED_SUM, _mismatch(ENCRYPTED_SUM, OTHER_SUM));
        _refuse(_round, OTHER_SUM);
        _assertStatus(_round, RoundStatus.Revealing, FailureReason.None);
    }

    function test_onlyTheKeyHolderRefuses() public {
        address[5] memory others = [OWNER, AGGREGATOR, GUARDIAN, ADA, OUTSIDER];
        for (uint256 i = 0; i < others.length; ++i) {
            _refused(
                others[i],
                abi.encodeCall(registry.refuseSum, (_round, ENCRYPTED_SUM)),
                _unauthorized(others[i], registry.KEY_HOLDER_ROLE())
            );
        }
    }

    function test_anotherSumThanTheAnnounced() public {
        _refuses(_round, OTHER_SUM, _mismatch(OTHER_SUM, ENCRYPTED_SUM));
        _refuses(_round, 0, _mismatch(0, ENCRYPTED_SUM));
    }

    function test_aSumThatWasNotAnnounced() public {
        _openSum(_round, ENCRYPTED_SUM, SUM_FILE);
        _publish(_round, MODEL_FILE);
        _acknowledgeToQuorum(_round);
        _round = _toClosed();
        _refuses(_round, ENCRYPTED_SUM, _mismatch(ENCRYPTED_SUM, 0));
        _refuses(_round, 0, _mismatch(0, 0));
    }

    function test_aSumThatWasOpened() public {
        _openSum(_round, ENCRYPTED_SUM, SUM_FILE);
        bytes memory expected =
            abi.encodeWithSelector(IConsortiumErrors.SumAlreadyOpened.selector, _round, SUM_FILE);
        _refuses(_round, ENCRYPTED_SUM, expected);
    }

    function test_twice() public {
        _refuse(_round, ENCRYPTED_SUM);
        _refuses(_round, ENCRYPTED_SUM, _wrongStatus(_round, RoundStatus.Revealing));
    }

    function test_theDeadlineItselfIsInTime() public {
        vm.warp(registry.round(_round).deadline);
        _refuse(_round, ENCRYPTED_SUM);
    }

    function test_afterTheDeadline() public {
        uint256 deadline = registry.round(_round).deadline;
        vm.warp(deadline + 1);
        bytes memory late =
            abi.encodeWithSelector(IConsortiumErrors.DeadlinePassed.selector, deadline, deadline + 1);
        _refuses(_round, ENCRYPTED_SUM, late);
    }

    function test_aRoundThatIsNotClosed() public {
        _refuses(9, ENCRYPTED_SUM, _wrongStatus(9, RoundStatus.None));
        _openSum(_round, ENCRYPTED_SUM, SUM_FILE);
        _publish(_round, MODEL_FILE);
        _refuses(_round, ENCRYPTED_SUM, _wrongStatus(_round, RoundStatus.Published));
        _acknowledgeToQuorum(_round);
        _refuses(_round, ENCRYPTED_SUM, _wrongStatus(_round, RoundStatus.Final));
    }

    function _refuse(
        uint256 roundId,
        bytes32 encryptedSum
    ) private {
        vm.prank(KEY_HOLDER);
        registry.refuseSum(roundId, encryptedSum);
    }

    function _mismatch(
        bytes32 actual,
        bytes32 announced
    ) private view returns (bytes memory) {
        return
            abi.encodeWithSelector(IConsortiumErrors.EncryptedSumMismatch.selector, _round, actual, announced);
    }

    function _refuses(
        uint256 roundId,
        bytes32 encryptedSum,
        bytes memory expected
    ) private {
        _refused(KEY_HOLDER, abi.encodeCall(registry.refuseSum, (roundId, encryptedSum)), expected);
    }
}
