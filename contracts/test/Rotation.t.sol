// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {IConsortiumEvents} from "../src/interfaces/IConsortiumEvents.sol";
import {BlameReason, Member, Nomination, RoundStatus} from "../src/interfaces/IConsortiumRegistry.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

/// @title A member goes on under another account
contract RotationTest is ConsortiumTest {
    address private constant NEW = address(uint160(uint256(keccak256("ada's new account"))));
    address private constant THIRD = address(uint160(uint256(keccak256("ada's third account"))));
    uint256 private constant OBJECTION = 2 days;

    // --- what moves ---

    function test_theNewAccountHasAllThatTheOldOneHad() public {
        _admit(ADA, 28, 701);
        Member memory before = registry.memberOf(ADA);
        uint256 id = registry.memberIdOf(ADA);
        _nominate(ADA, ADA, NEW);
        _expectEvent();
        emit IConsortiumEvents.AccountRotated(ADA, NEW);
        _accept(NEW, ADA);

        vm.assertEq(abi.encode(registry.memberOf(NEW)), abi.encode(before), "the record");
        vm.assertEq(registry.memberIdOf(NEW), id, "the id");
        vm.assertEq(registry.shardCount(NEW), 2, "shards");
        vm.assertEq(registry.shardOf(NEW, 1).count, 28, "the second");
        vm.assertEq(registry.members()[0], NEW, "its place");
        vm.assertEq(registry.members().length, 3, "no further member");
    }

    function test_theOldAccountIsEmpty() public {
        _rotate(ADA, NEW);
        Member memory empty;
        vm.assertEq(abi.encode(registry.memberOf(ADA)), abi.encode(empty), "no record");
        vm.assertEq(registry.memberIdOf(ADA), 0, "no id");
        vm.assertEq(registry.shardCount(ADA), 0, "no shards");
        vm.assertEq(registry.nominationOf(ADA).account, address(0), "no nomination");
        bytes memory stranger = abi.encodeWithSelector(IConsortiumErrors.NotAMember.selector, ADA);
        _refused(ADA, abi.encodeCall(registry.leave, ()), stranger);
        _refused(ADA, abi.encodeCall(registry.announceMaskKey, (keccak256("key"))), stranger);
        _refused(ADA, abi.encodeCall(registry.nominateAccount, (ADA, THIRD)), stranger);
    }

    function test_aRoundGoesOnUnderTheNewAccount() public {
        uint256 first = _toFinal();
        _rotate(ADA, NEW);
        uint256 second = _toFinal();
        vm.assertEq(registry.cohort(first)[0], ADA, "the old round keeps the old account");
        vm.assertTrue(registry.participation(first, ADA).weight != 0, "and its part");
        vm.assertEq(registry.cohort(second)[0], NEW, "the new round has the new one");
        vm.assertEq(registry.participation(second, ADA).weight, 0, "and not the old");
        vm.assertEq(registry.shardOf(NEW, 0).openings, 3, "openings go on");
    }

    function test_spentShardsStaySpent() public {
        while (registry.shardOf(ADA, 0).openings < registry.config().maxOpenings) {
            uint256 roundId = _open();
            _submit(ADA, roundId, 5000 + roundId, _g1(77));
            _push(roundId);
        }
        _join(DEE, "Dee");
        _announceKey(DEE);
        _admit(DEE, 50, 104);
        _rotate(ADA, NEW);
        vm.assertEq(registry.participation(_open(), NEW).weight, 0, "no blinders are left");
    }

    function test_theMaskKeyIsTheNewAccounts() public {
        bytes32 key = registry.memberOf(ADA).maskKey;
        _rotate(ADA, NEW);
        _refused(
            BAY,
            abi.encodeCall(registry.announceMaskKey, (key)),
            abi.encodeWithSelector(IConsortiumErrors.MaskKeyTaken.selector, key, NEW)
        );
        vm.prank(NEW, NEW);
        registry.announceMaskKey(key);
    }

    /// @dev It hashes the member's id: nobody tries accounts, or seeds, until a shard fits.
    function test_theSeedStays() public {
        _toFailed();
        bytes32 seed = registry.selectionSeed();
        _rotate(ADA, NEW);
        vm.assertTrue(seed != 0, "drawn");
        vm.assertEq(registry.selectionSeed(), seed, "the same");
    }

    function test_aMemberThatWasVotedOutCannotRotateAway() public {
        _rotate(ADA, NEW);
        vm.prank(OWNER);
        registry.removeMember(ADA);
        vm.assertTrue(!registry.memberOf(NEW).active, "removed under its new account");
    }

    function test_noStrangerIsRemoved() public {
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(IConsortiumErrors.NotAMember.selector, THIRD));
        registry.removeMember(THIRD);
    }

    function test_rolesStayWhereTheyAre() public {
        bytes32 role = registry.KEY_HOLDER_ROLE();
        vm.prank(OWNER);
        registry.grantRole(role, ADA);
        _rotate(ADA, NEW);
        vm.assertTrue(registry.hasRole(role, ADA), "the old account's");
        vm.assertTrue(!registry.hasRole(role, NEW), "not the new one's");
    }

    function test_accountsChangeMoreThanOnce() public {
        uint256 id = registry.memberIdOf(ADA);
        _rotate(ADA, NEW);
        _rotate(NEW, THIRD);
        vm.assertEq(registry.memberIdOf(THIRD), id, "id");
        vm.assertEq(registry.members()[0], THIRD, "place");
        _refusesNomination(THIRD, THIRD, ADA, _used(ADA));
        _refusesNomination(THIRD, THIRD, NEW, _used(NEW));
    }

    // --- blame ---

    function test_blameForAnOldRoundFindsTheNewAccount() public {
        uint256 roundId = _toFinal();
        uint256[] memory model = _firstModel(roundId);
        _rotate(ADA, NEW);
        _expectEvent();
        emit IConsortiumEvents.MemberExcluded(roundId, NEW, BlameReason.FalseAcknowledgement);
        registry.openModel(roundId, model, _quotient(model));
        vm.assertTrue(!registry.memberOf(NEW).active, "excluded");
        vm.assertEq(uint256(registry.memberOf(NEW).blame), uint256(BlameReason.FalseAcknowledgement), "blame");
        vm.assertEq(uint256(registry.memberOf(ADA).blame), 0, "nothing comes back to the old account");
    }

    function test_blameTravelsAlong() public {
        uint256 roundId = _toFinal();
        uint256[] memory model = _firstModel(roundId);
        registry.openModel(roundId, model, _quotient(model));
        _rotate(ADA, NEW);
        vm.assertTrue(!registry.memberOf(NEW).active, "still excluded");
        vm.assertEq(uint256(registry.memberOf(NEW).blame), uint256(BlameReason.FalseAcknowledgement), "blame");
    }

    // --- a lost key ---

    function test_theOwnerNominatesForWhoLostItsKey() public {
        uint64 notBefore = uint64(block.timestamp + OBJECTION);
        _expectEvent();
        emit IConsortiumEvents.AccountNominated(ADA, NEW, notBefore);
        _nominate(OWNER, ADA, NEW);
        Nomination memory nomination = registry.nominationOf(ADA);
        vm.assertEq(nomination.account, NEW, "account");
        vm.assertEq(nomination.notBefore, notBefore, "time");
        vm.warp(notBefore - 1);
        _refusesAcceptance(
            NEW,
            ADA,
            abi.encodeWithSelector(IConsortiumErrors.NominationTooEarly.selector, notBefore, block.timestamp)
        );
        vm.warp(notBefore);
        _accept(NEW, ADA);
        vm.assertTrue(registry.memberOf(NEW).active, "goes on");
    }

    function test_whoHasItsKeyUndoesTheOwnersNomination() public {
        _nominate(OWNER, ADA, NEW);
        _nominate(ADA, ADA, address(0));
        vm.warp(block.timestamp + OBJECTION);
        _refusesAcceptance(NEW, ADA, _notNominated(NEW, address(0)));
    }

    function test_theMembersOwnNominationNeedsNoTime() public {
        _nominate(OWNER, ADA, THIRD);
        _rotate(ADA, NEW);
        vm.assertTrue(registry.memberOf(NEW).active, "at once");
        vm.warp(block.timestamp + OBJECTION);
        _refusesAcceptance(THIRD, ADA, _notNominated(THIRD, address(0)));
    }

    // --- refusals ---

    function test_nobodyElseNominates() public {
        _refusesNomination(OUTSIDER, ADA, NEW, _unauthorized(OUTSIDER, 0));
        _refusesNomination(BAY, ADA, NEW, _unauthorized(BAY, 0));
        _refusesNomination(AGGREGATOR, ADA, NEW, _unauthorized(AGGREGATOR, 0));
    }

    function test_aStrangerHasNoAccountToGiveUp() public {
        bytes memory stranger = abi.encodeWithSelector(IConsortiumErrors.NotAMember.selector, OUTSIDER);
        _refusesNomination(OUTSIDER, OUTSIDER, NEW, stranger);
        _refusesNomination(OWNER, OUTSIDER, NEW, stranger);
    }

    function test_anAccountOfAMemberIsNotTaken() public {
        _refusesNomination(ADA, ADA, BAY, _used(BAY));
        _refusesNomination(ADA, ADA, ADA, _used(ADA));
        vm.prank(BAY);
        registry.leave();
        _refusesNomination(ADA, ADA, BAY, _used(BAY));
    }

    function test_norOneThatBecameAMemberSince() public {
        _nominate(ADA, ADA, NEW);
        _join(NEW, "Newcomer");
        _refusesAcceptance(NEW, ADA, _used(NEW));
    }

    function test_norOneThatTookOverAnotherSince() public {
        _nominate(ADA, ADA, NEW);
        _rotate(BAY, NEW);
        _refusesAcceptance(NEW, ADA, _used(NEW));
    }

    function test_anAccountThatWasGivenUpIsNeverAddedAgain() public {
        _rotate(ADA, NEW);
        _refused(OWNER, abi.encodeCall(registry.addMember, (ADA, "Ada")), _used(ADA));
    }

    function test_onlyTheNominatedAccountAccepts() public {
        _refusesAcceptance(NEW, ADA, _notNominated(NEW, address(0)));
        _nominate(ADA, ADA, NEW);
        _refusesAcceptance(ADA, ADA, _notNominated(ADA, NEW));
        _refusesAcceptance(OWNER, ADA, _notNominated(OWNER, NEW));
        _refusesAcceptance(
            NEW, BAY, abi.encodeWithSelector(IConsortiumErrors.NotNominated.selector, BAY, NEW, address(0))
        );
    }

    function test_notDuringARound() public {
        _nominate(ADA, ADA, NEW);
        uint256 roundId = _open();
        _refusesAcceptance(
            NEW,
            ADA,
            abi.encodeWithSelector(IConsortiumErrors.RoundInProgress.selector, roundId, RoundStatus.Open)
        );
    }

    function test_notWhilePaused() public {
        _nominate(ADA, ADA, NEW);
        vm.prank(GUARDIAN);
        registry.pause();
        bytes memory paused = abi.encodeWithSelector(Pausable.EnforcedPause.selector);
        _refusesAcceptance(NEW, ADA, paused);
        _refusesNomination(OWNER, ADA, THIRD, paused);
    }

    function test_aPauseTakesNobodyTheTimeToObject() public {
        _nominate(OWNER, ADA, NEW);
        vm.prank(GUARDIAN);
        registry.pause();
        _nominate(ADA, ADA, THIRD);
        vm.assertEq(registry.nominationOf(ADA).account, THIRD, "its own word counts");
    }

    // --- inside ---

    function _nominate(
        address sender,
        address account,
        address newAccount
    ) private {
        vm.prank(sender, sender);
        registry.nominateAccount(account, newAccount);
    }

    function _accept(
        address sender,
        address account
    ) private {
        vm.prank(sender);
        registry.acceptAccount(account);
    }

    function _rotate(
        address account,
        address newAccount
    ) private {
        _nominate(account, account, newAccount);
        _accept(newAccount, account);
    }

    function _used(
        address account
    ) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IConsortiumErrors.AccountUsed.selector, account);
    }

    function _notNominated(
        address sender,
        address nominated
    ) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IConsortiumErrors.NotNominated.selector, ADA, sender, nominated);
    }

    function _refusesNomination(
        address sender,
        address account,
        address newAccount,
        bytes memory expected
    ) private {
        _refused(sender, abi.encodeCall(registry.nominateAccount, (account, newAccount)), expected);
    }

    function _refusesAcceptance(
        address sender,
        address account,
        bytes memory expected
    ) private {
        _refused(sender, abi.encodeCall(registry.acceptAccount, (account)), expected);
    }
}
