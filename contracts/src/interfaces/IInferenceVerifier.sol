// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point, IConsortiumRegistry} from "./IConsortiumRegistry.sol";
import {IHalo2Verifier} from "./IHalo2Verifier.sol";

/// @title What a consortium's model says of a record
/// @notice Anybody creates one, over the verifier of a circuit of inference: it keeps nothing, owns
/// nothing, and no contract of the consortium asks it. Whoever relies on its answer compares its code,
/// and that of its verifier, with a build of their own.
///
/// It shows that the committed model of a final round gives the committed record this logit. It does not
/// show whose record that is, nor that the model is right about it.
interface IInferenceVerifier {
    /// @notice No contract is at this address.
    error ContractMissing(address account);
    /// @notice Every proof of the circuit has the same length.
    error OtherProofLength(uint256 actual, uint256 expected);
    /// @notice The proof is about another record.
    error RecordCommitmentMismatch(G1Point actual, G1Point expected);
    /// @notice The verifier did not accept the proof.
    error InvalidInference(bytes32 proofHash);

    /// @notice The consortium whose models these are.
    function REGISTRY() external view returns (IConsortiumRegistry);

    /// @notice The verifier of the circuit, as EZKL generated it.
    function VERIFIER() external view returns (IHalo2Verifier);

    /// @notice Bytes of a proof.
    function PROOF_LENGTH() external view returns (uint32);

    /// @notice The class of a record; reverts unless all of this is proven.
    /// @param roundId A final round.
    /// @param logit Of the record under the round's model, at the circuits' scale, rounded down.
    /// @param record Commitment of its vector.
    /// @param proof Of the circuit of inference, under `inferenceContext`.
    /// @return positive Whether the class is 1: the logit is 0 or above.
    function requireInference(
        uint256 roundId,
        int64 logit,
        G1Point calldata record,
        bytes calldata proof
    ) external view returns (bool positive);

    /// @notice The second public scalar of a proof; the first is the logit.
    /// @param roundId The round whose model it is about.
    function inferenceContext(
        uint256 roundId
    ) external view returns (uint256);
}
