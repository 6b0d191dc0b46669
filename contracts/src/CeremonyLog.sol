// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICeremonyLog} from "./interfaces/ICeremonyLog.sol";

/// @title The public record of one powers-of-tau ceremony
contract CeremonyLog is ICeremonyLog {
    uint256 private constant MAX_CONTRIBUTORS = 64;
    uint256 private constant MIN_LOGROWS = 3;
    uint256 private constant MAX_LOGROWS = 28;
    uint256 private constant MAX_BEACON_DISTANCE = 7200;
    uint256 private constant MIN_STEP_SECONDS = 60;
    uint256 private constant MAX_STEP_SECONDS = 30 days;
    /// @dev The chain keeps the hashes of this many blocks.
    uint256 private constant REMEMBERED_BLOCKS = 256;

    /// @inheritdoc ICeremonyLog
    uint8 public immutable logrows;
    /// @inheritdoc ICeremonyLog
    uint32 public immutable beaconDistance;
    /// @inheritdoc ICeremonyLog
    uint32 public immutable stepSeconds;

    /// @inheritdoc ICeremonyLog
    Phase public phase;
    /// @inheritdoc ICeremonyLog
    uint64 public skipped;
    /// @inheritdoc ICeremonyLog
    uint64 public confirmedBy;
    /// @inheritdoc ICeremonyLog
    uint64 public deadline;
    /// @inheritdoc ICeremonyLog
    uint64 public beaconBlock;
    /// @inheritdoc ICeremonyLog
    uint256 public turn;
    /// @inheritdoc ICeremonyLog
    bytes32 public beacon;
    /// @inheritdoc ICeremonyLog
    bytes32 public ptauHash;
    /// @inheritdoc ICeremonyLog
    bytes32 public srsHash;

    address[] private _contributors;
    Contribution[] private _contributions;
    /// @dev A contributor's bit; zero for everybody else.
    mapping(address contributor => uint64 bit) private _bits;
    mapping(bytes32 fileHash => bool used) private _fileUsed;

    modifier during(
        Phase expected
    ) {
        if (phase != expected) revert WrongPhase(phase);
        _;
    }

    constructor(
        uint8 logrows_,
        address[] memory contributors_,
        uint32 beaconDistance_,
        uint32 stepSeconds_
    ) {
        if (logrows_ < MIN_LOGROWS || logrows_ > MAX_LOGROWS) revert LogrowsOutOfRange(logrows_);
        if (beaconDistance_ == 0 || beaconDistance_ > MAX_BEACON_DISTANCE) {
            revert BeaconDistanceOutOfRange(beaconDistance_);
        }
        if (stepSeconds_ < MIN_STEP_SECONDS || stepSeconds_ > MAX_STEP_SECONDS) {
            revert StepSecondsOutOfRange(stepSeconds_);
        }
        logrows = logrows_;
        beaconDistance = beaconDistance_;
        stepSeconds = stepSeconds_;
        _setContributors(contributors_);
        deadline = uint64(block.timestamp) + stepSeconds_;
        emit CeremonyStarted(logrows_, contributors_, beaconDistance_, stepSeconds_);
    }

    /// @inheritdoc ICeremonyLog
    function contribute(
        bytes32 fileHash,
        bytes32 recordHash
    ) external during(Phase.Contributing) {
        address expected = _contributors[turn];
        if (msg.sender != expected) revert NotYourTurn(msg.sender, expected);
        if (fileHash == 0 || recordHash == 0) revert HashIsZero();
        if (_fileUsed[fileHash]) revert FileRepeated(fileHash);
        _fileUsed[fileHash] = true;
        emit Contributed(_contributions.length, msg.sender, fileHash, recordHash);
        _contributions.push(Contribution(msg.sender, 0, fileHash, recordHash));
        _endTurn();
    }

    /// @inheritdoc ICeremonyLog
    function verify(
        uint256 index,
        bytes32 fileHash,
        bytes32 recordHash
    ) external {
        if (phase == Phase.Complete || phase == Phase.Blocked) revert WrongPhase(phase);
        uint64 bit = _senderBit();
        uint256 count = _contributions.length;
        if (index >= count) revert NoSuchContribution(index, count);
        Contribution storage entry = _contributions[index];
        if (entry.contributor == msg.sender) revert OwnContribution(index, msg.sender);
        if (entry.verifiedBy & bit != 0) revert AlreadyVerified(index, msg.sender);
        if (entry.fileHash != fileHash || entry.recordHash != recordHash) {
            phase = Phase.Blocked;
            emit Mismatch(index, msg.sender, fileHash, recordHash);
            return;
        }
        entry.verifiedBy |= bit;
        emit Verified(index, msg.sender);
        if (phase == Phase.Verifying && _allVerified()) _armBeacon();
    }

    /// @inheritdoc ICeremonyLog
    function skip() external {
        if (phase > Phase.Confirming || phase == Phase.Beacon) revert WrongPhase(phase);
        if (block.timestamp <= deadline) revert StepStillOpen(deadline, block.timestamp);
        if (phase == Phase.Contributing) _skipTurn();
        else if (phase == Phase.Verifying) _skipVerifications();
        else _skipConfirmations();
    }

    /// @inheritdoc ICeremonyLog
    function recordBeacon() external during(Phase.Beacon) {
        if (block.number <= beaconBlock) revert BeaconNotMined(beaconBlock, block.number);
        bytes32 value = blockhash(beaconBlock);
        if (value == 0) revert BeaconMissed(beaconBlock, block.number);
        beacon = value;
        phase = Phase.Confirming;
        _restartClock();
        emit BeaconRecorded(beaconBlock, value);
    }

    /// @inheritdoc ICeremonyLog
    function rearmBeacon() external during(Phase.Beacon) {
        if (block.number <= beaconBlock + REMEMBERED_BLOCKS) {
            revert BeaconNotMissed(beaconBlock, block.number);
        }
        _armBeacon();
    }

    /// @inheritdoc ICeremonyLog
    function confirm(
        bytes32 ptauHash_,
        bytes32 srsHash_
    ) external during(Phase.Confirming) {
        uint64 bit = _senderBit();
        if (confirmedBy & bit != 0) revert AlreadyConfirmed(msg.sender);
        if (ptauHash_ == 0 || srsHash_ == 0) revert HashIsZero();
        if (confirmedBy == 0) {
            ptauHash = ptauHash_;
            srsHash = srsHash_;
        } else if (ptauHash != ptauHash_ || srsHash != srsHash_) {
            phase = Phase.Blocked;
            emit ConfirmationMismatch(msg.sender, ptauHash_, srsHash_);
            return;
        }
        confirmedBy |= bit;
        emit Confirmed(msg.sender, ptauHash_, srsHash_);
        if (_active() & ~confirmedBy == 0) _complete();
    }

    /// @inheritdoc ICeremonyLog
    function contributors() external view returns (address[] memory) {
        return _contributors;
    }

    /// @inheritdoc ICeremonyLog
    function contributions() external view returns (Contribution[] memory) {
        return _contributions;
    }

    function _setContributors(
        address[] memory contributors_
    ) private {
        uint256 count = contributors_.length;
        if (count == 0 || count > MAX_CONTRIBUTORS) revert ContributorCountOutOfRange(count);
        for (uint256 i = 0; i < count; ++i) {
            address contributor = contributors_[i];
            if (contributor == address(0)) revert ContributorIsZero(i);
            if (_bits[contributor] != 0) revert ContributorRepeated(contributor);
            _bits[contributor] = uint64(1) << i;
        }
        _contributors = contributors_;
    }

    function _endTurn() private {
        ++turn;
        _restartClock();
        if (turn < _contributors.length) return;
        if (_allVerified()) _armBeacon();
        else phase = Phase.Verifying;
    }

    function _skipTurn() private {
        bool last = turn + 1 == _contributors.length;
        if (last && _contributions.length == 0) revert NothingContributed();
        skipped |= uint64(1) << turn;
        emit ContributorSkipped(turn, _contributors[turn]);
        _endTurn();
    }

    function _skipVerifications() private {
        for (uint256 i = 0; i < _contributions.length; ++i) {
            uint64 missing = _missingVerifiers(_contributions[i]);
            if (missing != 0) emit VerificationsMissing(i, missing);
        }
        _armBeacon();
    }

    function _skipConfirmations() private {
        if (confirmedBy == 0) revert NothingConfirmed();
        emit ConfirmationsMissing(_active() & ~confirmedBy);
        _complete();
    }

    function _armBeacon() private {
        phase = Phase.Beacon;
        beaconBlock = uint64(block.number) + beaconDistance;
        emit BeaconArmed(beaconBlock);
    }

    function _complete() private {
        phase = Phase.Complete;
        emit CeremonyCompleted(ptauHash, srsHash);
    }

    function _restartClock() private {
        deadline = uint64(block.timestamp) + stepSeconds;
    }

    function _allVerified() private view returns (bool) {
        for (uint256 i = 0; i < _contributions.length; ++i) {
            if (_missingVerifiers(_contributions[i]) != 0) return false;
        }
        return true;
    }

    /// @dev Whoever let its own turn pass is not waited for; it may still object.
    function _missingVerifiers(
        Contribution storage entry
    ) private view returns (uint64) {
        return _active() & ~_bits[entry.contributor] & ~entry.verifiedBy;
    }

    function _active() private view returns (uint64) {
        return (type(uint64).max >> (MAX_CONTRIBUTORS - _contributors.length)) & ~skipped;
    }

    function _senderBit() private view returns (uint64 bit) {
        bit = _bits[msg.sender];
        if (bit == 0) revert NotAContributor(msg.sender);
    }
}
