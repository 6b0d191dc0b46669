// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ConsortiumRegistry} from "../src/ConsortiumRegistry.sol";
import {RegistryExtension} from "../src/RegistryExtension.sol";
import {VectorOpening} from "../src/VectorOpening.sol";
import {VerifierRouter} from "../src/VerifierRouter.sol";
import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {
    ConsortiumConfig,
    G1Point,
    IConsortiumRegistry,
    RoundStatus
} from "../src/interfaces/IConsortiumRegistry.sol";
import {IVectorOpening} from "../src/interfaces/IVectorOpening.sol";
import {IVerifierRouter} from "../src/interfaces/IVerifierRouter.sol";
import {KnownSetup} from "./support/KnownSetup.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";
import {IWholeRegistry} from "./support/IWholeRegistry.sol";

/// @title One registry out of two contracts
contract ExtensionTest is ConsortiumTest {
    // --- creation ---

    function test_theRegistryNamesItsExtension() public view {
        vm.assertEq(registry.EXTENSION(), address(extension), "extension");
    }

    function test_anExtensionWithoutCodeIsRefused() public {
        _refusedWith(OUTSIDER, abi.encodeWithSelector(IConsortiumErrors.NoCode.selector, OUTSIDER));
    }

    function test_anExtensionOfAnotherRouterIsRefused() public {
        VerifierRouter other = new VerifierRouter(OWNER);
        RegistryExtension foreign = new RegistryExtension(other, opening, address(0));
        _refusedWith(address(foreign), _otherExtension(address(other), address(router)));
    }

    function test_anExtensionOfOtherOpeningsIsRefused() public {
        VectorOpening other = new VectorOpening(LOGROWS, KnownSetup.tauG2());
        RegistryExtension foreign = new RegistryExtension(router, other, address(0));
        _refusedWith(address(foreign), _otherExtension(address(other), address(opening)));
    }

    function test_anExtensionNeedsCodeAtBothAddresses() public {
        vm.expectRevert(abi.encodeWithSelector(IConsortiumErrors.NoCode.selector, OUTSIDER));
        new RegistryExtension(IVerifierRouter(OUTSIDER), opening, address(0));
        vm.expectRevert(abi.encodeWithSelector(IConsortiumErrors.NoCode.selector, OUTSIDER));
        new RegistryExtension(router, IVectorOpening(OUTSIDER), address(0));
    }

    // --- through the registry ---

    function test_theSenderAndTheErrorsAreTheRegistrys() public {
        _refused(
            OUTSIDER,
            abi.encodeCall(registry.announceMaskKey, (keccak256("key"))),
            abi.encodeWithSelector(IConsortiumErrors.NotAMember.selector, OUTSIDER)
        );
        _refused(OUTSIDER, abi.encodeCall(registry.addMember, (DEE, "Dee")), _unauthorized(OUTSIDER, 0));
    }

    function test_whatNeitherHoldsIsRefused() public {
        bytes[3] memory calls = [bytes(""), hex"deadbeef", abi.encodeWithSignature("leave(uint256)", 1)];
        for (uint256 i = 0; i < calls.length; ++i) {
            _refused(OWNER, calls[i], "");
        }
    }

    function test_etherIsRefused() public {
        vm.deal(OWNER, 1 ether);
        bytes[3] memory calls = [bytes(""), hex"deadbeef", abi.encodeCall(registry.addMember, (DEE, "Dee"))];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(OWNER);
            (bool accepted,) = address(registry).call{value: 1}(calls[i]);
            vm.assertTrue(!accepted, "took ether");
        }
        vm.assertEq(address(registry).balance, 0, "balance");
    }

    function test_bothHoldTheSameImmutablesAndRoles() public view {
        vm.assertEq(address(extension.ROUTER()), address(registry.ROUTER()), "router");
        vm.assertEq(address(extension.OPENING()), address(registry.OPENING()), "opening");
        vm.assertEq(extension.AGGREGATOR_ROLE(), registry.AGGREGATOR_ROLE(), "aggregator");
        vm.assertEq(extension.GUARDIAN_ROLE(), registry.GUARDIAN_ROLE(), "guardian");
        vm.assertEq(extension.KEY_HOLDER_ROLE(), registry.KEY_HOLDER_ROLE(), "key holder");
    }

    // --- at its own address ---

    function test_askedDirectlyItKnowsNobody() public {
        uint256 roundId = _toPublished();
        IWholeRegistry direct = IWholeRegistry(address(extension));
        _refusedDirectly(OWNER, abi.encodeCall(direct.addMember, (DEE, "Dee")), _unauthorized(OWNER, 0));
        _refusedDirectly(OWNER, abi.encodeCall(direct.removeMember, (ADA)), _unauthorized(OWNER, 0));
        _refusedDirectly(OWNER, abi.encodeCall(direct.grantRole, (0, OWNER)), _unauthorized(OWNER, 0));
        bytes memory stranger = abi.encodeWithSelector(IConsortiumErrors.NotAMember.selector, ADA);
        _refusedDirectly(ADA, abi.encodeCall(direct.leave, ()), stranger);
        _refusedDirectly(ADA, abi.encodeCall(direct.announceMaskKey, (keccak256("key"))), stranger);
        _refusedDirectly(
            KEY_HOLDER,
            abi.encodeCall(direct.announceEncryptionContext, (keccak256("context"))),
            _unauthorized(KEY_HOLDER, direct.KEY_HOLDER_ROLE())
        );
        _refusedDirectly(
            KEY_HOLDER,
            abi.encodeCall(direct.refuseSum, (roundId, ENCRYPTED_SUM)),
            _unauthorized(KEY_HOLDER, direct.KEY_HOLDER_ROLE())
        );
    }

    function test_askedDirectlyItHasNoRounds() public {
        uint256 roundId = _toPublished();
        IWholeRegistry direct = IWholeRegistry(address(extension));
        G1Point memory point = _g1(1);
        bytes memory none = _wrongStatus(roundId, RoundStatus.None);
        _refusedDirectly(ADA, abi.encodeCall(direct.pushRound, (roundId)), none);
        _refusedDirectly(ADA, abi.encodeCall(direct.splitMask, (roundId, 1, 0, new G1Point[](2))), none);
        _refusedDirectly(ADA, abi.encodeCall(direct.openModel, (roundId, new uint256[](4), point)), none);
        _refusedDirectly(ADA, abi.encodeCall(direct.revealUpdate, (roundId, new uint256[](4), point)), none);
        vm.assertEq(direct.currentRound(), 0, "no round");
        vm.assertEq(direct.selectionSeed(), 0, "no seed");
        vm.assertEq(direct.encryptionContext(), 0, "no context");
        vm.assertTrue(!direct.hasRole(0, address(this)), "no owner");
    }

    function test_askedDirectlyItHasNoneOfTheRegistrysOwnCode() public {
        IConsortiumRegistry direct = IConsortiumRegistry(address(extension));
        _refusedDirectly(AGGREGATOR, abi.encodeCall(direct.openRound, ()), "");
        _refusedDirectly(OUTSIDER, abi.encodeCall(direct.members, ()), "");
        _refusedDirectly(GUARDIAN, abi.encodeCall(direct.pause, ()), "");
    }

    // --- inside ---

    function _refusedDirectly(
        address sender,
        bytes memory call,
        bytes memory expected
    ) private {
        _refused(sender, address(extension), call, expected);
    }

    function _otherExtension(
        address actual,
        address expected
    ) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IConsortiumErrors.OtherExtension.selector, actual, expected);
    }

    function _refusedWith(
        address extension_,
        bytes memory expected
    ) private {
        ConsortiumConfig memory config = _config();
        vm.expectRevert(expected);
        new ConsortiumRegistry(
            config,
            router,
            opening,
            extension_,
            address(0),
            address(0),
            OWNER,
            AGGREGATOR,
            GUARDIAN,
            KEY_HOLDER
        );
    }
}
