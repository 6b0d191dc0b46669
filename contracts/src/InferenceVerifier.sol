// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "./interfaces/IConsortiumErrors.sol";
import {
    ConsortiumConfig,
    G1Point,
    IConsortiumRegistry,
    Round,
    RoundStatus
} from "./interfaces/IConsortiumRegistry.sol";
import {IHalo2Verifier} from "./interfaces/IHalo2Verifier.sol";
import {IInferenceVerifier} from "./interfaces/IInferenceVerifier.sol";
import {BN254} from "./libraries/BN254.sol";
import {ProofCommitments} from "./libraries/ProofCommitments.sol";
import {PublicScalars} from "./libraries/PublicScalars.sol";

/// @title What a consortium's model says of a record
/// @dev It has no storage: who compares its code knows all that it will ever answer by.
contract InferenceVerifier is IInferenceVerifier, IConsortiumErrors {
    using BN254 for G1Point;
    using ProofCommitments for bytes;

    bytes32 private constant DOMAIN = keccak256("zkfl.inference.v1");
    uint256 private constant RECORD = 0;
    uint256 private constant MODEL = 1;
    uint256 private constant PUBLIC = 2;
    uint256 private constant ZEROS = 3;

    /// @inheritdoc IInferenceVerifier
    IConsortiumRegistry public immutable REGISTRY;
    /// @inheritdoc IInferenceVerifier
    IHalo2Verifier public immutable VERIFIER;
    /// @inheritdoc IInferenceVerifier
    uint32 public immutable PROOF_LENGTH;

    constructor(
        IConsortiumRegistry registry,
        IHalo2Verifier verifier,
        uint32 proofLength
    ) {
        if (address(registry).code.length == 0) revert ContractMissing(address(registry));
        if (address(verifier).code.length == 0) revert ContractMissing(address(verifier));
        (REGISTRY, VERIFIER, PROOF_LENGTH) = (registry, verifier, proofLength);
    }

    /// @inheritdoc IInferenceVerifier
    function requireInference(
        uint256 roundId,
        int64 logit,
        G1Point calldata record,
        bytes calldata proof
    ) external view returns (bool positive) {
        if (proof.length != PROOF_LENGTH) revert OtherProofLength(proof.length, PROOF_LENGTH);
        _requireModel(roundId, proof.at(MODEL));
        G1Point memory actual = proof.at(RECORD);
        if (!actual.equals(record)) revert RecordCommitmentMismatch(actual, record);
        _requireStated(proof, _scalar(logit), inferenceContext(roundId));
        _requireValid(proof);
        return logit >= 0;
    }

    /// @inheritdoc IInferenceVerifier
    function inferenceContext(
        uint256 roundId
    ) public view returns (uint256) {
        return PublicScalars.context(DOMAIN, address(REGISTRY), address(0), roundId);
    }

    function _requireModel(
        uint256 roundId,
        G1Point memory model
    ) private view {
        Round memory round = REGISTRY.round(roundId);
        if (round.status != RoundStatus.Final) revert WrongRoundStatus(roundId, round.status);
        if (!model.equals(round.modelAfter)) revert ModelCommitmentMismatch(model, round.modelAfter);
    }

    /// @dev The public scalars, and that what the circuit asserts holds.
    function _requireStated(
        bytes calldata proof,
        uint256 scalar,
        uint256 context
    ) private view {
        ConsortiumConfig memory config = REGISTRY.config();
        (G1Point memory actual, G1Point memory zero) = (proof.at(PUBLIC), config.zeroCommitment);
        G1Point memory expected =
            PublicScalars.commitment(scalar, context, config.lagrange0, config.lagrange1, zero);
        if (!actual.equals(expected)) revert PublicScalarsMismatch(actual, expected);
        G1Point memory zeros = proof.at(ZEROS);
        if (!zeros.equals(zero)) revert ZeroCommitmentMismatch(zeros, zero);
    }

    /// @dev The generated verifier trusts the layout of its calldata. This call encodes the proof anew,
    /// so no caller's layout ever reaches it.
    function _requireValid(
        bytes calldata proof
    ) private view {
        try VERIFIER.verifyProof(proof, new uint256[](0)) returns (bool valid) {
            if (!valid) revert InvalidInference(keccak256(proof));
        } catch {
            revert InvalidInference(keccak256(proof));
        }
    }

    /// @dev Of 64 bits, since fractions of the field that no number has would be as true.
    function _scalar(
        int64 logit
    ) private pure returns (uint256) {
        int256 wide = logit;
        return wide >= 0 ? uint256(wide) : BN254.SCALAR_MODULUS - uint256(-wide);
    }
}
