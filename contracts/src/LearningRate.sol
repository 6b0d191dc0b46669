// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Fraction, ILearningRate, RateMetric, RateRule, RateSchedule} from "./interfaces/ILearningRate.sol";
import {ConfusionCounts, IModelMetrics} from "./interfaces/IModelMetrics.sol";

/// @title The learning rate of each round
/// @dev It stands before the registry, which names it and which it names. It writes its own storage
/// alone, and calls nothing but a view of the metrics, so that a round can always open.
contract LearningRate is ILearningRate {
    uint256 private constant WHOLE = 10_000;

    /// @inheritdoc ILearningRate
    address public immutable REGISTRY;
    /// @inheritdoc ILearningRate
    IModelMetrics public immutable METRICS;

    RateSchedule private _schedule;
    Fraction private _best;
    /// @inheritdoc ILearningRate
    uint256 public lastFinal;
    /// @inheritdoc ILearningRate
    uint32 public rate;
    /// @inheritdoc ILearningRate
    uint32 public waited;

    /// @dev Neither registry nor metrics need stand yet.
    constructor(
        address registry,
        IModelMetrics metrics,
        RateSchedule memory schedule_
    ) {
        _requireSound(schedule_, address(metrics) != address(0));
        REGISTRY = registry;
        METRICS = metrics;
        _schedule = schedule_;
        rate = schedule_.start;
    }

    /// @inheritdoc ILearningRate
    function nextRate(
        uint256 finalRound
    ) external returns (uint32) {
        if (msg.sender != REGISTRY) revert NotTheRegistry(msg.sender, REGISTRY);
        uint256 before = lastFinal;
        if (finalRound != before) {
            lastFinal = finalRound;
            _count(before);
        }
        return rate;
    }

    /// @inheritdoc ILearningRate
    function schedule() external view returns (RateSchedule memory) {
        return _schedule;
    }

    /// @inheritdoc ILearningRate
    function best() external view returns (Fraction memory) {
        return _best;
    }

    // --- rule ---

    /// @dev One more round is final; `before` is the final one before it, or 0.
    function _count(
        uint256 before
    ) private {
        RateRule rule = _schedule.rule;
        if (rule == RateRule.Rounds) _wait();
        if (rule == RateRule.Plateau && before != 0) _judge(before);
    }

    function _judge(
        uint256 roundId
    ) private {
        ConfusionCounts memory counts = METRICS.metricsOf(roundId).counts;
        Fraction memory metric = _metric(counts);
        bool counted = metric.denominator != 0 && _records(counts) >= _schedule.records;
        bool better = counted && _isBetter(metric);
        emit RoundJudged(roundId, metric, counted, better);
        if (better) (_best, waited) = (metric, 0);
        else if (counted) _wait();
    }

    function _wait() private {
        if (++waited < _schedule.rounds) return;
        waited = 0;
        rate = uint32(Math.max(rate / 2, _schedule.floor));
    }

    function _metric(
        ConfusionCounts memory counts
    ) private view returns (Fraction memory) {
        if (_schedule.metric == RateMetric.Accuracy) {
            uint256 right = uint256(counts.truePositives) + counts.trueNegatives;
            return Fraction(uint128(right), uint128(_records(counts)));
        }
        uint256 twice = 2 * uint256(counts.truePositives);
        return Fraction(uint128(twice), uint128(twice + counts.falsePositives + counts.falseNegatives));
    }

    function _records(
        ConfusionCounts memory counts
    ) private pure returns (uint256) {
        return
            uint256(counts.truePositives) + counts.falsePositives + counts.falseNegatives
                + counts.trueNegatives;
    }

    /// @dev `a/b > c/d + threshold/10000`, multiplied out: all of them are below 2^68.
    function _isBetter(
        Fraction memory metric
    ) private view returns (bool) {
        (uint256 a, uint256 b) = (metric.numerator, metric.denominator);
        (uint256 c, uint256 d) = (_best.numerator, _best.denominator);
        return d == 0 || a * d * WHOLE > c * b * WHOLE + _schedule.threshold * b * d;
    }

    // --- creation ---

    function _requireSound(
        RateSchedule memory schedule_,
        bool measured
    ) private pure {
        bool waits = schedule_.rule != RateRule.Constant;
        bool judges = schedule_.rule == RateRule.Plateau;
        _require(schedule_.floor > 0 && schedule_.floor <= schedule_.start, "floor", schedule_.floor);
        _require(waits || schedule_.floor == schedule_.start, "floor", schedule_.floor);
        _require(waits == (schedule_.rounds > 0), "rounds", schedule_.rounds);
        _require(judges == measured, "metrics", 0);
        _require(judges == (schedule_.records > 0), "records", schedule_.records);
        _require(schedule_.threshold < (judges ? WHOLE : 1), "threshold", schedule_.threshold);
        bool plain = schedule_.metric == RateMetric.Accuracy;
        _require(judges || plain, "metric", uint256(schedule_.metric));
    }

    function _require(
        bool holds,
        string memory field,
        uint256 value
    ) private pure {
        if (!holds) revert InvalidSchedule(field, value);
    }
}
