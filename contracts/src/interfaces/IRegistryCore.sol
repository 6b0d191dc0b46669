// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ConsortiumConfig, G1Point, Member, Participation, Round, Shard} from "./ConsortiumTypes.sol";
import {IRegistryState} from "./IRegistryState.sol";

/// @title What the registry's own code does: admissions, and the steps of a round that goes well
interface IRegistryCore is IRegistryState {
    // --- admission ---

    /// @notice Admits the sender's next shard; by a member, between rounds, sent directly.
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

    /// @notice Submits the sender's update; once by each member of the cohort, sent directly.
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

    /// @notice Publishes a model file, or replaces a wrong one; by the aggregator.
    /// @param roundId A closed round whose sum was opened, or a published one, before its
    /// deadline.
    /// @param modelHash SHA-256 of the bytes of G'.
    function publishModel(
        uint256 roundId,
        bytes32 modelHash
    ) external;

    /// @notice States that the sender holds the published file and that it opens
    /// `modelAfter`; by the cohort, once, sent directly. The acknowledgement that makes the quorum
    /// ends the round.
    /// @param roundId A published round before its deadline.
    /// @param modelHash Of the file that the sender checked.
    function acknowledge(
        uint256 roundId,
        bytes32 modelHash
    ) external;

    // --- guardian ---

    /// @notice Stops everything but the owner's changes of membership; by the guardian.
    function pause() external;

    /// @notice Allows it again; by the guardian. The round's deadline moves by the time that
    /// the pause took, so that nobody misses a step that was forbidden.
    function unpause() external;

    // --- views ---

    /// @notice What the consortium agreed on.
    function config() external view returns (ConsortiumConfig memory);

    /// @notice C(G) of the current model.
    function model() external view returns (G1Point memory);

    /// @notice Everyone who ever joined, in order, by its latest account; `memberOf` tells who is
    /// active.
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

    /// @notice Whether somebody ever admitted a shard of this commitment, retired or not.
    /// @param commitment C of a data vector.
    function isAdmitted(
        G1Point calldata commitment
    ) external view returns (bool);

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

    // --- rate ---

    /// @notice The rule that gives each round its rate, set once; zero where rounds have none.
    function LEARNING_RATE() external view returns (address);

    // --- extension ---

    /// @notice The contract whose code runs, on the registry's storage, for whatever the
    /// registry's own code does not hold; set once.
    function EXTENSION() external view returns (address);
}
