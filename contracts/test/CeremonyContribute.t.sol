// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICeremonyLog} from "../src/interfaces/ICeremonyLog.sol";
import {CeremonyFixture} from "./support/CeremonyFixture.sol";

contract CeremonyContributeTest is CeremonyFixture {
    function test_contributorsTakeTurns() public {
        for (uint256 i = 0; i < 3; ++i) {
            vm.assertEq(log.turn(), i, "turn");
            vm.warp(block.timestamp + 10);
            vm.expectEmit(true, true, true, true, address(log));
            emit ICeremonyLog.Contributed(i, people[i], _file(i), _record(i));
            _contribute(i);
            vm.assertEq(log.deadline(), block.timestamp + STEP, "the clock restarts");
        }
        ICeremonyLog.Contribution[] memory made = log.contributions();
        for (uint256 i = 0; i < 3; ++i) {
            vm.assertEq(made[i].contributor, people[i], "contributor");
            vm.assertEq(made[i].fileHash, _file(i), "file");
            vm.assertEq(made[i].recordHash, _record(i), "record");
            vm.assertEq(made[i].verifiedBy, 0, "nobody verified it yet");
        }
        _assertPhase(ICeremonyLog.Phase.Verifying);
    }

    function testFuzz_onlyTheOneWhoseTurnItIs(
        uint256 done,
        address sender
    ) public {
        done %= 3;
        for (uint256 i = 0; i < done; ++i) {
            _contribute(i);
        }
        vm.assume(sender != people[done]);
        _refusesTurn(sender, people[done]);
        for (uint256 i = 0; i < 3; ++i) {
            if (i != done) _refusesTurn(people[i], people[done]);
        }
    }

    function test_nobodyContributesTwice() public {
        _contribute(0);
        _refusesTurn(people[0], people[1]);
        _contribute(1);
        _contribute(2);
        _refusedInPhase(people[0], _contributing(_file(9), _record(9)));
    }

    function test_aFileIsContributedOnce() public {
        _contribute(0);
        _refuses(
            people[1],
            _contributing(_file(0), _record(1)),
            abi.encodeWithSelector(ICeremonyLog.FileRepeated.selector, _file(0))
        );
    }

    function test_nothingIsNoContribution() public {
        bytes memory expected = abi.encodeWithSelector(ICeremonyLog.HashIsZero.selector);
        _refuses(people[0], _contributing(0, _record(0)), expected);
        _refuses(people[0], _contributing(_file(0), 0), expected);
    }

    function test_aLateContributionCountsUntilItIsSkipped() public {
        _passDeadline();
        _contribute(0);
        vm.assertEq(log.contributions().length, 1, "contributions");
    }

    function _refusesTurn(
        address sender,
        address expected
    ) private {
        _refuses(
            sender,
            _contributing(_file(9), _record(9)),
            abi.encodeWithSelector(ICeremonyLog.NotYourTurn.selector, sender, expected)
        );
    }

    function _contributing(
        bytes32 file,
        bytes32 record
    ) private view returns (bytes memory) {
        return abi.encodeCall(log.contribute, (file, record));
    }
}
