// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumRegistry} from "./IConsortiumRegistry.sol";
import {IVerifierRouter} from "./IVerifierRouter.sol";

/// @notice All that a council can ever do.
enum Action {
    AddMember,
    RemoveMember,
    GrantRole,
    RevokeRole,
    RenounceRole,
    RegisterCircuit,
    RemoveCircuit,
    NominateAccount
}

/// @notice Where a proposal stands, counted with today's members.
/// `Voting`: too few votes, or a quorum that nobody has recorded. `Delayed`: passed, and the
/// delay runs. `Ready`: anyone may execute it.
enum ProposalStatus {
    None,
    Voting,
    Delayed,
    Ready,
    Executed,
    Expired
}

/// @notice One call to vote on.
/// @param proposer Who proposed it.
/// @param action What the call does.
/// @param executed Whether it was done.
/// @param proposedAt Unix time.
/// @param expiresAt Last second to vote or execute, Unix time.
/// @param quorumSince When the quorum was recorded, Unix time; 0 without one.
/// @param target Registry or router.
/// @param data The call.
/// @param description As the proposer wrote it: anything, UTF-8 or not.
struct Proposal {
    address proposer;
    Action action;
    bool executed;
    uint64 proposedAt;
    uint64 expiresAt;
    uint64 quorumSince;
    address target;
    bytes data;
    string description;
}

/// @notice What a council never changes.
/// @param quorumBps Votes needed, in 1/10000 of the active members, rounded up; above 5000.
/// @param delay Seconds from quorum to execution, for roles and circuits.
/// @param membershipDelay The same for members; may be 0.
/// @param lifetime Seconds from proposal to expiry, more than both delays.
struct CouncilRules {
    uint16 quorumBps;
    uint32 delay;
    uint32 membershipDelay;
    uint32 lifetime;
}

/// @title The registry's active members, who decide together; one member, one vote
/// @notice Holds the registry's DEFAULT_ADMIN_ROLE and owns the router. It makes the calls of
/// `Action` and no other, and can give its powers to nobody.
interface IMemberCouncil {
    /// @notice A member proposed a call, and voted for it.
    event Proposed(
        uint256 indexed proposalId,
        address indexed proposer,
        Action indexed action,
        bytes32 digest,
        uint64 expiresAt
    );
    /// @notice A member voted for a proposal.
    event Voted(uint256 indexed proposalId, address indexed member);
    /// @notice A member took its vote back.
    event VoteWithdrawn(uint256 indexed proposalId, address indexed member);
    /// @notice The proposal can be executed from `readyAt` on, if the quorum lasts.
    event QuorumReached(uint256 indexed proposalId, uint64 readyAt);
    /// @notice The quorum is lost; when it comes back the delay starts again.
    event QuorumLost(uint256 indexed proposalId);
    /// @notice The call was made.
    event Executed(uint256 indexed proposalId, address indexed executor);

    /// @notice Proposes a call and votes for it; by an active member.
    /// @param target Registry or router.
    /// @param data A call of `Action`, canonically encoded.
    /// @param description 1 to 512 bytes for people to read; it decides nothing.
    /// @return proposalId 1 for the first.
    function propose(
        address target,
        bytes calldata data,
        string calldata description
    ) external returns (uint256 proposalId);

    /// @notice Votes for a proposal; by an active member. Not voting is voting against.
    /// @param proposalId A proposal neither executed nor expired.
    /// @param expected `digest` of what the voter read, so that neither an endpoint that lies
    /// nor blocks that are undone turn the vote to another proposal.
    function vote(
        uint256 proposalId,
        bytes32 expected
    ) external;

    /// @notice Takes the sender's vote back.
    /// @param proposalId A proposal neither executed nor expired.
    function withdrawVote(
        uint256 proposalId
    ) external;

    /// @notice Records whether the quorum holds among today's members; by anyone. Votes are
    /// counted by themselves; this is for members that come and go.
    /// @param proposalId A proposal neither executed nor expired.
    function recount(
        uint256 proposalId
    ) external;

    /// @notice Makes the call; by anyone, while the quorum holds, once the delay is over. What
    /// the registry or the router refuses is refused with their own error.
    /// @param proposalId A proposal neither executed nor expired.
    function execute(
        uint256 proposalId
    ) external;

    /// @notice Completes the transfer of the router to the council; by anyone, after its owner
    /// called `transferOwnership`.
    function acceptRouter() external;

    // --- views ---

    /// @notice Whose members vote; set once.
    function REGISTRY() external view returns (IConsortiumRegistry);

    /// @notice The registry's router; set once.
    function ROUTER() external view returns (IVerifierRouter);

    /// @notice Quorum, delays and lifetime; set once.
    function rules() external view returns (CouncilRules memory);

    /// @notice How many proposals there are; the latest one's number.
    function proposalCount() external view returns (uint256);

    /// @notice A proposal; empty where there is none.
    /// @param proposalId Any number.
    function proposal(
        uint256 proposalId
    ) external view returns (Proposal memory);

    /// @notice What a voter binds its vote to: keccak256(abi.encode(target, data, description)).
    /// @param proposalId Any number.
    function digest(
        uint256 proposalId
    ) external view returns (bytes32);

    /// @notice Where a proposal stands now.
    /// @param proposalId Any number.
    function status(
        uint256 proposalId
    ) external view returns (ProposalStatus);

    /// @notice Votes of today's members, today's members, and the votes that they need.
    /// @param proposalId Any number.
    function tally(
        uint256 proposalId
    ) external view returns (uint256 votes, uint256 active, uint256 needed);

    /// @notice Whether a member's vote stands. It does not count while the member is inactive,
    /// and is void once the member was added anew.
    /// @param proposalId Any number.
    /// @param member Any address.
    function voted(
        uint256 proposalId,
        address member
    ) external view returns (bool);
}
