// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {IConsortiumEvents} from "../src/interfaces/IConsortiumEvents.sol";
import {RoundStatus} from "../src/interfaces/IConsortiumRegistry.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

contract ModelCardTest is ConsortiumTest {
    bytes32 private constant CARD = keccak256("card");

    function test_theAggregatorPublishesAFinalRoundsCard() public {
        uint256 roundId = _toFinal();
        vm.assertEq(registry.modelCardOf(roundId), 0, "none yet");
        _expectEvent();
        emit IConsortiumEvents.ModelCardPublished(roundId, CARD);
        vm.prank(AGGREGATOR);
        registry.publishModelCard(roundId, CARD);
        vm.assertEq(registry.modelCardOf(roundId), CARD, "on record");
    }

    function test_anOlderFinalRoundsToo() public {
        uint256 first = _toFinal();
        _toFinal();
        vm.prank(AGGREGATOR);
        registry.publishModelCard(first, CARD);
        vm.assertEq(registry.modelCardOf(first), CARD, "on record");
    }

    function test_onlyOnce() public {
        uint256 roundId = _toFinal();
        vm.prank(AGGREGATOR);
        registry.publishModelCard(roundId, CARD);
        bytes memory expected =
            abi.encodeWithSelector(IConsortiumErrors.ModelCardExists.selector, roundId, CARD);
        _refusedCard(AGGREGATOR, roundId, keccak256("another"), expected);
        _refusedCard(AGGREGATOR, roundId, CARD, expected);
    }

    function test_onlyTheAggregator() public {
        uint256 roundId = _toFinal();
        bytes32 role = registry.AGGREGATOR_ROLE();
        address[4] memory others = [OWNER, ADA, KEY_HOLDER, OUTSIDER];
        for (uint256 i = 0; i < others.length; ++i) {
            _refusedCard(others[i], roundId, CARD, _unauthorized(others[i], role));
        }
    }

    function test_onlyOfAFinalRound() public {
        _refusedCard(AGGREGATOR, 1, CARD, _wrongStatus(1, RoundStatus.None));
        uint256 failed = _toFailed();
        _refusedCard(AGGREGATOR, failed, CARD, _wrongStatus(failed, RoundStatus.Failed));
        uint256 published = _toPublished();
        _refusedCard(AGGREGATOR, published, CARD, _wrongStatus(published, RoundStatus.Published));
    }

    function test_noEmptyCard() public {
        uint256 roundId = _toFinal();
        bytes memory expected = abi.encodeWithSelector(IConsortiumErrors.ZeroHash.selector);
        _refusedCard(AGGREGATOR, roundId, 0, expected);
    }

    function test_notWhilePaused() public {
        uint256 roundId = _toFinal();
        vm.prank(GUARDIAN);
        registry.pause();
        bytes memory expected = abi.encodeWithSelector(Pausable.EnforcedPause.selector);
        _refusedCard(AGGREGATOR, roundId, CARD, expected);
    }

    function _refusedCard(
        address sender,
        uint256 roundId,
        bytes32 card,
        bytes memory expected
    ) private {
        _refused(sender, abi.encodeCall(registry.publishModelCard, (roundId, card)), expected);
    }
}
