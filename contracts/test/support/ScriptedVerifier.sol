// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IHalo2Verifier} from "../../src/interfaces/IHalo2Verifier.sol";

/// @title A verifier that answers what a test tells it to
/// @dev For tests alone: it proves nothing. Proofs of real circuits meet the generated
/// verifiers in `tests/circuits` and `tests/attacks`.
contract ScriptedVerifier is IHalo2Verifier {
    enum Answer {
        Accept,
        AcceptOneProof,
        Refuse,
        Revert,
        Panic,
        BurnGas,
        ReturnNothing,
        ReturnTwo,
        ReturnMuch,
        AcceptLate
    }

    Answer private _answer;
    bytes32 private _proofHash;
    mapping(bytes32 proofHash => bool) private _refused;

    error Scripted();

    function script(
        Answer answer
    ) external {
        _answer = answer;
    }

    function acceptOnly(
        bytes32 proofHash
    ) external {
        _answer = Answer.AcceptOneProof;
        _proofHash = proofHash;
    }

    /// @dev Whatever the script says of others.
    function refuse(
        bytes32 proofHash
    ) external {
        _refused[proofHash] = true;
    }

    /// @inheritdoc IHalo2Verifier
    function verifyProof(
        bytes calldata proof,
        uint256[] calldata instances
    ) external view returns (bool) {
        if (_refused[keccak256(proof)]) return false;
        if (_answer == Answer.Accept) return instances.length == 0;
        if (_answer == Answer.AcceptOneProof) {
            return instances.length == 0 && keccak256(proof) == _proofHash;
        }
        if (_answer == Answer.Refuse) return false;
        if (_answer == Answer.Revert) revert Scripted();
        if (_answer == Answer.Panic) assert(false);
        if (_answer == Answer.AcceptLate) return _work();
        if (_answer == Answer.BurnGas) _burn();
        _return(_answer);
    }

    /// @dev As much as no generated verifier needs, then the truth.
    function _work() private view returns (bool) {
        uint256 start = gasleft();
        while (start - gasleft() < 2_500_000) {}
        return true;
    }

    function _burn() private view {
        while (gasleft() > 0) {}
    }

    function _return(
        Answer answer
    ) private pure {
        uint256 length = answer == Answer.ReturnNothing ? 0 : answer == Answer.ReturnTwo ? 32 : 100_000;
        assembly {
            mstore(0, 2)
            return(0, length)
        }
    }
}
