// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../../src/interfaces/IConsortiumErrors.sol";
import {IConsortiumEvents, RoundStatus} from "../../src/interfaces/IConsortiumRegistry.sol";
import {ICouncilErrors} from "../../src/interfaces/ICouncilErrors.sol";
import {IMemberCouncil, ProposalStatus} from "../../src/interfaces/IMemberCouncil.sol";
import {CouncilTest} from "../support/CouncilFixture.sol";

contract ExecuteTest is CouncilTest {
    function test_anyoneExecutesWhatPassed() public {
        uint256 id = _passed(address(registry), _adding(EVE, "Eve"));
        vm.warp(START + MEMBERSHIP_DELAY);
        _expectCouncilEvent();
        emit IMemberCouncil.Executed(id, OUTSIDER);
        _expectEvent();
        emit IConsortiumEvents.MemberAdded(EVE, "Eve");
        vm.prank(OUTSIDER);
        council.execute(id);
        vm.assertTrue(council.proposal(id).executed, "executed");
    }

    function test_withoutAQuorumNothingIsExecuted() public {
        uint256 id = _propose(ADA, address(registry), _adding(EVE, "Eve"));
        _vote(BAY, id);
        vm.warp(START + DELAY);
        _refusesToExecute(id, abi.encodeWithSelector(ICouncilErrors.QuorumNotReached.selector, id, 2, 3));
    }

    function test_nothingIsExecutedTwice() public {
        uint256 id = _decided(address(registry), _adding(EVE, "Eve"));
        bytes memory expected = abi.encodeWithSelector(ICouncilErrors.ProposalExecuted.selector, id);
        _refusesToExecute(id, expected);
        _councilRefuses(DEE, abi.encodeCall(council.vote, (id, council.digest(id))), expected);
        _councilRefuses(BAY, abi.encodeCall(council.withdrawVote, (id)), expected);
        _councilRefuses(BAY, abi.encodeCall(council.recount, (id)), expected);
        // nor after its lifetime, nor once the first one was undone
        _leaves(EVE);
        vm.warp(START + LIFETIME + 1);
        _refusesToExecute(id, expected);
        _assertProposal(id, ProposalStatus.Executed);
    }

    function test_whatTheRegistryRefusesCanBeExecutedLater() public {
        uint256 id = _passed(address(registry), _removing(DEE));
        vm.warp(START + MEMBERSHIP_DELAY);
        uint256 roundId = _open();
        _refusesToExecute(
            id, abi.encodeWithSelector(IConsortiumErrors.RoundInProgress.selector, roundId, RoundStatus.Open)
        );
        _assertProposal(id, ProposalStatus.Ready);
        _submitAll(roundId);
        registry.closeRound(roundId);
        _finishClosed(roundId);
        council.execute(id);
        vm.assertTrue(!registry.memberOf(DEE).active, "removed");
    }

    function test_whatTheRegistryRefusesForEverExpires() public {
        uint256 id = _passed(address(registry), _adding(ADA, "Ada again"));
        vm.warp(START + MEMBERSHIP_DELAY);
        _refusesToExecute(id, abi.encodeWithSelector(IConsortiumErrors.MemberAlreadyActive.selector, ADA));
        vm.assertTrue(!council.proposal(id).executed, "not executed");
    }

    function test_theCouncilTakesNoEther() public {
        uint256 id = _passed(address(registry), _removing(DEE));
        vm.warp(START + MEMBERSHIP_DELAY);
        bytes[3] memory calls = [
            bytes(""),
            abi.encodeCall(council.execute, (id)),
            abi.encodeCall(council.propose, (address(registry), _removing(DEE), WHY))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool taken,) = address(council).call{value: 1}(calls[i]);
            vm.assertTrue(!taken, "ether was taken");
        }
        vm.assertEq(address(council).balance, 0, "balance");
    }
}
