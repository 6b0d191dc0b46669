// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Fraction, ILearningRate, RateMetric, RateSchedule} from "../../src/interfaces/ILearningRate.sol";
import {ConfusionCounts} from "../../src/interfaces/IModelMetrics.sol";
import {RateFixture} from "../support/RateFixture.sol";

/// @title The rate halves when the proven metric stops rising
abstract contract PlateauFixture is RateFixture {
    function setUp() public virtual override {
        super.setUp();
        _createMetrics();
    }

    /// @dev A final round of which Ada proves the accuracy; returns the round's rate.
    function _round(
        uint64 right,
        uint64 wrong
    ) internal returns (uint256 rate_) {
        uint256 roundId = _toFinal();
        rate_ = _rateOf(roundId);
        if (right + wrong != 0) _proveRight(roundId, right, wrong);
    }
}

contract PlateauTest is PlateauFixture {
    /// @dev One round that is not better by more than a hundredth, of ten records or more.
    function _schedule() internal pure override returns (RateSchedule memory) {
        return _plateau(RateMetric.Accuracy, 1, 100, 10);
    }

    function test_risingMetricsKeepTheRate() public {
        vm.assertEq(_round(50, 50), 1024, "first");
        vm.assertEq(_round(60, 40), 1024, "second");
        vm.assertEq(_round(70, 30), 1024, "third");
        vm.assertEq(_round(80, 20), 1024, "fourth");
        vm.assertEq(rates.best().numerator, 60, "judged one final round late");
    }

    function test_aRoundIsJudgedOneFinalRoundLate() public {
        _round(60, 40);
        _round(60, 40);
        vm.assertEq(_round(0, 0), 1024, "the first is the best");
        vm.assertEq(_round(0, 0), 512, "the second was no better");
        vm.assertEq(rates.waited(), 0, "waits anew");
    }

    function test_exactlyTheThresholdIsNoBetter() public {
        _round(60, 40);
        _round(61, 39);
        _round(0, 0);
        vm.assertEq(_round(0, 0), 512, "rate");
        vm.assertEq(rates.best().numerator, 60, "best");
    }

    function test_aBitMoreThanTheThresholdIsBetter() public {
        _round(60, 40);
        _round(62, 39);
        _round(0, 0);
        vm.assertEq(_round(0, 0), 1024, "rate");
        vm.assertEq(rates.best().denominator, 101, "best");
    }

    function test_roundsWithTooFewRecordsDoNotCount() public {
        _round(60, 40);
        _round(5, 4);
        _round(0, 0);
        vm.expectEmit(true, true, true, true, address(rates));
        emit ILearningRate.RoundJudged(2, Fraction(5, 9), false, false);
        vm.assertEq(_nextRate(), 1024, "nine records");
        vm.expectEmit(true, true, true, true, address(rates));
        emit ILearningRate.RoundJudged(3, Fraction(0, 0), false, false);
        vm.assertEq(_nextRate(), 1024, "none");
    }

    function test_exactlyEnoughRecordsCount() public {
        _round(60, 40);
        _round(5, 5);
        _round(0, 0);
        vm.assertEq(_nextRate(), 512, "rate");
    }

    function test_metricsThatComeAfterTheJudgementCountForNothing() public {
        _round(60, 40);
        uint256 late = _toFinal();
        _nextRate();
        _nextRate();
        _proveRight(late, 99, 1);
        _nextRate();
        vm.assertEq(rates.best().numerator, 60, "best");
        vm.assertEq(rates.rate(), 1024, "rate");
    }

    function test_metricsOfAnOpenRoundsTimeCount() public {
        _round(60, 40);
        uint256 second = _toFinal();
        uint256 open = _toClosed();
        _proveRight(second, 10, 90);
        _finishClosed(open);
        vm.assertEq(_nextRate(), 512, "rate");
    }

    function test_theFloor() public {
        _round(60, 40);
        _round(60, 40);
        _round(60, 40);
        vm.assertEq(_round(60, 40), 512, "once");
        vm.assertEq(_round(60, 40), 256, "twice");
        vm.assertEq(_round(60, 40), 128, "thrice");
        vm.assertEq(_round(60, 40), 100, "floor");
        vm.assertEq(_round(60, 40), 100, "floor again");
    }
}

contract PatientPlateauTest is PlateauFixture {
    function _schedule() internal pure override returns (RateSchedule memory) {
        return _plateau(RateMetric.Accuracy, 2, 0, 1);
    }

    function test_aBetterRoundBeginsTheWaitAnew() public {
        _round(60, 40);
        _round(60, 40);
        _round(61, 39);
        vm.assertEq(_round(61, 39), 1024, "one waited");
        vm.assertEq(_round(61, 39), 1024, "better");
        vm.assertEq(_round(61, 39), 1024, "one waited again");
        vm.assertEq(_round(61, 39), 512, "two waited");
    }
}

contract PlateauOfF1Test is PlateauFixture {
    function _schedule() internal pure override returns (RateSchedule memory) {
        return _plateau(RateMetric.F1, 1, 0, 1);
    }

    function test_f1AndNotAccuracyIsCompared() public {
        _proveF1(_toFinal(), 0, ConfusionCounts(10, 10, 10, 70));
        // accuracy falls, F1 rises
        _proveF1(_toFinal(), 1, ConfusionCounts(30, 25, 25, 20));
        _nextRate();
        vm.assertEq(rates.best().numerator, 20, "twice the true positives");
        vm.assertEq(rates.best().denominator, 40, "and those that are wrong");
        vm.assertEq(_nextRate(), 1024, "better");
        vm.assertEq(rates.best().numerator, 60, "the second");
    }

    function test_withoutPositivesThereIsNoF1() public {
        _proveF1(_toFinal(), 0, ConfusionCounts(0, 0, 0, 100));
        _nextRate();
        vm.expectEmit(true, true, true, true, address(rates));
        emit ILearningRate.RoundJudged(1, Fraction(0, 0), false, false);
        _nextRate();
    }

    function _proveF1(
        uint256 roundId,
        uint32 shard,
        ConfusionCounts memory counts
    ) private {
        _admitTest(ADA, 100, TEST_DATA + shard);
        _prove(ADA, roundId, shard, TEST_DATA + shard, counts);
    }
}
