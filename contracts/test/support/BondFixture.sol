// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BondVault} from "../../src/BondVault.sol";
import {IConsortiumRegistry} from "../../src/interfaces/IConsortiumRegistry.sol";
import {ConsortiumFixture} from "./ConsortiumFixture.sol";

/// @title A consortium that asks for bonds
abstract contract BondFixture is ConsortiumFixture {
    uint256 internal constant BOND = 1 ether;
    uint64 internal constant DELAY = 7 days;
    address payable internal constant BENEFICIARY =
        payable(address(uint160(uint256(keccak256("beneficiary")))));

    BondVault internal vault;

    function _bondVault() internal override returns (address) {
        address registry_ = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 2);
        vault = new BondVault(IConsortiumRegistry(registry_), BOND, DELAY, BENEFICIARY);
        return address(vault);
    }

    function _foundWithBonds() internal {
        vm.warp(1_800_000_000);
        _deploy(_config());
        _found();
        _deposit(ADA, BOND);
        _deposit(BAY, BOND);
        _deposit(CAY, BOND);
    }

    function _deposit(
        address member,
        uint256 amount
    ) internal {
        vm.deal(member, member.balance + amount);
        vm.prank(member);
        vault.deposit{value: amount}(member);
    }

    function _request(
        address member,
        uint256 amount
    ) internal {
        vm.prank(member);
        vault.requestWithdrawal(amount);
    }

    function _withdraw(
        address member
    ) internal {
        vm.prank(member);
        vault.withdraw();
    }

    function _staked(
        address member
    ) internal view returns (uint256) {
        return vault.stakeOf(registry.memberIdOf(member)).staked;
    }

    function _leaving(
        address member
    ) internal view returns (uint256) {
        return vault.stakeOf(registry.memberIdOf(member)).leaving;
    }
}
