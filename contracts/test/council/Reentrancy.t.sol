// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {MemberCouncil} from "../../src/MemberCouncil.sol";
import {IConsortiumRegistry} from "../../src/interfaces/IConsortiumRegistry.sol";
import {IRegistryExtension} from "../../src/interfaces/IRegistryExtension.sol";
import {ICouncilErrors} from "../../src/interfaces/ICouncilErrors.sol";
import {CouncilRules, ProposalStatus} from "../../src/interfaces/IMemberCouncil.sol";
import {CouncilFixture} from "../support/CouncilFixture.sol";
import {ReentrantRegistry} from "../support/ReentrantRegistry.sol";

/// @title A proposal is executed before its call is made
contract ReentrancyTest is CouncilFixture {
    ReentrantRegistry private _hostile;
    uint256 private _id;

    function setUp() public {
        vm.warp(START);
        address[] memory members = new address[](3);
        (members[0], members[1], members[2]) = (ADA, BAY, CAY);
        _hostile = new ReentrantRegistry(members);
        council = new MemberCouncil(
            IConsortiumRegistry(address(_hostile)), CouncilRules(QUORUM_BPS, DELAY, 0, LIFETIME)
        );
        _id = _passed(address(_hostile), abi.encodeCall(IRegistryExtension.addMember, (EVE, "Eve")));
    }

    function test_executedAgainFromWithin() public {
        _refusedFromWithin(abi.encodeCall(council.execute, (_id)));
    }

    function test_withdrawnFromWithin() public {
        _refusedFromWithin(abi.encodeCall(council.withdrawVote, (_id)));
    }

    function test_recountedFromWithin() public {
        _refusedFromWithin(abi.encodeCall(council.recount, (_id)));
    }

    function test_anotherProposalFromWithinIsItsOwn() public {
        uint256 second =
            _passed(address(_hostile), abi.encodeCall(IRegistryExtension.addMember, (DEE, "Dee")));
        _hostile.callBack(abi.encodeCall(council.execute, (second)));
        council.execute(_id);
        // the second one calls back to execute itself, and is refused
        bytes memory expected = abi.encodeWithSelector(ICouncilErrors.ProposalExecuted.selector, second);
        vm.assertEq(_hostile.added(), 2, "each once");
        _refusesToExecute(second, expected);
        _refusesToExecute(_id, abi.encodeWithSelector(ICouncilErrors.ProposalExecuted.selector, _id));
    }

    function _refusedFromWithin(
        bytes memory call
    ) private {
        _hostile.callBack(call);
        council.execute(_id);
        bytes memory expected = abi.encodeWithSelector(ICouncilErrors.ProposalExecuted.selector, _id);
        vm.assertEq(_hostile.answer(), expected, "answer");
        vm.assertEq(_hostile.added(), 1, "once");
        _assertProposal(_id, ProposalStatus.Executed);
    }
}
