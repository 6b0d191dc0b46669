// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IWholeRegistry} from "../support/IWholeRegistry.sol";
import {VerifierRouter} from "../../src/VerifierRouter.sol";
import {Test} from "../support/Test.sol";
import {CouncilHandler} from "./CouncilHandler.sol";

/// @title Who holds power after the hand-over, after any sequence of calls by anybody
contract CouncilInvariantTest is Test {
    CouncilHandler private _handler;
    address private _council;
    IWholeRegistry private _registry;
    VerifierRouter private _router;

    function setUp() public {
        _handler = new CouncilHandler();
        (address council, address registry, address router) = _handler.contracts();
        _council = council;
        _registry = IWholeRegistry(registry);
        _router = VerifierRouter(router);
    }

    /// @dev Read by forge: nothing but the handler is called.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_nobodyButTheCouncilHasPower() public view {
        vm.assertEq(_handler.violation(), "", "violation");
        vm.assertTrue(_registry.hasRole(0, _council), "the council is admin");
        vm.assertEq(_router.owner(), _council, "the council owns the router");
        vm.assertEq(_router.pendingOwner(), address(0), "nobody is to own it next");
        address[] memory actors = _handler.actors();
        for (uint256 i = 0; i < actors.length; ++i) {
            vm.assertTrue(!_registry.hasRole(0, actors[i]), "somebody else is admin");
        }
    }

    /// @dev The invariant would hold of a handler that gets nowhere; this one does not.
    function test_theHandlerExecutes() public {
        _handler.propose(0, 0, 4);
        _handler.voteTogether(1);
        _handler.wait_(2 days);
        _handler.execute(9, 1);
        _handler.propose(4, 6, 0);
        _handler.voteTogether(2);
        _handler.wait_(2 days);
        _handler.execute(9, 2);
        vm.assertEq(_handler.executions(), 2, "Eve joined and removed a circuit");
        invariant_nobodyButTheCouncilHasPower();
    }
}
