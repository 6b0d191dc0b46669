// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IRegistryExtension} from "../../src/interfaces/IRegistryExtension.sol";
import {ICouncilErrors} from "../../src/interfaces/ICouncilErrors.sol";
import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {CouncilTest} from "../support/CouncilFixture.sol";

/// @title A call has one encoding, so that every reader reads the same
contract CanonicalCallsTest is CouncilTest {
    function test_aByteMoreOrLess() public {
        bytes32 role = registry.AGGREGATOR_ROLE();
        bytes memory route = abi.encodeCall(router.register, (keccak256("new"), EVE, 400, 6));
        _refusesOtherLengths(address(registry), _removing(EVE));
        _refusesOtherLengths(address(registry), _granting(role, EVE));
        _refusesOtherLengths(address(registry), _adding(EVE, "Eve"));
        _refusesOtherLengths(address(router), route);
        _refusesOtherLengths(address(router), _tombstoning());
    }

    function test_dirtAboveAnAddress() public {
        _refusesDirt(address(registry), _removing(EVE), 4);
        _refusesDirt(address(registry), _adding(EVE, "Eve"), 4);
        _refusesDirt(address(registry), _granting(registry.AGGREGATOR_ROLE(), EVE), 36);
    }

    function test_dirtAboveSmallNumbers() public {
        bytes memory route = abi.encodeCall(router.register, (keccak256("new"), EVE, 400, 6));
        _refusesDirt(address(router), route, 36);
        _refusesDirt(address(router), route, 68);
        _refusesDirt(address(router), route, 100);
    }

    function test_dirtBehindAName() public {
        _refusesDirt(address(registry), _adding(EVE, "Eve"), 131);
    }

    function test_aNameElsewhere() public {
        bytes memory call = abi.encodeWithSelector(
            IRegistryExtension.addMember.selector, EVE, uint256(96), uint256(3), uint256(3), bytes32("Eve")
        );
        _refusesMalformed(address(registry), call);
        call = abi.encodeWithSelector(
            IRegistryExtension.addMember.selector, EVE, uint256(32), uint256(3), bytes32("Eve")
        );
        _refusesMalformed(address(registry), call);
    }

    function test_aNameLongerThanTheCall() public {
        uint256[4] memory lengths = [uint256(33), 64, 1 << 64, type(uint256).max];
        for (uint256 i = 0; i < lengths.length; ++i) {
            bytes memory call = abi.encodeWithSelector(
                IRegistryExtension.addMember.selector, EVE, uint256(64), lengths[i], bytes32("Eve")
            );
            _refusesMalformed(address(registry), call);
        }
    }

    function test_aNameThatTheRegistryWouldRefuse() public {
        string memory longest = "0123456789012345678901234567890123456789012345678901234567890123";
        _propose(ADA, address(registry), _adding(EVE, longest));
        _refusesMalformed(address(registry), _adding(EVE, string.concat(longest, "4")));
    }

    function test_everyNameOfTheRightLengthIsTaken(
        bytes32 first,
        bytes32 second,
        uint256 length,
        address member
    ) public {
        string memory name = string(_cut(bytes.concat(first, second), length % 65));
        _propose(ADA, address(registry), _adding(member, name));
    }

    function test_selectorsAlone() public {
        _refusesMalformed(address(registry), abi.encodePacked(IRegistryExtension.addMember.selector));
        _refusesMalformed(address(registry), abi.encodePacked(IRegistryExtension.removeMember.selector));
        _refusesMalformed(address(registry), abi.encodePacked(IAccessControl.revokeRole.selector));
        _refusesMalformed(address(router), abi.encodePacked(IVerifierRouter.register.selector));
        _refusesMalformed(address(router), abi.encodePacked(IVerifierRouter.remove.selector));
    }

    function _refusesOtherLengths(
        address target,
        bytes memory call
    ) private {
        _refusesMalformed(target, bytes.concat(call, bytes1(0)));
        _refusesMalformed(target, bytes.concat(call, bytes32(0)));
        _refusesMalformed(target, _cut(call, call.length - 1));
        _refusesMalformed(target, _cut(call, call.length - 32));
    }

    function _refusesDirt(
        address target,
        bytes memory call,
        uint256 place
    ) private {
        bytes memory dirty = bytes.concat(call);
        dirty[place] = 0x01;
        _refusesMalformed(target, dirty);
    }

    function _refusesMalformed(
        address target,
        bytes memory call
    ) private {
        _refusesProposal(
            target,
            call,
            abi.encodeWithSelector(ICouncilErrors.MalformedCall.selector, bytes4(call), call.length)
        );
    }
}
