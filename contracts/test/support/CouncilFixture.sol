// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {MemberCouncil} from "../../src/MemberCouncil.sol";
import {CouncilRules, IMemberCouncil, ProposalStatus} from "../../src/interfaces/IMemberCouncil.sol";
import {ConsortiumFixture} from "./ConsortiumFixture.sol";

/// @title A consortium of Ada, Bay, Cay and Dee, handed over to their council
/// @dev Of 4 active members 3 are a quorum, of 5 members 4, of 3 members 2.
abstract contract CouncilFixture is ConsortiumFixture {
    uint16 internal constant QUORUM_BPS = 6666;
    uint32 internal constant DELAY = 2 days;
    uint32 internal constant MEMBERSHIP_DELAY = 1 hours;
    uint32 internal constant LIFETIME = 14 days;
    uint256 internal constant START = 1_800_000_000;
    string internal constant WHY = "as agreed in the meeting";

    address internal constant EVE = address(uint160(uint256(keccak256("eve"))));

    MemberCouncil internal council;

    // --- founding ---

    function _rules() internal pure virtual returns (CouncilRules memory) {
        return CouncilRules(QUORUM_BPS, DELAY, MEMBERSHIP_DELAY, LIFETIME);
    }

    function _foundWithCouncil() internal {
        vm.warp(START);
        _deploy(_config());
        _found();
        _join(DEE, "Dee");
        council = new MemberCouncil(registry, _rules());
        _handOver();
    }

    function _handOver() internal {
        vm.prank(OWNER);
        router.transferOwnership(address(council));
        council.acceptRouter();
        vm.prank(OWNER);
        registry.grantRole(0, address(council));
        vm.prank(OWNER);
        registry.renounceRole(0, OWNER);
    }

    // --- steps ---

    function _propose(
        address member,
        address target,
        bytes memory call
    ) internal returns (uint256) {
        vm.prank(member);
        return council.propose(target, call, WHY);
    }

    function _vote(
        address member,
        uint256 proposalId
    ) internal {
        bytes32 read = council.digest(proposalId);
        vm.prank(member);
        council.vote(proposalId, read);
    }

    function _withdraw(
        address member,
        uint256 proposalId
    ) internal {
        vm.prank(member);
        council.withdrawVote(proposalId);
    }

    /// @dev Ada proposes, Bay and Cay vote: the quorum of four.
    function _passed(
        address target,
        bytes memory call
    ) internal returns (uint256 proposalId) {
        proposalId = _propose(ADA, target, call);
        _vote(BAY, proposalId);
        _vote(CAY, proposalId);
    }

    function _decided(
        address target,
        bytes memory call
    ) internal returns (uint256 proposalId) {
        proposalId = _passed(target, call);
        vm.warp(block.timestamp + DELAY);
        council.execute(proposalId);
    }

    function _adding(
        address member,
        string memory name
    ) internal view returns (bytes memory) {
        return abi.encodeCall(registry.addMember, (member, name));
    }

    function _removing(
        address member
    ) internal view returns (bytes memory) {
        return abi.encodeCall(registry.removeMember, (member));
    }

    function _granting(
        bytes32 role,
        address account
    ) internal pure returns (bytes memory) {
        return abi.encodeCall(IAccessControl.grantRole, (role, account));
    }

    function _tombstoning() internal view returns (bytes memory) {
        return abi.encodeCall(router.remove, (TRAINING_CIRCUIT));
    }

    /// @dev What a registry with `leave()` would do, past any council.
    function _leaves(
        address member
    ) internal {
        _withoutCouncil(_removing(member));
    }

    /// @dev A change of membership that the council does not hear of. Its own power is what
    /// the test borrows; the council itself has no such path.
    function _withoutCouncil(
        bytes memory call
    ) internal {
        vm.prank(address(council));
        (bool done,) = address(registry).call(call);
        vm.assertTrue(done, "the registry refused");
    }

    // --- refusals and outcomes ---

    function _councilRefuses(
        address sender,
        bytes memory call,
        bytes memory expected
    ) internal {
        _refused(sender, address(council), call, expected);
    }

    function _refusesToExecute(
        uint256 proposalId,
        bytes memory expected
    ) internal {
        _councilRefuses(OUTSIDER, abi.encodeCall(council.execute, (proposalId)), expected);
    }

    function _refusesProposal(
        address target,
        bytes memory data,
        bytes memory expected
    ) internal {
        _councilRefuses(ADA, abi.encodeCall(council.propose, (target, data, WHY)), expected);
    }

    function _assertTally(
        uint256 proposalId,
        uint256 votes,
        uint256 active,
        uint256 needed
    ) internal view {
        (uint256 v, uint256 a, uint256 n) = council.tally(proposalId);
        vm.assertEq(v, votes, "votes");
        vm.assertEq(a, active, "active");
        vm.assertEq(n, needed, "needed");
    }

    function _assertProposal(
        uint256 proposalId,
        ProposalStatus status
    ) internal view {
        vm.assertEq(uint256(council.status(proposalId)), uint256(status), "status");
    }

    function _expectCouncilEvent() internal {
        vm.expectEmit(true, true, true, true, address(council));
    }
}

/// @title A test over a consortium that its council governs
abstract contract CouncilTest is CouncilFixture {
    function setUp() public virtual {
        _foundWithCouncil();
    }
}
