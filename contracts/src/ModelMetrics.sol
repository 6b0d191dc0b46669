// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IConsortiumErrors} from "./interfaces/IConsortiumErrors.sol";
import {
    ConsortiumConfig,
    G1Point,
    IConsortiumRegistry,
    Round,
    RoundStatus
} from "./interfaces/IConsortiumRegistry.sol";
import {ConfusionCounts, IModelMetrics, Metrics, TestShard} from "./interfaces/IModelMetrics.sol";
import {IVerifierRouter} from "./interfaces/IVerifierRouter.sol";
import {BN254} from "./libraries/BN254.sol";
import {ProofCommitments} from "./libraries/ProofCommitments.sol";
import {PublicScalars} from "./libraries/PublicScalars.sol";

/// @title Proven metrics of a consortium's models
/// @dev It copies what it needs of the registry's configuration, which never changes. A proof that
/// was accepted counts once; nothing that is stored here can be changed or removed.
contract ModelMetrics is IModelMetrics, IConsortiumErrors {
    using BN254 for G1Point;
    using ProofCommitments for bytes;

    /// @dev Bits of a count in the packed number, as the circuit has them.
    uint256 private constant COUNT_BITS = 16;

    /// @inheritdoc IModelMetrics
    IConsortiumRegistry public immutable REGISTRY;
    /// @inheritdoc IModelMetrics
    IVerifierRouter public immutable ROUTER;
    /// @inheritdoc IModelMetrics
    bytes32 public immutable ADMISSION_CIRCUIT;
    /// @inheritdoc IModelMetrics
    bytes32 public immutable EVALUATION_CIRCUIT;
    /// @inheritdoc IModelMetrics
    uint32 public immutable SLOTS;
    /// @inheritdoc IModelMetrics
    uint32 public immutable MAX_OPENINGS;

    G1Point private _zero;
    G1Point private _lagrange0;
    G1Point private _lagrange1;

    mapping(uint256 memberId => TestShard[]) private _shards;
    mapping(bytes32 commitment => bool) private _known;
    mapping(uint256 roundId => Metrics) private _metrics;
    mapping(uint256 roundId => mapping(uint256 memberId => Metrics)) private _memberMetrics;
    mapping(uint256 roundId => mapping(uint256 memberId => mapping(uint32 shardIndex => bool))) private
        _proven;

    constructor(
        IConsortiumRegistry registry,
        bytes32 evaluationCircuit
    ) {
        if (address(registry).code.length == 0) revert RegistryHasNoCode(address(registry));
        ConsortiumConfig memory config = registry.config();
        if (config.shardSlots >> COUNT_BITS != 0) {
            revert TooManySlots(config.shardSlots, (1 << COUNT_BITS) - 1);
        }
        REGISTRY = registry;
        ROUTER = registry.ROUTER();
        ADMISSION_CIRCUIT = config.admissionCircuit;
        EVALUATION_CIRCUIT = evaluationCircuit;
        SLOTS = config.shardSlots;
        MAX_OPENINGS = config.maxOpenings;
        (_zero, _lagrange0, _lagrange1) = (config.zeroCommitment, config.lagrange0, config.lagrange1);
        _requireLayout(ROUTER, evaluationCircuit);
    }

    // --- members ---

    /// @inheritdoc IModelMetrics
    function admitTestShard(
        uint32 count,
        bytes calldata proof
    ) external {
        _requireCanonical(abi.encodeCall(this.admitTestShard, (count, proof)));
        _requireSentDirectly();
        uint256 id = _activeSender();
        if (count == 0 || count > SLOTS) revert CountOutOfRange(count, SLOTS);
        G1Point memory commitment = proof.at(ProofCommitments.ADMISSION_DATA);
        commitment.requireOnCurve();
        bytes32 key = keccak256(abi.encode(commitment.x, commitment.y));
        if (_known[key]) revert CommitmentAlreadyUsed(commitment);
        uint32 index = uint32(_shards[id].length);
        _requireScalars(
            proof.at(ProofCommitments.ADMISSION_PUBLIC), count, testAdmissionContext(msg.sender, index)
        );
        _requireZeros(proof.at(ProofCommitments.ADMISSION_ZEROS));
        _requireHeldOut(commitment);
        ROUTER.requireValid(ADMISSION_CIRCUIT, proof);

        uint64 admittedIn = uint64(REGISTRY.currentRound());
        _known[key] = true;
        _shards[id].push(TestShard(commitment, count, 1, admittedIn));
        emit TestShardAdmitted(id, index, msg.sender, count, commitment, admittedIn);
    }

    /// @inheritdoc IModelMetrics
    function proveMetrics(
        uint256 roundId,
        uint32 shardIndex,
        ConfusionCounts calldata counts,
        bytes calldata proof
    ) external {
        _requireCanonical(abi.encodeCall(this.proveMetrics, (roundId, shardIndex, counts, proof)));
        _requireSentDirectly();
        uint256 id = _activeSender();
        TestShard storage shard = _openable(id, shardIndex);
        if (_proven[roundId][id][shardIndex]) revert AlreadyProven(roundId, id, shardIndex);
        _requireAbout(roundId, shard, proof);
        uint256 packed = _packed(counts, shard.count);
        _requireScalars(
            proof.at(ProofCommitments.EVALUATION_PUBLIC), packed, evaluationContext(msg.sender, roundId)
        );
        _requireZeros(proof.at(ProofCommitments.EVALUATION_ZEROS));
        ROUTER.requireValid(EVALUATION_CIRCUIT, proof);

        ++shard.openings;
        _proven[roundId][id][shardIndex] = true;
        _add(_metrics[roundId], counts);
        _add(_memberMetrics[roundId][id], counts);
        emit MetricsProven(roundId, id, shardIndex, msg.sender, counts);
    }

    // --- views ---

    /// @inheritdoc IModelMetrics
    function metricsOf(
        uint256 roundId
    ) external view returns (Metrics memory) {
        return _metrics[roundId];
    }

    /// @inheritdoc IModelMetrics
    function memberMetricsOf(
        uint256 roundId,
        uint256 memberId
    ) external view returns (Metrics memory) {
        return _memberMetrics[roundId][memberId];
    }

    /// @inheritdoc IModelMetrics
    function isProven(
        uint256 roundId,
        uint256 memberId,
        uint32 shardIndex
    ) external view returns (bool) {
        return _proven[roundId][memberId][shardIndex];
    }

    /// @inheritdoc IModelMetrics
    function testShardCount(
        uint256 memberId
    ) external view returns (uint32) {
        return uint32(_shards[memberId].length);
    }

    /// @inheritdoc IModelMetrics
    function testShardOf(
        uint256 memberId,
        uint32 shardIndex
    ) external view returns (TestShard memory) {
        return _shards[memberId][shardIndex];
    }

    /// @inheritdoc IModelMetrics
    function testAdmissionContext(
        address member,
        uint32 shardIndex
    ) public view returns (uint256) {
        return PublicScalars.context(PublicScalars.TEST_ADMISSION_DOMAIN, address(this), member, shardIndex);
    }

    /// @inheritdoc IModelMetrics
    function evaluationContext(
        address member,
        uint256 roundId
    ) public view returns (uint256) {
        return PublicScalars.context(PublicScalars.EVALUATION_DOMAIN, address(this), member, roundId);
    }

    // --- guards ---

    /// @dev A pause may mean that a verifier cannot be trusted, so it stops proofs here as well.
    function _activeSender() private view returns (uint256) {
        if (Pausable(address(REGISTRY)).paused()) revert Pausable.EnforcedPause();
        if (!REGISTRY.memberOf(msg.sender).active) revert NotAMember(msg.sender);
        return REGISTRY.memberIdOf(msg.sender);
    }

    function _openable(
        uint256 id,
        uint32 shardIndex
    ) private view returns (TestShard storage shard) {
        uint256 shards = _shards[id].length;
        if (shardIndex >= shards) revert NoTestShard(id, shardIndex, shards);
        shard = _shards[id][shardIndex];
        if (shard.openings >= MAX_OPENINGS) {
            revert BlindersExhausted(msg.sender, shardIndex, shard.openings, MAX_OPENINGS);
        }
        _requireHeldOut(shard.commitment);
    }

    /// @dev Asked at every proof: a test shard can come to train later. What was proven before then is
    /// about models that it did not train.
    function _requireHeldOut(
        G1Point memory commitment
    ) private view {
        if (REGISTRY.isAdmitted(commitment)) revert TrainsToo(commitment);
    }

    /// @dev The shard's data and the model that a final round led to.
    function _requireAbout(
        uint256 roundId,
        TestShard storage shard,
        bytes calldata proof
    ) private view {
        Round memory round = REGISTRY.round(roundId);
        if (round.status != RoundStatus.Final) revert WrongRoundStatus(roundId, round.status);
        G1Point memory data = proof.at(ProofCommitments.EVALUATION_DATA);
        if (!data.equals(shard.commitment)) revert DataCommitmentMismatch(data, shard.commitment);
        G1Point memory model = proof.at(ProofCommitments.EVALUATION_MODEL);
        if (!model.equals(round.modelAfter)) revert ModelCommitmentMismatch(model, round.modelAfter);
    }

    /// @dev Counts that sum to a shard's records are below `2^COUNT_BITS` each, so none of them runs
    /// into the next one's bits.
    function _packed(
        ConfusionCounts calldata counts,
        uint256 records
    ) private pure returns (uint256) {
        uint256 counted = uint256(counts.truePositives) + counts.falsePositives + counts.falseNegatives
            + counts.trueNegatives;
        if (counted != records) revert CountsMismatch(counted, records);
        return uint256(counts.truePositives) | uint256(counts.falsePositives) << COUNT_BITS
            | uint256(counts.falseNegatives) << 2 * COUNT_BITS | uint256(counts.trueNegatives)
            << 3 * COUNT_BITS;
    }

    function _requireScalars(
        G1Point memory actual,
        uint256 scalar,
        uint256 context
    ) private view {
        actual.requireOnCurve();
        G1Point memory expected = PublicScalars.commitment(scalar, context, _lagrange0, _lagrange1, _zero);
        if (!actual.equals(expected)) revert PublicScalarsMismatch(actual, expected);
    }

    function _requireZeros(
        G1Point memory actual
    ) private view {
        if (!actual.equals(_zero)) revert ZeroCommitmentMismatch(actual, _zero);
    }

    /// @dev Only then do auditors find the proof in a transaction that the sender signed. tx.origin
    /// grants nothing here: it only refuses a contract.
    function _requireSentDirectly() private view {
        // solhint-disable-next-line avoid-tx-origin
        bool direct = msg.sender == tx.origin && msg.sender.code.length == 0;
        if (!direct) revert NotSentDirectly(msg.sender);
    }

    /// @dev Refuses junk offsets, dirty padding and trailing bytes.
    function _requireCanonical(
        bytes memory expected
    ) private pure {
        if (keccak256(msg.data) != keccak256(expected)) {
            revert NonCanonicalCalldata(msg.data.length, expected.length);
        }
    }

    /// @dev Fails at the creation, and not at the first proof.
    function _requireLayout(
        IVerifierRouter router,
        bytes32 circuit
    ) private view {
        IVerifierRouter.Route memory route = router.route(circuit);
        router.requireVerifiable(circuit, route.proofLength);
        if (route.commitments != ProofCommitments.EVALUATION_COMMITMENTS) {
            revert OtherLayout(circuit, route.commitments, ProofCommitments.EVALUATION_COMMITMENTS);
        }
    }

    // --- effects ---

    function _add(
        Metrics storage metrics,
        ConfusionCounts calldata counts
    ) private {
        metrics.counts.truePositives += counts.truePositives;
        metrics.counts.falsePositives += counts.falsePositives;
        metrics.counts.falseNegatives += counts.falseNegatives;
        metrics.counts.trueNegatives += counts.trueNegatives;
        ++metrics.shards;
    }
}
