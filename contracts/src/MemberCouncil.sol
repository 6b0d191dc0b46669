// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {CouncilCalls} from "./CouncilCalls.sol";
import {IConsortiumRegistry} from "./interfaces/IConsortiumRegistry.sol";
import {
    Action,
    CouncilRules,
    IMemberCouncil,
    Proposal,
    ProposalStatus
} from "./interfaces/IMemberCouncil.sol";

/// @title The consortium's governance
/// @dev Votes are counted against the registry as it is now, never as it was: a member that
/// left neither votes nor raises the quorum. It holds no ether and delegates to nobody.
contract MemberCouncil is CouncilCalls {
    uint256 private constant BPS = 10_000;
    uint256 private constant MAX_DESCRIPTION = 512;

    uint16 private immutable QUORUM_BPS;
    uint32 private immutable DELAY;
    uint32 private immutable MEMBERSHIP_DELAY;
    uint32 private immutable LIFETIME;

    /// @inheritdoc IMemberCouncil
    uint256 public proposalCount;
    mapping(uint256 proposalId => Proposal) private _proposals;
    /// @dev By the member's id, which outlasts its accounts: nobody votes twice with two keys. The
    /// member's term plus one, as it was when the member voted; 0 without a vote.
    mapping(uint256 proposalId => mapping(uint256 memberId => uint256)) private _votes;
    /// @dev How often the council added the member anew: who returns does so without old votes.
    mapping(uint256 memberId => uint256) private _terms;

    constructor(
        IConsortiumRegistry registry,
        CouncilRules memory rules_
    ) CouncilCalls(registry) {
        // two quorums of more than half share a member, so no two halves decide apart
        if (rules_.quorumBps <= BPS / 2 || rules_.quorumBps > BPS) {
            revert InvalidRule("quorumBps", rules_.quorumBps);
        }
        if (rules_.lifetime <= Math.max(rules_.delay, rules_.membershipDelay)) {
            revert InvalidRule("lifetime", rules_.lifetime);
        }
        QUORUM_BPS = rules_.quorumBps;
        DELAY = rules_.delay;
        MEMBERSHIP_DELAY = rules_.membershipDelay;
        LIFETIME = rules_.lifetime;
    }

    // --- proposals and votes ---

    /// @inheritdoc IMemberCouncil
    function propose(
        address target,
        bytes calldata data,
        string calldata description
    ) external returns (uint256 proposalId) {
        _requireActive(msg.sender);
        uint256 length = bytes(description).length;
        if (length == 0 || length > MAX_DESCRIPTION) revert InvalidDescription(length);
        Action action = _actionOf(target, data);
        proposalId = ++proposalCount;
        Proposal storage entry = _proposals[proposalId];
        entry.proposer = msg.sender;
        entry.action = action;
        entry.proposedAt = uint64(block.timestamp);
        entry.expiresAt = uint64(block.timestamp) + LIFETIME;
        entry.target = target;
        entry.data = data;
        entry.description = description;
        emit Proposed(proposalId, msg.sender, action, _digest(entry), entry.expiresAt);
        _cast(proposalId, entry);
    }

    /// @inheritdoc IMemberCouncil
    function vote(
        uint256 proposalId,
        bytes32 expected
    ) external {
        _requireActive(msg.sender);
        Proposal storage entry = _pending(proposalId);
        bytes32 actual = _digest(entry);
        if (actual != expected) revert DigestMismatch(proposalId, actual, expected);
        if (voted(proposalId, msg.sender)) revert AlreadyVoted(proposalId, msg.sender);
        _cast(proposalId, entry);
    }

    /// @inheritdoc IMemberCouncil
    function withdrawVote(
        uint256 proposalId
    ) external {
        Proposal storage entry = _pending(proposalId);
        if (!voted(proposalId, msg.sender)) revert NotVoted(proposalId, msg.sender);
        delete _votes[proposalId][REGISTRY.memberIdOf(msg.sender)];
        emit VoteWithdrawn(proposalId, msg.sender);
        (uint256 votes,, uint256 needed) = tally(proposalId);
        _record(proposalId, entry, votes >= needed);
    }

    /// @inheritdoc IMemberCouncil
    function recount(
        uint256 proposalId
    ) external {
        Proposal storage entry = _pending(proposalId);
        (uint256 votes,, uint256 needed) = tally(proposalId);
        _record(proposalId, entry, votes >= needed);
    }

    // --- execution ---

    /// @inheritdoc IMemberCouncil
    function execute(
        uint256 proposalId
    ) external {
        Proposal storage entry = _pending(proposalId);
        (uint256 votes,, uint256 needed) = tally(proposalId);
        if (votes < needed) revert QuorumNotReached(proposalId, votes, needed);
        if (entry.quorumSince == 0) revert QuorumNotRecorded(proposalId);
        uint256 readyAt = _readyAt(entry);
        if (block.timestamp < readyAt) revert DelayNotOver(proposalId, readyAt, block.timestamp);
        entry.executed = true;
        bytes memory data = entry.data;
        if (entry.action == Action.AddMember) ++_terms[REGISTRY.memberIdOf(_firstAddress(data))];
        emit Executed(proposalId, msg.sender);
        Address.functionCall(entry.target, data);
    }

    /// @inheritdoc IMemberCouncil
    function acceptRouter() external {
        Ownable2Step(address(ROUTER)).acceptOwnership();
    }

    // --- views ---

    /// @inheritdoc IMemberCouncil
    function rules() external view returns (CouncilRules memory) {
        return CouncilRules(QUORUM_BPS, DELAY, MEMBERSHIP_DELAY, LIFETIME);
    }

    /// @inheritdoc IMemberCouncil
    function proposal(
        uint256 proposalId
    ) external view returns (Proposal memory) {
        return _proposals[proposalId];
    }

    /// @inheritdoc IMemberCouncil
    function digest(
        uint256 proposalId
    ) external view returns (bytes32) {
        return _digest(_proposals[proposalId]);
    }

    /// @inheritdoc IMemberCouncil
    function status(
        uint256 proposalId
    ) external view returns (ProposalStatus) {
        Proposal storage entry = _proposals[proposalId];
        if (entry.proposer == address(0)) return ProposalStatus.None;
        if (entry.executed) return ProposalStatus.Executed;
        if (block.timestamp > entry.expiresAt) return ProposalStatus.Expired;
        (uint256 votes,, uint256 needed) = tally(proposalId);
        if (votes < needed || entry.quorumSince == 0) return ProposalStatus.Voting;
        return block.timestamp < _readyAt(entry) ? ProposalStatus.Delayed : ProposalStatus.Ready;
    }

    /// @inheritdoc IMemberCouncil
    function tally(
        uint256 proposalId
    ) public view returns (uint256 votes, uint256 active, uint256 needed) {
        address[] memory members = REGISTRY.members();
        for (uint256 i = 0; i < members.length; ++i) {
            if (!_isActive(members[i])) continue;
            ++active;
            if (voted(proposalId, members[i])) ++votes;
        }
        // nobody is no quorum
        needed = Math.max(1, Math.ceilDiv(active * QUORUM_BPS, BPS));
    }

    /// @inheritdoc IMemberCouncil
    function voted(
        uint256 proposalId,
        address member
    ) public view returns (bool) {
        uint256 id = REGISTRY.memberIdOf(member);
        return id != 0 && _votes[proposalId][id] == _terms[id] + 1;
    }

    // --- inside ---

    /// @dev First records whether the quorum outlasted changes of members that nobody
    /// recounted: if it did not, the delay has to start again.
    function _cast(
        uint256 proposalId,
        Proposal storage entry
    ) private {
        (uint256 votes,, uint256 needed) = tally(proposalId);
        _record(proposalId, entry, votes >= needed);
        uint256 id = REGISTRY.memberIdOf(msg.sender);
        _votes[proposalId][id] = _terms[id] + 1;
        emit Voted(proposalId, msg.sender);
        _record(proposalId, entry, votes + 1 >= needed);
    }

    function _record(
        uint256 proposalId,
        Proposal storage entry,
        bool holds
    ) private {
        if (holds == (entry.quorumSince != 0)) return;
        entry.quorumSince = holds ? uint64(block.timestamp) : 0;
        if (holds) emit QuorumReached(proposalId, uint64(_readyAt(entry)));
        else emit QuorumLost(proposalId);
    }

    function _readyAt(
        Proposal storage entry
    ) private view returns (uint256) {
        Action action = entry.action;
        bool membership =
            action == Action.AddMember || action == Action.RemoveMember || action == Action.NominateAccount;
        return uint256(entry.quorumSince) + (membership ? MEMBERSHIP_DELAY : DELAY);
    }

    function _digest(
        Proposal storage entry
    ) private view returns (bytes32) {
        return keccak256(abi.encode(entry.target, entry.data, entry.description));
    }

    function _pending(
        uint256 proposalId
    ) private view returns (Proposal storage entry) {
        entry = _proposals[proposalId];
        if (entry.proposer == address(0)) revert ProposalUnknown(proposalId);
        if (entry.executed) revert ProposalExecuted(proposalId);
        if (block.timestamp > entry.expiresAt) {
            revert ProposalExpired(proposalId, entry.expiresAt, block.timestamp);
        }
    }

    function _requireActive(
        address account
    ) private view {
        if (!_isActive(account)) revert NotAnActiveMember(account);
    }

    function _isActive(
        address account
    ) private view returns (bool) {
        return REGISTRY.memberOf(account).active;
    }

    /// @dev The first argument of a call that `_actionOf` accepted.
    function _firstAddress(
        bytes memory data
    ) private pure returns (address account) {
        assembly ("memory-safe") {
            account := mload(add(data, 36))
        }
    }
}
