// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IModelMetrics} from "./IModelMetrics.sol";

/// @notice How the rate of rounds changes. `Constant` never, `Rounds` after so many final ones,
/// `Plateau` after so many that were no better than the best before.
enum RateRule {
    Constant,
    Rounds,
    Plateau
}

/// @notice What `Plateau` compares. Both are fractions of proven counts.
enum RateMetric {
    Accuracy,
    F1
}

/// @notice What a consortium agrees on about its rates; none of it can change.
/// @param rule When the rate halves.
/// @param metric What `Plateau` compares; `Accuracy` under any other rule.
/// @param start The first rate, in the training circuit's units.
/// @param floor The smallest one.
/// @param rounds Final rounds until the rate halves; 0 under `Constant`.
/// @param threshold By how much more than the best a metric must be to be better, in 1/10000.
/// @param records Fewest proven records for which a round counts under `Plateau`.
struct RateSchedule {
    RateRule rule;
    RateMetric metric;
    uint32 start;
    uint32 floor;
    uint32 rounds;
    uint32 threshold;
    uint64 records;
}

/// @notice A metric as a fraction.
struct Fraction {
    uint128 numerator;
    uint128 denominator;
}

/// @title The learning rate of each round, by a rule that was agreed on at the founding
/// @notice The registry asks once a round, when it opens it, and keeps the answer. Everybody can
/// compute it from the registry's final rounds and the metrics that were proven before the opening.
///
/// Under `Plateau` a round is judged one final round late: when a round opens, the final round before
/// the last one is, by whatever was proven of it until then. So everybody had the time of a
/// whole round to prove, and nobody can open rounds too fast for it. Metrics that come later count
/// for nothing here.
interface ILearningRate {
    /// @notice A schedule that nobody can follow, or that says something in vain.
    error InvalidSchedule(string field, uint256 value);
    /// @notice Only the registry opens rounds.
    error NotTheRegistry(address caller, address registry);

    /// @notice A final round's proven metric was compared with the best before.
    /// @param roundId The round whose model it is about.
    /// @param metric As it stood.
    /// @param counted False where too little was proven; nothing follows then.
    /// @param better Whether it is the best now.
    event RoundJudged(uint256 indexed roundId, Fraction metric, bool counted, bool better);

    /// @notice Takes note of the final rounds so far, and tells the next round's rate; by the registry.
    /// @param finalRound The last final round; 0 before the first.
    function nextRate(
        uint256 finalRound
    ) external returns (uint32);

    /// @notice Whose rounds.
    function REGISTRY() external view returns (address);

    /// @notice Whose counts; zero where the rule asks for none.
    function METRICS() external view returns (IModelMetrics);

    /// @notice What was agreed on.
    function schedule() external view returns (RateSchedule memory);

    /// @notice The rate of the last opened round.
    function rate() external view returns (uint32);

    /// @notice Final rounds since the rate halved or a metric was the best.
    function waited() external view returns (uint32);

    /// @notice The last final round that it knows of.
    function lastFinal() external view returns (uint256);

    /// @notice The best metric so far; 0/0 before the first that counted.
    function best() external view returns (Fraction memory);
}
