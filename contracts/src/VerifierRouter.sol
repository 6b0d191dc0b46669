// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IHalo2Verifier} from "./interfaces/IHalo2Verifier.sol";
import {IVerifierRouter} from "./interfaces/IVerifierRouter.sol";

/// @title Verifiers by the hash of their circuit's manifest
contract VerifierRouter is IVerifierRouter, Ownable2Step {
    mapping(bytes32 circuit => Route) private _routes;

    constructor(
        address owner_
    ) Ownable(owner_) {}

    /// @inheritdoc IVerifierRouter
    function register(
        bytes32 circuit,
        address verifier,
        uint32 proofLength,
        uint8 commitments
    ) external onlyOwner {
        Route storage entry = _routes[circuit];
        if (entry.removed) revert CircuitTombstoned(circuit);
        if (entry.verifier != address(0)) revert CircuitAlreadyRegistered(circuit, entry.verifier);
        if (verifier.code.length == 0) revert VerifierHasNoCode(verifier);
        if (commitments == 0 || proofLength < uint256(commitments) * 64) {
            revert InvalidLayout(proofLength, commitments);
        }
        _routes[circuit] = Route(verifier, proofLength, commitments, false);
        emit CircuitRegistered(circuit, verifier, proofLength, commitments);
    }

    /// @inheritdoc IVerifierRouter
    function remove(
        bytes32 circuit
    ) external onlyOwner {
        Route storage entry = _known(circuit);
        entry.removed = true;
        emit CircuitRemoved(circuit, entry.verifier);
    }

    /// @inheritdoc IVerifierRouter
    function route(
        bytes32 circuit
    ) external view returns (Route memory) {
        return _routes[circuit];
    }

    /// @inheritdoc IVerifierRouter
    function requireVerifiable(
        bytes32 circuit,
        uint256 proofLength
    ) external view {
        _verifiable(circuit, proofLength);
    }

    /// @inheritdoc IVerifierRouter
    function requireValid(
        bytes32 circuit,
        bytes calldata proof
    ) external view {
        Route storage entry = _verifiable(circuit, proof.length);
        // The generated verifier trusts the layout of its calldata. This call encodes the
        // proof anew, so no caller's layout ever reaches it.
        try IHalo2Verifier(entry.verifier).verifyProof(proof, new uint256[](0)) returns (bool valid) {
            if (!valid) revert InvalidProof(circuit, keccak256(proof));
        } catch {
            revert InvalidProof(circuit, keccak256(proof));
        }
    }

    function _verifiable(
        bytes32 circuit,
        uint256 proofLength
    ) private view returns (Route storage entry) {
        entry = _known(circuit);
        if (proofLength != entry.proofLength) {
            revert ProofLengthMismatch(circuit, proofLength, entry.proofLength);
        }
    }

    function _known(
        bytes32 circuit
    ) private view returns (Route storage entry) {
        entry = _routes[circuit];
        if (entry.removed) revert CircuitTombstoned(circuit);
        if (entry.verifier == address(0)) revert CircuitUnknown(circuit);
    }
}
