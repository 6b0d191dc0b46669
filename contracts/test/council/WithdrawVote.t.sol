// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICouncilErrors} from "../../src/interfaces/ICouncilErrors.sol";
import {IMemberCouncil, ProposalStatus} from "../../src/interfaces/IMemberCouncil.sol";
import {CouncilTest} from "../support/CouncilFixture.sol";

contract WithdrawVoteTest is CouncilTest {
    uint256 private _id;

    function setUp() public override {
        super.setUp();
        _id = _passed(address(router), _tombstoning());
    }

    function test_aVoteWithdrawnIsAQuorumLost() public {
        _expectCouncilEvent();
        emit IMemberCouncil.VoteWithdrawn(_id, BAY);
        _expectCouncilEvent();
        emit IMemberCouncil.QuorumLost(_id);
        _withdraw(BAY, _id);
        vm.assertTrue(!council.voted(_id, BAY), "Bay's vote");
        vm.assertEq(council.proposal(_id).quorumSince, 0, "since");
        _assertTally(_id, 2, 4, 3);
        _assertProposal(_id, ProposalStatus.Voting);
    }

    function test_theDelayStartsAgainWithTheQuorum() public {
        _withdraw(BAY, _id);
        vm.warp(START + DELAY);
        _vote(BAY, _id);
        vm.assertEq(council.proposal(_id).quorumSince, START + DELAY, "since");
        uint256 readyAt = START + 2 * uint256(DELAY);
        _refusesToExecute(
            _id, abi.encodeWithSelector(ICouncilErrors.DelayNotOver.selector, _id, readyAt, block.timestamp)
        );
        vm.warp(readyAt);
        council.execute(_id);
    }

    function test_theProposerWithdrawsToo() public {
        _withdraw(ADA, _id);
        _assertTally(_id, 2, 4, 3);
        _vote(ADA, _id);
        _assertTally(_id, 3, 4, 3);
    }

    function test_aVoteBeyondTheQuorumIsWithdrawnWithoutLoss() public {
        _vote(DEE, _id);
        vm.warp(START + 100);
        _withdraw(BAY, _id);
        vm.assertEq(council.proposal(_id).quorumSince, START, "since");
        _assertProposal(_id, ProposalStatus.Delayed);
    }

    function test_onlyVotesAreWithdrawn() public {
        _withdraw(BAY, _id);
        address[3] memory others = [BAY, DEE, OUTSIDER];
        for (uint256 i = 0; i < others.length; ++i) {
            _councilRefuses(
                others[i],
                abi.encodeCall(council.withdrawVote, (_id)),
                abi.encodeWithSelector(ICouncilErrors.NotVoted.selector, _id, others[i])
            );
        }
    }
}
