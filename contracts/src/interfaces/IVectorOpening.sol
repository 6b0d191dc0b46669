// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point} from "./ConsortiumTypes.sol";

/// @notice A point of BN254's G2; a coordinate is `c0 + c1*i`, words in EIP-197's order.
struct G2Point {
    uint256 xC1;
    uint256 xC0;
    uint256 yC1;
    uint256 yC0;
}

/// @title Whether a vector is what a commitment was made to
/// @notice A KZG opening at a random point (Kate, Zaverucha, Goldberg, Constant-Size
/// Commitments to Polynomials, ASIACRYPT 2010, section 3.2), the polynomial given by its
/// values at the roots of unity.
interface IVectorOpening {
    /// @notice log2 of the rows must lie in 3 to 28.
    error LogrowsOutOfRange(uint256 logrows);
    /// @notice The point is the group's generator, infinity, or outside the group.
    error NoSetupPoint(G2Point tauG2);
    /// @notice More values than rows.
    error TooManyValues(uint256 length, uint256 rows);
    /// @notice A value must be below the order of the scalar field.
    error ValueNotBelowModulus(uint256 index, uint256 value);
    /// @notice The values are not those of the commitment, or the quotient is another's.
    error VectorDoesNotOpen(G1Point commitment, uint256 point, uint256 evaluation);
    /// @notice The random point is a root of unity; no sender can aim for it.
    error PointInDomain(uint256 point);
    /// @notice A precompile refused points that were checked before.
    error PrecompileFailed(uint256 precompile);

    /// @notice n, the rows of a column.
    function ROWS() external view returns (uint256);

    /// @notice The primitive n-th root of unity whose powers are the rows.
    function OMEGA() external view returns (uint256);

    /// @notice tau*G2 of the setup.
    function tauG2() external view returns (G2Point memory);

    /// @notice Reverts unless `commitment = sum values[j]*L_j`, all further rows zero.
    /// @param commitment Without U; on the curve, or (0, 0) for the zero vector.
    /// @param values Each below the order of the field.
    /// @param quotient Commitment of `(f(X) - f(z))/(X - z)` for `z = challenge(...)`.
    function requireOpens(
        G1Point calldata commitment,
        uint256[] calldata values,
        G1Point calldata quotient
    ) external view;

    /// @notice z: known only once the commitment and all values are.
    function challenge(
        G1Point calldata commitment,
        uint256[] calldata values
    ) external view returns (uint256);
}
