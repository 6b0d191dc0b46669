// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {
    BlameReason,
    FailureReason,
    Participation,
    Round,
    RoundStatus
} from "../interfaces/ConsortiumTypes.sol";
import {IRegistryExtension} from "../interfaces/IRegistryExtension.sol";
import {IVerifierRouter} from "../interfaces/IVerifierRouter.sol";
import {Reopening} from "./Reopening.sol";

/// @title Posted proofs that somebody has the chain verify
/// @dev A valid proof cannot be challenged away: the router verifies the very bytes that were
/// posted, with more gas than any verifier that a chain can hold needs, and nothing but its
/// word that they are invalid counts.
abstract contract Challenges is IRegistryExtension, Reopening {
    /// @dev The generated verifiers need some 700,000; one as large as a chain takes, twice that.
    uint256 private constant VERIFICATION_GAS = 3_000_000;
    /// @dev So that a call gets all of that: EIP-150 keeps back a 64th, and arguments are copied.
    uint256 private constant CHALLENGE_GAS = VERIFICATION_GAS + VERIFICATION_GAS / 63 + 150_000;

    /// @inheritdoc IRegistryExtension
    function challengeUpdate(
        uint256 roundId,
        address member,
        bytes calldata proof
    ) external whenNotPaused {
        RoundStatus status = _rounds[roundId].status;
        if (!_inProgress(status)) revert WrongRoundStatus(roundId, status);
        if (_participations[roundId][member].weight == 0) revert NotInCohort(roundId, member);
        bytes32 posted = _postedProofs[roundId][member];
        if (posted == 0) revert NothingToChallenge(roundId, member);
        if (keccak256(proof) != posted) revert OtherProof(keccak256(proof), posted);
        _requireInvalid(roundId, member, proof);

        emit UpdateChallenged(roundId, member, msg.sender, posted);
        _exclude(roundId, member, BlameReason.InvalidProof);
        if (status == RoundStatus.Open) return _drop(roundId, member);
        if (status == RoundStatus.Disputed) return _reopen(roundId, FailureReason.InvalidProof);
        _fail(roundId, FailureReason.InvalidProof);
    }

    /// @inheritdoc IRegistryExtension
    function postedProof(
        uint256 roundId,
        address member
    ) external view returns (bytes32) {
        return _postedProofs[roundId][member];
    }

    /// @inheritdoc IRegistryExtension
    function challengeDeadline(
        uint256 roundId
    ) external view returns (uint64) {
        return _challengeDeadlines[roundId];
    }

    function _requireInvalid(
        uint256 roundId,
        address member,
        bytes calldata proof
    ) private view {
        if (gasleft() < CHALLENGE_GAS) revert TooLittleGas(gasleft(), CHALLENGE_GAS);
        // An invalid proof may burn all the gas that it gets; the rest pays for what follows.
        try ROUTER.requireValid{gas: VERIFICATION_GAS}(_config.trainingCircuit, proof) {
            revert ProofIsValid(roundId, member);
        } catch (bytes memory reason) {
            if (bytes4(reason) == IVerifierRouter.InvalidProof.selector) return;
            // A removed circuit, or a verifier that is none: nothing is known of the proof.
            assembly ("memory-safe") {
                revert(add(reason, 0x20), mload(reason))
            }
        }
    }

    /// @dev The masks of the others count on the member, so they need a further attempt: now if
    /// everyone else has submitted, and else when the deadline has passed.
    function _drop(
        uint256 roundId,
        address member
    ) private {
        Round storage entry = _rounds[roundId];
        Participation storage part = _participations[roundId][member];
        if (part.submitted) --entry.submissions;
        (part.submitted, part.share, part.weight) = (false, 0, 0);
        if (!_awaitsSubmissions(roundId)) _reopen(roundId, FailureReason.InvalidProof);
    }

    function _awaitsSubmissions(
        uint256 roundId
    ) private view returns (bool) {
        address[] memory cohort_ = _cohorts[roundId];
        for (uint256 i = 0; i < cohort_.length; ++i) {
            Participation storage part = _participations[roundId][cohort_[i]];
            if (part.weight != 0 && !part.submitted) return true;
        }
        return false;
    }
}
