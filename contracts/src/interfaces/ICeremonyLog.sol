// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title The public record of one powers-of-tau ceremony
/// @notice Made before any registry, for one ceremony, and never changed by anybody but the
/// contributors it names. It cannot check a file; it fixes which files the contributors checked.
/// One contributor's objection ends the ceremony: a new one begins with a new contract.
interface ICeremonyLog {
    /// @notice Where the ceremony stands.
    enum Phase {
        Contributing,
        Verifying,
        Beacon,
        Confirming,
        Complete,
        Blocked
    }

    /// @notice One step of the ceremony.
    /// @param contributor Who made it.
    /// @param verifiedBy A bit a contributor, in the order of the constructor.
    /// @param fileHash SHA-256 of the whole file after this step.
    /// @param recordHash SHA-256 of the record that this step added to the file's history.
    struct Contribution {
        address contributor;
        uint64 verifiedBy;
        bytes32 fileHash;
        bytes32 recordHash;
    }

    /// @notice BN254 with EZKL takes 3 to 28.
    error LogrowsOutOfRange(uint256 logrows);
    /// @notice A ceremony has 1 to 64 contributors.
    error ContributorCountOutOfRange(uint256 count);
    /// @notice No contributor has the zero address.
    error ContributorIsZero(uint256 index);
    /// @notice Every contributor is listed once.
    error ContributorRepeated(address contributor);
    /// @notice The beacon is 1 to 7,200 blocks ahead.
    error BeaconDistanceOutOfRange(uint256 blocks);
    /// @notice A step takes 60 seconds to 30 days.
    error StepSecondsOutOfRange(uint256 stepSeconds);
    /// @notice The ceremony is in another phase than the call needs.
    error WrongPhase(Phase actual);
    /// @notice Only contributors act.
    error NotAContributor(address sender);
    /// @notice Contributors take turns.
    error NotYourTurn(address sender, address expected);
    /// @notice A hash of nothing was stated.
    error HashIsZero();
    /// @notice The file was a contribution before, so nothing was added to it.
    error FileRepeated(bytes32 fileHash);
    /// @notice There is no such contribution yet.
    error NoSuchContribution(uint256 index, uint256 count);
    /// @notice Nobody vouches for their own contribution.
    error OwnContribution(uint256 index, address contributor);
    /// @notice A contributor verifies a contribution once.
    error AlreadyVerified(uint256 index, address verifier);
    /// @notice The current step can be skipped after its deadline.
    error StepStillOpen(uint256 deadline, uint256 timestamp);
    /// @notice A ceremony without any contribution protects nothing.
    error NothingContributed();
    /// @notice Nobody stated a result that could stand.
    error NothingConfirmed();
    /// @notice The beacon's block is not mined yet.
    error BeaconNotMined(uint256 beaconBlock, uint256 blockNumber);
    /// @notice The chain forgot the hash of the beacon's block; arm another one.
    error BeaconMissed(uint256 beaconBlock, uint256 blockNumber);
    /// @notice The beacon's block can still be recorded, so no other one is chosen.
    error BeaconNotMissed(uint256 beaconBlock, uint256 blockNumber);
    /// @notice A contributor states the result once.
    error AlreadyConfirmed(address contributor);

    /// @notice A ceremony begins.
    event CeremonyStarted(uint8 logrows, address[] contributors, uint32 beaconDistance, uint32 stepSeconds);
    /// @notice A contributor added its secret.
    event Contributed(
        uint256 indexed index, address indexed contributor, bytes32 fileHash, bytes32 recordHash
    );
    /// @notice A contributor let its turn pass.
    event ContributorSkipped(uint256 indexed turn, address indexed contributor);
    /// @notice A contributor checked a contribution and found what was stated.
    event Verified(uint256 indexed index, address indexed verifier);
    /// @notice A contributor found something else, zeros for nothing valid; the ceremony ends.
    event Mismatch(uint256 indexed index, address indexed verifier, bytes32 fileHash, bytes32 recordHash);
    /// @notice Contributors (a bit each) let the time pass to verify a contribution.
    event VerificationsMissing(uint256 indexed index, uint64 missing);
    /// @notice The beacon will be the hash of this block.
    event BeaconArmed(uint256 beaconBlock);
    /// @notice The beacon's value.
    event BeaconRecorded(uint256 indexed beaconBlock, bytes32 beacon);
    /// @notice A contributor computed the result.
    event Confirmed(address indexed contributor, bytes32 ptauHash, bytes32 srsHash);
    /// @notice A contributor computed another result; the ceremony ends.
    event ConfirmationMismatch(address indexed contributor, bytes32 ptauHash, bytes32 srsHash);
    /// @notice Contributors (a bit each) let the time pass to state the result.
    event ConfirmationsMissing(uint64 missing);
    /// @notice The ceremony's result.
    event CeremonyCompleted(bytes32 indexed ptauHash, bytes32 indexed srsHash);

    /// @notice Records the sender's contribution; by the contributor whose turn it is.
    /// @param fileHash SHA-256 of the file.
    /// @param recordHash SHA-256 of the record that the contribution added.
    function contribute(
        bytes32 fileHash,
        bytes32 recordHash
    ) external;

    /// @notice States what the sender found for another's contribution, until the ceremony ends.
    /// Anything but what the contribution states ends the ceremony.
    /// @param index Of the contribution.
    /// @param fileHash SHA-256 of the file that was checked; zero for no valid file.
    /// @param recordHash SHA-256 of the last record of its history; zero for none.
    function verify(
        uint256 index,
        bytes32 fileHash,
        bytes32 recordHash
    ) external;

    /// @notice Goes on without those who let a step's deadline pass; by anyone.
    function skip() external;

    /// @notice Records the hash of the beacon's block; by anyone, within 256 blocks.
    function recordBeacon() external;

    /// @notice Chooses another future block when nobody recorded the beacon; by anyone.
    function rearmBeacon() external;

    /// @notice States the result that the sender computed from the transcript and the beacon.
    /// @param ptauHash SHA-256 of the file after the beacon.
    /// @param srsHash SHA-256 of the SRS made of it.
    function confirm(
        bytes32 ptauHash,
        bytes32 srsHash
    ) external;

    /// @notice Where the ceremony stands.
    function phase() external view returns (Phase);

    /// @notice The contributors in the order of their turns.
    function contributors() external view returns (address[] memory);

    /// @notice The contributions in order.
    function contributions() external view returns (Contribution[] memory);

    /// @notice How many turns are over; the next contributor's place while contributing.
    function turn() external view returns (uint256);

    /// @notice Contributors who let their turn pass, a bit each.
    function skipped() external view returns (uint64);

    /// @notice When the current step can be skipped, in seconds since 1970.
    function deadline() external view returns (uint64);

    /// @notice The block whose hash is the beacon; zero until it is armed.
    function beaconBlock() external view returns (uint64);

    /// @notice The beacon; zero until it is recorded.
    function beacon() external view returns (bytes32);

    /// @notice Contributors who stated the result, a bit each.
    function confirmedBy() external view returns (uint64);

    /// @notice SHA-256 of the file after the beacon, as first stated; final once complete.
    function ptauHash() external view returns (bytes32);

    /// @notice SHA-256 of the SRS, as first stated; final once complete.
    function srsHash() external view returns (bytes32);

    /// @notice log2 of the rows of the SRS.
    function logrows() external view returns (uint8);

    /// @notice Blocks between the end of the contributions and the beacon.
    function beaconDistance() external view returns (uint32);

    /// @notice Seconds that a step takes at most, before anyone may skip it.
    function stepSeconds() external view returns (uint32);
}
