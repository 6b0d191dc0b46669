// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Benefit, G1Point, Nomination} from "./ConsortiumTypes.sol";
import {IRegistryState} from "./IRegistryState.sol";

/// @title What the registry's extension does: membership, and rounds that went wrong
/// @notice Called at the registry's address, never at the extension's own.
interface IRegistryExtension is IRegistryState {
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

    /// @notice Names the account under which a member is to go on; by the member, or by the owner
    /// for one that lost its key. Of the owner's nominations the member can undo each within two
    /// days, by naming another or none. The member sends it directly.
    /// @param account The member's.
    /// @param newAccount One that never was a member's, or zero to withdraw the nomination.
    function nominateAccount(
        address account,
        address newAccount
    ) external;

    /// @notice Takes over a member's record, shards and mask key; by the nominated account,
    /// between rounds. Roles stay where they are.
    /// @param account The member's account so far.
    function acceptAccount(
        address account
    ) external;

    /// @notice Announces the sender's key for pairwise masks; by a member, between rounds, sent
    /// directly.
    /// @param maskKey X25519 public key, not zero, not one that another member announced.
    function announceMaskKey(
        bytes32 maskKey
    ) external;

    /// @notice Announces the public encryption context; by the key holder, between rounds.
    /// @param contextHash SHA-256 of its bytes, not zero.
    function announceEncryptionContext(
        bytes32 contextHash
    ) external;

    /// @notice States that the sender holds the secret of the announced context; by a key holder,
    /// at any time. Whoever announces a context has stated it. No round depends on it.
    /// @param contextHash SHA-256 of the public context that the sender tried its secret on.
    function acknowledgeEncryptionContext(
        bytes32 contextHash
    ) external;

    // --- admission ---

    /// @notice Takes the sender's older shards out of all further rounds, for good; by a member,
    /// between rounds. What it trains on and what its share is computed from is the rest; with
    /// no shard left it takes no part until it admits one.
    /// @param below Shards of a smaller index; above the first one, at most `shardCount`.
    function retireShards(
        uint32 below
    ) external;

    // --- rounds ---

    /// @notice Splits the sender's mask into the masks that it shares with each peer; by the
    /// cohort. The last one settles the dispute: whoever disagrees with more than half of its
    /// peers is excluded, others share no mask any more, and the round reopens.
    /// Peers hold the signed call against its sender, so an account without code sends it itself.
    /// @param roundId A disputed round before its deadline.
    /// @param attempt The round's current one.
    /// @param cohortHash `keccak256(abi.encode(keccak256("zkfl.mask-cohort.v1"), members, maskKeys))`
    /// over the cohort in its order, and each one's announced mask key.
    /// @param pairMasks C(m_ij) for every peer in the cohort's order; U for a peer with which
    /// the sender shares no mask any more.
    function splitMask(
        uint256 roundId,
        uint32 attempt,
        bytes32 cohortHash,
        G1Point[] calldata pairMasks
    ) external;

    /// @notice States that the announced sum does not open `modelAfter`, and demands reveals;
    /// by the key holder.
    /// @param roundId A closed round before its deadline.
    /// @param encryptedSumHash As the aggregator announced it.
    function refuseSum(
        uint256 roundId,
        bytes32 encryptedSumHash
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

    /// @notice Publishes the account of a final round, once; by the aggregator. Nothing on chain
    /// depends on it: anyone can compute it from the chain and compare.
    /// @param roundId A final round.
    /// @param cardHash SHA-256 of the card's bytes, not zero.
    function publishModelCard(
        uint256 roundId,
        bytes32 cardHash
    ) external;

    /// @notice Moves a round on whose deadline was missed; by anyone. An open round reopens
    /// with those who submitted; a disputed one without those who did not answer; a closed or
    /// published one demands reveals; a revealing one fails, and excludes whoever revealed
    /// nothing.
    /// @param roundId A round that waits for somebody.
    function pushRound(
        uint256 roundId
    ) external;

    // --- challenges ---

    /// @notice Has the chain verify a proof that was posted, and excludes the member where it is
    /// invalid; by anyone, as long as the round is in progress. An open or disputed round goes on
    /// without the member, a later one fails: its sum may have been opened.
    /// @param roundId A round in progress.
    /// @param member One of its cohort.
    /// @param proof The bytes that the member posted.
    function challengeUpdate(
        uint256 roundId,
        address member,
        bytes calldata proof
    ) external;

    /// @notice Proves how far the sender's update pointed where everybody else's did, for its
    /// share of rounds to come; between rounds, once by each member of the cohort, sent directly.
    /// @param roundId The round that made the current model.
    /// @param level Sixteenths of the cosine, 0 to 16, whatever the update's noise was.
    /// @param proof Of the benefit circuit, for `benefitContext(sender, roundId)`.
    function proveBenefit(
        uint256 roundId,
        uint8 level,
        bytes calldata proof
    ) external;

    // --- views ---

    /// @notice What a member proved of its update in a round; empty where it proved nothing.
    /// @param roundId Any number.
    /// @param member Any address.
    function benefitOf(
        uint256 roundId,
        address member
    ) external view returns (Benefit memory);

    /// @notice What the proof of a benefit has to carry as `public[1]`.
    /// @param member Who proves.
    /// @param roundId The round.
    function benefitContext(
        address member,
        uint256 roundId
    ) external view returns (uint256);

    /// @notice The keccak256 of the proof that a member posted in a round; zero where it posted
    /// none, or where the chain verified it as it came.
    /// @param roundId Any number.
    /// @param member Any address.
    function postedProof(
        uint256 roundId,
        address member
    ) external view returns (bytes32);

    /// @notice The last second in which a round cannot become final; zero where no proof was
    /// posted.
    /// @param roundId Any number.
    function challengeDeadline(
        uint256 roundId
    ) external view returns (uint64);

    /// @notice The SHA-256 of a final round's card; zero until published.
    /// @param roundId Any number.
    function modelCardOf(
        uint256 roundId
    ) external view returns (bytes32);

    /// @notice Whether two members share no mask any more, in any round, until one of them leaves
    /// and is added anew.
    /// @param first Any address.
    /// @param second Any address; the order does not matter.
    function unpaired(
        address first,
        address second
    ) external view returns (bool);

    /// @notice The context of which an account stated that it holds the secret; zero for none. It
    /// counts for the announced one alone, and for who holds the role.
    /// @param account Any address.
    function acknowledgedContextOf(
        address account
    ) external view returns (bytes32);

    /// @notice What stays the same for a member over all its accounts; 0 for a stranger and for an
    /// account that a member gave up.
    /// @param account Any address.
    function memberIdOf(
        address account
    ) external view returns (uint256);

    /// @notice The account that a member is to go on under, and from when on it can accept.
    /// @param account Any address.
    function nominationOf(
        address account
    ) external view returns (Nomination memory);
}
