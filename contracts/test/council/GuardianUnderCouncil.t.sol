// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ICouncilErrors} from "../../src/interfaces/ICouncilErrors.sol";
import {CouncilTest} from "../support/CouncilFixture.sol";

/// @title The guardian pauses and unpauses the registry, and can do nothing else
contract GuardianUnderCouncilTest is CouncilTest {
    function test_theGuardianPausesAndUnpauses() public {
        vm.prank(GUARDIAN);
        registry.pause();
        vm.assertTrue(registry.paused(), "paused");
        vm.prank(GUARDIAN);
        registry.unpause();
        vm.assertTrue(!registry.paused(), "unpaused");
    }

    function test_theGuardianHasNoOtherPower() public {
        uint256 id = _propose(ADA, address(registry), _removing(DEE));
        bytes memory noMember = abi.encodeWithSelector(ICouncilErrors.NotAnActiveMember.selector, GUARDIAN);
        _councilRefuses(
            GUARDIAN, abi.encodeCall(council.propose, (address(registry), _removing(ADA), WHY)), noMember
        );
        _councilRefuses(GUARDIAN, abi.encodeCall(council.vote, (id, council.digest(id))), noMember);
        bytes memory noAdmin = _unauthorized(GUARDIAN, 0);
        _refused(GUARDIAN, _adding(EVE, "Eve"), noAdmin);
        _refused(GUARDIAN, _removing(ADA), noAdmin);
        _refused(GUARDIAN, _granting(0, GUARDIAN), noAdmin);
        _refused(GUARDIAN, _granting(registry.GUARDIAN_ROLE(), EVE), noAdmin);
        bytes memory noOwner = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, GUARDIAN);
        _refused(GUARDIAN, address(router), _tombstoning(), noOwner);
    }

    function test_noPauseStopsTheCouncil() public {
        vm.prank(GUARDIAN);
        registry.pause();
        _decided(address(registry), abi.encodeCall(registry.revokeRole, (registry.GUARDIAN_ROLE(), GUARDIAN)));
        _refused(
            GUARDIAN, abi.encodeCall(registry.unpause, ()), _unauthorized(GUARDIAN, registry.GUARDIAN_ROLE())
        );
        _decided(address(registry), _granting(registry.GUARDIAN_ROLE(), EVE));
        vm.prank(EVE);
        registry.unpause();
        vm.assertTrue(!registry.paused(), "the new guardian goes on");
    }
}
