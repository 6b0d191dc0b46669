// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice A point of BN254's G1 in affine coordinates.
struct G1Point {
    uint256 x;
    uint256 y;
}

/// @notice How admitted record counts become shares of a round. `Benefit` multiplies them by what
/// members proved of their updates in the last final round.
enum WeightRule {
    Records,
    Capped,
    SquareRoot,
    Equal,
    Benefit
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
    ModelNotOpened,
    InvalidProof
}

/// @notice Why a member was excluded.
enum BlameReason {
    None,
    MaskNotSplit,
    MaskDisputed,
    UpdateNotRevealed,
    FalseAcknowledgement,
    InvalidProof
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
/// @param minimumRecords Fewest used slots of a shard that trains.
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
/// @param revealWindow Seconds to reveal masked updates, to split masks, or to prove benefits.
/// @param challengeWindow Seconds for which a posted proof can be challenged before anything is
/// final; 0 where the chain verifies every proof itself as it comes.
/// @param benefitCircuit Manifest hash of the benefit circuit under `Benefit`; zero otherwise.
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
    uint32 minimumRecords;
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
    uint32 challengeWindow;
    bytes32 benefitCircuit;
}

/// @notice A hospital.
/// @param active False once removed, excluded or gone.
/// @param blame Why it was excluded; `None` for whoever was not.
/// @param maskKey X25519 public key; zero until announced.
/// @param records Admitted records over all shards that are not retired.
/// @param datasetVersion 1, and one more each time the member retires shards.
/// @param firstShard The first shard that is not retired.
/// @param name As the owner registered it.
struct Member {
    bool active;
    BlameReason blame;
    bytes32 maskKey;
    uint32 records;
    uint32 datasetVersion;
    uint32 firstShard;
    string name;
}

/// @notice An account that a member is to go on under.
/// @param account The new one; zero for none.
/// @param notBefore When it can accept, Unix time.
struct Nomination {
    address account;
    uint64 notBefore;
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
/// @param deadline Last second for the next step, Unix time; in a final round under `Benefit`,
/// until when the next round waits for proofs of benefit.
/// @param rate What the learning rate of the round is multiplied by, in the training circuit's units;
/// 0 where the consortium has no such rule.
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
    uint32 rate;
    bytes32 encryptionContext;
    G1Point modelBefore;
    G1Point modelAfter;
    bytes32 encryptedSumHash;
    bytes32 sumHash;
    bytes32 modelHash;
}

/// @notice How far a member's update in a final round pointed where everybody else's did.
/// @param proven Whether the member proved a level, which may be 0.
/// @param level Sixteenths of the cosine, 0 to 16.
struct Benefit {
    bool proven;
    uint8 level;
}
