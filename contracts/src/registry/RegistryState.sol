// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {
    Benefit,
    BlameReason,
    ConsortiumConfig,
    FailureReason,
    G1Point,
    Member,
    Nomination,
    Participation,
    Round,
    RoundStatus,
    Shard,
    WeightRule
} from "../interfaces/ConsortiumTypes.sol";
import {IBondVault} from "../interfaces/IBondVault.sol";
import {IConsortiumErrors} from "../interfaces/IConsortiumErrors.sol";
import {IConsortiumEvents} from "../interfaces/IConsortiumEvents.sol";
import {IRegistryState} from "../interfaces/IRegistryState.sol";
import {IVectorOpening} from "../interfaces/IVectorOpening.sol";
import {IVerifierRouter} from "../interfaces/IVerifierRouter.sol";

/// @title What the registry stores, and the guards that every part of it uses
/// @dev The registry and its extension inherit all of their storage from here, so that both see
/// the same at the same place. Nothing that inherits this may declare storage of its own, which
/// is why there is more of it here than solhint's limit.
// solhint-disable-next-line max-states-count
abstract contract RegistryState is
    IRegistryState,
    IConsortiumEvents,
    IConsortiumErrors,
    AccessControl,
    Pausable
{
    bytes32 public constant AGGREGATOR_ROLE = keccak256("zkfl.aggregator");
    bytes32 public constant GUARDIAN_ROLE = keccak256("zkfl.guardian");
    bytes32 public constant KEY_HOLDER_ROLE = keccak256("zkfl.key-holder");

    IVerifierRouter public immutable ROUTER;
    IVectorOpening public immutable OPENING;
    address public immutable BOND_VAULT;

    ConsortiumConfig internal _config;
    G1Point internal _model;
    bytes32 public modelHash;
    bytes32 public encryptionContext;
    bytes32 public selectionSeed;
    uint256 public currentRound;
    uint256 public finalRound;
    uint256 internal _pausedAt;

    /// @dev The account of each member; its id is its place, counted from 1.
    address[] internal _memberList;
    mapping(address account => uint256 id) internal _memberIds;
    /// @dev The same, and accounts that members gave up.
    mapping(address account => uint256 id) internal _everIds;
    /// @dev How often the member was added.
    mapping(uint256 id => uint256) internal _terms;
    mapping(address account => Nomination) internal _nominations;
    mapping(address member => Member) internal _members;
    mapping(bytes32 maskKey => address) internal _maskKeyHolders;
    mapping(uint256 memberId => Shard[]) internal _shards;
    /// @dev Of the shards that are not retired, how many have no blinders left.
    mapping(address member => uint256) internal _spentShards;
    mapping(bytes32 commitment => bool) internal _shardKnown;
    mapping(bytes32 commitment => bool) internal _updateUsed;
    mapping(uint256 roundId => Round) internal _rounds;
    mapping(uint256 roundId => address[]) internal _cohorts;
    mapping(uint256 roundId => mapping(address member => Participation)) internal _participations;
    mapping(uint256 roundId => mapping(bytes32 modelHash => uint256)) internal _acknowledgements;
    /// @dev Hash of `C(m_ij)` as the first member of a pair states it.
    mapping(uint256 roundId => mapping(uint32 attempt => mapping(bytes32 pair => bytes32))) internal
        _pairMasks;
    mapping(bytes32 pair => bool) internal _unpaired;
    mapping(uint256 roundId => mapping(address member => bytes32)) internal _postedProofs;
    mapping(uint256 roundId => uint64) internal _challengeDeadlines;
    mapping(uint256 roundId => bytes32) internal _modelCards;
    mapping(uint256 roundId => mapping(address member => Benefit)) internal _benefits;
    mapping(address keyHolder => bytes32 contextHash) internal _acknowledgedContexts;

    constructor(
        IVerifierRouter router,
        IVectorOpening opening,
        address bondVault
    ) {
        if (address(router).code.length == 0) revert NoCode(address(router));
        if (address(opening).code.length == 0) revert NoCode(address(opening));
        ROUTER = router;
        OPENING = opening;
        BOND_VAULT = bondVault;
    }

    // --- guards ---

    function _requireMember(
        address member
    ) internal view {
        if (!_members[member].active) revert NotAMember(member);
    }

    function _shardsOf(
        address member
    ) internal view returns (Shard[] storage) {
        return _shards[_memberIds[member]];
    }

    function _requireBetweenRounds() internal view {
        RoundStatus status = _rounds[currentRound].status;
        if (_inProgress(status)) revert RoundInProgress(currentRound, status);
    }

    function _inProgress(
        RoundStatus status
    ) internal pure returns (bool) {
        return status != RoundStatus.None && status != RoundStatus.Final && status != RoundStatus.Failed;
    }

    function _inStatus(
        uint256 roundId,
        RoundStatus expected
    ) internal view returns (Round storage entry) {
        entry = _rounds[roundId];
        if (entry.status != expected) revert WrongRoundStatus(roundId, entry.status);
    }

    /// @dev A round in this status before its deadline.
    function _inTime(
        uint256 roundId,
        RoundStatus expected
    ) internal view returns (Round storage entry) {
        entry = _inStatus(roundId, expected);
        _requireBeforeDeadline(entry);
    }

    function _requireBeforeDeadline(
        Round storage entry
    ) internal view {
        if (block.timestamp > entry.deadline) revert DeadlinePassed(entry.deadline, block.timestamp);
    }

    function _partOfSender(
        uint256 roundId
    ) internal view returns (Participation storage part) {
        part = _participations[roundId][msg.sender];
        if (part.weight == 0) revert NotInCohort(roundId, msg.sender);
    }

    /// @dev A closed round whose announced sum waits for the key holder's word.
    function _announced(
        uint256 roundId,
        bytes32 encryptedSumHash
    ) internal view returns (Round storage entry) {
        entry = _inTime(roundId, RoundStatus.Closed);
        if (entry.sumHash != 0) revert SumAlreadyOpened(roundId, entry.sumHash);
        bytes32 announced = entry.encryptedSumHash;
        if (announced == 0 || encryptedSumHash != announced) {
            revert EncryptedSumMismatch(roundId, encryptedSumHash, announced);
        }
    }

    /// @dev Only then are the call's bytes the transaction's own, signed by the sender, which every
    /// node of a chain serves. Whatever auditors or nodes read back from there is guarded by it:
    /// otherwise one member could make a call that counts, and that nobody else can check.
    /// tx.origin grants nothing here: it only refuses a contract.
    function _requireSentDirectly() internal view {
        // solhint-disable-next-line avoid-tx-origin
        bool direct = msg.sender == tx.origin && msg.sender.code.length == 0;
        if (!direct) revert NotSentDirectly(msg.sender);
    }

    /// @dev Refuses junk offsets, dirty padding and trailing bytes.
    function _requireCanonical(
        bytes memory expected
    ) internal pure {
        if (keccak256(msg.data) != keccak256(expected)) {
            revert NonCanonicalCalldata(msg.data.length, expected.length);
        }
    }

    function _deadline(
        uint32 window
    ) internal view returns (uint64) {
        return uint64(block.timestamp) + window;
    }

    // --- ends that every part may come to ---

    function _exclude(
        uint256 roundId,
        address member,
        BlameReason reason
    ) internal {
        _members[member].active = false;
        _members[member].blame = reason;
        emit MemberExcluded(roundId, member, reason);
        if (BOND_VAULT == address(0)) return;
        // Whatever the vault does, the exclusion stands. Too little gas for it is too little for the
        // caller, which has more to store afterwards than a 64th of it allows.
        // solhint-disable-next-line no-empty-blocks
        try IBondVault(BOND_VAULT).slash(_memberIds[member]) {}
        catch {
            emit SlashFailed(member);
        }
    }

    function _fail(
        uint256 roundId,
        FailureReason reason
    ) internal {
        _rounds[roundId].status = RoundStatus.Failed;
        _rounds[roundId].failure = reason;
        emit RoundFailed(roundId, reason);
    }

    /// @dev The model moves here alone, to the commitment that `closeRound` computed.
    function _finalize(
        uint256 roundId,
        bytes32 modelHash_
    ) internal {
        Round storage entry = _rounds[roundId];
        entry.status = RoundStatus.Final;
        entry.modelHash = modelHash_;
        _model = entry.modelAfter;
        modelHash = modelHash_;
        finalRound = roundId;
        if (_config.weightRule == WeightRule.Benefit) entry.deadline = _deadline(_config.revealWindow);
        emit RoundFinalized(roundId, entry.modelAfter, modelHash_);
    }
}
