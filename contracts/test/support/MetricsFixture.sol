// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ModelMetrics} from "../../src/ModelMetrics.sol";
import {ConsortiumConfig, G1Point, IConsortiumRegistry} from "../../src/interfaces/IConsortiumRegistry.sol";
import {ConfusionCounts} from "../../src/interfaces/IModelMetrics.sol";
import {ProofCommitments} from "../../src/libraries/ProofCommitments.sol";
import {ConsortiumTest} from "./ConsortiumFixture.sol";
import {ScriptedVerifier} from "./ScriptedVerifier.sol";

/// @title A consortium with a final round, and a contract for the metrics of its models
abstract contract MetricsFixture is ConsortiumTest {
    bytes32 internal constant EVALUATION_CIRCUIT = keccak256("evaluation circuit");
    uint32 internal constant EVALUATION_LENGTH = 4 * 64 + uint32(TAIL);
    uint256 internal constant TEST_DATA = 301;

    ModelMetrics internal metrics;
    ScriptedVerifier internal evaluationVerifier;
    uint256 internal finalRound;

    function setUp() public virtual override {
        super.setUp();
        evaluationVerifier = new ScriptedVerifier();
        vm.prank(OWNER);
        router.register(EVALUATION_CIRCUIT, address(evaluationVerifier), EVALUATION_LENGTH, 4);
        metrics = new ModelMetrics(IConsortiumRegistry(address(registry)), EVALUATION_CIRCUIT);
        finalRound = _toFinal();
    }

    function _config() internal view virtual override returns (ConsortiumConfig memory config) {
        config = super._config();
        config.maxOpenings = 4;
    }

    // --- test shards ---

    function _testPoints(
        address member,
        uint32 count,
        uint256 factor
    ) internal view returns (G1Point[] memory points) {
        uint32 index = metrics.testShardCount(registry.memberIdOf(member));
        points = new G1Point[](ProofCommitments.ADMISSION_COMMITMENTS);
        points[ProofCommitments.ADMISSION_DATA] = _g1(factor);
        points[ProofCommitments.ADMISSION_PUBLIC] =
            _public(count, metrics.testAdmissionContext(member, index));
        points[ProofCommitments.ADMISSION_ZEROS] = _g1(ZERO_FACTOR);
    }

    function _testCall(
        uint32 count,
        G1Point[] memory points
    ) internal view returns (bytes memory) {
        return abi.encodeCall(metrics.admitTestShard, (count, _encode(points)));
    }

    function _admitTest(
        address member,
        uint32 count,
        uint256 factor
    ) internal {
        _accepted(member, address(metrics), _testCall(count, _testPoints(member, count, factor)));
    }

    // --- metrics ---

    function _evaluationPoints(
        address member,
        uint256 roundId,
        uint256 factor,
        ConfusionCounts memory counts
    ) internal view returns (G1Point[] memory points) {
        points = new G1Point[](ProofCommitments.EVALUATION_COMMITMENTS);
        points[ProofCommitments.EVALUATION_DATA] = _g1(factor);
        points[ProofCommitments.EVALUATION_MODEL] = registry.round(roundId).modelAfter;
        points[ProofCommitments.EVALUATION_PUBLIC] =
            _public(_packed(counts), metrics.evaluationContext(member, roundId));
        points[ProofCommitments.EVALUATION_ZEROS] = _g1(ZERO_FACTOR);
    }

    function _proveCall(
        uint256 roundId,
        uint32 shardIndex,
        ConfusionCounts memory counts,
        G1Point[] memory points
    ) internal view returns (bytes memory) {
        return abi.encodeCall(metrics.proveMetrics, (roundId, shardIndex, counts, _encode(points)));
    }

    function _prove(
        address member,
        uint256 roundId,
        uint32 shardIndex,
        uint256 factor,
        ConfusionCounts memory counts
    ) internal {
        G1Point[] memory points = _evaluationPoints(member, roundId, factor, counts);
        _accepted(member, address(metrics), _proveCall(roundId, shardIndex, counts, points));
    }

    /// @dev Written by multiplication, where the contract shifts.
    function _packed(
        ConfusionCounts memory counts
    ) internal pure returns (uint256) {
        return uint256(counts.truePositives) + 65_536 * uint256(counts.falsePositives) + 4_294_967_296
            * uint256(counts.falseNegatives) + 281_474_976_710_656 * uint256(counts.trueNegatives);
    }

    function _assertCounts(
        ConfusionCounts memory actual,
        ConfusionCounts memory expected
    ) internal pure {
        vm.assertEq(abi.encode(actual), abi.encode(expected), "counts");
    }
}
