// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point} from "../../src/interfaces/IConsortiumRegistry.sol";
import {BN254} from "../../src/libraries/BN254.sol";
import {SharedVectors} from "./SharedVectors.sol";

contract BN254Test is SharedVectors {
    uint256 private constant Q = BN254.BASE_MODULUS;

    // --- the library behind calls, so that its refusals can be caught ---

    function add(
        G1Point memory a,
        G1Point memory b
    ) external view returns (G1Point memory) {
        return BN254.add(a, b);
    }

    function mul(
        G1Point memory a,
        uint256 scalar
    ) external view returns (G1Point memory) {
        return BN254.mul(a, scalar);
    }

    function requireOnCurve(
        G1Point memory a
    ) external pure {
        BN254.requireOnCurve(a);
    }

    // --- shared vectors ---

    function test_theModuliArePythons() public view {
        string memory json = _read("bn254");
        vm.assertEq(BN254.SCALAR_MODULUS, _uint(json, "", "scalarModulus"), "p");
        vm.assertEq(Q, _uint(json, "", "baseModulus"), "q");
    }

    function test_sumsArePythons() public view {
        string memory json = _read("bn254");
        string memory path;
        for (uint256 i = 0; bytes(path = _case(json, "additions", i)).length > 0; ++i) {
            G1Point memory sum = BN254.add(_point(json, path, "a"), _point(json, path, "b"));
            _assertPoint(sum, _point(json, path, "sum"), path);
        }
    }

    function test_differencesArePythons() public view {
        string memory json = _read("bn254");
        string memory path;
        for (uint256 i = 0; bytes(path = _case(json, "subtractions", i)).length > 0; ++i) {
            G1Point memory difference = BN254.subtract(_point(json, path, "a"), _point(json, path, "b"));
            _assertPoint(difference, _point(json, path, "difference"), path);
        }
    }

    function test_productsArePythons() public view {
        string memory json = _read("bn254");
        string memory path;
        for (uint256 i = 0; bytes(path = _case(json, "multiplications", i)).length > 0; ++i) {
            G1Point memory product = BN254.mul(_point(json, path, "a"), _uint(json, path, "scalar"));
            _assertPoint(product, _point(json, path, "product"), path);
        }
    }

    /// @dev C(G') = C(G) + sum w_i*(C_i - U).
    function test_theCombinationOfARoundIsPythons() public view {
        string memory json = _read("bn254");
        string memory round = ".combination";
        uint256[] memory weights = _uints(json, round, "weights");
        G1Point memory zero = _point(json, round, "zeroCommitment");
        G1Point memory model = _point(json, round, "model");
        for (uint256 i = 0; i < weights.length; ++i) {
            G1Point memory update = _point(json, _case(json, "combination.updates", i));
            model = BN254.add(model, BN254.mul(BN254.subtract(update, zero), weights[i]));
        }
        _assertPoint(model, _point(json, round, "result"), "model");
    }

    function test_pointsOffTheCurveAreRefused() public {
        string memory json = _read("bn254");
        string memory path;
        for (uint256 i = 0; bytes(path = _case(json, "offCurve", i)).length > 0; ++i) {
            G1Point memory a = _point(json, path);
            _refusedPoint(a, abi.encodeWithSelector(BN254.PointNotOnCurve.selector, a.x, a.y));
        }
    }

    function test_coordinatesNotBelowTheModulusAreRefused() public {
        string memory json = _read("bn254");
        string memory path;
        for (uint256 i = 0; bytes(path = _case(json, "notBelowModulus", i)).length > 0; ++i) {
            uint256 named = _uint(json, path, "coordinate");
            bytes memory expected = abi.encodeWithSelector(BN254.CoordinateNotBelowModulus.selector, named);
            _refusedPoint(_point(json, path), expected);
        }
    }

    // --- infinity ---

    function test_infinityIsRefusedAsAnInput() public {
        _refusedPoint(G1Point(0, 0), abi.encodeWithSelector(BN254.PointAtInfinity.selector));
    }

    function test_infinityIsItsOwnInverse() public pure {
        _assertPoint(BN254.negate(G1Point(0, 0)), G1Point(0, 0), "infinity");
    }

    function testFuzz_infinityIsTheZeroOfSums(
        uint256 factor
    ) public view {
        G1Point memory a = _g1(factor);
        G1Point memory infinity = G1Point(0, 0);
        _assertPoint(BN254.add(a, infinity), a, "on the right");
        _assertPoint(BN254.add(infinity, a), a, "on the left");
        _assertPoint(BN254.subtract(a, a), infinity, "a - a");
        _assertPoint(BN254.mul(a, BN254.SCALAR_MODULUS), infinity, "p*a");
        _assertPoint(BN254.mul(infinity, factor), infinity, "a multiple of infinity");
    }

    // --- the group's laws ---

    function testFuzz_sumsCommute(
        uint256 s,
        uint256 t
    ) public view {
        _assertPoint(BN254.add(_g1(s), _g1(t)), BN254.add(_g1(t), _g1(s)), "a + b");
    }

    function testFuzz_sumsAssociate(
        uint256 s,
        uint256 t,
        uint256 u
    ) public view {
        G1Point memory left = BN254.add(BN254.add(_g1(s), _g1(t)), _g1(u));
        _assertPoint(left, BN254.add(_g1(s), BN254.add(_g1(t), _g1(u))), "a + b + c");
    }

    function testFuzz_aDifferencePlusWhatWasTakenIsTheStart(
        uint256 s,
        uint256 t
    ) public view {
        G1Point memory difference = BN254.subtract(_g1(s), _g1(t));
        _assertPoint(BN254.add(difference, _g1(t)), _g1(s), "a - b + b");
        _assertPoint(BN254.negate(difference), BN254.subtract(_g1(t), _g1(s)), "-(a - b)");
    }

    function testFuzz_productsDistributeOverSums(
        uint256 s,
        uint256 t,
        uint256 scalar
    ) public view {
        G1Point memory products = BN254.add(BN254.mul(_g1(s), scalar), BN254.mul(_g1(t), scalar));
        _assertPoint(BN254.mul(BN254.add(_g1(s), _g1(t)), scalar), products, "scalar*(a + b)");
        G1Point memory multiples = BN254.add(BN254.mul(_g1(scalar), s), BN254.mul(_g1(scalar), t));
        uint256 sum = addmod(s, t, BN254.SCALAR_MODULUS);
        _assertPoint(BN254.mul(_g1(scalar), sum), multiples, "(s + t)*a");
    }

    function testFuzz_pointsAreEqualOnlyInBothCoordinates(
        G1Point memory a,
        G1Point memory b
    ) public pure {
        vm.assertTrue(BN254.equals(a, G1Point(a.x, a.y)), "a = a");
        vm.assertTrue(BN254.equals(a, b) == (keccak256(abi.encode(a)) == keccak256(abi.encode(b))), "a = b");
        unchecked {
            vm.assertTrue(!BN254.equals(a, G1Point(a.x, a.y + 1)), "another y");
            vm.assertTrue(!BN254.equals(a, G1Point(a.x + 1, a.y)), "another x");
        }
    }

    // --- refusals ---

    function testFuzz_everyMultipleOfTheGeneratorIsOnTheCurve(
        uint256 factor
    ) public view {
        vm.assume(factor % BN254.SCALAR_MODULUS != 0);
        BN254.requireOnCurve(_g1(factor));
        BN254.requireOnCurve(BN254.negate(_g1(factor)));
    }

    /// @dev Of an x, the curve has y and q - y and nothing else.
    function testFuzz_anotherCoordinateIsOffTheCurve(
        uint256 factor,
        uint256 y
    ) public {
        G1Point memory a = _g1(_within(factor, 1, BN254.SCALAR_MODULUS - 1));
        y = _within(y, 0, Q - 1);
        vm.assume(y != a.y && y != Q - a.y);
        bytes memory expected = abi.encodeWithSelector(BN254.PointNotOnCurve.selector, a.x, y);
        _refusedPoint(G1Point(a.x, y), expected);
        _refusedSum(G1Point(a.x, y));
    }

    /// @dev The same point in other words: accepted, it would have two hashes.
    function testFuzz_aCoordinatePlusTheModulusIsRefused(
        uint256 factor
    ) public {
        G1Point memory a = _g1(_within(factor, 1, BN254.SCALAR_MODULUS - 1));
        bytes4 refusal = BN254.CoordinateNotBelowModulus.selector;
        _refusedPoint(G1Point(a.x + Q, a.y), abi.encodeWithSelector(refusal, a.x + Q));
        _refusedPoint(G1Point(a.x, a.y + Q), abi.encodeWithSelector(refusal, a.y + Q));
        _refusedSum(G1Point(a.x + Q, a.y));
        _refusedSum(G1Point(a.x, a.y + Q));
    }

    function _refusedPoint(
        G1Point memory a,
        bytes memory expected
    ) private {
        _refused(address(this), address(this), abi.encodeCall(this.requireOnCurve, (a)), expected);
    }

    /// @dev A precompile that fails burns all it was given.
    function _refusedSum(
        G1Point memory a
    ) private view {
        bytes[3] memory calls = [
            abi.encodeCall(this.add, (a, G1Point(1, 2))),
            abi.encodeCall(this.add, (G1Point(1, 2), a)),
            abi.encodeCall(this.mul, (a, 1))
        ];
        bytes memory expected = abi.encodeWithSelector(BN254.CurvePrecompileFailed.selector);
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool accepted, bytes memory answer) = address(this).staticcall{gas: 1_000_000}(calls[i]);
            vm.assertTrue(!accepted, "the precompile took a point that is not on the curve");
            vm.assertEq(answer, expected, "refused for another reason");
        }
    }
}
