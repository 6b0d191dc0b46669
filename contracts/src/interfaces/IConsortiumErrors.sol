// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point, RoundStatus, WeightRule} from "./ConsortiumTypes.sol";

/// @title Why the registry refuses; each error carries the offending value
interface IConsortiumErrors {
    /// @notice The address of the router, of the openings, of the extension or of the bond vault holds
    /// no contract.
    error NoCode(address account);
    /// @notice The extension was made for another router, vault, or other openings.
    error OtherExtension(address actual, address expected);
    /// @notice The openings are of another number of rows than the circuits.
    error OtherRows(uint256 rows, uint256 logrows);
    /// @notice The address is a member already, or the zero address.
    error MemberAlreadyActive(address member);
    /// @notice A name must have 1 to 64 bytes.
    error InvalidName(string name);
    /// @notice The address is no active member.
    error NotAMember(address account);
    /// @notice The account is, or was, some member's: an account serves one member, once.
    error AccountUsed(address account);
    /// @notice The sender is not the account that was nominated.
    error NotNominated(address account, address newAccount, address nominated);
    /// @notice The old key has some time to object to a nomination that it did not make.
    error NominationTooEarly(uint256 notBefore, uint256 timestamp);
    /// @notice A hash or key must not be zero.
    error ZeroHash();
    /// @notice Another member announced this key before; announce a fresh one.
    error MaskKeyTaken(bytes32 maskKey, address member);
    /// @notice A shard holds 1 to `slots` records.
    error CountOutOfRange(uint256 count, uint256 slots);
    /// @notice A shard uses at least as many slots as was agreed.
    error TooFewRecords(uint256 count, uint256 minimum);
    /// @notice A member retires shards above its first one and no more than it admitted.
    error NothingToRetire(address member, uint256 below, uint256 firstShard, uint256 shards);
    /// @notice The commitment was counted before: the same proof, or someone else's.
    error CommitmentAlreadyUsed(G1Point commitment);
    /// @notice The proof is about other public scalars: another sender, shard, round,
    /// count, level or noise bound.
    error PublicScalarsMismatch(G1Point actual, G1Point expected);
    /// @notice Something the circuit asserts does not hold.
    error ZeroCommitmentMismatch(G1Point actual, G1Point expected);
    /// @notice The proof is about other data than the shard that the chain selected.
    error DataCommitmentMismatch(G1Point actual, G1Point expected);
    /// @notice The proof starts from another model than the consortium's.
    error ModelCommitmentMismatch(G1Point actual, G1Point expected);
    /// @notice One more proof could reveal records. The chain selects no such shard, so this
    /// guards what selection promises.
    error BlindersExhausted(address member, uint256 shardIndex, uint256 openings, uint256 limit);
    /// @notice The calldata is not the canonical encoding of its own content.
    error NonCanonicalCalldata(uint256 actualLength, uint256 canonicalLength);
    /// @notice The key holder has not announced an encryption context.
    error NoEncryptionContext();
    /// @notice The announced encryption context is another one.
    error OtherEncryptionContext(bytes32 contextHash, bytes32 announced);
    /// @notice One acknowledgement of a context a key holder.
    error ContextAcknowledged(address keyHolder, bytes32 contextHash);
    /// @notice The cohort is too small: a sum of few updates reveals them to each other.
    error TooFewMembers(uint256 cohort, uint256 minimum);
    /// @notice The cohort is larger than the encrypted sum can hold.
    error TooManyMembers(uint256 cohort, uint256 maximum);
    /// @notice The round has to end first.
    error RoundInProgress(uint256 roundId, RoundStatus status);
    /// @notice The round is in a status that does not allow this.
    error WrongRoundStatus(uint256 roundId, RoundStatus status);
    /// @notice The account takes no part in this round.
    error NotInCohort(uint256 roundId, address account);
    /// @notice One submission a member and round.
    error AlreadySubmitted(uint256 roundId, address member);
    /// @notice Members of the cohort have yet to submit.
    error SubmissionsMissing(uint256 roundId, uint256 submissions, uint256 cohort);
    /// @notice The round is at another attempt: proofs belong to the first, new masks to later
    /// ones.
    error WrongAttempt(uint256 roundId, uint32 attempt, uint32 current);
    /// @notice The cohort has submitted, so nobody missed the deadline: close the round instead.
    error CohortComplete(uint256 roundId);
    /// @notice Too late.
    error DeadlinePassed(uint256 deadline, uint256 timestamp);
    /// @notice Too early to push the round on.
    error DeadlineNotReached(uint256 deadline, uint256 timestamp);
    /// @notice Another model file is published for this round.
    error ModelHashMismatch(uint256 roundId, bytes32 actual, bytes32 published);
    /// @notice The aggregator announced another encrypted sum, or none yet.
    error EncryptedSumMismatch(uint256 roundId, bytes32 actual, bytes32 announced);
    /// @notice The key holder opened this round's sum before.
    error SumAlreadyOpened(uint256 roundId, bytes32 sumHash);
    /// @notice There is no model before the key holder opens the sum.
    error SumNotOpened(uint256 roundId);
    /// @notice A model, update or mask has `modelLength` entries.
    error WrongVectorLength(uint256 length, uint256 expected);
    /// @notice One answer a member: its mask is split, or its update revealed.
    error AlreadyAnswered(uint256 roundId, address member);
    /// @notice The split was made for other members, another order of them, or other mask keys.
    error OtherCohort(uint256 roundId, bytes32 named, bytes32 current);
    /// @notice There must be one mask a peer.
    error WrongPeerCount(uint256 masks, uint256 peers);
    /// @notice The pairs' masks do not add up to the mask that the member submitted.
    error MaskSplitMismatch(G1Point actual, G1Point expected);
    /// @notice A peer with which the member shares no mask must have the mask zero.
    error PairMaskNotZero(address peer, G1Point mask);
    /// @notice A round has one card, and it stays.
    error ModelCardExists(uint256 roundId, bytes32 cardHash);
    /// @notice The router gives the training circuit's proofs another number of points: with a rule
    /// for rates they have one more, which would mean nothing without it.
    error OtherTrainingLayout(uint256 commitments, uint256 expected);
    /// @notice One acknowledgement a member.
    error AlreadyAcknowledged(uint256 roundId, address member);
    /// @notice Whatever auditors and nodes read back, an account without code sends itself, so that
    /// the bytes are in its transaction for everyone to check.
    error NotSentDirectly(address sender);
    /// @notice Proofs of the round can be challenged up to and including `deadline`; nothing is
    /// final before.
    error ChallengesOpen(uint256 roundId, uint256 deadline, uint256 timestamp);
    /// @notice The member posted no proof in this round, or the chain verified it as it came.
    error NothingToChallenge(uint256 roundId, address member);
    /// @notice Not the bytes that the member posted.
    error OtherProof(bytes32 actual, bytes32 posted);
    /// @notice The chain verified the challenged proof, and it holds.
    error ProofIsValid(uint256 roundId, address member);
    /// @notice A verifier that runs out of gas says nothing about the proof: send at least
    /// `needed`.
    error TooLittleGas(uint256 gas, uint256 needed);
    /// @notice Only under `Benefit` is there a benefit to prove.
    error WrongWeightRule(WeightRule rule);
    /// @notice Benefits are proven of the round that made the current model.
    error NotFinalRound(uint256 roundId, uint256 finalRound);
    /// @notice A cosine has sixteen sixteenths.
    error LevelOutOfRange(uint256 level, uint256 largest);
    /// @notice One level a member and round.
    error BenefitAlreadyProven(uint256 roundId, address member);
    /// @notice The proof is about another update than the one that the round counted.
    error UpdateCommitmentMismatch(G1Point actual, G1Point expected);
    /// @notice The proof is about another sum than that of everybody else's weighted updates.
    error RestCommitmentMismatch(G1Point actual, G1Point expected);
    /// @notice The member may still prove its benefit, until the deadline.
    error BenefitMissing(uint256 roundId, address member, uint256 deadline);
}
