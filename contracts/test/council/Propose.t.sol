// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICouncilErrors} from "../../src/interfaces/ICouncilErrors.sol";
import {Action, IMemberCouncil, Proposal, ProposalStatus} from "../../src/interfaces/IMemberCouncil.sol";
import {CouncilTest} from "../support/CouncilFixture.sol";

contract ProposeTest is CouncilTest {
    function test_aMemberProposesAndThatIsItsVote() public {
        bytes memory call = _adding(EVE, "Eve");
        bytes32 digest = keccak256(abi.encode(address(registry), call, WHY));
        _expectCouncilEvent();
        emit IMemberCouncil.Proposed(1, ADA, Action.AddMember, digest, uint64(START + LIFETIME));
        _expectCouncilEvent();
        emit IMemberCouncil.Voted(1, ADA);
        vm.assertEq(_propose(ADA, address(registry), call), 1, "number");
        Proposal memory made = council.proposal(1);
        vm.assertEq(made.proposer, ADA, "proposer");
        vm.assertEq(uint256(made.action), uint256(Action.AddMember), "action");
        vm.assertEq(made.target, address(registry), "target");
        vm.assertEq(made.data, call, "data");
        vm.assertEq(made.description, WHY, "description");
        vm.assertEq(made.proposedAt, START, "proposed at");
        vm.assertEq(made.expiresAt, START + LIFETIME, "expires at");
        vm.assertEq(made.quorumSince, 0, "no quorum");
        vm.assertEq(council.digest(1), digest, "digest");
        vm.assertTrue(council.voted(1, ADA), "Ada voted");
        _assertTally(1, 1, 4, 3);
        _assertProposal(1, ProposalStatus.Voting);
    }

    function test_proposalsAreNumberedInOrder() public {
        _propose(ADA, address(registry), _removing(DEE));
        vm.assertEq(_propose(BAY, address(registry), _removing(DEE)), 2, "the same call again");
        vm.assertEq(council.proposalCount(), 2, "count");
        vm.assertTrue(!council.voted(2, ADA), "votes are apart");
    }

    function test_onlyActiveMembersPropose() public {
        address[6] memory others = [OWNER, AGGREGATOR, GUARDIAN, KEY_HOLDER, OUTSIDER, address(council)];
        for (uint256 i = 0; i < others.length; ++i) {
            _refusesProposer(others[i]);
        }
        _leaves(DEE);
        _refusesProposer(DEE);
    }

    function test_aDescriptionHasOneToFiveHundredAndTwelveBytes() public {
        bytes memory call = _removing(DEE);
        vm.prank(ADA);
        council.propose(address(registry), call, string(new bytes(512)));
        uint16[2] memory lengths = [0, 513];
        for (uint256 i = 0; i < lengths.length; ++i) {
            string memory description = string(new bytes(lengths[i]));
            _councilRefuses(
                ADA,
                abi.encodeCall(council.propose, (address(registry), call, description)),
                abi.encodeWithSelector(ICouncilErrors.InvalidDescription.selector, lengths[i])
            );
        }
    }

    function test_whatWasNeverProposedIsEmpty() public view {
        vm.assertEq(council.proposal(1).proposer, address(0), "proposer");
        _assertProposal(0, ProposalStatus.None);
        _assertProposal(1, ProposalStatus.None);
    }

    function _refusesProposer(
        address account
    ) private {
        _councilRefuses(
            account,
            abi.encodeCall(council.propose, (address(registry), _removing(ADA), WHY)),
            abi.encodeWithSelector(ICouncilErrors.NotAnActiveMember.selector, account)
        );
    }
}
