// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {LearningRate} from "../../src/LearningRate.sol";
import {ModelMetrics} from "../../src/ModelMetrics.sol";
import {ConsortiumConfig, G1Point, IConsortiumRegistry} from "../../src/interfaces/IConsortiumRegistry.sol";
import {RateMetric, RateRule, RateSchedule} from "../../src/interfaces/ILearningRate.sol";
import {ConfusionCounts, IModelMetrics} from "../../src/interfaces/IModelMetrics.sol";
import {ProofCommitments} from "../../src/libraries/ProofCommitments.sol";
import {MetricsFixture} from "./MetricsFixture.sol";
import {ScriptedVerifier} from "./ScriptedVerifier.sol";

/// @title A consortium whose rounds have rates, before its first round
abstract contract RateFixture is MetricsFixture {
    LearningRate internal rates;

    function setUp() public virtual override {
        vm.warp(1_800_000_000);
        _deploy(_config());
        _found();
        evaluationVerifier = new ScriptedVerifier();
        vm.prank(OWNER);
        router.register(EVALUATION_CIRCUIT, address(evaluationVerifier), EVALUATION_LENGTH, 4);
    }

    function _config() internal view override returns (ConsortiumConfig memory config) {
        config = super._config();
        config.maxOpenings = 20;
    }

    function _schedule() internal view virtual returns (RateSchedule memory);

    /// @dev The registry comes two creations later, and the metrics two after it: the verifier of
    /// their circuit is between.
    function _learningRate() internal override returns (address) {
        uint64 nonce = vm.getNonce(address(this));
        address registry_ = vm.computeCreateAddress(address(this), nonce + 2);
        bool measured = _schedule().rule == RateRule.Plateau;
        address metrics_ = measured ? vm.computeCreateAddress(address(this), nonce + 4) : address(0);
        rates = new LearningRate(registry_, IModelMetrics(metrics_), _schedule());
        return address(rates);
    }

    function _trainingCommitments() internal pure override returns (uint8) {
        return ProofCommitments.RATED_TRAINING_COMMITMENTS;
    }

    function _createMetrics() internal {
        metrics = new ModelMetrics(IConsortiumRegistry(address(registry)), EVALUATION_CIRCUIT);
        vm.assertEq(address(metrics), address(rates.METRICS()), "the metrics that the rule reads");
    }

    function _trainingPoints(
        address member,
        uint256 roundId,
        uint256 updateFactor
    ) internal view override returns (G1Point[] memory points) {
        G1Point[] memory unrated = super._trainingPoints(member, roundId, updateFactor);
        points = new G1Point[](_trainingCommitments());
        for (uint256 i = 0; i < unrated.length; ++i) {
            points[i] = unrated[i];
        }
        points[ProofCommitments.TRAINING_RATE] = _public(registry.round(roundId).rate, 0);
    }

    function _rateOf(
        uint256 roundId
    ) internal view returns (uint256) {
        return registry.round(roundId).rate;
    }

    /// @dev A round that opens and becomes final; returns its rate.
    function _nextRate() internal returns (uint256) {
        return _rateOf(_toFinal());
    }

    function _halving(
        uint32 rounds,
        uint32 floor
    ) internal pure returns (RateSchedule memory) {
        return RateSchedule(RateRule.Rounds, RateMetric.Accuracy, 1024, floor, rounds, 0, 0);
    }

    function _plateau(
        RateMetric metric,
        uint32 rounds,
        uint32 threshold,
        uint64 records
    ) internal pure returns (RateSchedule memory) {
        return RateSchedule(RateRule.Plateau, metric, 1024, 100, rounds, threshold, records);
    }

    /// @dev Ada proves so many right of all records of a test shard of its own.
    function _proveRight(
        uint256 roundId,
        uint64 right,
        uint64 wrong
    ) internal {
        uint32 shard = metrics.testShardCount(registry.memberIdOf(ADA));
        _admitTest(ADA, uint32(right + wrong), TEST_DATA + shard);
        _prove(ADA, roundId, shard, TEST_DATA + shard, ConfusionCounts(right, wrong, 0, 0));
    }
}
