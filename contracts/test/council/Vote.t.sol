// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICouncilErrors} from "../../src/interfaces/ICouncilErrors.sol";
import {IMemberCouncil, ProposalStatus} from "../../src/interfaces/IMemberCouncil.sol";
import {CouncilTest} from "../support/CouncilFixture.sol";

contract VoteTest is CouncilTest {
    uint256 private _id;

    function setUp() public override {
        super.setUp();
        _id = _propose(ADA, address(router), _tombstoning());
    }

    function test_theVoteThatMakesTheQuorumStartsTheDelay() public {
        _vote(BAY, _id);
        vm.assertEq(council.proposal(_id).quorumSince, 0, "two of four are no quorum");
        vm.warp(START + 100);
        _expectCouncilEvent();
        emit IMemberCouncil.Voted(_id, CAY);
        _expectCouncilEvent();
        emit IMemberCouncil.QuorumReached(_id, uint64(START + 100 + DELAY));
        _vote(CAY, _id);
        vm.assertEq(council.proposal(_id).quorumSince, START + 100, "since");
        _assertTally(_id, 3, 4, 3);
        _assertProposal(_id, ProposalStatus.Delayed);
    }

    function test_aLaterVoteDoesNotRestartTheDelay() public {
        _vote(BAY, _id);
        _vote(CAY, _id);
        vm.warp(START + 100);
        _vote(DEE, _id);
        vm.assertEq(council.proposal(_id).quorumSince, START, "since");
    }

    function test_onlyActiveMembersVote() public {
        address[5] memory others = [OWNER, AGGREGATOR, GUARDIAN, KEY_HOLDER, OUTSIDER];
        for (uint256 i = 0; i < others.length; ++i) {
            _refusesVoter(others[i]);
        }
        _leaves(BAY);
        _refusesVoter(BAY);
    }

    function test_oneVoteAMember() public {
        _vote(BAY, _id);
        address[2] memory voters = [ADA, BAY];
        for (uint256 i = 0; i < voters.length; ++i) {
            bytes memory expected =
                abi.encodeWithSelector(ICouncilErrors.AlreadyVoted.selector, _id, voters[i]);
            _councilRefuses(voters[i], _voting(_id, council.digest(_id)), expected);
        }
        _assertTally(_id, 2, 4, 3);
    }

    function test_aVoteIsForWhatTheVoterRead() public {
        bytes32 actual = council.digest(_id);
        bytes32[4] memory others = [
            bytes32(0),
            keccak256(abi.encode(address(registry), _tombstoning(), WHY)),
            keccak256(abi.encode(address(router), abi.encodeCall(router.remove, (ADMISSION_CIRCUIT)), WHY)),
            keccak256(abi.encode(address(router), _tombstoning(), "another reason"))
        ];
        for (uint256 i = 0; i < others.length; ++i) {
            _councilRefuses(
                BAY,
                _voting(_id, others[i]),
                abi.encodeWithSelector(ICouncilErrors.DigestMismatch.selector, _id, actual, others[i])
            );
        }
    }

    function test_aProposalThatIsNotThere() public {
        uint256[3] memory numbers = [0, _id + 1, type(uint256).max];
        for (uint256 i = 0; i < numbers.length; ++i) {
            bytes memory expected =
                abi.encodeWithSelector(ICouncilErrors.ProposalUnknown.selector, numbers[i]);
            _councilRefuses(BAY, _voting(numbers[i], council.digest(numbers[i])), expected);
            _councilRefuses(BAY, abi.encodeCall(council.withdrawVote, (numbers[i])), expected);
            _councilRefuses(BAY, abi.encodeCall(council.recount, (numbers[i])), expected);
            _councilRefuses(BAY, abi.encodeCall(council.execute, (numbers[i])), expected);
        }
    }

    function _refusesVoter(
        address account
    ) private {
        bytes memory expected = abi.encodeWithSelector(ICouncilErrors.NotAnActiveMember.selector, account);
        _councilRefuses(account, _voting(_id, council.digest(_id)), expected);
    }

    function _voting(
        uint256 proposalId,
        bytes32 digest
    ) private view returns (bytes memory) {
        return abi.encodeCall(council.vote, (proposalId, digest));
    }
}
