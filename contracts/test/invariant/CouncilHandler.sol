// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {Proposal, ProposalStatus} from "../../src/interfaces/IMemberCouncil.sol";
import {CouncilFixture} from "../support/CouncilFixture.sol";

/// @title Everybody's calls under a council, at random, with an account of what they changed
/// @dev Members join and leave by vote, leave past the council, vote, withdraw and execute;
/// former owner, guardian, members and outsiders try to take the powers for themselves.
contract CouncilHandler is CouncilFixture {
    uint256 private constant ACTORS = 10;

    uint256 public executions;
    /// @dev Empty as long as all changes of power and membership were executed proposals.
    string public violation;

    constructor() {
        _foundWithCouncil();
    }

    // --- the council's own verbs ---

    function propose(
        uint256 who,
        uint256 what,
        uint256 whom
    ) external {
        (address target, bytes memory call) = _someCall(what, whom);
        _act(_actor(who), address(council), abi.encodeCall(council.propose, (target, call, WHY)));
    }

    function vote(
        uint256 who,
        uint256 which
    ) external {
        uint256 id = _proposal(which);
        _act(_actor(who), address(council), abi.encodeCall(council.vote, (id, council.digest(id))));
    }

    /// @dev Enough votes for most proposals, so that campaigns get somewhere.
    function voteTogether(
        uint256 which
    ) external {
        uint256 id = _proposal(which);
        bytes memory call = abi.encodeCall(council.vote, (id, council.digest(id)));
        for (uint256 i = 0; i < ACTORS; ++i) {
            _act(_actor(i), address(council), call);
        }
    }

    function withdraw(
        uint256 who,
        uint256 which
    ) external {
        _act(_actor(who), address(council), abi.encodeCall(council.withdrawVote, (_proposal(which))));
    }

    function recount(
        uint256 which
    ) external {
        _act(OUTSIDER, address(council), abi.encodeCall(council.recount, (_proposal(which))));
    }

    function execute(
        uint256 who,
        uint256 which
    ) public {
        uint256 id = _proposal(which);
        Proposal memory before = council.proposal(id);
        ProposalStatus status = council.status(id);
        (uint256 votes, uint256 active,) = council.tally(id);
        bool done = _try(_actor(who), address(council), abi.encodeCall(council.execute, (id)));
        if (!done) return;
        ++executions;
        if (status != ProposalStatus.Ready) _violates("executed before it was ready");
        if (before.executed) _violates("executed twice");
        if (votes * 10_000 < active * QUORUM_BPS) _violates("executed by a minority");
        if (!council.proposal(id).executed) _violates("executed and not marked");
    }

    function wait_(
        uint256 time
    ) external {
        vm.warp(block.timestamp + time % (3 days));
    }

    // --- everything else ---

    /// @dev As `leave()` of a registry would.
    function leave(
        uint256 who
    ) external {
        if (_activeMembers() < 3) return;
        _try(address(council), address(registry), _removing(_actor(who)));
    }

    function grab(
        uint256 who,
        uint256 how,
        uint256 whom
    ) external {
        (address target, bytes memory call) = _someCall(how, whom);
        _act(_actor(who), target, call);
    }

    function pauseOrUnpause(
        bool paused
    ) external {
        _act(GUARDIAN, address(registry), paused ? _pausing() : abi.encodeCall(registry.unpause, ()));
    }

    function acceptRouter(
        uint256 who
    ) external {
        _act(_actor(who), address(council), abi.encodeCall(council.acceptRouter, ()));
    }

    /// @dev Calls that no ABI names.
    function callAnything(
        uint256 who,
        uint256 where,
        bytes calldata call
    ) external {
        address[3] memory targets = [address(council), address(registry), address(router)];
        _act(_actor(who), targets[where % 3], call);
    }

    // --- for the invariants ---

    function actors() external pure returns (address[] memory all) {
        all = new address[](ACTORS);
        for (uint256 i = 0; i < ACTORS; ++i) {
            all[i] = _actor(i);
        }
    }

    function contracts() external view returns (address, address, address) {
        return (address(council), address(registry), address(router));
    }

    // --- inside ---

    /// @dev No call but an execution changes who the members are or which circuits are routed.
    function _act(
        address sender,
        address target,
        bytes memory call
    ) private {
        bytes32 before = _powers();
        _try(sender, target, call);
        if (_powers() != before) _violates("powers changed without an execution");
    }

    function _try(
        address sender,
        address target,
        bytes memory call
    ) private returns (bool done) {
        vm.prank(sender);
        (done,) = target.call(call);
    }

    function _powers() private view returns (bytes32) {
        address[] memory members = registry.members();
        bool[] memory flags = new bool[](members.length + 3 * ACTORS);
        bytes32[3] memory roles =
            [registry.AGGREGATOR_ROLE(), registry.GUARDIAN_ROLE(), registry.KEY_HOLDER_ROLE()];
        uint256 place;
        for (uint256 i = 0; i < members.length; ++i) {
            flags[place++] = registry.memberOf(members[i]).active;
        }
        for (uint256 i = 0; i < 3 * ACTORS; ++i) {
            flags[place++] = registry.hasRole(roles[i % 3], _actor(i / 3));
        }
        return keccak256(
            abi.encode(members, flags, router.route(TRAINING_CIRCUIT), router.owner(), router.pendingOwner())
        );
    }

    function _someCall(
        uint256 what,
        uint256 whom
    ) private view returns (address, bytes memory) {
        address account = _actor(whom);
        bytes32 role = whom % 2 == 0 ? registry.AGGREGATOR_ROLE() : registry.GUARDIAN_ROLE();
        what = what % 11;
        if (what == 0) return (address(registry), _adding(account, "Joins"));
        if (what == 1) return (address(registry), _removing(account));
        if (what == 2) return (address(registry), _granting(role, account));
        if (what == 3) {
            return (address(registry), abi.encodeCall(IAccessControl.revokeRole, (role, account)));
        }
        if (what == 4) return (address(registry), _granting(0, account));
        if (what == 5) return (address(registry), abi.encodeCall(IAccessControl.renounceRole, (0, account)));
        if (what == 6) return (address(router), _tombstoning());
        if (what == 7) return (address(router), abi.encodeCall(router.transferOwnership, (account)));
        if (what == 8) return (address(router), abi.encodeCall(router.acceptOwnership, ()));
        if (what == 9) return (address(router), abi.encodeCall(router.renounceOwnership, ()));
        bytes memory route =
            abi.encodeCall(router.register, (bytes32(whom), address(trainingVerifier), 400, 6));
        return (address(router), route);
    }

    function _pausing() private view returns (bytes memory) {
        return abi.encodeCall(registry.pause, ());
    }

    function _proposal(
        uint256 which
    ) private view returns (uint256) {
        // zero and one too many among them
        return which % (council.proposalCount() + 2);
    }

    function _activeMembers() private view returns (uint256 active) {
        (, active,) = council.tally(0);
    }

    function _actor(
        uint256 who
    ) private pure returns (address) {
        return [ADA, BAY, CAY, DEE, EVE, OWNER, AGGREGATOR, GUARDIAN, KEY_HOLDER, OUTSIDER][who % ACTORS];
    }

    function _violates(
        string memory what
    ) private {
        if (bytes(violation).length == 0) violation = what;
    }
}
