// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IBondVault, Stake} from "./interfaces/IBondVault.sol";
import {IConsortiumRegistry, Round, RoundStatus} from "./interfaces/IConsortiumRegistry.sol";

/// @title The bonds of one consortium
/// @dev It pays by pull, and after its own books. The registry asks it whether a stake covers the
/// bond, and tells it to slash; neither can fail. It stores no sum over members, so that nothing
/// one member does weighs on another.
contract BondVault is IBondVault {
    /// @inheritdoc IBondVault
    IConsortiumRegistry public immutable REGISTRY;
    /// @inheritdoc IBondVault
    uint256 public immutable BOND;
    /// @inheritdoc IBondVault
    uint64 public immutable DELAY;
    /// @inheritdoc IBondVault
    address payable public immutable BENEFICIARY;

    /// @inheritdoc IBondVault
    uint256 public slashed;
    mapping(uint256 memberId => Stake) private _stakes;

    /// @dev The registry need not stand yet: it comes after the vault, which it names in turn.
    constructor(
        IConsortiumRegistry registry,
        uint256 bond,
        uint64 delay,
        address payable beneficiary
    ) {
        if (bond == 0 || beneficiary == address(0)) revert InvalidBond(bond, beneficiary);
        REGISTRY = registry;
        BOND = bond;
        DELAY = delay;
        BENEFICIARY = beneficiary;
    }

    // --- members ---

    /// @inheritdoc IBondVault
    function deposit(
        address member
    ) external payable {
        uint256 id = _idOf(member);
        if (msg.value == 0) revert NothingToMove();
        _stakes[id].staked += msg.value;
        emit Deposited(id, msg.sender, msg.value);
    }

    /// @inheritdoc IBondVault
    function requestWithdrawal(
        uint256 amount
    ) external {
        uint256 id = _idOf(msg.sender);
        Stake storage entry = _stakes[id];
        bool active = REGISTRY.memberOf(msg.sender).active;
        uint256 free = active ? Math.saturatingSub(entry.staked, BOND) : entry.staked;
        if (amount == 0) revert NothingToMove();
        if (amount > free) revert BondNeeded(id, amount, free);
        entry.staked -= amount;
        entry.leaving += amount;
        entry.leavesAt = uint64(block.timestamp) + DELAY;
        emit WithdrawalRequested(id, amount, entry.leavesAt);
    }

    /// @inheritdoc IBondVault
    function cancelWithdrawal() external {
        uint256 id = _idOf(msg.sender);
        Stake storage entry = _stakes[id];
        uint256 amount = entry.leaving;
        if (amount == 0) revert NothingToMove();
        entry.leaving = 0;
        entry.staked += amount;
        emit WithdrawalCancelled(id, amount);
    }

    /// @inheritdoc IBondVault
    function withdraw() external {
        uint256 id = _idOf(msg.sender);
        Stake storage entry = _stakes[id];
        uint256 amount = entry.leaving;
        if (amount == 0) revert NothingToMove();
        if (block.timestamp < entry.leavesAt) revert WithdrawalTooEarly(entry.leavesAt, block.timestamp);
        _requireOutOfRounds();
        entry.leaving = 0;
        emit Withdrawn(id, msg.sender, amount);
        Address.sendValue(payable(msg.sender), amount);
    }

    // --- slashing ---

    /// @inheritdoc IBondVault
    function slash(
        uint256 memberId
    ) external {
        if (msg.sender != address(REGISTRY)) revert NotTheRegistry(msg.sender);
        Stake storage entry = _stakes[memberId];
        uint256 staked = Math.min(BOND, entry.staked);
        uint256 leaving = Math.min(BOND - staked, entry.leaving);
        entry.staked -= staked;
        entry.leaving -= leaving;
        slashed += staked + leaving;
        emit Slashed(memberId, staked + leaving);
    }

    /// @inheritdoc IBondVault
    function claim() external {
        uint256 amount = slashed;
        if (amount == 0) revert NothingToMove();
        slashed = 0;
        emit Claimed(BENEFICIARY, amount);
        Address.sendValue(BENEFICIARY, amount);
    }

    // --- views ---

    /// @inheritdoc IBondVault
    function stakeOf(
        uint256 memberId
    ) external view returns (Stake memory) {
        return _stakes[memberId];
    }

    /// @inheritdoc IBondVault
    function covers(
        uint256 memberId
    ) external view returns (bool) {
        return _stakes[memberId].staked >= BOND;
    }

    // --- inside ---

    function _idOf(
        address account
    ) private view returns (uint256 id) {
        id = REGISTRY.memberIdOf(account);
        if (id == 0) revert NoMember(account);
    }

    /// @dev Anyone can push a round whose deadline has passed, so blame for what was missed comes
    /// within the delay, unless the registry is paused: then nothing of the round goes on.
    function _requireOutOfRounds() private view {
        uint256 roundId = REGISTRY.currentRound();
        Round memory round = REGISTRY.round(roundId);
        bool over = round.status == RoundStatus.None || round.status == RoundStatus.Final
            || round.status == RoundStatus.Failed;
        if (over || REGISTRY.participation(roundId, msg.sender).weight == 0) return;
        uint256 freeAt = uint256(round.deadline) + DELAY;
        if (block.timestamp <= freeAt) revert RoundNotOver(roundId, freeAt);
    }
}
