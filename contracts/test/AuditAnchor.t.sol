// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AuditAnchor} from "../src/AuditAnchor.sol";
import {IAuditAnchor} from "../src/interfaces/IAuditAnchor.sol";
import {Test} from "./support/Test.sol";

contract AuditAnchorTest is Test {
    uint256 private constant SOURCE = 31_337;
    address private constant REGISTRY = address(0xBEEF);
    bytes32 private constant BUNDLE = bytes32(uint256(7));

    AuditAnchor private anchors = new AuditAnchor();

    function test_anAnchorStandsAsItWasAdded() public {
        vm.warp(1_800_000_000);
        vm.expectEmit(true, true, true, true);
        emit IAuditAnchor.Anchored(SOURCE, REGISTRY, address(this), 0, BUNDLE, 3, 99);
        vm.assertEq(anchors.anchor(SOURCE, REGISTRY, BUNDLE, 3, 99), 0, "index");
        _assertAnchor(0, IAuditAnchor.Anchor(BUNDLE, address(this), 1_800_000_000, 3, 99));
    }

    function test_aLaterAnchorLeavesTheEarlierOnesAlone() public {
        anchors.anchor(SOURCE, REGISTRY, BUNDLE, 1, 10);
        vm.prank(address(0xCAFE));
        vm.assertEq(anchors.anchor(SOURCE, REGISTRY, bytes32(uint256(8)), 2, 20), 1, "index");
        vm.assertEq(anchors.anchorCount(SOURCE, REGISTRY), 2, "count");
        uint64 now_ = uint64(block.timestamp);
        _assertAnchor(0, IAuditAnchor.Anchor(BUNDLE, address(this), now_, 1, 10));
        _assertAnchor(1, IAuditAnchor.Anchor(bytes32(uint256(8)), address(0xCAFE), now_, 2, 20));
    }

    function test_theSameBundleMayBeAnchoredAgain() public {
        anchors.anchor(SOURCE, REGISTRY, BUNDLE, 1, 10);
        vm.assertEq(anchors.anchor(SOURCE, REGISTRY, BUNDLE, 1, 10), 1, "index");
    }

    function testFuzz_registriesAndChainsAreApart(
        uint256 chain,
        address registry
    ) public {
        vm.assume(chain != 0 && registry != address(0));
        vm.assume(chain != SOURCE || registry != REGISTRY);
        anchors.anchor(chain, registry, BUNDLE, 1, 10);
        vm.assertEq(anchors.anchorCount(SOURCE, REGISTRY), 0, "another's");
        vm.assertEq(anchors.anchorCount(chain, registry), 1, "its own");
    }

    function test_aHashOfZerosIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IAuditAnchor.BundleIsZero.selector));
        anchors.anchor(SOURCE, REGISTRY, 0, 1, 10);
    }

    function test_aBundleOfNoConsortiumIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IAuditAnchor.NoSource.selector, 0, REGISTRY));
        anchors.anchor(0, REGISTRY, BUNDLE, 1, 10);
        vm.expectRevert(abi.encodeWithSelector(IAuditAnchor.NoSource.selector, SOURCE, address(0)));
        anchors.anchor(SOURCE, address(0), BUNDLE, 1, 10);
    }

    function test_anAnchorThatIsNotThereCannotBeRead() public {
        vm.expectRevert(abi.encodeWithSignature("Panic(uint256)", 0x32));
        anchors.anchorAt(SOURCE, REGISTRY, 0);
    }

    function _assertAnchor(
        uint256 index,
        IAuditAnchor.Anchor memory expected
    ) private view {
        IAuditAnchor.Anchor memory actual = anchors.anchorAt(SOURCE, REGISTRY, index);
        vm.assertEq(abi.encode(actual), abi.encode(expected), "anchor");
    }
}
