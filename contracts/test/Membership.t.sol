// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ConsortiumRegistry} from "../src/ConsortiumRegistry.sol";
import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {
    ConsortiumConfig,
    IConsortiumEvents,
    Member,
    RoundStatus
} from "../src/interfaces/IConsortiumRegistry.sol";
import {IVerifierRouter} from "../src/interfaces/IVerifierRouter.sol";
import {VectorOpening} from "../src/VectorOpening.sol";
import {IVectorOpening} from "../src/interfaces/IVectorOpening.sol";
import {KnownSetup} from "./support/KnownSetup.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

contract MembershipTest is ConsortiumTest {
    bytes32 private constant KEY = keccak256("key");

    // --- creation ---

    function test_aConsortiumStartsFromTheZeroModel() public view {
        ConsortiumConfig memory expected = _config();
        vm.assertEq(abi.encode(registry.config()), abi.encode(expected), "config");
        _assertPoint(registry.model(), expected.zeroCommitment, "model");
        vm.assertEq(registry.modelHash(), 0, "no model file");
        vm.assertEq(registry.currentRound(), 0, "no round");
        vm.assertEq(address(registry.ROUTER()), address(router), "router");
        vm.assertEq(address(registry.OPENING()), address(opening), "openings");
    }

    function test_everyRoleIsTheOneGiven() public view {
        vm.assertTrue(registry.hasRole(0, OWNER), "owner");
        vm.assertTrue(registry.hasRole(keccak256("zkfl.aggregator"), AGGREGATOR), "aggregator");
        vm.assertTrue(registry.hasRole(keccak256("zkfl.guardian"), GUARDIAN), "guardian");
        vm.assertTrue(registry.hasRole(keccak256("zkfl.key-holder"), KEY_HOLDER), "key holder");
        vm.assertTrue(!registry.hasRole(0, address(this)), "the deployer keeps nothing");
    }

    function test_creationIsAnnounced() public {
        ConsortiumConfig memory config = _config();
        vm.expectEmit(true, true, true, true);
        emit IConsortiumEvents.ConsortiumCreated(config.srsHash, true, ADMISSION_CIRCUIT, TRAINING_CIRCUIT);
        _create(config);
    }

    function test_aRouterWithoutCodeIsRefused() public {
        ConsortiumConfig memory config = _config();
        vm.expectRevert(abi.encodeWithSelector(IConsortiumErrors.NoCode.selector, OUTSIDER));
        new ConsortiumRegistry(
            config,
            IVerifierRouter(OUTSIDER),
            opening,
            address(extension),
            address(0),
            address(0),
            OWNER,
            AGGREGATOR,
            GUARDIAN,
            KEY_HOLDER
        );
    }

    function test_openingsWithoutCodeAreRefused() public {
        ConsortiumConfig memory config = _config();
        vm.expectRevert(abi.encodeWithSelector(IConsortiumErrors.NoCode.selector, OUTSIDER));
        new ConsortiumRegistry(
            config,
            router,
            IVectorOpening(OUTSIDER),
            address(extension),
            address(0),
            address(0),
            OWNER,
            AGGREGATOR,
            GUARDIAN,
            KEY_HOLDER
        );
    }

    function test_openingsOfOtherRowsAreRefused() public {
        ConsortiumConfig memory config = _config();
        VectorOpening other = new VectorOpening(LOGROWS - 1, KnownSetup.tauG2());
        vm.expectRevert(
            abi.encodeWithSelector(IConsortiumErrors.OtherRows.selector, 1 << (LOGROWS - 1), LOGROWS)
        );
        new ConsortiumRegistry(
            config,
            router,
            other,
            address(extension),
            address(0),
            address(0),
            OWNER,
            AGGREGATOR,
            GUARDIAN,
            KEY_HOLDER
        );
    }

    // --- joining and leaving ---

    function test_aMemberJoins() public {
        _expectEvent();
        emit IConsortiumEvents.MemberAdded(DEE, "Dee");
        _join(DEE, "Dee");
        Member memory member = registry.memberOf(DEE);
        vm.assertTrue(member.active, "active");
        vm.assertEq(member.name, "Dee", "name");
        vm.assertEq(member.maskKey, 0, "no key yet");
        vm.assertEq(registry.members()[3], DEE, "listed last");
    }

    function test_whoJoinsDuringARoundTakesNoPartInIt() public {
        uint256 roundId = _open();
        _join(DEE, "Dee");
        vm.assertEq(registry.cohort(roundId).length, 3, "cohort");
        vm.assertEq(registry.participation(roundId, DEE).weight, 0, "weight");
    }

    function test_onlyTheOwnerAddsAndRemoves() public {
        address[4] memory others = [AGGREGATOR, GUARDIAN, KEY_HOLDER, ADA];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory expected = _unauthorized(others[i], 0);
            _refused(others[i], abi.encodeCall(registry.addMember, (DEE, "Dee")), expected);
            _refused(others[i], abi.encodeCall(registry.removeMember, (ADA)), expected);
        }
    }

    function test_anActiveMemberIsNotAddedAgain() public {
        _refused(
            OWNER,
            abi.encodeCall(registry.addMember, (ADA, "Ada again")),
            abi.encodeWithSelector(IConsortiumErrors.MemberAlreadyActive.selector, ADA)
        );
        _refused(
            OWNER,
            abi.encodeCall(registry.addMember, (address(0), "Nobody")),
            abi.encodeWithSelector(IConsortiumErrors.MemberAlreadyActive.selector, address(0))
        );
    }

    function test_namesHaveOneToSixtyFourBytes() public {
        string memory longest = "0123456789012345678901234567890123456789012345678901234567890123";
        _join(DEE, longest);
        vm.prank(OWNER);
        registry.removeMember(DEE);
        string[2] memory names = ["", string.concat(longest, "4")];
        for (uint256 i = 0; i < names.length; ++i) {
            _refused(
                OWNER,
                abi.encodeCall(registry.addMember, (DEE, names[i])),
                abi.encodeWithSelector(IConsortiumErrors.InvalidName.selector, names[i])
            );
        }
    }

    function test_aMemberThatReturnsKeepsItsPlaceAndShards() public {
        _expectEvent();
        emit IConsortiumEvents.MemberRemoved(ADA);
        vm.prank(OWNER);
        registry.removeMember(ADA);
        vm.assertTrue(!registry.memberOf(ADA).active, "inactive");
        _join(ADA, "Ada & Sons");
        vm.assertEq(registry.members().length, 3, "listed once");
        vm.assertEq(registry.members()[0], ADA, "place");
        vm.assertEq(registry.memberOf(ADA).name, "Ada & Sons", "name");
        vm.assertEq(registry.memberOf(ADA).records, 100, "records");
        vm.assertEq(registry.shardCount(ADA), 1, "shards");
    }

    function test_aStrangerCannotBeRemoved() public {
        bytes memory expected = abi.encodeWithSelector(IConsortiumErrors.NotAMember.selector, DEE);
        _refused(OWNER, abi.encodeCall(registry.removeMember, (DEE)), expected);
    }

    function test_whoLeftIsNoMember() public {
        vm.prank(OWNER);
        registry.removeMember(ADA);
        bytes memory expected = abi.encodeWithSelector(IConsortiumErrors.NotAMember.selector, ADA);
        _refused(OWNER, abi.encodeCall(registry.removeMember, (ADA)), expected);
        _refused(ADA, abi.encodeCall(registry.announceMaskKey, (KEY)), expected);
    }

    // --- keys ---

    function test_aMemberAnnouncesItsKeyAndReplacesIt() public {
        _expectEvent();
        emit IConsortiumEvents.MaskKeyAnnounced(ADA, KEY);
        vm.prank(ADA, ADA);
        registry.announceMaskKey(KEY);
        vm.assertEq(registry.memberOf(ADA).maskKey, KEY, "key");
    }

    function test_aMemberAnnouncesItsOwnKeyAgain() public {
        bytes32 first = registry.memberOf(ADA).maskKey;
        vm.prank(ADA, ADA);
        registry.announceMaskKey(first);
        vm.prank(ADA, ADA);
        registry.announceMaskKey(KEY);
        vm.prank(ADA, ADA);
        registry.announceMaskKey(first);
        vm.assertEq(registry.memberOf(ADA).maskKey, first, "key");
    }

    function test_aKeyThatAnotherMemberAnnounced() public {
        bytes32 first = registry.memberOf(ADA).maskKey;
        _refusesTakenKey(first);
        vm.prank(ADA, ADA);
        registry.announceMaskKey(KEY);
        _refusesTakenKey(KEY);
        _refusesTakenKey(first);
        vm.prank(OWNER);
        registry.removeMember(ADA);
        _refusesTakenKey(KEY);
    }

    function _refusesTakenKey(
        bytes32 maskKey
    ) private {
        _refused(
            BAY,
            abi.encodeCall(registry.announceMaskKey, (maskKey)),
            abi.encodeWithSelector(IConsortiumErrors.MaskKeyTaken.selector, maskKey, ADA)
        );
    }

    function test_theKeyHolderAnnouncesAContextAndReplacesIt() public {
        _expectEvent();
        emit IConsortiumEvents.EncryptionContextAnnounced(KEY_HOLDER, KEY);
        vm.prank(KEY_HOLDER);
        registry.announceEncryptionContext(KEY);
        vm.assertEq(registry.encryptionContext(), KEY, "context");
    }

    function test_onlyTheKeyHolderAnnouncesAContext() public {
        address[4] memory others = [OWNER, AGGREGATOR, GUARDIAN, ADA];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory expected = _unauthorized(others[i], registry.KEY_HOLDER_ROLE());
            _refused(others[i], abi.encodeCall(registry.announceEncryptionContext, (KEY)), expected);
        }
    }

    function test_zeroIsNoKeyAndNoContext() public {
        bytes memory expected = abi.encodeWithSelector(IConsortiumErrors.ZeroHash.selector);
        _refused(ADA, abi.encodeCall(registry.announceMaskKey, (0)), expected);
        _refused(KEY_HOLDER, abi.encodeCall(registry.announceEncryptionContext, (0)), expected);
    }

    function test_aStrangerAnnouncesNoKey() public {
        bytes memory expected = abi.encodeWithSelector(IConsortiumErrors.NotAMember.selector, OUTSIDER);
        _refused(OUTSIDER, abi.encodeCall(registry.announceMaskKey, (KEY)), expected);
    }

    // --- a round in progress ---

    function test_nothingThatARoundRestsOnChangesWhileItIsOpen() public {
        _assertFrozen(_open(), RoundStatus.Open);
    }

    function test_nothingThatARoundRestsOnChangesWhileItIsClosed() public {
        _assertFrozen(_toClosed(), RoundStatus.Closed);
    }

    function test_nothingThatARoundRestsOnChangesWhileItIsPublished() public {
        _assertFrozen(_toPublished(), RoundStatus.Published);
    }

    function test_nothingThatARoundRestsOnChangesWhileItIsReopened() public {
        _join(DEE, "Dee");
        _announceKey(DEE);
        _admit(DEE, 20, 104);
        uint256 roundId = _toReopened(DEE);
        vm.assertEq(registry.round(roundId).attempt, 2, "attempt");
        _assertFrozen(roundId, RoundStatus.Open);
    }

    function test_nothingThatARoundRestsOnChangesWhileItIsDisputed() public {
        _assertFrozen(_toDisputed(), RoundStatus.Disputed);
    }

    function test_nothingThatARoundRestsOnChangesWhileItIsRevealing() public {
        _assertFrozen(_toRevealing(), RoundStatus.Revealing);
    }

    function test_everythingChangesAgainAfterARound() public {
        _toFailed();
        _announceKey(ADA);
        _toFinal();
        _announceContext();
    }

    function _assertFrozen(
        uint256 roundId,
        RoundStatus status
    ) private {
        bytes memory expected =
            abi.encodeWithSelector(IConsortiumErrors.RoundInProgress.selector, roundId, status);
        bytes memory proof = _encode(_admissionPoints(ADA, 1, 900));
        _refused(OWNER, abi.encodeCall(registry.removeMember, (ADA)), expected);
        _refused(ADA, abi.encodeCall(registry.leave, ()), expected);
        _refused(ADA, abi.encodeCall(registry.announceMaskKey, (KEY)), expected);
        _refused(KEY_HOLDER, abi.encodeCall(registry.announceEncryptionContext, (KEY)), expected);
        _refused(ADA, abi.encodeCall(registry.admitShard, (1, proof)), expected);
        _refused(AGGREGATOR, abi.encodeCall(registry.openRound, ()), expected);
    }
}
