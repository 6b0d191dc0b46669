// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {
    ConsortiumConfig,
    FailureReason,
    G1Point,
    IConsortiumRegistry,
    Member,
    Participation,
    Round,
    RoundStatus,
    Shard
} from "./interfaces/IConsortiumRegistry.sol";
import {IConsortiumErrors} from "./interfaces/IConsortiumErrors.sol";
import {IVerifierRouter} from "./interfaces/IVerifierRouter.sol";
import {BN254} from "./libraries/BN254.sol";
import {ConfigRules} from "./libraries/ConfigRules.sol";
import {ProofCommitments} from "./libraries/ProofCommitments.sol";
import {PublicScalars} from "./libraries/PublicScalars.sol";
import {ShardSelection} from "./libraries/ShardSelection.sol";
import {Weights} from "./libraries/Weights.sol";

/// @title One consortium: members, admitted shards, rounds, and the model they lead to
/// @dev The model moves in `_finalize` alone, to a commitment that `_aggregate` computed
/// from points of verified proofs.
contract ConsortiumRegistry is IConsortiumRegistry, IConsortiumErrors, AccessControl, Pausable {
    using BN254 for G1Point;
    using ProofCommitments for bytes;

    bytes32 public constant AGGREGATOR_ROLE = keccak256("zkfl.aggregator");
    bytes32 public constant GUARDIAN_ROLE = keccak256("zkfl.guardian");
    bytes32 public constant KEY_HOLDER_ROLE = keccak256("zkfl.key-holder");
    uint256 private constant BPS = 10_000;

    IVerifierRouter public immutable ROUTER;

    ConsortiumConfig private _config;
    G1Point private _model;
    bytes32 public modelHash;
    bytes32 public encryptionContext;
    bytes32 public selectionSeed;
    uint256 public currentRound;

    address[] private _memberList;
    mapping(address member => Member) private _members;
    mapping(bytes32 maskKey => address) private _maskKeyHolders;
    mapping(address member => Shard[]) private _shards;
    mapping(address member => uint256) private _spentShards;
    mapping(bytes32 commitment => bool) private _shardKnown;
    mapping(bytes32 commitment => bool) private _updateUsed;
    mapping(uint256 roundId => Round) private _rounds;
    mapping(uint256 roundId => address[]) private _cohorts;
    mapping(uint256 roundId => mapping(address member => Participation)) private _participations;
    mapping(uint256 roundId => mapping(bytes32 modelHash => bytes32)) private _sumHashes;
    mapping(uint256 roundId => mapping(address member => mapping(bytes32 modelHash => bool))) private
        _acknowledged;
    mapping(uint256 roundId => mapping(bytes32 modelHash => uint256)) private _acknowledgements;

    constructor(
        ConsortiumConfig memory config_,
        IVerifierRouter router,
        address owner,
        address aggregator,
        address guardian,
        address keyHolder
    ) {
        ConfigRules.requireSound(config_);
        if (address(router).code.length == 0) revert RouterHasNoCode(address(router));
        ROUTER = router;
        _config = config_;
        _model = config_.zeroCommitment;
        _grantRole(DEFAULT_ADMIN_ROLE, owner);
        _grantRole(AGGREGATOR_ROLE, aggregator);
        _grantRole(GUARDIAN_ROLE, guardian);
        _grantRole(KEY_HOLDER_ROLE, keyHolder);
        emit ConsortiumCreated(
            config_.srsHash, config_.srsInsecure, config_.admissionCircuit, config_.trainingCircuit
        );
    }

    // --- membership ---

    /// @inheritdoc IConsortiumRegistry
    function addMember(
        address member,
        string calldata name
    ) external onlyRole(DEFAULT_ADMIN_ROLE) {
        Member storage entry = _members[member];
        if (member == address(0) || entry.active) revert MemberAlreadyActive(member);
        if (bytes(name).length == 0 || bytes(name).length > 64) revert InvalidName(name);
        // A member that left and returns keeps its place and its shards.
        if (bytes(entry.name).length == 0) _memberList.push(member);
        entry.active = true;
        entry.name = name;
        emit MemberAdded(member, name);
    }

    /// @inheritdoc IConsortiumRegistry
    function removeMember(
        address member
    ) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _requireBetweenRounds();
        _requireMember(member);
        _members[member].active = false;
        emit MemberRemoved(member);
    }

    /// @inheritdoc IConsortiumRegistry
    function announceMaskKey(
        bytes32 maskKey
    ) external whenNotPaused {
        _requireBetweenRounds();
        _requireMember(msg.sender);
        if (maskKey == 0) revert ZeroHash();
        address holder = _maskKeyHolders[maskKey];
        if (holder != address(0) && holder != msg.sender) revert MaskKeyTaken(maskKey, holder);
        _maskKeyHolders[maskKey] = msg.sender;
        _members[msg.sender].maskKey = maskKey;
        emit MaskKeyAnnounced(msg.sender, maskKey);
    }

    /// @inheritdoc IConsortiumRegistry
    function announceEncryptionContext(
        bytes32 contextHash
    ) external whenNotPaused onlyRole(KEY_HOLDER_ROLE) {
        _requireBetweenRounds();
        if (contextHash == 0) revert ZeroHash();
        encryptionContext = contextHash;
        emit EncryptionContextAnnounced(msg.sender, contextHash);
    }

    // --- admission ---

    /// @inheritdoc IConsortiumRegistry
    function admitShard(
        uint32 count,
        bytes calldata proof
    ) external whenNotPaused {
        _requireCanonical(abi.encodeCall(this.admitShard, (count, proof)));
        _requireBetweenRounds();
        _requireMember(msg.sender);
        if (count == 0 || count > _config.shardSlots) revert CountOutOfRange(count, _config.shardSlots);
        uint32 index = uint32(_shards[msg.sender].length);
        G1Point memory commitment = proof.at(ProofCommitments.ADMISSION_DATA);
        bytes32 key = _newCommitment(commitment, _shardKnown);
        _requireScalars(
            proof.at(ProofCommitments.ADMISSION_PUBLIC), count, admissionContext(msg.sender, index)
        );
        _requireZeros(proof.at(ProofCommitments.ADMISSION_ZEROS));
        ROUTER.requireValid(_config.admissionCircuit, proof);

        _shardKnown[key] = true;
        _shards[msg.sender].push(Shard(commitment, count, 1));
        _members[msg.sender].records += count;
        selectionSeed = 0;
        emit ShardAdmitted(msg.sender, index, count, commitment);
    }

    // --- rounds ---

    /// @inheritdoc IConsortiumRegistry
    function openRound() external whenNotPaused onlyRole(AGGREGATOR_ROLE) returns (uint256 roundId) {
        _requireBetweenRounds();
        if (encryptionContext == 0) revert NoEncryptionContext();
        roundId = ++currentRound;
        _drawSeed(roundId);
        address[] memory cohort_ = _eligible();
        uint256[] memory shares = _shareOut(cohort_);
        for (uint256 i = 0; i < cohort_.length; ++i) {
            _take(roundId, cohort_[i], shares[i]);
        }
        _cohorts[roundId] = cohort_;

        Round storage entry = _rounds[roundId];
        entry.status = RoundStatus.Open;
        entry.attempt = 1;
        entry.deadline = _deadline(_config.submissionWindow);
        entry.encryptionContext = encryptionContext;
        entry.modelBefore = _model;
        emit RoundOpened(roundId, 1, cohort_, _model, entry.deadline);
    }

    /// @inheritdoc IConsortiumRegistry
    function submitUpdate(
        uint256 roundId,
        bytes calldata proof,
        G1Point calldata maskCommitment,
        bytes32 ciphertextHash
    ) external whenNotPaused {
        _requireCanonical(abi.encodeCall(this.submitUpdate, (roundId, proof, maskCommitment, ciphertextHash)));
        Round storage entry = _inStatus(roundId, RoundStatus.Open);
        _requireBeforeDeadline(entry);
        Participation storage part = _participations[roundId][msg.sender];
        if (part.weight == 0) revert NotInCohort(roundId, msg.sender);
        if (part.submitted) revert AlreadySubmitted(roundId, msg.sender);
        if (ciphertextHash == 0) revert ZeroHash();
        BN254.requireOnCurve(maskCommitment);

        bytes32 key = _requireLinked(roundId, part.shardIndex, proof);
        ROUTER.requireValid(_config.trainingCircuit, proof);

        _updateUsed[key] = true;
        uint32 openings = ++_shards[msg.sender][part.shardIndex].openings;
        if (openings == _config.maxOpenings) ++_spentShards[msg.sender];
        part.submitted = true;
        part.update = proof.at(ProofCommitments.TRAINING_UPDATE);
        part.mask = maskCommitment;
        part.ciphertextHash = ciphertextHash;
        ++entry.submissions;
        emit UpdateSubmitted(
            roundId, msg.sender, part.update, maskCommitment, ciphertextHash, keccak256(proof)
        );
    }

    /// @inheritdoc IConsortiumRegistry
    function closeRound(
        uint256 roundId
    ) external whenNotPaused {
        Round storage entry = _inStatus(roundId, RoundStatus.Open);
        uint256 expected = _cohorts[roundId].length;
        if (entry.submissions != expected) revert SubmissionsMissing(roundId, entry.submissions, expected);
        (bool cancels, G1Point memory modelAfter) = _aggregate(roundId);
        if (!cancels) return _fail(roundId, FailureReason.MasksDoNotCancel);
        entry.modelAfter = modelAfter;
        entry.status = RoundStatus.Closed;
        entry.deadline = _deadline(_config.publicationWindow);
        emit RoundClosed(roundId, modelAfter, entry.deadline);
    }

    /// @inheritdoc IConsortiumRegistry
    function publishModel(
        uint256 roundId,
        bytes32 modelHash_,
        bytes32 sumHash
    ) external whenNotPaused onlyRole(AGGREGATOR_ROLE) {
        Round storage entry = _rounds[roundId];
        // Published again, a wrong file can be replaced by the right one before the deadline.
        if (entry.status != RoundStatus.Published) {
            _inStatus(roundId, RoundStatus.Closed);
            _requireBeforeDeadline(entry);
            entry.status = RoundStatus.Published;
            entry.deadline = _deadline(_config.acknowledgementWindow);
        }
        _requireBeforeDeadline(entry);
        if (modelHash_ == 0 || sumHash == 0) revert ZeroHash();
        // Members acknowledge a model file; what they acknowledged must not get another sum.
        bytes32 published = _sumHashes[roundId][modelHash_];
        if (published != 0 && published != sumHash) revert SumHashMismatch(roundId, sumHash, published);
        _sumHashes[roundId][modelHash_] = sumHash;
        entry.modelHash = modelHash_;
        entry.sumHash = sumHash;
        emit ModelPublished(roundId, modelHash_, sumHash, entry.deadline);
    }

    /// @inheritdoc IConsortiumRegistry
    function acknowledge(
        uint256 roundId,
        bytes32 modelHash_
    ) external whenNotPaused {
        Round storage entry = _inStatus(roundId, RoundStatus.Published);
        _requireBeforeDeadline(entry);
        if (_participations[roundId][msg.sender].weight == 0) revert NotInCohort(roundId, msg.sender);
        if (modelHash_ != entry.modelHash) revert ModelHashMismatch(roundId, modelHash_, entry.modelHash);
        if (_acknowledged[roundId][msg.sender][modelHash_]) revert AlreadyAcknowledged(roundId, msg.sender);
        _acknowledged[roundId][msg.sender][modelHash_] = true;
        uint256 count = ++_acknowledgements[roundId][modelHash_];
        emit Acknowledged(roundId, msg.sender, modelHash_);
        if (count * BPS >= uint256(_config.quorumBps) * _cohorts[roundId].length) _finalize(roundId, entry);
    }

    /// @inheritdoc IConsortiumRegistry
    function failRound(
        uint256 roundId
    ) external whenNotPaused {
        Round storage entry = _rounds[roundId];
        FailureReason reason = _missed(entry.status);
        if (reason == FailureReason.None) revert WrongRoundStatus(roundId, entry.status);
        if (block.timestamp <= entry.deadline) revert DeadlineNotReached(entry.deadline, block.timestamp);
        // A complete cohort kept the deadline, however late the round is closed.
        bool open = entry.status == RoundStatus.Open;
        if (open && entry.submissions == _cohorts[roundId].length) revert CohortComplete(roundId);
        _fail(roundId, reason);
    }

    // --- guardian ---

    /// @inheritdoc IConsortiumRegistry
    function pause() external onlyRole(GUARDIAN_ROLE) {
        _pause();
    }

    /// @inheritdoc IConsortiumRegistry
    function unpause() external onlyRole(GUARDIAN_ROLE) {
        _unpause();
    }

    // --- views ---

    /// @inheritdoc IConsortiumRegistry
    function config() external view returns (ConsortiumConfig memory) {
        return _config;
    }

    /// @inheritdoc IConsortiumRegistry
    function model() external view returns (G1Point memory) {
        return _model;
    }

    /// @inheritdoc IConsortiumRegistry
    function members() external view returns (address[] memory) {
        return _memberList;
    }

    /// @inheritdoc IConsortiumRegistry
    function memberOf(
        address account
    ) external view returns (Member memory) {
        return _members[account];
    }

    /// @inheritdoc IConsortiumRegistry
    function shardCount(
        address member
    ) external view returns (uint32) {
        return uint32(_shards[member].length);
    }

    /// @inheritdoc IConsortiumRegistry
    function shardOf(
        address member,
        uint32 shardIndex
    ) external view returns (Shard memory) {
        return _shards[member][shardIndex];
    }

    /// @inheritdoc IConsortiumRegistry
    function round(
        uint256 roundId
    ) external view returns (Round memory) {
        return _rounds[roundId];
    }

    /// @inheritdoc IConsortiumRegistry
    function cohort(
        uint256 roundId
    ) external view returns (address[] memory) {
        return _cohorts[roundId];
    }

    /// @inheritdoc IConsortiumRegistry
    function participation(
        uint256 roundId,
        address member
    ) external view returns (Participation memory) {
        return _participations[roundId][member];
    }

    /// @inheritdoc IConsortiumRegistry
    function acknowledged(
        uint256 roundId,
        address member,
        bytes32 modelHash_
    ) external view returns (bool) {
        return _acknowledged[roundId][member][modelHash_];
    }

    /// @inheritdoc IConsortiumRegistry
    function admissionContext(
        address member,
        uint32 shardIndex
    ) public view returns (uint256) {
        return PublicScalars.context(PublicScalars.ADMISSION_DOMAIN, address(this), member, shardIndex);
    }

    /// @inheritdoc IConsortiumRegistry
    function trainingContext(
        address member,
        uint256 roundId
    ) public view returns (uint256) {
        return PublicScalars.context(PublicScalars.TRAINING_DOMAIN, address(this), member, roundId);
    }

    // --- opening a round ---

    /// @dev Drawn once after the last admission, so that nobody admits data to fit a seed.
    function _drawSeed(
        uint256 roundId
    ) private {
        if (selectionSeed != 0) return;
        selectionSeed =
            keccak256(abi.encode(block.prevrandao, blockhash(block.number - 1), address(this), roundId));
        emit SelectionSeedDrawn(roundId, selectionSeed);
    }

    /// @dev Everyone who can take part does; nobody picks a cohort.
    function _eligible() private view returns (address[] memory eligible) {
        uint256 count;
        eligible = new address[](_memberList.length);
        for (uint256 i = 0; i < _memberList.length; ++i) {
            address member = _memberList[i];
            if (_isEligible(member)) eligible[count++] = member;
        }
        _truncate(eligible, count);
    }

    function _isEligible(
        address member
    ) private view returns (bool) {
        Member storage entry = _members[member];
        return entry.active && entry.maskKey != 0 && _shards[member].length > _spentShards[member];
    }

    /// @dev Leaves out, in place, whoever's share is zero until nobody's is: a member that
    /// holds next to nothing stops no round.
    function _shareOut(
        address[] memory cohort_
    ) private view returns (uint256[] memory shares) {
        uint256 count = cohort_.length;
        uint256 before;
        do {
            if (count < _config.minCohort) revert TooFewMembers(count, _config.minCohort);
            before = count;
            shares = Weights.shares(_config.weightRule, _recordsOf(cohort_), _config.capShare);
            count = _keepShareholders(cohort_, shares);
        } while (count != before);
        if (count > _config.maxCohort) revert TooManyMembers(count, _config.maxCohort);
    }

    function _recordsOf(
        address[] memory cohort_
    ) private view returns (uint256[] memory records) {
        records = new uint256[](cohort_.length);
        for (uint256 i = 0; i < cohort_.length; ++i) {
            records[i] = _members[cohort_[i]].records;
        }
    }

    function _keepShareholders(
        address[] memory cohort_,
        uint256[] memory shares
    ) private pure returns (uint256 count) {
        for (uint256 i = 0; i < shares.length; ++i) {
            if (shares[i] != 0) cohort_[count++] = cohort_[i];
        }
        _truncate(cohort_, count);
    }

    function _truncate(
        address[] memory list,
        uint256 length
    ) private pure {
        assembly ("memory-safe") {
            mstore(list, length)
        }
    }

    function _take(
        uint256 roundId,
        address member,
        uint256 share
    ) private {
        uint32 index = _select(roundId, member);
        Participation storage part = _participations[roundId][member];
        part.shardIndex = index;
        part.share = uint32(share);
        // A share of 1 or more has a weight of 1 or more, as no shard uses more than its slots.
        part.weight = uint64(Weights.weight(share, _config.shardSlots, _shards[member][index].count));
    }

    /// @dev The rotation's shard, or the first one after it that has blinders left. There is
    /// one: `_isEligible` has counted.
    function _select(
        uint256 roundId,
        address member
    ) private view returns (uint32 index) {
        Shard[] storage shards = _shards[member];
        index = ShardSelection.shardIndex(selectionSeed, member, roundId, shards.length);
        if (_spentShards[member] == 0) return index;
        uint256 limit = _config.maxOpenings;
        while (shards[index].openings >= limit) {
            index = uint32((uint256(index) + 1) % shards.length);
        }
    }

    // --- checking a submission ---

    /// @dev Every link between a training proof and the chain, cheapest first; returns the
    /// key under which the update is remembered.
    function _requireLinked(
        uint256 roundId,
        uint32 shardIndex,
        bytes calldata proof
    ) private view returns (bytes32 key) {
        Shard storage shard = _shards[msg.sender][shardIndex];
        if (shard.openings >= _config.maxOpenings) {
            revert BlindersExhausted(msg.sender, shardIndex, shard.openings, _config.maxOpenings);
        }
        G1Point memory data = proof.at(ProofCommitments.TRAINING_DATA);
        if (!data.equals(shard.commitment)) revert DataCommitmentMismatch(data, shard.commitment);
        G1Point memory model_ = proof.at(ProofCommitments.TRAINING_MODEL);
        if (!model_.equals(_model)) revert ModelCommitmentMismatch(model_, _model);
        _requireScalars(
            proof.at(ProofCommitments.TRAINING_PUBLIC),
            _config.noiseBound,
            trainingContext(msg.sender, roundId)
        );
        _requireZeros(proof.at(ProofCommitments.TRAINING_ZEROS));
        return _newCommitment(proof.at(ProofCommitments.TRAINING_UPDATE), _updateUsed);
    }

    function _requireScalars(
        G1Point memory actual,
        uint256 scalar,
        uint256 context_
    ) private view {
        actual.requireOnCurve();
        G1Point memory expected = PublicScalars.commitment(
            scalar, context_, _config.lagrange0, _config.lagrange1, _config.zeroCommitment
        );
        if (!actual.equals(expected)) revert PublicScalarsMismatch(actual, expected);
    }

    function _requireZeros(
        G1Point memory actual
    ) private view {
        if (!actual.equals(_config.zeroCommitment)) {
            revert ZeroCommitmentMismatch(actual, _config.zeroCommitment);
        }
    }

    function _newCommitment(
        G1Point memory point,
        mapping(bytes32 => bool) storage known
    ) private view returns (bytes32 key) {
        point.requireOnCurve();
        key = keccak256(abi.encode(point.x, point.y));
        if (known[key]) revert CommitmentAlreadyUsed(point);
    }

    /// @dev Refuses junk offsets, dirty padding and trailing bytes.
    function _requireCanonical(
        bytes memory expected
    ) private pure {
        if (keccak256(msg.data) != keccak256(expected)) {
            revert NonCanonicalCalldata(msg.data.length, expected.length);
        }
    }

    // --- closing a round ---

    /// @dev `sum M_i == N*U` and `C(G') = C(G) + sum w_i*(C_i - U)`.
    function _aggregate(
        uint256 roundId
    ) private view returns (bool cancels, G1Point memory modelAfter) {
        address[] storage cohort_ = _cohorts[roundId];
        G1Point memory zero = _config.zeroCommitment;
        G1Point memory masks;
        modelAfter = _rounds[roundId].modelBefore;
        for (uint256 i = 0; i < cohort_.length; ++i) {
            Participation storage part = _participations[roundId][cohort_[i]];
            masks = masks.add(part.mask);
            G1Point memory update = part.update;
            modelAfter = modelAfter.add(update.subtract(zero).mul(part.weight));
        }
        cancels = masks.equals(zero.mul(cohort_.length));
    }

    function _finalize(
        uint256 roundId,
        Round storage entry
    ) private {
        entry.status = RoundStatus.Final;
        _model = entry.modelAfter;
        modelHash = entry.modelHash;
        emit RoundFinalized(roundId, entry.modelAfter, entry.modelHash);
    }

    function _fail(
        uint256 roundId,
        FailureReason reason
    ) private {
        _rounds[roundId].status = RoundStatus.Failed;
        _rounds[roundId].failure = reason;
        emit RoundFailed(roundId, reason);
    }

    function _missed(
        RoundStatus status
    ) private pure returns (FailureReason) {
        if (status == RoundStatus.Open) return FailureReason.SubmissionsMissing;
        if (status == RoundStatus.Closed) return FailureReason.ModelNotPublished;
        if (status == RoundStatus.Published) return FailureReason.QuorumNotReached;
        return FailureReason.None;
    }

    // --- guards ---

    function _requireMember(
        address member
    ) private view {
        if (!_members[member].active) revert NotAMember(member);
    }

    function _requireBetweenRounds() private view {
        RoundStatus status = _rounds[currentRound].status;
        if (_missed(status) != FailureReason.None) revert RoundInProgress(currentRound, status);
    }

    function _inStatus(
        uint256 roundId,
        RoundStatus expected
    ) private view returns (Round storage entry) {
        entry = _rounds[roundId];
        if (entry.status != expected) revert WrongRoundStatus(roundId, entry.status);
    }

    function _requireBeforeDeadline(
        Round storage entry
    ) private view {
        if (block.timestamp > entry.deadline) revert DeadlinePassed(entry.deadline, block.timestamp);
    }

    function _deadline(
        uint32 window
    ) private view returns (uint64) {
        return uint64(block.timestamp) + window;
    }
}
