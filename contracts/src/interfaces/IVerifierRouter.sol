// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Routes a proof to the verifier of its circuit
/// @notice A circuit is known by the hash of its manifest. A removed circuit leaves a
/// tombstone: its hash can never be registered again.
interface IVerifierRouter {
    struct Route {
        address verifier;
        uint32 proofLength;
        uint8 commitments;
        bool removed;
    }

    error CircuitUnknown(bytes32 circuit);
    error CircuitAlreadyRegistered(bytes32 circuit, address verifier);
    error CircuitTombstoned(bytes32 circuit);
    error VerifierHasNoCode(address verifier);
    error InvalidLayout(uint256 proofLength, uint256 commitments);
    error ProofLengthMismatch(bytes32 circuit, uint256 actual, uint256 expected);
    error InvalidProof(bytes32 circuit, bytes32 proofHash);

    event CircuitRegistered(
        bytes32 indexed circuit, address indexed verifier, uint32 proofLength, uint8 commitments
    );
    event CircuitRemoved(bytes32 indexed circuit, address indexed verifier);

    function register(
        bytes32 circuit,
        address verifier,
        uint32 proofLength,
        uint8 commitments
    ) external; // owner
    function remove(
        bytes32 circuit
    ) external; // owner
    function route(
        bytes32 circuit
    ) external view returns (Route memory);

    /// @notice Reverts unless `proof` is a valid proof of `circuit` of the exact length.
    function requireValid(
        bytes32 circuit,
        bytes calldata proof
    ) external view;
}
