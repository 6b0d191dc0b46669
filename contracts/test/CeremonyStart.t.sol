// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {CeremonyLog} from "../src/CeremonyLog.sol";
import {ICeremonyLog} from "../src/interfaces/ICeremonyLog.sol";
import {CeremonyFixture} from "./support/CeremonyFixture.sol";

contract CeremonyStartTest is CeremonyFixture {
    function test_aCeremonyStandsAsAskedFor() public {
        vm.expectEmit(true, true, true, true);
        emit ICeremonyLog.CeremonyStarted(LOGROWS, people, DISTANCE, STEP);
        log = new CeremonyLog(LOGROWS, people, DISTANCE, STEP);
        vm.assertEq(log.logrows(), LOGROWS, "logrows");
        vm.assertEq(log.beaconDistance(), DISTANCE, "distance");
        vm.assertEq(log.stepSeconds(), STEP, "step");
        vm.assertEq(log.deadline(), block.timestamp + STEP, "deadline");
        vm.assertEq(log.contributors(), people, "contributors");
        vm.assertEq(log.contributions().length, 0, "contributions");
        _assertPhase(ICeremonyLog.Phase.Contributing);
    }

    function testFuzz_logrowsFit(
        uint8 logrows
    ) public {
        if (logrows < 3 || logrows > 28) _expect(ICeremonyLog.LogrowsOutOfRange.selector, logrows);
        new CeremonyLog(logrows, people, DISTANCE, STEP);
    }

    function testFuzz_theBeaconIsAheadAndNotTooFar(
        uint32 distance
    ) public {
        if (distance == 0 || distance > 7200) {
            _expect(ICeremonyLog.BeaconDistanceOutOfRange.selector, distance);
        }
        new CeremonyLog(LOGROWS, people, distance, STEP);
    }

    function testFuzz_aStepTakesAMinuteToAMonth(
        uint32 step
    ) public {
        if (step < 60 || step > 30 days) _expect(ICeremonyLog.StepSecondsOutOfRange.selector, step);
        new CeremonyLog(LOGROWS, people, DISTANCE, step);
    }

    function test_theLimitsThemselvesAreTaken() public {
        new CeremonyLog(3, people, 1, 60);
        new CeremonyLog(28, people, 7200, 30 days);
        new CeremonyLog(LOGROWS, _crowd(1), DISTANCE, STEP);
        new CeremonyLog(LOGROWS, _crowd(64), DISTANCE, STEP);
    }

    function test_nobodyOrTooManyCannotHoldACeremony() public {
        _expect(ICeremonyLog.ContributorCountOutOfRange.selector, 0);
        new CeremonyLog(LOGROWS, _crowd(0), DISTANCE, STEP);
        _expect(ICeremonyLog.ContributorCountOutOfRange.selector, 65);
        new CeremonyLog(LOGROWS, _crowd(65), DISTANCE, STEP);
    }

    function test_theZeroAddressContributesNothing() public {
        people[1] = address(0);
        _expect(ICeremonyLog.ContributorIsZero.selector, 1);
        new CeremonyLog(LOGROWS, people, DISTANCE, STEP);
    }

    function testFuzz_everyContributorIsListedOnce(
        uint256 first,
        uint256 second
    ) public {
        address[] memory crowd = _crowd(64);
        first %= 64;
        second %= 64;
        vm.assume(first != second);
        crowd[first] = crowd[second];
        _expect(ICeremonyLog.ContributorRepeated.selector, uint160(crowd[second]));
        new CeremonyLog(LOGROWS, crowd, DISTANCE, STEP);
    }

    function _crowd(
        uint256 count
    ) private pure returns (address[] memory crowd) {
        crowd = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            crowd[i] = _person(i);
        }
    }

    function _expect(
        bytes4 selector,
        uint256 value
    ) private {
        vm.expectRevert(abi.encodeWithSelector(selector, value));
    }
}
