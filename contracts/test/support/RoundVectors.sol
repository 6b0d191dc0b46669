// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point} from "../../src/interfaces/IConsortiumRegistry.sol";
import {IVectorOpening} from "../../src/interfaces/IVectorOpening.sol";
import {BN254} from "../../src/libraries/BN254.sol";
import {Deployment} from "./Deployment.sol";
import {KnownSetup} from "./KnownSetup.sol";

/// @title The vectors behind a round's commitments, and their openings
/// @dev U is the zero commitment `ZERO_FACTOR*G`; what is added to it comes from `KnownSetup`.
abstract contract RoundVectors is Deployment {
    uint256 private constant P = BN254.SCALAR_MODULUS;

    // --- commitments and openings ---

    /// @dev `C(v) = U + f(tau)*G`.
    function _commit(
        uint256[] memory vector
    ) internal view returns (G1Point memory) {
        return _g1(_factor(vector));
    }

    function _factor(
        uint256[] memory vector
    ) internal view returns (uint256) {
        return addmod(ZERO_FACTOR, KnownSetup.factor(vector, LOGROWS), P);
    }

    /// @dev What opens `C(vector) - U`.
    function _quotient(
        uint256[] memory vector
    ) internal view returns (G1Point memory) {
        G1Point memory commitment = _g1(KnownSetup.factor(vector, LOGROWS));
        uint256 z = opening.challenge(commitment, vector);
        return _g1(KnownSetup.quotientFactor(vector, LOGROWS, z));
    }

    /// @dev The refusal of a vector that is not what this commitment, without U, was made to.
    function _doesNotOpen(
        G1Point memory commitment,
        uint256[] memory vector
    ) internal view returns (bytes memory) {
        uint256 z = opening.challenge(commitment, vector);
        uint256 y = KnownSetup.evaluate(vector, LOGROWS, z);
        return abi.encodeWithSelector(IVectorOpening.VectorDoesNotOpen.selector, commitment, z, y);
    }

    function _fileHash(
        uint256[] memory vector
    ) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(vector));
    }

    // --- updates ---

    function _updateVector(
        uint256 roundId,
        address member
    ) internal pure returns (uint256[] memory) {
        return _draw(abi.encode("update", roundId, member));
    }

    /// @dev The factor of `C(u_i)`.
    function _update(
        uint256 roundId,
        address member
    ) internal view returns (uint256) {
        return _factor(_updateVector(roundId, member));
    }

    // --- masks ---

    /// @dev `m_ij` of the round's current attempt; nothing for a pair that shares no mask.
    function _pairVector(
        uint256 roundId,
        address member,
        address peer
    ) internal view returns (uint256[] memory vector) {
        if (member == peer || registry.unpaired(member, peer)) return new uint256[](MODEL_LENGTH);
        bool first = member < peer;
        (address low, address high) = first ? (member, peer) : (peer, member);
        vector = _draw(abi.encode("mask", roundId, registry.round(roundId).attempt, low, high));
        return first ? vector : _scale(vector, P - 1);
    }

    /// @dev `m_i = sum m_ij` over the current cohort.
    function _maskVector(
        uint256 roundId,
        address member
    ) internal view returns (uint256[] memory vector) {
        vector = new uint256[](MODEL_LENGTH);
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 0; i < cohort.length; ++i) {
            vector = _plus(vector, _pairVector(roundId, member, cohort[i]));
        }
    }

    function _mask(
        uint256 roundId,
        address member
    ) internal view returns (G1Point memory) {
        return _commit(_maskVector(roundId, member));
    }

    /// @dev What `splitMask` asks for: `C(m_ij)` for every peer, in the cohort's order.
    function _pairMasks(
        uint256 roundId,
        address member
    ) internal view returns (G1Point[] memory masks) {
        address[] memory cohort = registry.cohort(roundId);
        masks = new G1Point[](cohort.length - 1);
        uint256 next;
        for (uint256 i = 0; i < cohort.length; ++i) {
            if (cohort[i] != member) masks[next++] = _commit(_pairVector(roundId, member, cohort[i]));
        }
    }

    // --- sums ---

    /// @dev `w_i*u_i + m_i`.
    function _maskedVector(
        uint256 roundId,
        address member
    ) internal view returns (uint256[] memory) {
        uint256 weight = registry.participation(roundId, member).weight;
        return _plus(_scale(_updateVector(roundId, member), weight), _maskVector(roundId, member));
    }

    /// @dev `G' = G + sum w_i*u_i` over the cohort.
    function _modelVector(
        uint256 roundId,
        uint256[] memory modelBefore
    ) internal view returns (uint256[] memory vector) {
        vector = modelBefore;
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 0; i < cohort.length; ++i) {
            uint256 weight = registry.participation(roundId, cohort[i]).weight;
            vector = _plus(vector, _scale(_updateVector(roundId, cohort[i]), weight));
        }
    }

    /// @dev G' of a consortium's first final round.
    function _firstModel(
        uint256 roundId
    ) internal view returns (uint256[] memory) {
        return _modelVector(roundId, new uint256[](MODEL_LENGTH));
    }

    // --- vectors ---

    function _draw(
        bytes memory seed
    ) internal pure returns (uint256[] memory vector) {
        vector = new uint256[](MODEL_LENGTH);
        for (uint256 i = 0; i < vector.length; ++i) {
            vector[i] = uint256(keccak256(abi.encode(seed, i))) % P;
        }
    }

    function _plus(
        uint256[] memory a,
        uint256[] memory b
    ) internal pure returns (uint256[] memory sum) {
        sum = new uint256[](a.length);
        for (uint256 i = 0; i < a.length; ++i) {
            sum[i] = addmod(a[i], b[i], P);
        }
    }

    function _scale(
        uint256[] memory vector,
        uint256 by
    ) internal pure returns (uint256[] memory scaled) {
        scaled = new uint256[](vector.length);
        for (uint256 i = 0; i < vector.length; ++i) {
            scaled[i] = mulmod(vector[i], by, P);
        }
    }
}
