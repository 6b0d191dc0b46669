// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BondVault} from "../../src/BondVault.sol";
import {Stake} from "../../src/interfaces/IBondVault.sol";
import {Test} from "../support/Test.sol";
import {BondHandler} from "./BondHandler.sol";

contract BondInvariantTest is Test {
    BondHandler private _handler;
    BondVault private _vault;

    function setUp() public {
        _handler = new BondHandler();
        _vault = _handler.bonds();
    }

    /// @dev Read by forge: nothing but the handler is called.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_everyWeiIsSomebodys() public view {
        vm.assertEq(_handler.violation(), "", "violation");
        uint256 stakes;
        for (uint256 id = 1; id <= 4; ++id) {
            Stake memory entry = _vault.stakeOf(id);
            stakes += entry.staked + entry.leaving;
        }
        vm.assertEq(address(_vault).balance, stakes + _vault.slashed(), "balance");
        vm.assertEq(_handler.paidIn(), stakes + _handler.paidOut() + _handler.lost(), "paid in, out and lost");
        vm.assertEq(_handler.lost(), _vault.slashed() + _handler.claimed(), "what was slashed stays slashed");
    }

    /// @dev The invariant would hold of a handler that gets nowhere; this one does not.
    function test_theHandlerReachesSlashesAndWithdrawals() public {
        _handler.lie();
        vm.assertEq(_handler.slashes(), 3, "slashed");
        _handler.deposit(0, 0.5 ether);
        _handler.request(0, 0);
        _handler.wait_(7 days);
        _handler.withdraw(0);
        vm.assertEq(_handler.withdrawals(), 1, "withdrawn");
        _handler.claim();
        vm.assertEq(_handler.claimed(), 3 ether, "claimed");
        invariant_everyWeiIsSomebodys();
    }
}
