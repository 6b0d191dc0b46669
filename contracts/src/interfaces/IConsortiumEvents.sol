// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BlameReason, FailureReason, G1Point, RoundStatus} from "./ConsortiumTypes.sol";

/// @title What the registry tells everyone who listens
interface IConsortiumEvents {
    /// @notice The consortium was created on this SRS with these circuits.
    event ConsortiumCreated(
        bytes32 indexed srsHash, bool srsInsecure, bytes32 admissionCircuit, bytes32 trainingCircuit
    );
    /// @notice A hospital joined, or returned.
    event MemberAdded(address indexed member, string name);
    /// @notice A hospital was removed or left; its shards take part in no further round.
    event MemberRemoved(address indexed member);
    /// @notice A member is to go on under another account, once that one accepts, from `notBefore` on;
    /// zero for a nomination that was withdrawn.
    event AccountNominated(address indexed account, address indexed newAccount, uint64 notBefore);
    /// @notice A member goes on under another account; earlier rounds keep the old one.
    event AccountRotated(address indexed account, address indexed newAccount);
    /// @notice A member broke the protocol in a round, and takes part in no further one.
    event MemberExcluded(uint256 indexed roundId, address indexed member, BlameReason reason);
    /// @notice The vault did not take an excluded member's bond; the exclusion stands.
    event SlashFailed(address indexed member);
    /// @notice A member's X25519 public key, from the next round on.
    event MaskKeyAnnounced(address indexed member, bytes32 maskKey);
    /// @notice The SHA-256 of the public encryption context, from the next round on.
    event EncryptionContextAnnounced(address indexed keyHolder, bytes32 contextHash);
    /// @notice A key holder states that it holds the secret of the announced context.
    event EncryptionContextAcknowledged(address indexed keyHolder, bytes32 contextHash);
    /// @notice A shard of `count` records was proven well formed.
    event ShardAdmitted(address indexed member, uint32 indexed shardIndex, uint32 count, G1Point commitment);
    /// @notice Shards below `below` take no further part; the member's data is at `version` now.
    event DatasetRetired(address indexed member, uint32 version, uint32 below);
    /// @notice The seed of the shard selection, until the next admission or retirement.
    event SelectionSeedDrawn(uint256 indexed roundId, bytes32 seed);
    /// @notice An attempt began; the cohort may submit up to and including `deadline`.
    event RoundOpened(
        uint256 indexed roundId, uint32 attempt, address[] cohort, G1Point modelBefore, uint64 deadline
    );
    /// @notice The rate that multiplies the learning rate of a round, in all of its attempts.
    event RateFixed(uint256 indexed roundId, uint32 rate);
    /// @notice A member's proven update.
    event UpdateSubmitted(
        uint256 indexed roundId,
        address indexed member,
        G1Point update,
        G1Point mask,
        bytes32 ciphertextHash,
        bytes32 proofHash
    );
    /// @notice The chain verified a posted proof, because `challenger` asked it to, and it is invalid.
    event UpdateChallenged(
        uint256 indexed roundId, address indexed member, address indexed challenger, bytes32 proofHash
    );
    /// @notice A new mask and ciphertext for an update that was proven in an earlier attempt.
    event UpdateRemasked(
        uint256 indexed roundId, address indexed member, uint32 attempt, G1Point mask, bytes32 ciphertextHash
    );
    /// @notice The masks do not cancel; everyone splits its mask into its pairs' by `deadline`.
    event MasksDisputed(uint256 indexed roundId, uint32 attempt, uint64 deadline);
    /// @notice A member has split its mask; what it stated is in the transaction, under its signature.
    event MaskSplit(uint256 indexed roundId, address indexed member, uint32 attempt);
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
    /// @notice The aggregator's account of a final round; see docs/reference/protocol.md.
    event ModelCardPublished(uint256 indexed roundId, bytes32 cardHash);
    /// @notice The round ended and the model stays.
    event RoundFailed(uint256 indexed roundId, FailureReason reason);
    /// @notice A member's update has at least `level` sixteenths of a cosine with the others' sum.
    event BenefitProven(uint256 indexed roundId, address indexed member, uint8 level);
}
