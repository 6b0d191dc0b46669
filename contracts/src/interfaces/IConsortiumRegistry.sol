// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice A point of BN254's G1 in affine coordinates.
struct G1Point {
    uint256 x;
    uint256 y;
}

/// @notice How admitted record counts become shares of a round.
enum WeightRule {
    Records,
    Capped,
    SquareRoot,
    Equal
}

/// @notice Where a round stands. Only `Final` moves the model.
enum RoundStatus {
    None,
    Open,
    Closed,
    Published,
    Final,
    Failed
}

/// @notice Why a round failed.
enum FailureReason {
    None,
    SubmissionsMissing,
    MasksDoNotCancel,
    ModelNotPublished,
    QuorumNotReached
}

/// @notice What a consortium agrees on before anything else; none of it can change.
/// @param srsHash SHA-256 of the SRS file.
/// @param srsInsecure True for a demo SRS, whose secret is known.
/// @param logrows log2 of the rows of every circuit.
/// @param zeroCommitment U, the commitment of the zero vector.
/// @param lagrange0 L_0 of the SRS.
/// @param lagrange1 L_1 of the SRS.
/// @param admissionCircuit Manifest hash of the admission circuit.
/// @param trainingCircuit Manifest hash of the training circuit.
/// @param shardSlots B, the record slots of a shard.
/// @param maxOpenings Proofs that may open one shard before its blinders are spent.
/// @param noiseBound Largest |noise| a parameter, at the circuit's scale.
/// @param minCohort Fewest members of a round, at least 3.
/// @param maxCohort Most members of a round.
/// @param quorumBps Acknowledgements needed, in 1/10000 of the cohort, rounded up.
/// @param capShare Largest share under `Capped`, in units of 2^-16.
/// @param weightRule The rule for shares.
/// @param submissionWindow Seconds from opening to the submission deadline.
/// @param publicationWindow Seconds from closing to the publication deadline.
/// @param acknowledgementWindow Seconds from publication to the acknowledgement deadline.
struct ConsortiumConfig {
    bytes32 srsHash;
    bool srsInsecure;
    uint8 logrows;
    G1Point zeroCommitment;
    G1Point lagrange0;
    G1Point lagrange1;
    bytes32 admissionCircuit;
    bytes32 trainingCircuit;
    uint32 shardSlots;
    uint32 maxOpenings;
    uint64 noiseBound;
    uint16 minCohort;
    uint16 maxCohort;
    uint16 quorumBps;
    uint32 capShare;
    WeightRule weightRule;
    uint32 submissionWindow;
    uint32 publicationWindow;
    uint32 acknowledgementWindow;
}

/// @notice A hospital.
struct Member {
    bool active;
    bytes32 maskKey;
    uint32 records;
    string name;
}

/// @notice One admitted shard.
struct Shard {
    G1Point commitment;
    uint32 count;
    uint32 openings;
}

/// @notice A member's part in a round.
struct Participation {
    uint32 shardIndex;
    uint32 share;
    uint64 weight;
    bool submitted;
    G1Point update;
    G1Point mask;
    bytes32 ciphertextHash;
}

/// @notice A round without its participations.
struct Round {
    RoundStatus status;
    FailureReason failure;
    uint32 attempt;
    uint32 submissions;
    uint64 deadline;
    bytes32 encryptionContext;
    G1Point modelBefore;
    G1Point modelAfter;
    bytes32 modelHash;
    bytes32 sumHash;
}

/// @title The chain's side of the protocol
/// @notice Members, admitted shards, rounds, weights and the lineage of the model.
/// Nobody, owner included, can set a model, a commitment or a weight.
interface IConsortiumRegistry {
    /// @notice The consortium was created on this SRS with these circuits.
    event ConsortiumCreated(
        bytes32 indexed srsHash, bool srsInsecure, bytes32 admissionCircuit, bytes32 trainingCircuit
    );
    event MemberAdded(address indexed member, string name);
    event MemberRemoved(address indexed member);
    event MaskKeyAnnounced(address indexed member, bytes32 maskKey);
    event EncryptionContextAnnounced(address indexed keyHolder, bytes32 contextHash);
    event ShardAdmitted(address indexed member, uint32 indexed shardIndex, uint32 count, G1Point commitment);
    event SelectionSeedDrawn(uint256 indexed roundId, bytes32 seed);
    event RoundOpened(
        uint256 indexed roundId, uint32 attempt, address[] cohort, G1Point modelBefore, uint64 deadline
    );
    event UpdateSubmitted(
        uint256 indexed roundId,
        address indexed member,
        G1Point update,
        G1Point mask,
        bytes32 ciphertextHash,
        bytes32 proofHash
    );
    event RoundClosed(uint256 indexed roundId, G1Point modelAfter, uint64 deadline);
    event ModelPublished(uint256 indexed roundId, bytes32 modelHash, bytes32 sumHash, uint64 deadline);
    event Acknowledged(uint256 indexed roundId, address indexed member, bytes32 modelHash);
    event RoundFinalized(uint256 indexed roundId, G1Point modelAfter, bytes32 modelHash);
    event RoundFailed(uint256 indexed roundId, FailureReason reason);

    // --- membership ---
    function addMember(
        address member,
        string calldata name
    ) external; // owner
    function removeMember(
        address member
    ) external; // owner, no open round
    function announceMaskKey(
        bytes32 maskKey
    ) external; // member, no round in progress
    function announceEncryptionContext(
        bytes32 contextHash
    ) external; // KEY_HOLDER, no round in progress

    // --- admission ---
    /// @notice Admits the sender's next shard with `count` used slots.
    function admitShard(
        uint32 count,
        bytes calldata proof
    ) external;

    // --- rounds ---
    function openRound() external returns (uint256 roundId); // AGGREGATOR
    function submitUpdate(
        uint256 roundId,
        bytes calldata proof,
        G1Point calldata maskCommitment,
        bytes32 ciphertextHash
    ) external; // cohort
    function closeRound(
        uint256 roundId
    ) external; // anyone
    function publishModel(
        uint256 roundId,
        bytes32 modelHash,
        bytes32 sumHash
    ) external; // AGGREGATOR
    function acknowledge(
        uint256 roundId,
        bytes32 modelHash
    ) external; // cohort
    function failRound(
        uint256 roundId
    ) external; // anyone, after a missed deadline

    // --- guardian ---
    function pause() external; // GUARDIAN
    function unpause() external; // GUARDIAN

    // --- views ---
    function config() external view returns (ConsortiumConfig memory);
    function model() external view returns (G1Point memory);
    function modelHash() external view returns (bytes32);
    function currentRound() external view returns (uint256);
    function encryptionContext() external view returns (bytes32);
    function members() external view returns (address[] memory);
    function memberOf(
        address account
    ) external view returns (Member memory);
    function shardCount(
        address member
    ) external view returns (uint32);
    function shardOf(
        address member,
        uint32 shardIndex
    ) external view returns (Shard memory);
    function round(
        uint256 roundId
    ) external view returns (Round memory);
    function cohort(
        uint256 roundId
    ) external view returns (address[] memory);
    function participation(
        uint256 roundId,
        address member
    ) external view returns (Participation memory);
    function acknowledged(
        uint256 roundId,
        address member,
        bytes32 modelHash
    ) external view returns (bool);
    function admissionContext(
        address member,
        uint32 shardIndex
    ) external view returns (uint256);
    function trainingContext(
        address member,
        uint256 roundId
    ) external view returns (uint256);
}
