// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {LearningRate} from "../../src/LearningRate.sol";
import {ILearningRate, RateMetric, RateRule, RateSchedule} from "../../src/interfaces/ILearningRate.sol";
import {IModelMetrics} from "../../src/interfaces/IModelMetrics.sol";
import {Test} from "../support/Test.sol";

/// @title Schedules that nobody can follow, or that say something in vain, are refused
contract SchedulesTest is Test {
    IModelMetrics private constant METRICS = IModelMetrics(address(7));
    IModelMetrics private constant NONE = IModelMetrics(address(0));

    function test_soundSchedules() public {
        LearningRate rates = new LearningRate(address(this), METRICS, _plateau());
        vm.assertEq(abi.encode(rates.schedule()), abi.encode(_plateau()), "schedule");
        vm.assertEq(rates.rate(), 64, "start");
        vm.assertEq(address(rates.METRICS()), address(METRICS), "metrics");
        new LearningRate(address(this), NONE, _constant());
        new LearningRate(address(this), NONE, _rounds());
    }

    function test_aConstantRateNeverMoves() public {
        LearningRate rates = new LearningRate(address(this), NONE, _constant());
        for (uint256 finalRound = 0; finalRound < 9; ++finalRound) {
            vm.assertEq(rates.nextRate(finalRound), 5, "rate");
        }
    }

    function test_everySecondRound() public {
        LearningRate rates = new LearningRate(address(this), NONE, _rounds());
        uint32[8] memory expected = [uint32(64), 64, 64, 32, 32, 32, 16, 16];
        uint256[8] memory finals = [uint256(0), 1, 1, 2, 4, 4, 5, 7];
        for (uint256 i = 0; i < expected.length; ++i) {
            vm.assertEq(rates.nextRate(finals[i]), expected[i], "rate");
        }
    }

    function test_floors() public {
        RateSchedule memory bad = _plateau();
        bad.floor = 0;
        _refuses(METRICS, bad, "floor", 0);
        bad.floor = 65;
        _refuses(METRICS, bad, "floor", 65);
        bad = _constant();
        bad.floor = 4;
        _refuses(NONE, bad, "floor", 4);
    }

    function test_rounds() public {
        RateSchedule memory bad = _plateau();
        bad.rounds = 0;
        _refuses(METRICS, bad, "rounds", 0);
        bad = _constant();
        bad.rounds = 1;
        _refuses(NONE, bad, "rounds", 1);
    }

    function test_metrics() public {
        _refuses(NONE, _plateau(), "metrics", 0);
        _refuses(METRICS, _rounds(), "metrics", 0);
        RateSchedule memory bad = _rounds();
        bad.metric = RateMetric.F1;
        _refuses(NONE, bad, "metric", 1);
    }

    function test_recordsAndThresholds() public {
        RateSchedule memory bad = _plateau();
        bad.records = 0;
        _refuses(METRICS, bad, "records", 0);
        bad = _rounds();
        bad.records = 1;
        _refuses(NONE, bad, "records", 1);
        bad = _rounds();
        bad.threshold = 1;
        _refuses(NONE, bad, "threshold", 1);
        bad = _plateau();
        bad.threshold = 10_000;
        _refuses(METRICS, bad, "threshold", 10_000);
    }

    function _refuses(
        IModelMetrics metrics,
        RateSchedule memory schedule,
        string memory field,
        uint256 value
    ) private {
        vm.expectRevert(abi.encodeWithSelector(ILearningRate.InvalidSchedule.selector, field, value));
        new LearningRate(address(this), metrics, schedule);
    }

    function _constant() private pure returns (RateSchedule memory) {
        return RateSchedule(RateRule.Constant, RateMetric.Accuracy, 5, 5, 0, 0, 0);
    }

    function _rounds() private pure returns (RateSchedule memory) {
        return RateSchedule(RateRule.Rounds, RateMetric.Accuracy, 64, 1, 2, 0, 0);
    }

    function _plateau() private pure returns (RateSchedule memory) {
        return RateSchedule(RateRule.Plateau, RateMetric.F1, 64, 1, 3, 9999, 1);
    }
}
