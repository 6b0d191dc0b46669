// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IVectorOpening} from "./IVectorOpening.sol";
import {IVerifierRouter} from "./IVerifierRouter.sol";

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
    Disputed,
    Closed,
    Published,
    Revealing,
    Final,
    Failed
}

/// @notice Why a round failed.
enum FailureReason {
    None,
    TooFewSubmissions,
    TooFewAfterDispute,
    UpdatesNotRevealed,
    ModelNotOpened
}

/// @notice Why a member was excluded.
enum BlameReason {
    None,
    MaskNotSplit,
    MaskDisputed,
    UpdateNotRevealed,
    FalseAcknowledgement
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
/// @param modelLength M, the entries of model, update and mask.
/// @param shardSlots B, the record slots of a shard.
/// @param maxOpenings Proofs that may open one shard before its blinders are spent.
/// @param noiseBound Largest |noise| a parameter, at the circuit's scale.
/// @param minCohort Fewest members of a round, at least 3.
/// @param maxCohort Most members of a round.
/// @param quorumBps Acknowledgements needed, in 1/10000 of the cohort, rounded up.
/// @param capShare Largest share under `Capped`, in units of 2^-16.
/// @param weightRule The rule for shares.
/// @param submissionWindow Seconds from opening to the submission deadline.
/// @param remaskWindow Seconds to mask and encrypt again in a further attempt.
/// @param publicationWindow Seconds for each step from a closed round to a published model.
/// @param acknowledgementWindow Seconds from publication to the acknowledgement deadline.
/// @param revealWindow Seconds to reveal masked updates, or to split masks.
struct ConsortiumConfig {
    bytes32 srsHash;
    bool srsInsecure;
    uint8 logrows;
    G1Point zeroCommitment;
    G1Point lagrange0;
    G1Point lagrange1;
    bytes32 admissionCircuit;
    bytes32 trainingCircuit;
    uint32 modelLength;
    uint32 shardSlots;
    uint32 maxOpenings;
    uint64 noiseBound;
    uint16 minCohort;
    uint16 maxCohort;
    uint16 quorumBps;
    uint32 capShare;
    WeightRule weightRule;
    uint32 submissionWindow;
    uint32 remaskWindow;
    uint32 publicationWindow;
    uint32 acknowledgementWindow;
    uint32 revealWindow;
}

/// @notice A hospital.
/// @param active False once removed, excluded or gone.
/// @param blame Why it was excluded; `None` for whoever was not.
/// @param maskKey X25519 public key; zero until announced.
/// @param records Admitted records over all shards.
/// @param name As the owner registered it.
struct Member {
    bool active;
    BlameReason blame;
    bytes32 maskKey;
    uint32 records;
    string name;
}

/// @notice One admitted shard.
/// @param commitment C of the data vector.
/// @param count Used slots.
/// @param openings Accepted proofs over the shard, its admission included.
struct Shard {
    G1Point commitment;
    uint32 count;
    uint32 openings;
}

/// @notice A member's part in a round; all zero for whoever takes no part.
/// @param shardIndex The shard that the chain selected.
/// @param share Share of the round, in units of 2^-16.
/// @param weight w_i, what the update is multiplied by, in units of 2^-16.
/// @param submitted Whether mask and ciphertext of the current attempt are there.
/// @param answered Whether it split its mask, or revealed its update, as it was asked to.
/// @param update C(u_i), from the proof; kept over attempts.
/// @param mask C(m_i), as the member states it for the current attempt.
/// @param ciphertextHash SHA-256 of the encrypted masked update of the current attempt.
/// @param acknowledged SHA-256 of the model file that the member vouched for.
struct Participation {
    uint32 shardIndex;
    uint32 share;
    uint64 weight;
    bool submitted;
    bool answered;
    G1Point update;
    G1Point mask;
    bytes32 ciphertextHash;
    bytes32 acknowledged;
}

/// @notice A round without its participations.
/// @param status Where it stands.
/// @param failure Why it failed; `None` otherwise.
/// @param attempt Part of the context of masks; 1, and one more each time it reopens.
/// @param members Size of the first attempt's cohort, of which the quorum is taken.
/// @param submissions Updates accepted in this attempt.
/// @param answers Split masks or revealed updates, in the statuses that ask for them.
/// @param deadline Last second for the next step, Unix time.
/// @param encryptionContext Of the encrypted updates, as it stood at the opening.
/// @param modelBefore C(G).
/// @param modelAfter C(G'), zero until the round is closed.
/// @param encryptedSumHash SHA-256 of the sum of ciphertexts, as the aggregator states it.
/// @param sumHash SHA-256 of the opened sum, as the key holder states it.
/// @param modelHash SHA-256 of the published model file.
struct Round {
    RoundStatus status;
    FailureReason failure;
    uint32 attempt;
    uint32 members;
    uint32 submissions;
    uint32 answers;
    uint64 deadline;
    bytes32 encryptionContext;
    G1Point modelBefore;
    G1Point modelAfter;
    bytes32 encryptedSumHash;
    bytes32 sumHash;
    bytes32 modelHash;
}

/// @title The chain's side of the protocol
/// @notice Members, admitted shards, rounds, weights and the lineage of the model.
/// Nobody, owner included, can set a model, a commitment or a weight.
interface IConsortiumRegistry {
    /// @notice The consortium was created on this SRS with these circuits.
    event ConsortiumCreated(
        bytes32 indexed srsHash, bool srsInsecure, bytes32 admissionCircuit, bytes32 trainingCircuit
    );
    /// @notice A hospital joined, or returned.
    event MemberAdded(address indexed member, string name);
    /// @notice A hospital was removed or left; its shards take part in no further round.
    event MemberRemoved(address indexed member);
    /// @notice A member broke the protocol in a round, and takes part in no further one.
    event MemberExcluded(uint256 indexed roundId, address indexed member, BlameReason reason);
    /// @notice A member's X25519 public key, from the next round on.
    event MaskKeyAnnounced(address indexed member, bytes32 maskKey);
    /// @notice The SHA-256 of the public encryption context, from the next round on.
    event EncryptionContextAnnounced(address indexed keyHolder, bytes32 contextHash);
    /// @notice A shard of `count` records was proven well formed.
    event ShardAdmitted(address indexed member, uint32 indexed shardIndex, uint32 count, G1Point commitment);
    /// @notice The seed of the shard selection, until the next admission.
    event SelectionSeedDrawn(uint256 indexed roundId, bytes32 seed);
    /// @notice An attempt began; the cohort may submit up to and including `deadline`.
    event RoundOpened(
        uint256 indexed roundId, uint32 attempt, address[] cohort, G1Point modelBefore, uint64 deadline
    );
    /// @notice A member's proven update.
    event UpdateSubmitted(
        uint256 indexed roundId,
        address indexed member,
        G1Point update,
        G1Point mask,
        bytes32 ciphertextHash,
        bytes32 proofHash
    );
    /// @notice A new mask and ciphertext for an update that was proven in an earlier attempt.
    event UpdateRemasked(
        uint256 indexed roundId, address indexed member, uint32 attempt, G1Point mask, bytes32 ciphertextHash
    );
    /// @notice The masks do not cancel; everyone splits its mask into its pairs' by `deadline`.
    event MasksDisputed(uint256 indexed roundId, uint32 attempt, uint64 deadline);
    /// @notice Two members state masks that do not cancel; from now on they share none.
    event PairDisputed(uint256 indexed roundId, uint32 attempt, address first, address second);
    /// @notice The masks cancel; the sum has to open `modelAfter` by `deadline`.
    event RoundClosed(uint256 indexed roundId, G1Point modelAfter, uint64 deadline);
    /// @notice The sum of the cohort's ciphertexts, to be opened by `deadline`.
    event SumAnnounced(uint256 indexed roundId, bytes32 encryptedSumHash, uint64 deadline);
    /// @notice The key holder opened that sum; a model is due by `deadline`.
    event SumOpened(uint256 indexed roundId, address indexed keyHolder, bytes32 sumHash, uint64 deadline);
    /// @notice What the key holder decrypted does not open `modelAfter`.
    event SumRefused(uint256 indexed roundId, address indexed keyHolder, bytes32 encryptedSumHash);
    /// @notice A model file to be checked and acknowledged by `deadline`.
    event ModelPublished(uint256 indexed roundId, bytes32 modelHash, uint64 deadline);
    /// @notice A deadline passed. `role` was to act: the aggregator, the key holder, or (zero)
    /// members of the cohort.
    event StepMissed(uint256 indexed roundId, RoundStatus status, bytes32 role);
    /// @notice Everyone reveals its masked update by `deadline`.
    event RevealsDemanded(uint256 indexed roundId, uint64 deadline);
    /// @notice The masked update `w_i*u_i + m_i` that a member's commitments open to.
    event UpdateRevealed(uint256 indexed roundId, address indexed member, uint256[] masked);
    /// @notice The entries that `modelAfter` opens to, and the SHA-256 of their file.
    event ModelOpened(uint256 indexed roundId, bytes32 modelHash, uint256[] model);
    /// @notice A member holds the published file, and it opens the round's `modelAfter`.
    event Acknowledged(uint256 indexed roundId, address indexed member, bytes32 modelHash);
    /// @notice The quorum acknowledged, or the model was opened; `modelAfter` is the consortium's model.
    event RoundFinalized(uint256 indexed roundId, G1Point modelAfter, bytes32 modelHash);
    /// @notice The round ended and the model stays.
    event RoundFailed(uint256 indexed roundId, FailureReason reason);

    // --- membership ---

    /// @notice Adds a hospital, or takes one back; by the owner. Takes effect at the next round.
    /// @param member Signs everything the hospital sends.
    /// @param name 1 to 64 bytes.
    function addMember(
        address member,
        string calldata name
    ) external;

    /// @notice Removes a hospital; by the owner, between rounds.
    /// @param member An active member.
    function removeMember(
        address member
    ) external;

    /// @notice Leaves; by a member, between rounds.
    function leave() external;

    /// @notice Announces the sender's key for pairwise masks; by a member, between rounds.
    /// @param maskKey X25519 public key, not zero, not one that another member announced.
    function announceMaskKey(
        bytes32 maskKey
    ) external;

    /// @notice Announces the public encryption context; by the key holder, between rounds.
    /// @param contextHash SHA-256 of its bytes, not zero.
    function announceEncryptionContext(
        bytes32 contextHash
    ) external;

    // --- admission ---

    /// @notice Admits the sender's next shard; by a member, between rounds.
    /// @param count Used slots, as the proof states them.
    /// @param proof Of the admission circuit, for `admissionContext(sender, next index)`.
    function admitShard(
        uint32 count,
        bytes calldata proof
    ) external;

    // --- rounds ---

    /// @notice Opens a round over everyone who can take part and whose share is not zero; by
    /// the aggregator.
    /// @return roundId 1 for the first.
    function openRound() external returns (uint256 roundId);

    /// @notice Submits the sender's update; once by each member of the cohort.
    /// @param roundId An open round before its deadline.
    /// @param proof Of the training circuit, for `trainingContext(sender, roundId)`.
    /// @param maskCommitment C(m_i); over the cohort the masks must cancel.
    /// @param ciphertextHash SHA-256 of the encrypted masked update, not zero.
    function submitUpdate(
        uint256 roundId,
        bytes calldata proof,
        G1Point calldata maskCommitment,
        bytes32 ciphertextHash
    ) external;

    /// @notice Masks and encrypts again in a further attempt; by whoever has a proof in this
    /// round and is still in its cohort.
    /// @param roundId An open round before its deadline.
    /// @param attempt The current one, 2 or more.
    /// @param maskCommitment C(m_i) under the masks of this attempt.
    /// @param ciphertextHash SHA-256 of the encrypted masked update, not zero.
    function remaskUpdate(
        uint256 roundId,
        uint32 attempt,
        G1Point calldata maskCommitment,
        bytes32 ciphertextHash
    ) external;

    /// @notice Computes the next model's commitment once the cohort has submitted; by anyone.
    /// Disputes the masks where they do not cancel.
    /// @param roundId An open round.
    function closeRound(
        uint256 roundId
    ) external;

    /// @notice Splits the sender's mask into the masks that it shares with each peer; by the
    /// cohort. The last one settles the dispute: whoever disagrees with more than half of its
    /// peers is excluded, others share no mask any more, and the round reopens.
    /// @param roundId A disputed round before its deadline.
    /// @param pairMasks C(m_ij) for every peer in the cohort's order; U for a peer with which
    /// the sender shares no mask any more.
    function splitMask(
        uint256 roundId,
        G1Point[] calldata pairMasks
    ) external;

    /// @notice States the sum of the cohort's ciphertexts, or corrects it; by the aggregator.
    /// @param roundId A closed round before its deadline whose sum is not opened.
    /// @param encryptedSumHash SHA-256 of the sum's file, not zero.
    function announceSum(
        uint256 roundId,
        bytes32 encryptedSumHash
    ) external;

    /// @notice States what the announced sum decrypts to; by the key holder, once.
    /// @param roundId A closed round before its deadline.
    /// @param encryptedSumHash As the aggregator announced it.
    /// @param sumHash SHA-256 of the opened sum, not zero.
    function openSum(
        uint256 roundId,
        bytes32 encryptedSumHash,
        bytes32 sumHash
    ) external;

    /// @notice States that the announced sum does not open `modelAfter`, and demands reveals;
    /// by the key holder.
    /// @param roundId A closed round before its deadline.
    /// @param encryptedSumHash As the aggregator announced it.
    function refuseSum(
        uint256 roundId,
        bytes32 encryptedSumHash
    ) external;

    /// @notice Publishes a model file, or replaces a wrong one; by the aggregator.
    /// @param roundId A closed round whose sum was opened, or a published one, before its
    /// deadline.
    /// @param modelHash SHA-256 of the bytes of G'.
    function publishModel(
        uint256 roundId,
        bytes32 modelHash
    ) external;

    /// @notice States that the sender holds the published file and that it opens
    /// `modelAfter`; by the cohort, once. The acknowledgement that makes the quorum ends the
    /// round.
    /// @param roundId A published round before its deadline.
    /// @param modelHash Of the file that the sender checked.
    function acknowledge(
        uint256 roundId,
        bytes32 modelHash
    ) external;

    /// @notice Shows the entries that `modelAfter` opens to; by anyone who knows them. Makes
    /// the round final without a quorum, corrects the file's hash where a quorum vouched for
    /// another, and excludes whoever did.
    /// @param roundId A closed, published, revealing or final round.
    /// @param model_ G', `modelLength` entries.
    /// @param quotient Its opening; see `IVectorOpening.requireOpens`.
    function openModel(
        uint256 roundId,
        uint256[] calldata model_,
        G1Point calldata quotient
    ) external;

    /// @notice Shows the sender's masked update, which reveals nothing but its share of the
    /// sum; by the cohort, when reveals are demanded.
    /// @param roundId A revealing round before its deadline.
    /// @param masked `w_i*u_i + m_i mod p`, `modelLength` entries.
    /// @param quotient Its opening; see `IVectorOpening.requireOpens`.
    function revealUpdate(
        uint256 roundId,
        uint256[] calldata masked,
        G1Point calldata quotient
    ) external;

    /// @notice Moves a round on whose deadline was missed; by anyone. An open round reopens
    /// with those who submitted; a disputed one without those who did not answer; a closed or
    /// published one demands reveals; a revealing one fails, and excludes whoever revealed
    /// nothing.
    /// @param roundId A round that waits for somebody.
    function pushRound(
        uint256 roundId
    ) external;

    // --- guardian ---

    /// @notice Stops everything but the owner's changes of membership; by the guardian.
    function pause() external;

    /// @notice Allows it again; by the guardian. The round's deadline moves by the time that
    /// the pause took, so that nobody misses a step that was forbidden.
    function unpause() external;

    // --- views ---

    /// @notice The role that opens rounds and publishes models.
    function AGGREGATOR_ROLE() external view returns (bytes32);

    /// @notice The role that pauses.
    function GUARDIAN_ROLE() external view returns (bytes32);

    /// @notice The role that announces encryption contexts.
    function KEY_HOLDER_ROLE() external view returns (bytes32);

    /// @notice Where proofs are verified; set once.
    function ROUTER() external view returns (IVerifierRouter);

    /// @notice Where vectors are opened; set once.
    function OPENING() external view returns (IVectorOpening);

    /// @notice What the consortium agreed on.
    function config() external view returns (ConsortiumConfig memory);

    /// @notice C(G) of the current model.
    function model() external view returns (G1Point memory);

    /// @notice SHA-256 of the current model's file; zero before the first final round.
    function modelHash() external view returns (bytes32);

    /// @notice The latest round; 0 before the first.
    function currentRound() external view returns (uint256);

    /// @notice The round that made the current model; 0 before the first final one.
    function finalRound() external view returns (uint256);

    /// @notice SHA-256 of the announced encryption context; zero until announced.
    function encryptionContext() external view returns (bytes32);

    /// @notice The seed of the shard selection; zero from an admission to the next round.
    function selectionSeed() external view returns (bytes32);

    /// @notice Everyone who ever joined, in order; `memberOf` tells who is active.
    function members() external view returns (address[] memory);

    /// @notice A member; empty for a stranger.
    /// @param account Any address.
    function memberOf(
        address account
    ) external view returns (Member memory);

    /// @notice How many shards a member admitted.
    /// @param member Any address.
    function shardCount(
        address member
    ) external view returns (uint32);

    /// @notice An admitted shard; reverts where there is none.
    /// @param member Whose.
    /// @param shardIndex Below `shardCount(member)`.
    function shardOf(
        address member,
        uint32 shardIndex
    ) external view returns (Shard memory);

    /// @notice A round; of status `None` where it never opened.
    /// @param roundId Any number.
    function round(
        uint256 roundId
    ) external view returns (Round memory);

    /// @notice The members of a round, in the order of shares.
    /// @param roundId Any number.
    function cohort(
        uint256 roundId
    ) external view returns (address[] memory);

    /// @notice A member's part in a round; empty for whoever takes none.
    /// @param roundId Any number.
    /// @param member Any address.
    function participation(
        uint256 roundId,
        address member
    ) external view returns (Participation memory);

    /// @notice Whether two members share no mask any more in a round.
    /// @param roundId Any number.
    /// @param first Any address.
    /// @param second Any address; the order does not matter.
    function unpaired(
        uint256 roundId,
        address first,
        address second
    ) external view returns (bool);

    /// @notice What the proof of a shard has to carry as `public[1]`.
    /// @param member Who admits.
    /// @param shardIndex The index that the shard will have.
    function admissionContext(
        address member,
        uint32 shardIndex
    ) external view returns (uint256);

    /// @notice What the proof of an update has to carry as `public[1]`.
    /// @param member Who submits.
    /// @param roundId The round.
    function trainingContext(
        address member,
        uint256 roundId
    ) external view returns (uint256);
}
