// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICouncilErrors} from "../../src/interfaces/ICouncilErrors.sol";
import {Action} from "../../src/interfaces/IMemberCouncil.sol";
import {CouncilTest} from "../support/CouncilFixture.sol";

/// @title A member has one vote, however many accounts it had
contract RotatedAccountsTest is CouncilTest {
    address private constant NEW = address(uint160(uint256(keccak256("bay's new account"))));

    function test_nobodyVotesTwiceWithTwoKeys() public {
        uint256 id = _propose(ADA, address(router), _tombstoning());
        _vote(BAY, id);
        _rotate(BAY, NEW);
        vm.assertTrue(council.voted(id, NEW), "the vote is the member's");
        vm.assertTrue(!council.voted(id, BAY), "not the account's");
        _assertTally(id, 2, 4, 3);
        bytes32 digest = council.digest(id);
        bytes memory twice = abi.encodeWithSelector(ICouncilErrors.AlreadyVoted.selector, id, NEW);
        _councilRefuses(NEW, abi.encodeCall(council.vote, (id, digest)), twice);
        bytes memory gone = abi.encodeWithSelector(ICouncilErrors.NotAnActiveMember.selector, BAY);
        _councilRefuses(BAY, abi.encodeCall(council.vote, (id, digest)), gone);
    }

    function test_theNewAccountVotesAndWithdraws() public {
        uint256 id = _propose(ADA, address(router), _tombstoning());
        _vote(BAY, id);
        _rotate(BAY, NEW);
        bytes memory none = abi.encodeWithSelector(ICouncilErrors.NotVoted.selector, id, BAY);
        _councilRefuses(BAY, abi.encodeCall(council.withdrawVote, (id)), none);
        _withdraw(NEW, id);
        _assertTally(id, 1, 4, 3);
        _vote(NEW, id);
        _assertTally(id, 2, 4, 3);
    }

    function test_aQuorumOutlastsARotation() public {
        uint256 id = _passed(address(router), _tombstoning());
        _rotate(BAY, NEW);
        vm.warp(block.timestamp + DELAY);
        council.execute(id);
    }

    function test_theCouncilNominatesForWhoLostItsKey() public {
        bytes memory call = abi.encodeCall(registry.nominateAccount, (BAY, NEW));
        uint256 id = _propose(ADA, address(registry), call);
        vm.assertEq(uint256(council.proposal(id).action), uint256(Action.NominateAccount), "action");
        _vote(CAY, id);
        _vote(DEE, id);
        // a change of membership, so that its delay is that of one
        vm.warp(block.timestamp + MEMBERSHIP_DELAY);
        council.execute(id);
        vm.assertEq(registry.nominationOf(BAY).account, NEW, "nominated");
        vm.warp(block.timestamp + 2 days);
        vm.prank(NEW);
        registry.acceptAccount(BAY);
        vm.assertTrue(registry.memberOf(NEW).active, "goes on");
    }

    function test_aDirtyNominationIsRefused() public {
        bytes memory call = abi.encodeCall(registry.nominateAccount, (BAY, NEW));
        bytes4 selector = registry.nominateAccount.selector;
        bytes memory longer = bytes.concat(call, hex"00");
        _refusesProposal(address(registry), longer, _malformed(selector, longer.length));
        bytes memory dirty = bytes.concat(call);
        dirty[4] = 0x01;
        _refusesProposal(address(registry), dirty, _malformed(selector, dirty.length));
        bytes memory shorter = abi.encodeWithSelector(selector, BAY);
        _refusesProposal(address(registry), shorter, _malformed(selector, shorter.length));
    }

    function test_whoReturnsAfterARotationHasNoOldVotes() public {
        uint256 id = _propose(ADA, address(router), _tombstoning());
        _vote(BAY, id);
        _rotate(BAY, NEW);
        _leaves(NEW);
        uint256 adding = _propose(ADA, address(registry), _adding(NEW, "Bay"));
        _vote(CAY, adding);
        _vote(DEE, adding);
        vm.warp(block.timestamp + MEMBERSHIP_DELAY);
        council.execute(adding);
        vm.assertTrue(!council.voted(id, NEW), "no vote from before");
    }

    function _malformed(
        bytes4 selector,
        uint256 length
    ) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ICouncilErrors.MalformedCall.selector, selector, length);
    }

    function _rotate(
        address account,
        address newAccount
    ) private {
        vm.prank(account, account);
        registry.nominateAccount(account, newAccount);
        vm.prank(newAccount);
        registry.acceptAccount(account);
    }
}
