// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RoundStatus} from "../../src/interfaces/IConsortiumRegistry.sol";
import {PostedHandler} from "./PostedHandler.sol";
import {RegistryHandler} from "./RegistryHandler.sol";
import {RegistryInvariantTest} from "./RegistryInvariant.t.sol";

/// @title The same holds where proofs are posted; and the model moves after the window alone
contract PostedInvariantTest is RegistryInvariantTest {
    function _newHandler() internal override returns (RegistryHandler) {
        return new PostedHandler();
    }

    function test_theHandlerReachesAChallengeOfAnOpenRound() public {
        PostedHandler handler = PostedHandler(address(_handler));
        handler.admit(3, 77);
        handler.advance(7);
        handler.forge(3, 1);
        handler.challenge(3);
        handler.challenge(0);
        vm.assertEq(handler.challenges(), 1, "one forger");
        handler.completeRound();
        vm.assertEq(handler.finals(), 1, "final without the forger");
        _everythingHolds();
    }

    function test_theHandlerReachesAChallengeOfAClosedRound() public {
        PostedHandler handler = PostedHandler(address(_handler));
        handler.admit(3, 77);
        handler.advance(7);
        handler.forge(3, 1);
        handler.advance(7);
        _expect(RoundStatus.Closed, 1);
        handler.challenge(2);
        handler.challenge(3);
        _expect(RoundStatus.Failed, 1);
        vm.assertEq(handler.challenges(), 1, "one forger");
        handler.completeRound();
        vm.assertEq(handler.finals(), 1, "and goes on");
        _everythingHolds();
    }
}
