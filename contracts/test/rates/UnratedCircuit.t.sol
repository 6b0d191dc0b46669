// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {LearningRate} from "../../src/LearningRate.sol";
import {IConsortiumErrors} from "../../src/interfaces/IConsortiumErrors.sol";
import {RateMetric, RateRule, RateSchedule} from "../../src/interfaces/ILearningRate.sol";
import {IModelMetrics} from "../../src/interfaces/IModelMetrics.sol";
import {ConsortiumTest} from "../support/ConsortiumFixture.sol";

/// @title Without a rule rounds have no rate, and a rule needs a circuit that takes one
contract UnratedCircuitTest is ConsortiumTest {
    function test_noRate() public {
        uint256 roundId = _toFinal();
        vm.assertEq(registry.round(roundId).rate, 0, "rate");
        vm.assertEq(registry.LEARNING_RATE(), address(0), "rule");
    }

    function test_aRuleForACircuitThatTakesNoRate() public {
        RateSchedule memory schedule = RateSchedule(RateRule.Constant, RateMetric.Accuracy, 1, 1, 0, 0, 0);
        learningRate = address(new LearningRate(address(registry), IModelMetrics(address(0)), schedule));
        vm.expectRevert(abi.encodeWithSelector(IConsortiumErrors.OtherTrainingLayout.selector, 6, 7));
        this.create();
    }

    function create() external {
        _create(_config());
    }
}
