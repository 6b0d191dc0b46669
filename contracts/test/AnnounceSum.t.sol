// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {FailureReason, IConsortiumEvents, RoundStatus} from "../src/interfaces/IConsortiumRegistry.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

contract AnnounceSumTest is ConsortiumTest {
    bytes32 private constant OTHER_SUM = keccak256("another encrypted sum");

    uint256 private _round;

    function setUp() public override {
        super.setUp();
        _round = _toClosed();
    }

    // --- the aggregator announces ---

    function test_theAggregatorAnnounces() public {
        vm.warp(block.timestamp + 100);
        uint64 deadline = uint64(block.timestamp) + WINDOW + 1;
        _expectEvent();
        emit IConsortiumEvents.SumAnnounced(_round, ENCRYPTED_SUM, deadline);
        _announceSum(_round, ENCRYPTED_SUM);
        vm.assertEq(registry.round(_round).encryptedSumHash, ENCRYPTED_SUM, "encrypted sum");
        vm.assertEq(registry.round(_round).deadline, deadline, "deadline");
        _assertStatus(_round, RoundStatus.Closed, FailureReason.None);
    }

    /// @dev A correction takes from the time that is left, or it could go on forever.
    function test_aCorrectionKeepsTheDeadline() public {
        _announceSum(_round, OTHER_SUM);
        uint64 deadline = registry.round(_round).deadline;
        vm.warp(deadline);
        _expectEvent();
        emit IConsortiumEvents.SumAnnounced(_round, ENCRYPTED_SUM, deadline);
        _announceSum(_round, ENCRYPTED_SUM);
        vm.assertEq(registry.round(_round).deadline, deadline, "deadline");
        _openSum(_round, ENCRYPTED_SUM, SUM_FILE);
    }

    function test_onlyTheAggregatorAnnounces() public {
        address[5] memory others = [OWNER, GUARDIAN, KEY_HOLDER, ADA, OUTSIDER];
        for (uint256 i = 0; i < others.length; ++i) {
            _refused(
                others[i],
                abi.encodeCall(registry.announceSum, (_round, ENCRYPTED_SUM)),
                _unauthorized(others[i], registry.AGGREGATOR_ROLE())
            );
        }
    }

    function test_anAnnouncementOfHashZero() public {
        _refusesAnnouncement(_round, 0, abi.encodeWithSelector(IConsortiumErrors.ZeroHash.selector));
    }

    function test_anAnnouncementAfterTheSumWasOpened() public {
        _announceSum(_round, ENCRYPTED_SUM);
        _openSum(_round, ENCRYPTED_SUM, SUM_FILE);
        _refusesAnnouncement(_round, OTHER_SUM, _alreadyOpened());
        _refusesAnnouncement(_round, ENCRYPTED_SUM, _alreadyOpened());
    }

    function test_theDeadlineOfTheAnnouncementIsInTime() public {
        vm.warp(registry.round(_round).deadline);
        _announceSum(_round, ENCRYPTED_SUM);
    }

    function test_anAnnouncementAfterTheDeadline() public {
        uint256 deadline = registry.round(_round).deadline;
        vm.warp(deadline + 1);
        bytes memory late =
            abi.encodeWithSelector(IConsortiumErrors.DeadlinePassed.selector, deadline, deadline + 1);
        _refusesAnnouncement(_round, ENCRYPTED_SUM, late);
    }

    function test_anAnnouncementForARoundThatIsNotClosed() public {
        _refusesAnnouncement(9, ENCRYPTED_SUM, _wrongStatus(9, RoundStatus.None));
        _finishClosed(_round);
        _refusesAnnouncement(_round, ENCRYPTED_SUM, _wrongStatus(_round, RoundStatus.Final));
        uint256 roundId = _open();
        _refusesAnnouncement(roundId, ENCRYPTED_SUM, _wrongStatus(roundId, RoundStatus.Open));
    }

    function test_anAnnouncementForARevealingRound() public {
        _push(_round);
        _refusesAnnouncement(_round, ENCRYPTED_SUM, _wrongStatus(_round, RoundStatus.Revealing));
    }

    // --- the key holder opens ---

    function test_theKeyHolderOpens() public {
        _announceSum(_round, ENCRYPTED_SUM);
        vm.warp(block.timestamp + 100);
        uint64 deadline = uint64(block.timestamp) + WINDOW + 1;
        _expectEvent();
        emit IConsortiumEvents.SumOpened(_round, KEY_HOLDER, SUM_FILE, deadline);
        _openSum(_round, ENCRYPTED_SUM, SUM_FILE);
        vm.assertEq(registry.round(_round).sumHash, SUM_FILE, "sum");
        vm.assertEq(registry.round(_round).deadline, deadline, "deadline");
        _assertStatus(_round, RoundStatus.Closed, FailureReason.None);
    }

    function test_onlyTheKeyHolderOpens() public {
        _announceSum(_round, ENCRYPTED_SUM);
        address[5] memory others = [OWNER, AGGREGATOR, GUARDIAN, ADA, OUTSIDER];
        for (uint256 i = 0; i < others.length; ++i) {
            _refused(
                others[i],
                abi.encodeCall(registry.openSum, (_round, ENCRYPTED_SUM, SUM_FILE)),
                _unauthorized(others[i], registry.KEY_HOLDER_ROLE())
            );
        }
    }

    function test_aSumThatWasNotAnnounced() public {
        _refusesOpening(_round, ENCRYPTED_SUM, SUM_FILE, _mismatch(ENCRYPTED_SUM, 0));
        _refusesOpening(_round, 0, SUM_FILE, _mismatch(0, 0));
        _announceSum(_round, ENCRYPTED_SUM);
        _refusesOpening(_round, OTHER_SUM, SUM_FILE, _mismatch(OTHER_SUM, ENCRYPTED_SUM));
        _refusesOpening(_round, 0, SUM_FILE, _mismatch(0, ENCRYPTED_SUM));
        _announceSum(_round, OTHER_SUM);
        _refusesOpening(_round, ENCRYPTED_SUM, SUM_FILE, _mismatch(ENCRYPTED_SUM, OTHER_SUM));
    }

    function test_aSumOfHashZero() public {
        _announceSum(_round, ENCRYPTED_SUM);
        bytes memory expected = abi.encodeWithSelector(IConsortiumErrors.ZeroHash.selector);
        _refusesOpening(_round, ENCRYPTED_SUM, 0, expected);
    }

    function test_aSumIsOpenedOnce() public {
        _announceSum(_round, ENCRYPTED_SUM);
        _openSum(_round, ENCRYPTED_SUM, SUM_FILE);
        _refusesOpening(_round, ENCRYPTED_SUM, keccak256("another sum"), _alreadyOpened());
        _refusesOpening(_round, ENCRYPTED_SUM, SUM_FILE, _alreadyOpened());
    }

    function test_theDeadlineOfTheOpeningIsInTime() public {
        _announceSum(_round, ENCRYPTED_SUM);
        vm.warp(registry.round(_round).deadline);
        _openSum(_round, ENCRYPTED_SUM, SUM_FILE);
    }

    function test_anOpeningAfterTheDeadline() public {
        _announceSum(_round, ENCRYPTED_SUM);
        uint256 deadline = registry.round(_round).deadline;
        vm.warp(deadline + 1);
        bytes memory late =
            abi.encodeWithSelector(IConsortiumErrors.DeadlinePassed.selector, deadline, deadline + 1);
        _refusesOpening(_round, ENCRYPTED_SUM, SUM_FILE, late);
    }

    function test_anOpeningForARoundThatIsNotClosed() public {
        _refusesOpening(9, ENCRYPTED_SUM, SUM_FILE, _wrongStatus(9, RoundStatus.None));
        _finishClosed(_round);
        _refusesOpening(_round, ENCRYPTED_SUM, SUM_FILE, _wrongStatus(_round, RoundStatus.Final));
        uint256 roundId = _toOpened();
        _publish(roundId, MODEL_FILE);
        _refusesOpening(roundId, ENCRYPTED_SUM, SUM_FILE, _wrongStatus(roundId, RoundStatus.Published));
    }

    // --- refusals ---

    function _alreadyOpened() private view returns (bytes memory) {
        return abi.encodeWithSelector(IConsortiumErrors.SumAlreadyOpened.selector, _round, SUM_FILE);
    }

    function _mismatch(
        bytes32 actual,
        bytes32 announced
    ) private view returns (bytes memory) {
        return
            abi.encodeWithSelector(IConsortiumErrors.EncryptedSumMismatch.selector, _round, actual, announced);
    }

    function _refusesAnnouncement(
        uint256 roundId,
        bytes32 sum,
        bytes memory expected
    ) private {
        _refused(AGGREGATOR, abi.encodeCall(registry.announceSum, (roundId, sum)), expected);
    }

    function _refusesOpening(
        uint256 roundId,
        bytes32 encryptedSum,
        bytes32 sum,
        bytes memory expected
    ) private {
        _refused(KEY_HOLDER, abi.encodeCall(registry.openSum, (roundId, encryptedSum, sum)), expected);
    }
}
