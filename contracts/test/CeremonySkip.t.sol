// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICeremonyLog} from "../src/interfaces/ICeremonyLog.sol";
import {CeremonyFixture} from "./support/CeremonyFixture.sol";

contract CeremonySkipTest is CeremonyFixture {
    function testFuzz_nobodyIsSkippedInTime(
        uint256 timestamp
    ) public {
        timestamp = _within(timestamp, block.timestamp, log.deadline());
        vm.warp(timestamp);
        _refuses(
            OUTSIDER,
            abi.encodeCall(log.skip, ()),
            abi.encodeWithSelector(ICeremonyLog.StepStillOpen.selector, log.deadline(), timestamp)
        );
    }

    function test_aTurnThatPassesIsSkippedByAnyone() public {
        _contribute(0);
        _passDeadline();
        vm.expectEmit(true, true, true, true, address(log));
        emit ICeremonyLog.ContributorSkipped(1, people[1]);
        vm.prank(OUTSIDER);
        log.skip();
        vm.assertEq(log.skipped(), 2, "a bit a contributor");
        vm.assertEq(log.deadline(), block.timestamp + STEP, "the clock restarts");
        _refuses(
            people[1],
            abi.encodeCall(log.contribute, (_file(1), _record(1))),
            abi.encodeWithSelector(ICeremonyLog.NotYourTurn.selector, people[1], people[2])
        );
        _contribute(2);
        vm.assertEq(log.contributions()[1].contributor, people[2], "the next one's is second");
    }

    function test_whoWasSkippedIsNotWaitedForButMayObject() public {
        _contribute(0);
        _passDeadline();
        log.skip();
        _contribute(2);
        vm.prank(people[0]);
        log.verify(1, _file(2), _record(2));
        _assertPhase(ICeremonyLog.Phase.Verifying);
        _verify(2, 0);
        _assertPhase(ICeremonyLog.Phase.Beacon);
        vm.roll(log.beaconBlock() + 1);
        log.recordBeacon();
        _confirm(0);
        _confirm(2);
        _assertPhase(ICeremonyLog.Phase.Complete);
    }

    function test_theObjectionOfASkippedOneCounts() public {
        _passDeadline();
        log.skip();
        _contribute(1);
        vm.prank(people[0]);
        log.verify(0, 0, 0);
        _assertPhase(ICeremonyLog.Phase.Blocked);
    }

    function test_atLeastOneContributes() public {
        _passDeadline();
        log.skip();
        _passDeadline();
        log.skip();
        _passDeadline();
        _refuses(
            OUTSIDER,
            abi.encodeCall(log.skip, ()),
            abi.encodeWithSelector(ICeremonyLog.NothingContributed.selector)
        );
        _contribute(2);
        _assertPhase(ICeremonyLog.Phase.Beacon);
    }

    function test_verificationsThatNeverComeAreNamed() public {
        _contributeAll();
        _verify(0, 1);
        _verify(2, 1);
        _verify(2, 0);
        _passDeadline();
        vm.expectEmit(true, true, true, true, address(log));
        emit ICeremonyLog.VerificationsMissing(0, 2);
        vm.expectEmit(true, true, true, true, address(log));
        emit ICeremonyLog.VerificationsMissing(2, 3);
        vm.expectEmit(true, true, true, true, address(log));
        emit ICeremonyLog.BeaconArmed(block.number + DISTANCE);
        log.skip();
        _assertPhase(ICeremonyLog.Phase.Beacon);
    }

    function test_theBeaconIsNotSkipped() public {
        _toBeacon();
        _passDeadline();
        _refusedInPhase(OUTSIDER, abi.encodeCall(log.skip, ()));
    }

    function test_confirmationsThatNeverComeAreNamed() public {
        _toConfirming();
        _passDeadline();
        _refuses(
            OUTSIDER,
            abi.encodeCall(log.skip, ()),
            abi.encodeWithSelector(ICeremonyLog.NothingConfirmed.selector)
        );
        _confirm(1);
        vm.expectEmit(true, true, true, true, address(log));
        emit ICeremonyLog.ConfirmationsMissing(5);
        vm.expectEmit(true, true, true, true, address(log));
        emit ICeremonyLog.CeremonyCompleted(PTAU, SRS);
        log.skip();
        _assertPhase(ICeremonyLog.Phase.Complete);
        _refusedInPhase(OUTSIDER, abi.encodeCall(log.skip, ()));
    }
}
