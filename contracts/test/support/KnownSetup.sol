// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G2Point} from "../../src/interfaces/IVectorOpening.sol";
import {BN254} from "../../src/libraries/BN254.sol";

/// @title A setup whose secret is known, so that commitments and openings are mere numbers
/// @dev For tests alone: whoever knows tau opens every commitment to anything.
library KnownSetup {
    uint256 internal constant TAU = 0x14e9f593afb5412fd340561715a6f3e0c16adb906b6c1921877262258c9ffce9;
    uint256 private constant P = BN254.SCALAR_MODULUS;
    /// @dev Generates the multiplicative group of the field.
    uint256 private constant GENERATOR = 7;

    function tauG2() internal pure returns (G2Point memory) {
        return G2Point({
            xC1: 0x11818ad4d41615e73703f6914d63c710e609b91cd5359b8c7b305718e7f3fa16,
            xC0: 0x2f5b6a355eafcdd94b461d26c841fbf9c543fd284bb17cb37023855a6d59b4c5,
            yC1: 0x24f44543534fe2c287491fa7917978ce65438f2b3083152a621c597fd568afb4,
            yC0: 0x14fd22a5727c3083f2b95a8a9624f2543d0756309cdf64d3275f11b4ded937a5
        });
    }

    /// @notice `f(tau)`: the factor of the vector's commitment, without U.
    function factor(
        uint256[] memory vector,
        uint8 logrows
    ) internal view returns (uint256) {
        return evaluate(vector, logrows, TAU);
    }

    /// @notice `(f(tau) - f(z))/(tau - z)`: the factor of the quotient's commitment.
    function quotientFactor(
        uint256[] memory vector,
        uint8 logrows,
        uint256 z
    ) internal view returns (uint256) {
        uint256 rise = minus(factor(vector, logrows), evaluate(vector, logrows, z));
        return mulmod(rise, inverse(minus(TAU, z)), P);
    }

    /// @notice `f(x) = sum v_j*l_j(x)`, each Lagrange polynomial on its own.
    function evaluate(
        uint256[] memory vector,
        uint8 logrows,
        uint256 x
    ) internal view returns (uint256 sum) {
        uint256 root = 1;
        uint256 omega_ = omega(logrows);
        for (uint256 j = 0; j < vector.length; ++j) {
            sum = addmod(sum, mulmod(vector[j], _lagrange(root, logrows, x), P), P);
            root = mulmod(root, omega_, P);
        }
    }

    /// @notice The primitive root of unity of order `2^logrows`.
    function omega(
        uint8 logrows
    ) internal view returns (uint256) {
        return power(GENERATOR, (P - 1) >> logrows);
    }

    /// @dev `l_j(x) = (x^n - 1)/n * w^j/(x - w^j)`.
    function _lagrange(
        uint256 root,
        uint8 logrows,
        uint256 x
    ) private view returns (uint256) {
        uint256 vanishing = minus(power(x, 1 << logrows), 1);
        uint256 below = mulmod(1 << logrows, minus(x, root), P);
        return mulmod(mulmod(vanishing, root, P), inverse(below), P);
    }

    function minus(
        uint256 a,
        uint256 b
    ) internal pure returns (uint256) {
        return addmod(a, P - b % P, P);
    }

    function inverse(
        uint256 value
    ) internal view returns (uint256) {
        require(value % P != 0, "zero has no inverse");
        return power(value, P - 2);
    }

    /// @dev EIP-198.
    function power(
        uint256 base,
        uint256 exponent
    ) internal view returns (uint256) {
        (bool ok, bytes memory result) = address(5).staticcall(abi.encode(32, 32, 32, base, exponent, P));
        require(ok, "no modular powers");
        return abi.decode(result, (uint256));
    }
}
