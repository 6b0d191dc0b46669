// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ConsortiumRegistry} from "../../src/ConsortiumRegistry.sol";
import {G1Point} from "../../src/interfaces/IConsortiumRegistry.sol";
import {IConsortiumErrors} from "../../src/interfaces/IConsortiumErrors.sol";
import {IConsortiumEvents} from "../../src/interfaces/IConsortiumEvents.sol";
import {ILearningRate, RateSchedule} from "../../src/interfaces/ILearningRate.sol";
import {BN254} from "../../src/libraries/BN254.sol";
import {ProofCommitments} from "../../src/libraries/ProofCommitments.sol";
import {RateFixture} from "../support/RateFixture.sol";

/// @title A round has the rate that the rule gave at its opening, and no proof of another is taken
contract RatedRoundsTest is RateFixture {
    function _schedule() internal pure override returns (RateSchedule memory) {
        return _halving(1, 300);
    }

    function test_theRateHalvesAfterEachFinalRoundDownToTheFloor() public {
        vm.assertEq(registry.LEARNING_RATE(), address(rates), "the rule");
        vm.assertEq(_nextRate(), 1024, "first");
        vm.assertEq(_nextRate(), 512, "second");
        vm.assertEq(_nextRate(), 300, "floor");
        vm.assertEq(_nextRate(), 300, "floor again");
    }

    function test_anOpeningSaysTheRate() public {
        _expectEvent();
        emit IConsortiumEvents.RateFixed(1, 1024);
        _open();
    }

    function test_aFailedRoundHalvesNothing() public {
        _nextRate();
        vm.assertEq(_rateOf(_toFailed()), 512, "failed");
        vm.assertEq(_nextRate(), 512, "after it");
        vm.assertEq(_nextRate(), 300, "after a final one");
    }

    function test_aFurtherAttemptKeepsTheRate() public {
        _join(DEE, "Dee");
        _announceKey(DEE);
        _admit(DEE, 50, 104);
        _nextRate();
        uint256 roundId = _toReopened(ADA);
        vm.assertEq(registry.round(roundId).attempt, 2, "attempt");
        vm.assertEq(_rateOf(roundId), 512, "rate");
    }

    function test_aRefusedOpeningCountsNothing() public {
        _nextRate();
        vm.prank(OWNER);
        registry.removeMember(CAY);
        _refused(
            AGGREGATOR,
            abi.encodeCall(registry.openRound, ()),
            abi.encodeWithSelector(IConsortiumErrors.TooFewMembers.selector, 2, 3)
        );
        vm.assertEq(rates.lastFinal(), 0, "nothing seen");
        vm.assertEq(rates.rate(), 1024, "nothing halved");
    }

    // --- proofs ---

    function test_theRoundsRate() public {
        uint256 roundId = _open();
        _accepted(ADA, address(registry), _call(roundId, _public(1024, 0)));
    }

    function test_otherRates() public {
        _nextRate();
        uint256 roundId = _open();
        uint256[5] memory others = [uint256(1024), 511, 513, 0, BN254.SCALAR_MODULUS - 512];
        for (uint256 i = 0; i < others.length; ++i) {
            _refusesRate(roundId, _public(others[i], 0));
        }
        _refusesRate(roundId, _public(512, 1));
        _refusesRate(roundId, _g1(ZERO_FACTOR));
        _accepted(ADA, address(registry), _call(roundId, _public(512, 0)));
    }

    function test_pointsThatAreNone() public {
        uint256 roundId = _open();
        (G1Point[] memory bad, bytes[] memory errors) = _badPoints(_public(1024, 0));
        for (uint256 i = 0; i < bad.length; ++i) {
            _refused(ADA, _call(roundId, bad[i]), errors[i]);
        }
    }

    function _refusesRate(
        uint256 roundId,
        G1Point memory point
    ) private {
        bytes4 selector = IConsortiumErrors.PublicScalarsMismatch.selector;
        _refused(ADA, _call(roundId, point), abi.encodeWithSelector(selector, point, _public(512, 0)));
    }

    function _call(
        uint256 roundId,
        G1Point memory point
    ) private view returns (bytes memory) {
        G1Point[] memory points = _trainingPoints(ADA, roundId, _update(roundId, ADA));
        points[ProofCommitments.TRAINING_RATE] = point;
        G1Point memory mask = _mask(roundId, ADA);
        return abi.encodeCall(registry.submitUpdate, (roundId, _encode(points), mask, CIPHERTEXT));
    }

    // --- the rule and the registry ---

    function test_nobodyElseAsks() public {
        bytes4 selector = ILearningRate.NotTheRegistry.selector;
        bytes memory call = abi.encodeCall(rates.nextRate, (7));
        bytes memory expected = abi.encodeWithSelector(selector, AGGREGATOR, address(registry));
        _refused(AGGREGATOR, address(rates), call, expected);
    }

    function test_aRuleWithoutCode() public {
        learningRate = OUTSIDER;
        vm.expectRevert(abi.encodeWithSelector(IConsortiumErrors.NoCode.selector, OUTSIDER));
        this.create();
    }

    function test_ratesThatNoRuleFixes() public {
        learningRate = address(0);
        vm.expectRevert(abi.encodeWithSelector(IConsortiumErrors.OtherTrainingLayout.selector, 7, 6));
        this.create();
    }

    function create() external {
        _create(_config());
    }
}
