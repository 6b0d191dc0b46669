// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Routes a proof to the verifier of its circuit
/// @notice A circuit is known by the hash of its manifest. A removed circuit leaves a
/// tombstone: its hash can never be registered again.
interface IVerifierRouter {
    /// @notice Where a circuit's proofs go.
    /// @param verifier The contract that EZKL generated.
    /// @param proofLength Bytes of every proof of the circuit.
    /// @param commitments Points at the start of a proof.
    /// @param removed True for a tombstone.
    struct Route {
        address verifier;
        uint32 proofLength;
        uint8 commitments;
        bool removed;
    }

    /// @notice No verifier was ever registered for the circuit.
    error CircuitUnknown(bytes32 circuit);
    /// @notice A route never changes; register the new circuit under its own hash.
    error CircuitAlreadyRegistered(bytes32 circuit, address verifier);
    /// @notice The circuit was removed for good.
    error CircuitTombstoned(bytes32 circuit);
    /// @notice The verifier address holds no contract.
    error VerifierHasNoCode(address verifier);
    /// @notice A proof has at least one point, and room for all its points.
    error InvalidLayout(uint256 proofLength, uint256 commitments);
    /// @notice Every proof of a circuit has the same length.
    error ProofLengthMismatch(bytes32 circuit, uint256 actual, uint256 expected);
    /// @notice The verifier did not accept the proof.
    error InvalidProof(bytes32 circuit, bytes32 proofHash);

    /// @notice Proofs of the circuit go to this verifier from now on.
    event CircuitRegistered(
        bytes32 indexed circuit, address indexed verifier, uint32 proofLength, uint8 commitments
    );
    /// @notice No proof of the circuit is accepted any more.
    event CircuitRemoved(bytes32 indexed circuit, address indexed verifier);

    /// @notice Adds the verifier of a circuit; by the owner.
    /// @param circuit Manifest hash, never registered before.
    /// @param verifier A contract.
    /// @param proofLength Bytes of a proof.
    /// @param commitments Points at the start of a proof, 64 bytes each.
    function register(
        bytes32 circuit,
        address verifier,
        uint32 proofLength,
        uint8 commitments
    ) external;

    /// @notice Leaves a tombstone; by the owner.
    /// @param circuit A registered circuit.
    function remove(
        bytes32 circuit
    ) external;

    /// @notice The route of a circuit; empty where there is none.
    /// @param circuit Manifest hash.
    function route(
        bytes32 circuit
    ) external view returns (Route memory);

    /// @notice Reverts unless the circuit's proofs can be verified and have this length.
    /// @param circuit Manifest hash.
    /// @param proofLength Bytes of a proof.
    function requireVerifiable(
        bytes32 circuit,
        uint256 proofLength
    ) external view;

    /// @notice Reverts unless `proof` is a valid proof of `circuit` of the exact length.
    /// @param circuit Manifest hash.
    /// @param proof As EZKL writes it.
    function requireValid(
        bytes32 circuit,
        bytes calldata proof
    ) external view;
}
