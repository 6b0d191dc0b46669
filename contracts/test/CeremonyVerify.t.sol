// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICeremonyLog} from "../src/interfaces/ICeremonyLog.sol";
import {CeremonyFixture} from "./support/CeremonyFixture.sol";

contract CeremonyVerifyTest is CeremonyFixture {
    function test_everyContributionIsVerifiedByEveryOther() public {
        _contribute(0);
        vm.expectEmit(true, true, true, true, address(log));
        emit ICeremonyLog.Verified(0, people[2]);
        _verify(2, 0);
        vm.assertEq(log.contributions()[0].verifiedBy, 4, "a bit a verifier");
        _contribute(1);
        _contribute(2);
        _verify(1, 0);
        _verify(0, 1);
        _verify(2, 1);
        _verify(0, 2);
        _assertPhase(ICeremonyLog.Phase.Verifying);
        vm.expectEmit(true, true, true, true, address(log));
        emit ICeremonyLog.BeaconArmed(block.number + DISTANCE);
        _verify(1, 2);
        _assertPhase(ICeremonyLog.Phase.Beacon);
    }

    /// @dev The last contribution of a ceremony of one has nobody left to verify it.
    function test_aCeremonyOfOneGoesStraightToTheBeacon() public {
        while (people.length > 1) {
            people.pop();
        }
        log = _fresh();
        _contribute(0);
        _assertPhase(ICeremonyLog.Phase.Beacon);
    }

    function testFuzz_anyOtherHashEndsTheCeremony(
        bytes32 file,
        bytes32 record
    ) public {
        vm.assume(file != _file(0) || record != _record(0));
        _contribute(0);
        vm.expectEmit(true, true, true, true, address(log));
        emit ICeremonyLog.Mismatch(0, people[1], file, record);
        vm.prank(people[1]);
        log.verify(0, file, record);
        _assertBlocked();
    }

    function test_oneWrongHashIsEnough() public {
        bytes32[2][3] memory stated =
            [[_file(1), _record(0)], [_file(0), _record(1)], [bytes32(0), bytes32(0)]];
        for (uint256 i = 0; i < stated.length; ++i) {
            log = _fresh();
            _contribute(0);
            vm.prank(people[2]);
            log.verify(0, stated[i][0], stated[i][1]);
            _assertBlocked();
        }
    }

    function test_anObjectionIsHeardUntilTheEnd() public {
        _contributeAll();
        _passDeadline();
        log.skip();
        _assertPhase(ICeremonyLog.Phase.Beacon);
        vm.roll(log.beaconBlock() + 1);
        log.recordBeacon();
        vm.prank(people[0]);
        log.verify(1, 0, 0);
        _assertBlocked();
    }

    function testFuzz_onlyContributorsVerify(
        address sender
    ) public {
        vm.assume(sender != people[0] && sender != people[1] && sender != people[2]);
        _contribute(0);
        _refuses(sender, _verifying(0), abi.encodeWithSelector(ICeremonyLog.NotAContributor.selector, sender));
    }

    function test_nobodyVouchesForThemselves() public {
        _contribute(0);
        _refuses(
            people[0],
            _verifying(0),
            abi.encodeWithSelector(ICeremonyLog.OwnContribution.selector, 0, people[0])
        );
    }

    function test_nobodyVerifiesTwice() public {
        _contribute(0);
        _verify(1, 0);
        _refuses(
            people[1],
            _verifying(0),
            abi.encodeWithSelector(ICeremonyLog.AlreadyVerified.selector, 0, people[1])
        );
    }

    function testFuzz_onlyWhatWasContributed(
        uint256 index
    ) public {
        vm.assume(index > 0);
        _contribute(0);
        _refuses(
            people[1],
            _verifying(index),
            abi.encodeWithSelector(ICeremonyLog.NoSuchContribution.selector, index, 1)
        );
    }

    function test_nothingIsVerifiedAfterTheEnd() public {
        _toConfirming();
        for (uint256 i = 0; i < 3; ++i) {
            _confirm(i);
        }
        _refusedInPhase(people[0], _verifying(1));
    }

    function _assertBlocked() private {
        _assertPhase(ICeremonyLog.Phase.Blocked);
        _passDeadline();
        _refusedInPhase(people[1], abi.encodeCall(log.contribute, (_file(1), _record(1))));
        _refusedInPhase(people[2], _verifying(0));
        _refusedInPhase(OUTSIDER, abi.encodeCall(log.skip, ()));
        _refusedInPhase(OUTSIDER, abi.encodeCall(log.recordBeacon, ()));
        _refusedInPhase(OUTSIDER, abi.encodeCall(log.rearmBeacon, ()));
        _refusedInPhase(people[0], abi.encodeCall(log.confirm, (PTAU, SRS)));
    }

    function _verifying(
        uint256 index
    ) private view returns (bytes memory) {
        return abi.encodeCall(log.verify, (index, _file(index), _record(index)));
    }
}
