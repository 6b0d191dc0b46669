// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {BondVault} from "../../src/BondVault.sol";
import {IConsortiumErrors} from "../../src/interfaces/IConsortiumErrors.sol";
import {Stake} from "../../src/interfaces/IBondVault.sol";
import {BondFixture} from "../support/BondFixture.sol";

/// @title Stakes, withdrawals, lies and rounds at random, and an account of its own
contract BondHandler is BondFixture {
    /// @notice Paid in, paid out and paid to the beneficiary, by this account.
    uint256 public paidIn;
    uint256 public paidOut;
    uint256 public claimed;
    /// @notice What members lost by this account; it only grows.
    uint256 public lost;
    /// @notice The first thing that must not happen and did, or "".
    string public violation;
    /// @notice How often each thing worked.
    uint256 public withdrawals;
    uint256 public slashes;
    uint256 public lies;

    address[4] private _who = [ADA, BAY, CAY, DEE];
    mapping(uint256 memberId => uint256) private _total;

    constructor() {
        _foundWithBonds();
        _join(DEE, "Dee");
        for (uint256 i = 0; i < 3; ++i) {
            _total[i + 1] = BOND;
        }
        paidIn = 3 * BOND;
    }

    function bonds() external view returns (BondVault) {
        return vault;
    }

    // --- calls ---

    function deposit(
        uint256 who,
        uint256 amount
    ) external {
        address member = _who[who % 4];
        amount = amount % (2 * BOND);
        vm.deal(OUTSIDER, amount);
        if (!_act(OUTSIDER, amount, abi.encodeCall(vault.deposit, (member)))) return;
        paidIn += amount;
        _moved(who % 4 + 1, _total[who % 4 + 1] + amount);
    }

    function request(
        uint256 who,
        uint256 amount
    ) external {
        amount = amount % 3 == 0 ? _staked(_who[who % 4]) : amount % (2 * BOND);
        _act(_who[who % 4], 0, abi.encodeCall(vault.requestWithdrawal, (amount)));
        _moved(who % 4 + 1, _total[who % 4 + 1]);
    }

    function cancel(
        uint256 who
    ) external {
        _act(_who[who % 4], 0, abi.encodeCall(vault.cancelWithdrawal, ()));
        _moved(who % 4 + 1, _total[who % 4 + 1]);
    }

    function withdraw(
        uint256 who
    ) external {
        address member = _who[who % 4];
        uint256 before = member.balance;
        uint256 round = registry.currentRound();
        bool bound = _busy() && registry.participation(round, member).weight != 0
            && block.timestamp <= uint256(registry.round(round).deadline) + DELAY;
        if (!_act(member, 0, abi.encodeCall(vault.withdraw, ()))) return;
        ++withdrawals;
        uint256 amount = member.balance - before;
        if (bound) _violates("a stake left during the member's round");
        paidOut += amount;
        _moved(who % 4 + 1, _total[who % 4 + 1] - amount);
    }

    function leave(
        uint256 who
    ) external {
        vm.prank(_who[who % 4]);
        (bool done,) = address(registry).call(abi.encodeCall(registry.leave, ()));
        done;
        _moved(who % 4 + 1, _total[who % 4 + 1]);
    }

    function comeBack(
        uint256 who
    ) external {
        vm.prank(OWNER);
        (bool done,) = address(registry).call(abi.encodeCall(registry.addMember, (_who[who % 4], "Again")));
        done;
        _moved(who % 4 + 1, _total[who % 4 + 1]);
    }

    function open() external {
        vm.prank(AGGREGATOR);
        (bool done,) = address(registry).call(abi.encodeCall(registry.openRound, ()));
        if (!done) return;
        address[] memory cohort = registry.cohort(registry.currentRound());
        for (uint256 i = 0; i < cohort.length; ++i) {
            if (_staked(cohort[i]) < BOND) _violates("a cohort without a bond");
        }
    }

    function wait_(
        uint256 time
    ) external {
        vm.warp(block.timestamp + time % (2 * DELAY));
        uint256 roundId = registry.currentRound();
        if (_busy() && time % 2 == 0) {
            (bool done,) = address(registry).call(abi.encodeCall(registry.pushRound, (roundId)));
            done;
        }
    }

    /// @dev A round in which everyone vouches for a false file, and is found out. It cannot begin
    /// while the registry is paused, or without enough members whose bond is paid.
    function lie() external {
        if (_busy()) return;
        try this.lying() {
            ++lies;
        } catch (bytes memory reason) {
            bytes4 why = bytes4(reason);
            if (why == Pausable.EnforcedPause.selector || why == IConsortiumErrors.TooFewMembers.selector) {
                return;
            }
            _violates("a round could not end");
        }
    }

    /// @dev For `lie` alone.
    function lying() external {
        require(msg.sender == address(this));
        uint256 roundId = _toFinal();
        uint256[] memory model = _firstModel(roundId);
        address[] memory cohort = registry.cohort(roundId);
        uint256[] memory all = new uint256[](4);
        for (uint256 i = 0; i < 4; ++i) {
            all[i] = _held(i + 1);
        }
        registry.openModel(roundId, model, _quotient(model));
        for (uint256 i = 0; i < cohort.length; ++i) {
            uint256 id = registry.memberIdOf(cohort[i]);
            uint256 loss = all[id - 1] < BOND ? all[id - 1] : BOND;
            lost += loss;
            ++slashes;
            _total[id] = all[id - 1] - loss;
        }
        _check();
    }

    function claim() external {
        uint256 before = BENEFICIARY.balance;
        (bool done,) = address(vault).call(abi.encodeCall(vault.claim, ()));
        if (done) claimed += BENEFICIARY.balance - before;
    }

    function pause(
        bool on
    ) external {
        vm.prank(GUARDIAN);
        (bool done,) = address(registry)
            .call(on ? abi.encodeCall(registry.pause, ()) : abi.encodeCall(registry.unpause, ()));
        done;
    }

    // --- the account ---

    /// @dev One member's stake is what it should be, and nobody else's moved.
    function _moved(
        uint256 id,
        uint256 total
    ) private {
        _total[id] = total;
        _check();
    }

    function _check() private {
        for (uint256 i = 1; i <= 4; ++i) {
            if (_held(i) != _total[i]) _violates("a stake is not what was paid, taken and lost");
        }
    }

    function _held(
        uint256 id
    ) private view returns (uint256) {
        Stake memory entry = vault.stakeOf(id);
        return entry.staked + entry.leaving;
    }

    function _act(
        address sender,
        uint256 value,
        bytes memory call
    ) private returns (bool done) {
        vm.prank(sender);
        (done,) = address(vault).call{value: value}(call);
    }

    function _busy() private view returns (bool) {
        uint256 status = uint256(registry.round(registry.currentRound()).status);
        return status != 0 && status < 6;
    }

    function _violates(
        string memory what
    ) private {
        if (bytes(violation).length == 0) violation = what;
    }
}
