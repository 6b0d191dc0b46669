// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {IConsortiumEvents} from "../src/interfaces/IConsortiumRegistry.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

/// @dev Bay holds the HE key too, and says so.
contract AcknowledgeContextTest is ConsortiumTest {
    bytes32 private constant OTHER = keccak256("another context");

    function setUp() public override {
        super.setUp();
        bytes32 role = registry.KEY_HOLDER_ROLE();
        vm.prank(OWNER);
        registry.grantRole(role, BAY);
    }

    function test_aKeyHolderAcknowledgesTheAnnouncedContext() public {
        vm.assertEq(registry.acknowledgedContextOf(BAY), 0, "nothing yet");
        _expectEvent();
        emit IConsortiumEvents.EncryptionContextAcknowledged(BAY, ENCRYPTION_CONTEXT);
        vm.prank(BAY);
        registry.acknowledgeEncryptionContext(ENCRYPTION_CONTEXT);
        vm.assertEq(registry.acknowledgedContextOf(BAY), ENCRYPTION_CONTEXT, "stated");
        vm.assertEq(registry.encryptionContext(), ENCRYPTION_CONTEXT, "the context stays");
    }

    function test_whoAnnouncesAContextHasItsKey() public {
        vm.assertEq(registry.acknowledgedContextOf(KEY_HOLDER), ENCRYPTION_CONTEXT, "the first");
        _expectEvent();
        emit IConsortiumEvents.EncryptionContextAcknowledged(BAY, OTHER);
        vm.prank(BAY);
        registry.announceEncryptionContext(OTHER);
        vm.assertEq(registry.acknowledgedContextOf(BAY), OTHER, "the announcer");
        vm.assertEq(registry.acknowledgedContextOf(KEY_HOLDER), ENCRYPTION_CONTEXT, "nobody else");
    }

    function test_anotherContextCanBeAcknowledgedAfterTheFirst() public {
        _acknowledge(BAY, ENCRYPTION_CONTEXT);
        vm.prank(KEY_HOLDER);
        registry.announceEncryptionContext(OTHER);
        _acknowledge(BAY, OTHER);
        vm.assertEq(registry.acknowledgedContextOf(BAY), OTHER, "stated");
    }

    function test_aRoundInProgressDoesNotMatter() public {
        uint256 roundId = _open();
        _acknowledge(BAY, ENCRYPTION_CONTEXT);
        vm.assertEq(registry.round(roundId).encryptionContext, ENCRYPTION_CONTEXT, "the round's");
    }

    function test_anotherContextThanTheAnnounced() public {
        bytes32[2] memory others = [OTHER, bytes32(0)];
        for (uint256 i = 0; i < others.length; ++i) {
            _refuses(
                BAY,
                others[i],
                abi.encodeWithSelector(
                    IConsortiumErrors.OtherEncryptionContext.selector, others[i], ENCRYPTION_CONTEXT
                )
            );
        }
    }

    function test_beforeAnyContextIsAnnounced() public {
        _deploy(_config());
        bytes memory expected = abi.encodeWithSelector(IConsortiumErrors.NoEncryptionContext.selector);
        bytes32 role = registry.KEY_HOLDER_ROLE();
        vm.prank(OWNER);
        registry.grantRole(role, BAY);
        _refuses(BAY, ENCRYPTION_CONTEXT, expected);
        _refuses(BAY, 0, expected);
    }

    function test_twice() public {
        _acknowledge(BAY, ENCRYPTION_CONTEXT);
        address[2] memory holders = [BAY, KEY_HOLDER];
        for (uint256 i = 0; i < holders.length; ++i) {
            _refuses(
                holders[i],
                ENCRYPTION_CONTEXT,
                abi.encodeWithSelector(
                    IConsortiumErrors.ContextAcknowledged.selector, holders[i], ENCRYPTION_CONTEXT
                )
            );
        }
    }

    function test_onlyAKeyHolder() public {
        address[4] memory others = [OWNER, AGGREGATOR, ADA, OUTSIDER];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory expected = _unauthorized(others[i], registry.KEY_HOLDER_ROLE());
            _refuses(others[i], ENCRYPTION_CONTEXT, expected);
        }
    }

    function _acknowledge(
        address holder,
        bytes32 contextHash
    ) private {
        vm.prank(holder);
        registry.acknowledgeEncryptionContext(contextHash);
    }

    function _refuses(
        address sender,
        bytes32 contextHash,
        bytes memory expected
    ) private {
        _refused(sender, abi.encodeCall(registry.acknowledgeEncryptionContext, (contextHash)), expected);
    }
}
