// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ModelMetrics} from "../../src/ModelMetrics.sol";
import {ConsortiumConfig, IConsortiumRegistry} from "../../src/interfaces/IConsortiumRegistry.sol";
import {IModelMetrics} from "../../src/interfaces/IModelMetrics.sol";
import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {MetricsFixture} from "../support/MetricsFixture.sol";

contract MetricsCreationTest is MetricsFixture {
    function test_itNamesWhatItStandsOn() public view {
        vm.assertEq(address(metrics.REGISTRY()), address(registry), "registry");
        vm.assertEq(address(metrics.ROUTER()), address(router), "router");
        vm.assertEq(metrics.ADMISSION_CIRCUIT(), ADMISSION_CIRCUIT, "admission circuit");
        vm.assertEq(metrics.EVALUATION_CIRCUIT(), EVALUATION_CIRCUIT, "evaluation circuit");
        vm.assertEq(metrics.SLOTS(), SLOTS, "slots");
        vm.assertEq(metrics.MAX_OPENINGS(), 4, "openings");
    }

    function test_twoOfThemHaveOtherContexts() public {
        ModelMetrics other = _create(EVALUATION_CIRCUIT);
        vm.assertTrue(other.testAdmissionContext(ADA, 0) != metrics.testAdmissionContext(ADA, 0), "admission");
        vm.assertTrue(other.evaluationContext(ADA, 1) != metrics.evaluationContext(ADA, 1), "evaluation");
        vm.assertTrue(
            metrics.evaluationContext(ADA, 0) != metrics.testAdmissionContext(ADA, 0), "one for the other"
        );
    }

    function test_noRegistry() public {
        vm.expectRevert(abi.encodeWithSelector(IModelMetrics.RegistryHasNoCode.selector, OUTSIDER));
        new ModelMetrics(IConsortiumRegistry(OUTSIDER), EVALUATION_CIRCUIT);
    }

    function test_aCircuitThatTheRouterDoesNotKnow() public {
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.CircuitUnknown.selector, bytes32("other")));
        _create("other");
    }

    function test_aCircuitThatWasRemoved() public {
        vm.prank(OWNER);
        router.remove(EVALUATION_CIRCUIT);
        vm.expectRevert(
            abi.encodeWithSelector(IVerifierRouter.CircuitTombstoned.selector, EVALUATION_CIRCUIT)
        );
        _create(EVALUATION_CIRCUIT);
    }

    function test_aCircuitWithOtherPoints() public {
        vm.expectRevert(abi.encodeWithSelector(IModelMetrics.OtherLayout.selector, TRAINING_CIRCUIT, 6, 4));
        _create(TRAINING_CIRCUIT);
    }

    function test_shardsWithMoreSlotsThanACountHolds() public {
        _redeploy(65_536);
        vm.expectRevert(abi.encodeWithSelector(IModelMetrics.TooManySlots.selector, 65_536, 65_535));
        _create(EVALUATION_CIRCUIT);
        _redeploy(65_535);
        // the router is a new one, which does not know the circuit; the slots are taken
        vm.expectRevert(abi.encodeWithSelector(IVerifierRouter.CircuitUnknown.selector, EVALUATION_CIRCUIT));
        _create(EVALUATION_CIRCUIT);
    }

    function _redeploy(
        uint32 slots
    ) private {
        ConsortiumConfig memory config = _config();
        config.shardSlots = slots;
        _deploy(config);
    }

    function _create(
        bytes32 circuit
    ) private returns (ModelMetrics) {
        return new ModelMetrics(IConsortiumRegistry(address(registry)), circuit);
    }
}
