// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {MemberCouncil} from "../../src/MemberCouncil.sol";
import {CouncilFixture} from "../support/CouncilFixture.sol";

contract HandOverTest is CouncilFixture {
    function setUp() public {
        _deploy(_config());
        _found();
        _join(DEE, "Dee");
        council = new MemberCouncil(registry, _rules());
    }

    function test_afterwardsTheOwnerIsNobody() public {
        _handOver();
        vm.assertEq(router.owner(), address(council), "owner of the router");
        vm.assertEq(router.pendingOwner(), address(0), "nobody waits");
        vm.assertTrue(registry.hasRole(0, address(council)), "admin");
        vm.assertTrue(!registry.hasRole(0, OWNER), "the owner was");
        _refused(OWNER, _adding(EVE, "Eve"), _unauthorized(OWNER, 0));
        _refused(OWNER, _removing(ADA), _unauthorized(OWNER, 0));
        _refused(OWNER, _granting(0, OWNER), _unauthorized(OWNER, 0));
        _refused(OWNER, _granting(registry.AGGREGATOR_ROLE(), OWNER), _unauthorized(OWNER, 0));
        bytes memory notOwner = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, OWNER);
        _refused(OWNER, address(router), _tombstoning(), notOwner);
        bytes memory back = abi.encodeCall(router.transferOwnership, (OWNER));
        _refused(OWNER, address(router), back, notOwner);
    }

    function test_anyoneCompletesTheTransferOfTheRouter() public {
        vm.prank(OWNER);
        router.transferOwnership(address(council));
        vm.prank(OUTSIDER);
        council.acceptRouter();
        vm.assertEq(router.owner(), address(council), "owner");
    }

    function test_aRouterThatNobodyOffersIsNotAccepted() public {
        bytes memory expected =
            abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(council));
        _councilRefuses(OUTSIDER, abi.encodeCall(council.acceptRouter, ()), expected);
        _handOver();
        _councilRefuses(OUTSIDER, abi.encodeCall(council.acceptRouter, ()), expected);
    }

    /// @dev Members have no power of their own, and the council none without their votes.
    function test_membersAloneDoNothing() public {
        _handOver();
        _refused(ADA, _removing(BAY), _unauthorized(ADA, 0));
        bytes memory notOwner = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, ADA);
        _refused(ADA, address(router), _tombstoning(), notOwner);
    }
}
