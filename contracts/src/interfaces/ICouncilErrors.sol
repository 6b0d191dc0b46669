// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Why the council refuses; each error carries the offending value
interface ICouncilErrors {
    /// @notice The registry address holds no contract.
    error RegistryHasNoCode(address registry);
    /// @notice A rule that would let a minority decide, or nobody: see `MemberCouncil`.
    error InvalidRule(string rule, uint256 value);
    /// @notice The council may not make this call, whoever votes for it.
    error CallNotAllowed(address target, bytes4 selector);
    /// @notice Roles of daily work alone are given by vote; nobody joins the council as admin.
    error RoleNotAllowed(bytes32 role);
    /// @notice The call is not the canonical encoding of its arguments, so what voters read
    /// could differ from what is done.
    error MalformedCall(bytes4 selector, uint256 length);
    /// @notice A description has 1 to 512 bytes.
    error InvalidDescription(uint256 length);
    /// @notice The account is no active member of the registry.
    error NotAnActiveMember(address account);
    /// @notice No proposal has this number.
    error ProposalUnknown(uint256 proposalId);
    /// @notice The proposal is not the one that the voter read.
    error DigestMismatch(uint256 proposalId, bytes32 actual, bytes32 expected);
    /// @notice The proposal has been executed before.
    error ProposalExecuted(uint256 proposalId);
    /// @notice The proposal's lifetime is over; propose anew.
    error ProposalExpired(uint256 proposalId, uint256 expiresAt, uint256 timestamp);
    /// @notice One vote a member and proposal.
    error AlreadyVoted(uint256 proposalId, address member);
    /// @notice There is no vote to withdraw.
    error NotVoted(uint256 proposalId, address member);
    /// @notice Too few of today's members vote for it.
    error QuorumNotReached(uint256 proposalId, uint256 votes, uint256 needed);
    /// @notice The quorum holds, and nobody has recorded it: call `recount` to start the delay.
    error QuorumNotRecorded(uint256 proposalId);
    /// @notice The delay after the quorum is not over.
    error DelayNotOver(uint256 proposalId, uint256 readyAt, uint256 timestamp);
}
