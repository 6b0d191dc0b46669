// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point} from "./interfaces/ConsortiumTypes.sol";
import {G2Point, IVectorOpening} from "./interfaces/IVectorOpening.sol";
import {BN254} from "./libraries/BN254.sol";

/// @title KZG openings of vectors under one setup; holds no state
contract VectorOpening is IVectorOpening {
    using BN254 for G1Point;

    bytes32 private constant CHALLENGE_DOMAIN = keccak256("zkfl.vector-opening.v1");
    uint256 private constant P = BN254.SCALAR_MODULUS;
    uint256 private constant TWO_ADICITY = 28;
    uint256 private constant SMALLEST_LOGROWS = 3;
    /// @dev halo2curves `bn256::Fr::ROOT_OF_UNITY`, of order 2^28.
    uint256 private constant ROOT_OF_UNITY =
        0x03ddb9f5166d18b798865ea93dd31f743215cf6dd39329c8d34f1ed960c37c9c;
    /// @dev The generator of G2 in EIP-197.
    uint256 private constant G2_X_C1 = 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2;
    uint256 private constant G2_X_C0 = 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed;
    uint256 private constant G2_Y_C1 = 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b;
    uint256 private constant G2_Y_C0 = 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa;

    uint256 public immutable ROWS;
    uint256 public immutable OMEGA;
    uint256 private immutable ROWS_INVERSE;
    uint256 private immutable TAU_X_C1;
    uint256 private immutable TAU_X_C0;
    uint256 private immutable TAU_Y_C1;
    uint256 private immutable TAU_Y_C0;

    constructor(
        uint8 logrows,
        G2Point memory tauG2_
    ) {
        if (logrows < SMALLEST_LOGROWS || logrows > TWO_ADICITY) revert LogrowsOutOfRange(logrows);
        _requireSetupPoint(tauG2_);
        uint256 omega = ROOT_OF_UNITY;
        for (uint256 i = logrows; i < TWO_ADICITY; ++i) {
            omega = mulmod(omega, omega, P);
        }
        ROWS = 1 << logrows;
        OMEGA = omega;
        ROWS_INVERSE = _inverse(1 << logrows);
        (TAU_X_C1, TAU_X_C0, TAU_Y_C1, TAU_Y_C0) = (tauG2_.xC1, tauG2_.xC0, tauG2_.yC1, tauG2_.yC0);
    }

    /// @inheritdoc IVectorOpening
    function tauG2() public view returns (G2Point memory) {
        return G2Point(TAU_X_C1, TAU_X_C0, TAU_Y_C1, TAU_Y_C0);
    }

    /// @inheritdoc IVectorOpening
    function requireOpens(
        G1Point calldata commitment,
        uint256[] calldata values,
        G1Point calldata quotient
    ) external view {
        _requireOnCurveOrInfinity(commitment);
        _requireOnCurveOrInfinity(quotient);
        uint256 z = challenge(commitment, values);
        uint256 y = _evaluate(values, z);
        // e(C - y*G1 + z*Q, G2) = e(Q, tau*G2): f(X) - y is divisible by X - z
        G1Point memory q = quotient;
        G1Point memory shifted = BN254.add(commitment, BN254.mul(G1Point(1, 2), P - y));
        bool opens = _pair(q.negate(), tauG2(), BN254.add(shifted, q.mul(z)));
        if (!opens) revert VectorDoesNotOpen(commitment, z, y);
    }

    /// @inheritdoc IVectorOpening
    function challenge(
        G1Point calldata commitment,
        uint256[] calldata values
    ) public view returns (uint256) {
        bytes32 vector = keccak256(abi.encodePacked(values));
        bytes32 digest =
            keccak256(abi.encode(CHALLENGE_DOMAIN, ROWS, commitment.x, commitment.y, values.length, vector));
        return uint256(digest) % P;
    }

    /// @dev `f(z) = (z^n - 1)/n * sum v_j*w^j/(z - w^j)`: Berrut and Trefethen, Barycentric
    /// Lagrange Interpolation, SIAM Review 46(3), 2004, section 4, at roots of unity. The sum
    /// is kept as one fraction, so that one inversion does.
    function _evaluate(
        uint256[] calldata values,
        uint256 z
    ) private view returns (uint256) {
        if (values.length > ROWS) revert TooManyValues(values.length, ROWS);
        uint256 power = _power(z, ROWS);
        if (power == 1) revert PointInDomain(z);
        uint256 omega = OMEGA;
        uint256 root = 1;
        uint256 numerator = 0;
        uint256 denominator = 1;
        for (uint256 j = 0; j < values.length; ++j) {
            uint256 value = values[j];
            if (value >= P) revert ValueNotBelowModulus(j, value);
            uint256 distance = addmod(z, P - root, P);
            numerator =
                addmod(mulmod(numerator, distance, P), mulmod(mulmod(value, root, P), denominator, P), P);
            denominator = mulmod(denominator, distance, P);
            root = mulmod(root, omega, P);
        }
        uint256 factor = mulmod(addmod(power, P - 1, P), ROWS_INVERSE, P);
        return mulmod(factor, mulmod(numerator, _inverse(denominator), P), P);
    }

    function _requireSetupPoint(
        G2Point memory point
    ) private view {
        bool infinity = point.xC1 == 0 && point.xC0 == 0 && point.yC1 == 0 && point.yC0 == 0;
        bool generator = point.xC1 == G2_X_C1 && point.xC0 == G2_X_C0;
        // The pairing's precompile refuses what is outside the group.
        if (infinity || generator || !_inGroup(point)) revert NoSetupPoint(point);
    }

    function _inGroup(
        G2Point memory point
    ) private view returns (bool ok) {
        uint256[6] memory input = [1, 2, point.xC1, point.xC0, point.yC1, point.yC0];
        assembly ("memory-safe") {
            ok := staticcall(gas(), 8, input, 0xc0, 0, 0x20)
        }
    }

    /// @dev `e(a, b) * e(c, G2) = 1`.
    function _pair(
        G1Point memory a,
        G2Point memory b,
        G1Point memory c
    ) private view returns (bool one) {
        uint256[12] memory input =
            [a.x, a.y, b.xC1, b.xC0, b.yC1, b.yC0, c.x, c.y, G2_X_C1, G2_X_C0, G2_Y_C1, G2_Y_C0];
        bool ok;
        assembly ("memory-safe") {
            ok := staticcall(gas(), 8, input, 0x180, 0, 0x20)
            one := eq(mload(0), 1)
        }
        if (!ok) revert PrecompileFailed(8);
    }

    function _inverse(
        uint256 value
    ) private view returns (uint256) {
        return _power(value, P - 2);
    }

    /// @dev EIP-198.
    function _power(
        uint256 base,
        uint256 exponent
    ) private view returns (uint256 result) {
        uint256[6] memory input = [32, 32, 32, base, exponent, P];
        bool ok;
        assembly ("memory-safe") {
            ok := staticcall(gas(), 5, input, 0xc0, 0, 0x20)
            result := mload(0)
        }
        if (!ok) revert PrecompileFailed(5);
    }

    function _requireOnCurveOrInfinity(
        G1Point memory point
    ) private pure {
        if (point.x != 0 || point.y != 0) point.requireOnCurve();
    }
}
