// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {BlameReason, IConsortiumEvents} from "../src/interfaces/IConsortiumRegistry.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

contract LeaveTest is ConsortiumTest {
    function setUp() public override {
        super.setUp();
        _join(DEE, "Dee");
        _announceKey(DEE);
        _admit(DEE, 50, 104);
    }

    function test_aMemberLeaves() public {
        _expectEvent();
        emit IConsortiumEvents.MemberRemoved(DEE);
        _leave(DEE);
        vm.assertTrue(!registry.memberOf(DEE).active, "inactive");
        vm.assertEq(uint256(registry.memberOf(DEE).blame), uint256(BlameReason.None), "without blame");
        vm.assertEq(registry.cohort(_open()).length, 3, "nor in the next round");
    }

    function test_whoLeftReturnsByTheOwnerAlone() public {
        _leave(DEE);
        _refused(
            DEE,
            abi.encodeCall(registry.addMember, (DEE, "Dee")),
            _unauthorized(DEE, registry.DEFAULT_ADMIN_ROLE())
        );
        _join(DEE, "Dee");
        vm.assertEq(registry.shardCount(DEE), 1, "with its shards");
        vm.assertEq(registry.cohort(_open()).length, 4, "in the next round");
    }

    function test_betweenRounds() public {
        _toFinal();
        _leave(ADA);
        _toFailed();
        _leave(BAY);
    }

    function test_whoIsNoMember() public {
        _refuses(OUTSIDER, _noMember(OUTSIDER));
        _refuses(OWNER, _noMember(OWNER));
    }

    function test_twice() public {
        _leave(DEE);
        _refuses(DEE, _noMember(DEE));
    }

    function test_whoWasExcluded() public {
        uint256 roundId = _toRevealing();
        _push(roundId);
        _refuses(ADA, _noMember(ADA));
        vm.assertEq(
            uint256(registry.memberOf(ADA).blame), uint256(BlameReason.UpdateNotRevealed), "blame stays"
        );
    }

    function test_duringARound() public {
        uint256 roundId = _open();
        _refuses(
            DEE,
            abi.encodeWithSelector(
                IConsortiumErrors.RoundInProgress.selector, roundId, registry.round(roundId).status
            )
        );
    }

    function test_whilePaused() public {
        vm.prank(GUARDIAN);
        registry.pause();
        _refuses(DEE, abi.encodeWithSelector(Pausable.EnforcedPause.selector));
    }

    function _leave(
        address member
    ) private {
        vm.prank(member);
        registry.leave();
    }

    function _noMember(
        address account
    ) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IConsortiumErrors.NotAMember.selector, account);
    }

    function _refuses(
        address sender,
        bytes memory expected
    ) private {
        _refused(sender, abi.encodeCall(registry.leave, ()), expected);
    }
}
