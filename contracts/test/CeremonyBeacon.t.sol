// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICeremonyLog} from "../src/interfaces/ICeremonyLog.sol";
import {CeremonyFixture} from "./support/CeremonyFixture.sol";

contract CeremonyBeaconTest is CeremonyFixture {
    function setUp() public override {
        super.setUp();
        _toBeacon();
    }

    function testFuzz_theBeaconIsTheHashOfTheAnnouncedBlock(
        uint256 later
    ) public {
        uint256 target = log.beaconBlock();
        vm.roll(target + _within(later, 1, 256));
        bytes32 expected = blockhash(target);
        vm.assertTrue(expected != 0, "the chain knows it");
        vm.expectEmit(true, true, true, true, address(log));
        emit ICeremonyLog.BeaconRecorded(target, expected);
        vm.prank(OUTSIDER);
        log.recordBeacon();
        vm.assertEq(log.beacon(), expected, "beacon");
        vm.assertEq(log.deadline(), block.timestamp + STEP, "the clock restarts");
        _assertPhase(ICeremonyLog.Phase.Confirming);
        _refusedInPhase(OUTSIDER, abi.encodeCall(log.recordBeacon, ()));
        _refusedInPhase(OUTSIDER, abi.encodeCall(log.rearmBeacon, ()));
    }

    function testFuzz_nobodyRecordsItBefore(
        uint256 earlier
    ) public {
        uint256 target = log.beaconBlock();
        uint256 number = target - _within(earlier, 0, DISTANCE);
        vm.roll(number);
        _refuses(
            OUTSIDER,
            abi.encodeCall(log.recordBeacon, ()),
            abi.encodeWithSelector(ICeremonyLog.BeaconNotMined.selector, target, number)
        );
    }

    function testFuzz_aMissedBeaconIsArmedAgain(
        uint256 later
    ) public {
        uint256 missed = log.beaconBlock();
        uint256 number = missed + _within(later, 257, 100_000);
        vm.roll(number);
        _refuses(
            OUTSIDER,
            abi.encodeCall(log.recordBeacon, ()),
            abi.encodeWithSelector(ICeremonyLog.BeaconMissed.selector, missed, number)
        );
        vm.expectEmit(true, true, true, true, address(log));
        emit ICeremonyLog.BeaconArmed(number + DISTANCE);
        vm.prank(OUTSIDER);
        log.rearmBeacon();
        vm.assertEq(log.beaconBlock(), number + DISTANCE, "another block");
    }

    /// @dev Nobody throws a beacon away because its value does not suit.
    function testFuzz_aBeaconThatStillCountsIsKept(
        uint256 later
    ) public {
        uint256 target = log.beaconBlock();
        uint256 number = target - DISTANCE + _within(later, 0, 256 + DISTANCE);
        vm.roll(number);
        _refuses(
            OUTSIDER,
            abi.encodeCall(log.rearmBeacon, ()),
            abi.encodeWithSelector(ICeremonyLog.BeaconNotMissed.selector, target, number)
        );
    }

    function test_nothingIsConfirmedBefore() public {
        _refusedInPhase(people[0], abi.encodeCall(log.confirm, (PTAU, SRS)));
    }
}
