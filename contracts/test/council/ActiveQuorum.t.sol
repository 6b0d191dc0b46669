// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICouncilErrors} from "../../src/interfaces/ICouncilErrors.sol";
import {IMemberCouncil, ProposalStatus} from "../../src/interfaces/IMemberCouncil.sol";
import {CouncilTest} from "../support/CouncilFixture.sol";

/// @title Votes are those of members that are still active; so is the number that they need
contract ActiveQuorumTest is CouncilTest {
    function test_theVoteOfWhoLeftDoesNotCount() public {
        uint256 id = _passed(address(router), _tombstoning());
        _vote(DEE, id);
        _leaves(ADA);
        _leaves(BAY);
        _assertTally(id, 2, 2, 2);
        _leaves(CAY);
        _assertTally(id, 1, 1, 1);
    }

    function test_votersThatLeaveTakeTheQuorumAlong() public {
        uint256 id = _passed(address(router), _tombstoning());
        _withoutCouncil(_adding(EVE, "Eve"));
        _assertTally(id, 3, 5, 4);
        _leaves(ADA);
        _assertTally(id, 2, 4, 3);
        vm.warp(START + DELAY);
        _assertProposal(id, ProposalStatus.Voting);
        _refusesToExecute(id, abi.encodeWithSelector(ICouncilErrors.QuorumNotReached.selector, id, 2, 3));
    }

    function test_newMembersRaiseTheQuorumMidVote() public {
        uint256 id = _passed(address(router), _tombstoning());
        _decided(address(registry), _adding(EVE, "Eve"));
        _assertTally(id, 3, 5, 4);
        _refusesToExecute(id, abi.encodeWithSelector(ICouncilErrors.QuorumNotReached.selector, id, 3, 4));
    }

    /// @dev Nobody recounted in between, yet the vote that brings the quorum back starts the delay.
    function test_aQuorumThatComesBackByAVoteStartsTheDelayAgain() public {
        uint256 id = _passed(address(router), _tombstoning());
        _decided(address(registry), _adding(EVE, "Eve"));
        uint256 back = block.timestamp;
        _expectCouncilEvent();
        emit IMemberCouncil.QuorumLost(id);
        _expectCouncilEvent();
        emit IMemberCouncil.Voted(id, EVE);
        _expectCouncilEvent();
        emit IMemberCouncil.QuorumReached(id, uint64(back + DELAY));
        _vote(EVE, id);
        vm.assertEq(council.proposal(id).quorumSince, back, "since");
    }

    function test_anyoneRecordsThatTheQuorumWasLostAndCameBack() public {
        uint256 id = _passed(address(router), _tombstoning());
        _decided(address(registry), _adding(EVE, "Eve"));
        _recount(id);
        vm.assertEq(council.proposal(id).quorumSince, 0, "lost");
        _leaves(EVE);
        vm.warp(START + 5 days);
        _assertProposal(id, ProposalStatus.Voting);
        _refusesToExecute(id, abi.encodeWithSelector(ICouncilErrors.QuorumNotRecorded.selector, id));
        _recount(id);
        vm.assertEq(council.proposal(id).quorumSince, START + 5 days, "since");
        _assertProposal(id, ProposalStatus.Delayed);
    }

    function test_aQuorumMadeByALeavingMemberIsRecordedByARecount() public {
        uint256 id = _propose(ADA, address(router), _tombstoning());
        _vote(BAY, id);
        _leaves(DEE);
        _assertTally(id, 2, 3, 2);
        _refusesToExecute(id, abi.encodeWithSelector(ICouncilErrors.QuorumNotRecorded.selector, id));
        _recount(id);
        vm.warp(START + DELAY);
        council.execute(id);
    }

    function test_aRecountOfAQuorumThatHoldsChangesNothing() public {
        uint256 id = _passed(address(router), _tombstoning());
        vm.warp(START + 100);
        _recount(id);
        vm.assertEq(council.proposal(id).quorumSince, START, "since");
    }

    function test_whoReturnsDoesSoWithoutOldVotes() public {
        uint256 id = _passed(address(router), _tombstoning());
        _leaves(BAY);
        vm.assertTrue(council.voted(id, BAY), "it could come back into force");
        uint256 back = _propose(ADA, address(registry), _adding(BAY, "Bay"));
        _vote(CAY, back);
        vm.warp(START + MEMBERSHIP_DELAY);
        council.execute(back);
        vm.assertTrue(!council.voted(id, BAY), "void");
        _assertTally(id, 2, 4, 3);
        _councilRefuses(
            BAY,
            abi.encodeCall(council.withdrawVote, (id)),
            abi.encodeWithSelector(ICouncilErrors.NotVoted.selector, id, BAY)
        );
        _vote(BAY, id);
        _assertTally(id, 3, 4, 3);
    }

    function test_nobodyIsNoQuorum() public {
        uint256 id = _passed(address(router), _tombstoning());
        address[4] memory everyone = [ADA, BAY, CAY, DEE];
        for (uint256 i = 0; i < 4; ++i) {
            _leaves(everyone[i]);
        }
        _assertTally(id, 0, 0, 1);
        vm.warp(START + DELAY);
        _refusesToExecute(id, abi.encodeWithSelector(ICouncilErrors.QuorumNotReached.selector, id, 0, 1));
    }

    function _recount(
        uint256 id
    ) private {
        vm.prank(OUTSIDER);
        council.recount(id);
    }
}
