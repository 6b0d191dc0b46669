// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point, IConsortiumRegistry} from "./IConsortiumRegistry.sol";
import {IVerifierRouter} from "./IVerifierRouter.sol";

/// @notice How often a model was right and wrong about records, by their class.
/// @param truePositives Positive records that the model takes for positive.
/// @param falsePositives Negative records that the model takes for positive.
/// @param falseNegatives Positive records that the model takes for negative.
/// @param trueNegatives Negative records that the model takes for negative.
struct ConfusionCounts {
    uint64 truePositives;
    uint64 falsePositives;
    uint64 falseNegatives;
    uint64 trueNegatives;
}

/// @notice Records that a member tests models on, and trains none with.
/// @param commitment Of the data vector.
/// @param count Used slots.
/// @param openings Proofs about it, its admission included.
/// @param admittedIn The round that was the current one at its admission: whoever admitted it could
/// know no model of a later round.
struct TestShard {
    G1Point commitment;
    uint32 count;
    uint32 openings;
    uint64 admittedIn;
}

/// @notice What was proven of one model.
/// @param counts Over all test shards that were proven.
/// @param shards How many these are.
struct Metrics {
    ConfusionCounts counts;
    uint32 shards;
}

/// @title Proven metrics of a consortium's models
/// @notice Members commit to test shards, and prove how often the model of a final round is right on
/// them. Everything here is in addition to the registry, which knows nothing of it: nobody's share
/// and no round depends on a metric. A proof of admission for the registry is worthless here, and
/// one for here there, as contexts name the contract and a domain of their own.
///
/// It shows that the counts are the committed model's on the committed shard, and that the registry
/// did not hold that shard as a training shard when they were proven. It does not show that labels
/// are true, that a shard's patients are not in training data under other blinders, or that
/// a member proved every shard that it has: `testShardCount` says how many there are.
///
/// Both circuits are fixed. Where the router's owner removes one, nothing more can be proven
/// here, what was proven stays, and the consortium creates another contract of this kind with a
/// circuit that the router knows.
interface IModelMetrics {
    /// @notice No contract is at this address.
    error RegistryHasNoCode(address registry);
    /// @notice The router gives the circuit's proofs another number of points.
    error OtherLayout(bytes32 circuit, uint256 commitments, uint256 expected);
    /// @notice A count of a shard would not fit its bits of the packed number.
    error TooManySlots(uint256 slots, uint256 largest);
    /// @notice The member has admitted fewer test shards.
    error NoTestShard(uint256 memberId, uint256 shardIndex, uint256 shards);
    /// @notice Every used slot of a shard is counted once.
    error CountsMismatch(uint256 counted, uint256 records);
    /// @notice The shard was counted for this round before.
    error AlreadyProven(uint256 roundId, uint256 memberId, uint256 shardIndex);

    /// @notice The registry holds this commitment as a training shard's, whoever admitted it.
    error TrainsToo(G1Point commitment);

    /// @notice A member committed to records to test on.
    event TestShardAdmitted(
        uint256 indexed memberId,
        uint256 indexed shardIndex,
        address member,
        uint32 count,
        G1Point commitment,
        uint256 admittedIn
    );
    /// @notice A member proved how often a round's model is right on one of its test shards.
    event MetricsProven(
        uint256 indexed roundId,
        uint256 indexed memberId,
        uint256 indexed shardIndex,
        address member,
        ConfusionCounts counts
    );

    /// @notice Commits to records to test on; by an active member, sent directly.
    /// @param count Used slots, 1 to `SLOTS`.
    /// @param proof Of the registry's admission circuit, under `testAdmissionContext`.
    function admitTestShard(
        uint32 count,
        bytes calldata proof
    ) external;

    /// @notice Proves the counts of a final round's model on a test shard; by the active member that
    /// admitted it, once a round and shard, sent directly.
    /// @param roundId A final round.
    /// @param shardIndex Of the sender's test shards.
    /// @param counts They sum to the shard's records.
    /// @param proof Of the evaluation circuit, under `evaluationContext`.
    function proveMetrics(
        uint256 roundId,
        uint32 shardIndex,
        ConfusionCounts calldata counts,
        bytes calldata proof
    ) external;

    /// @notice The consortium.
    function REGISTRY() external view returns (IConsortiumRegistry);

    /// @notice The consortium's verifiers.
    function ROUTER() external view returns (IVerifierRouter);

    /// @notice Manifest hash of the circuit that shards are admitted by, the registry's own.
    function ADMISSION_CIRCUIT() external view returns (bytes32);

    /// @notice Manifest hash of the circuit that counts are proven by.
    function EVALUATION_CIRCUIT() external view returns (bytes32);

    /// @notice Slots of a shard, as in the registry.
    function SLOTS() external view returns (uint32);

    /// @notice Proofs that may open one test shard, as in the registry.
    function MAX_OPENINGS() external view returns (uint32);

    /// @notice What was proven of a round's model, over all members.
    /// @param roundId Any round; nothing where nothing was proven.
    function metricsOf(
        uint256 roundId
    ) external view returns (Metrics memory);

    /// @notice What one member proved of a round's model.
    /// @param roundId Any round.
    /// @param memberId The registry's number of the member, which outlives its accounts.
    function memberMetricsOf(
        uint256 roundId,
        uint256 memberId
    ) external view returns (Metrics memory);

    /// @notice Whether a test shard was counted for a round.
    /// @param roundId Any round.
    /// @param memberId The member's number.
    /// @param shardIndex Of the member's test shards.
    function isProven(
        uint256 roundId,
        uint256 memberId,
        uint32 shardIndex
    ) external view returns (bool);

    /// @notice How many test shards a member admitted.
    /// @param memberId The member's number.
    function testShardCount(
        uint256 memberId
    ) external view returns (uint32);

    /// @notice One of them.
    /// @param memberId The member's number.
    /// @param shardIndex Below `testShardCount`.
    function testShardOf(
        uint256 memberId,
        uint32 shardIndex
    ) external view returns (TestShard memory);

    /// @notice The second public scalar of a test shard's admission proof.
    /// @param member The account that sends it.
    /// @param shardIndex The next of its test shards.
    function testAdmissionContext(
        address member,
        uint32 shardIndex
    ) external view returns (uint256);

    /// @notice The second public scalar of an evaluation proof; the first packs the counts, 16 bits
    /// each, true positives lowest.
    /// @param member The account that sends it.
    /// @param roundId The round whose model it is about.
    function evaluationContext(
        address member,
        uint256 roundId
    ) external view returns (uint256);
}
