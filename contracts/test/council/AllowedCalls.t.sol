// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IRegistryCore} from "../../src/interfaces/IRegistryCore.sol";
import {IRegistryExtension} from "../../src/interfaces/IRegistryExtension.sol";
import {ICouncilErrors} from "../../src/interfaces/ICouncilErrors.sol";
import {Action} from "../../src/interfaces/IMemberCouncil.sol";
import {CouncilTest} from "../support/CouncilFixture.sol";

contract AllowedCallsTest is CouncilTest {
    function test_theWholeList() public {
        bytes32 role = registry.KEY_HOLDER_ROLE();
        address verifier = address(trainingVerifier);
        _named(address(registry), _adding(EVE, "Eve"), Action.AddMember);
        _named(address(registry), _removing(EVE), Action.RemoveMember);
        _named(address(registry), _granting(role, EVE), Action.GrantRole);
        _named(address(registry), abi.encodeCall(registry.revokeRole, (role, EVE)), Action.RevokeRole);
        _named(address(registry), abi.encodeCall(registry.renounceRole, (role, EVE)), Action.RenounceRole);
        bytes memory call = abi.encodeCall(router.register, (keccak256("new"), verifier, 400, 6));
        _named(address(router), call, Action.RegisterCircuit);
        _named(address(router), _tombstoning(), Action.RemoveCircuit);
    }

    function test_theThreeRolesOfDailyWork() public {
        bytes32[3] memory roles =
            [registry.AGGREGATOR_ROLE(), registry.GUARDIAN_ROLE(), registry.KEY_HOLDER_ROLE()];
        for (uint256 i = 0; i < roles.length; ++i) {
            _decided(address(registry), _granting(roles[i], EVE));
            vm.assertTrue(registry.hasRole(roles[i], EVE), "granted");
            _decided(address(registry), abi.encodeCall(registry.revokeRole, (roles[i], EVE)));
            vm.assertTrue(!registry.hasRole(roles[i], EVE), "revoked");
        }
    }

    function test_theCouncilRenouncesARoleOfDailyWork() public {
        bytes32 role = registry.GUARDIAN_ROLE();
        _decided(address(registry), _granting(role, address(council)));
        _decided(address(registry), abi.encodeCall(registry.renounceRole, (role, address(council))));
        vm.assertTrue(!registry.hasRole(role, address(council)), "renounced");
    }

    function test_theAdminRoleIsNeitherGrantedNorRevokedNorRenounced() public {
        address[3] memory accounts = [EVE, ADA, address(council)];
        bytes memory expected = abi.encodeWithSelector(ICouncilErrors.RoleNotAllowed.selector, bytes32(0));
        for (uint256 i = 0; i < accounts.length; ++i) {
            _refusesProposal(address(registry), _granting(0, accounts[i]), expected);
            bytes memory call = abi.encodeCall(registry.revokeRole, (0, accounts[i]));
            _refusesProposal(address(registry), call, expected);
            call = abi.encodeCall(registry.renounceRole, (0, accounts[i]));
            _refusesProposal(address(registry), call, expected);
        }
    }

    function test_aRoleOfAnotherNameIsRefused(
        bytes32 role
    ) public {
        vm.assume(role != registry.AGGREGATOR_ROLE());
        vm.assume(role != registry.GUARDIAN_ROLE());
        vm.assume(role != registry.KEY_HOLDER_ROLE());
        bytes memory expected = abi.encodeWithSelector(ICouncilErrors.RoleNotAllowed.selector, role);
        _refusesProposal(address(registry), _granting(role, EVE), expected);
    }

    function test_otherFunctionsOfTheRegistry() public {
        bytes4[6] memory selectors = [
            IRegistryCore.openRound.selector,
            IRegistryCore.pause.selector,
            IRegistryCore.unpause.selector,
            IRegistryCore.publishModel.selector,
            IRegistryExtension.announceEncryptionContext.selector,
            IAccessControl.hasRole.selector
        ];
        for (uint256 i = 0; i < selectors.length; ++i) {
            _refusesCall(address(registry), selectors[i]);
        }
    }

    function test_theRouterIsNeverGivenAway() public {
        _refusesCall(address(router), Ownable.transferOwnership.selector);
        _refusesCall(address(router), Ownable.renounceOwnership.selector);
        _refusesCall(address(router), Ownable2Step.acceptOwnership.selector);
    }

    function test_aCallOfTheOtherContract() public {
        _refusesCall(address(router), IRegistryExtension.addMember.selector);
        _refusesCall(address(router), IAccessControl.grantRole.selector);
        _refusesCall(address(registry), router.register.selector);
        _refusesCall(address(registry), router.remove.selector);
    }

    function test_otherTargets() public {
        address[4] memory targets = [address(0), address(council), address(trainingVerifier), EVE];
        for (uint256 i = 0; i < targets.length; ++i) {
            _refusesCall(targets[i], IRegistryExtension.removeMember.selector);
            _refusesCall(targets[i], router.remove.selector);
            _refusesCall(targets[i], IAccessControl.grantRole.selector);
        }
    }

    function test_anySelectorThatIsNotOnTheList(
        bytes4 selector,
        bool ofRouter
    ) public {
        bytes4[8] memory list = [
            IRegistryExtension.addMember.selector,
            IRegistryExtension.removeMember.selector,
            IRegistryExtension.nominateAccount.selector,
            IAccessControl.grantRole.selector,
            IAccessControl.revokeRole.selector,
            IAccessControl.renounceRole.selector,
            router.register.selector,
            router.remove.selector
        ];
        for (uint256 i = 0; i < list.length; ++i) {
            vm.assume(selector != list[i]);
        }
        _refusesCall(ofRouter ? address(router) : address(registry), selector);
    }

    function test_lessThanASelector() public {
        bytes memory whole = _removing(EVE);
        for (uint256 length = 0; length < 4; ++length) {
            _refusesProposal(
                address(registry),
                _cut(whole, length),
                abi.encodeWithSelector(ICouncilErrors.CallNotAllowed.selector, address(registry), bytes4(0))
            );
        }
    }

    function _named(
        address target,
        bytes memory call,
        Action action
    ) private {
        uint256 id = _propose(ADA, target, call);
        vm.assertEq(uint256(council.proposal(id).action), uint256(action), "action");
    }

    function _refusesCall(
        address target,
        bytes4 selector
    ) private {
        _refusesProposal(
            target,
            bytes.concat(selector, new bytes(128)),
            abi.encodeWithSelector(ICouncilErrors.CallNotAllowed.selector, target, selector)
        );
    }
}
