// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICeremonyLog} from "../src/interfaces/ICeremonyLog.sol";
import {CeremonyFixture} from "./support/CeremonyFixture.sol";

contract CeremonyConfirmTest is CeremonyFixture {
    function setUp() public override {
        super.setUp();
        _toConfirming();
    }

    function test_theSameResultFromAllCompletesTheCeremony() public {
        vm.expectEmit(true, true, true, true, address(log));
        emit ICeremonyLog.Confirmed(people[1], PTAU, SRS);
        _confirm(1);
        _confirm(0);
        vm.assertEq(log.confirmedBy(), 3, "a bit a contributor");
        _assertPhase(ICeremonyLog.Phase.Confirming);
        vm.expectEmit(true, true, true, true, address(log));
        emit ICeremonyLog.CeremonyCompleted(PTAU, SRS);
        _confirm(2);
        _assertPhase(ICeremonyLog.Phase.Complete);
        vm.assertEq(log.ptauHash(), PTAU, "ptau");
        vm.assertEq(log.srsHash(), SRS, "srs");
        _refusedInPhase(people[0], abi.encodeCall(log.confirm, (PTAU, SRS)));
    }

    function testFuzz_anyOtherResultEndsTheCeremony(
        bytes32 ptau,
        bytes32 srs
    ) public {
        vm.assume(ptau != 0 && srs != 0);
        vm.assume(ptau != PTAU || srs != SRS);
        _confirm(0);
        vm.expectEmit(true, true, true, true, address(log));
        emit ICeremonyLog.ConfirmationMismatch(people[2], ptau, srs);
        vm.prank(people[2]);
        log.confirm(ptau, srs);
        _assertPhase(ICeremonyLog.Phase.Blocked);
    }

    function testFuzz_onlyContributorsConfirm(
        address sender
    ) public {
        vm.assume(sender != people[0] && sender != people[1] && sender != people[2]);
        _refuses(
            sender,
            abi.encodeCall(log.confirm, (PTAU, SRS)),
            abi.encodeWithSelector(ICeremonyLog.NotAContributor.selector, sender)
        );
    }

    function test_nobodyConfirmsTwice() public {
        _confirm(0);
        _refuses(
            people[0],
            abi.encodeCall(log.confirm, (PTAU, SRS)),
            abi.encodeWithSelector(ICeremonyLog.AlreadyConfirmed.selector, people[0])
        );
    }

    function test_nothingIsNoResult() public {
        bytes memory expected = abi.encodeWithSelector(ICeremonyLog.HashIsZero.selector);
        _refuses(people[0], abi.encodeCall(log.confirm, (bytes32(0), SRS)), expected);
        _refuses(people[0], abi.encodeCall(log.confirm, (PTAU, bytes32(0))), expected);
    }
}
