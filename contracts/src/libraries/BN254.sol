// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point} from "../interfaces/ConsortiumTypes.sol";

/// @title Points of BN254's G1 over the precompiles of EIP-196
/// @dev The point at infinity is (0, 0) inside sums. As an input it is refused: no
/// commitment of a blinded vector is infinity, and U makes that of the zero vector finite.
library BN254 {
    uint256 internal constant SCALAR_MODULUS =
        21_888_242_871_839_275_222_246_405_745_257_275_088_548_364_400_416_034_343_698_204_186_575_808_495_617;
    uint256 internal constant BASE_MODULUS =
        21_888_242_871_839_275_222_246_405_745_257_275_088_696_311_157_297_823_662_689_037_894_645_226_208_583;

    error CoordinateNotBelowModulus(uint256 coordinate);
    error PointNotOnCurve(uint256 x, uint256 y);
    error PointAtInfinity();
    error CurvePrecompileFailed();

    function add(
        G1Point memory a,
        G1Point memory b
    ) internal view returns (G1Point memory sum) {
        uint256[4] memory input = [a.x, a.y, b.x, b.y];
        bool ok;
        assembly ("memory-safe") {
            ok := staticcall(gas(), 6, input, 0x80, sum, 0x40)
        }
        if (!ok) revert CurvePrecompileFailed();
    }

    function mul(
        G1Point memory a,
        uint256 scalar
    ) internal view returns (G1Point memory product) {
        uint256[3] memory input = [a.x, a.y, scalar];
        bool ok;
        assembly ("memory-safe") {
            ok := staticcall(gas(), 7, input, 0x60, product, 0x40)
        }
        if (!ok) revert CurvePrecompileFailed();
    }

    function negate(
        G1Point memory a
    ) internal pure returns (G1Point memory) {
        return G1Point(a.x, a.y == 0 ? 0 : BASE_MODULUS - a.y);
    }

    function subtract(
        G1Point memory a,
        G1Point memory b
    ) internal view returns (G1Point memory) {
        return add(a, negate(b));
    }

    function equals(
        G1Point memory a,
        G1Point memory b
    ) internal pure returns (bool) {
        return a.x == b.x && a.y == b.y;
    }

    /// @dev y^2 = x^3 + 3; G1 has cofactor 1, so every point of the curve is in the group.
    function requireOnCurve(
        G1Point memory a
    ) internal pure {
        if (a.x >= BASE_MODULUS) revert CoordinateNotBelowModulus(a.x);
        if (a.y >= BASE_MODULUS) revert CoordinateNotBelowModulus(a.y);
        if (a.x == 0 && a.y == 0) revert PointAtInfinity();
        uint256 cubed = mulmod(mulmod(a.x, a.x, BASE_MODULUS), a.x, BASE_MODULUS);
        if (mulmod(a.y, a.y, BASE_MODULUS) != addmod(cubed, 3, BASE_MODULUS)) {
            revert PointNotOnCurve(a.x, a.y);
        }
    }
}
