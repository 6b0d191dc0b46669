// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumRegistry} from "./IConsortiumRegistry.sol";

/// @notice What a member has at stake.
/// @param staked Counts towards the bond.
/// @param leaving On its way out; does not count, and can still be slashed.
/// @param leavesAt When it can be withdrawn, Unix time.
struct Stake {
    uint256 staked;
    uint256 leaving;
    uint64 leavesAt;
}

/// @title Bonds of a consortium's members, in the chain's own currency
/// @notice Whoever the registry excludes with blame loses its bond at once, to a beneficiary that
/// is fixed. Nobody else can take anything, but whoever takes over a member: stakes belong to a
/// member's id and follow it to a new account, which the owner of the registry can name for a
/// member that raises no objection in two days.
interface IBondVault {
    /// @notice A bond must not be zero, and a beneficiary must be named.
    error InvalidBond(uint256 bond, address beneficiary);
    /// @notice The account is no member's.
    error NoMember(address account);
    /// @notice Only the registry slashes.
    error NotTheRegistry(address sender);
    /// @notice Nothing was sent, requested or left.
    error NothingToMove();
    /// @notice An active member withdraws no more than what is above the bond.
    error BondNeeded(uint256 memberId, uint256 amount, uint256 free);
    /// @notice The delay is not over.
    error WithdrawalTooEarly(uint256 leavesAt, uint256 timestamp);
    /// @notice The member is in a round that could still slash it.
    error RoundNotOver(uint256 roundId, uint256 freeAt);

    /// @notice Somebody staked for a member.
    event Deposited(uint256 indexed memberId, address indexed from, uint256 amount);
    /// @notice A stake can be withdrawn from `leavesAt` on.
    event WithdrawalRequested(uint256 indexed memberId, uint256 amount, uint64 leavesAt);
    /// @notice A request was undone; the stake counts again.
    event WithdrawalCancelled(uint256 indexed memberId, uint256 amount);
    /// @notice A stake was paid back.
    event Withdrawn(uint256 indexed memberId, address indexed to, uint256 amount);
    /// @notice A member was excluded with blame.
    event Slashed(uint256 indexed memberId, uint256 amount);
    /// @notice What was slashed was paid to the beneficiary.
    event Claimed(address indexed beneficiary, uint256 amount);

    /// @notice Stakes the value that is sent for a member; by anyone.
    /// @param member The member's account.
    function deposit(
        address member
    ) external payable;

    /// @notice Starts the delay of a withdrawal; by the member. An active one can take what is above
    /// the bond, any other everything. A further request adds to the first and starts the delay anew.
    /// @param amount In wei, not zero.
    function requestWithdrawal(
        uint256 amount
    ) external;

    /// @notice Takes the request back; by the member.
    function cancelWithdrawal() external;

    /// @notice Pays out what was requested; by the member, after the delay. Not while it is in a
    /// round that is in progress, but for one that has stood still for the delay beyond its
    /// deadline, as a round does that is paused for good. A pause alone stops no withdrawal.
    function withdraw() external;

    /// @notice Takes the bond of a member, or what is left of it; by the registry.
    /// @param memberId Of the member.
    function slash(
        uint256 memberId
    ) external;

    /// @notice Pays what was slashed to the beneficiary; by anyone.
    function claim() external;

    /// @notice The registry whose members stake; set once.
    function REGISTRY() external view returns (IConsortiumRegistry);

    /// @notice What a member must have at stake to take part, in wei; set once.
    function BOND() external view returns (uint256);

    /// @notice Seconds from a request to a withdrawal; set once.
    function DELAY() external view returns (uint64);

    /// @notice Who gets what is slashed; set once.
    function BENEFICIARY() external view returns (address payable);

    /// @notice What was slashed and not claimed.
    function slashed() external view returns (uint256);

    /// @notice What a member has at stake.
    /// @param memberId Any number.
    function stakeOf(
        uint256 memberId
    ) external view returns (Stake memory);

    /// @notice Whether a member's stake covers the bond.
    /// @param memberId Any number.
    function covers(
        uint256 memberId
    ) external view returns (bool);
}
