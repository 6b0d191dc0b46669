// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {VectorOpening} from "../src/VectorOpening.sol";
import {G1Point} from "../src/interfaces/IConsortiumRegistry.sol";
import {G2Point, IVectorOpening} from "../src/interfaces/IVectorOpening.sol";
import {BN254} from "../src/libraries/BN254.sol";
import {KnownSetup} from "./support/KnownSetup.sol";
import {Test} from "./support/Test.sol";

contract VectorOpeningTest is Test {
    uint256 private constant P = BN254.SCALAR_MODULUS;
    uint256 private constant Q = BN254.BASE_MODULUS;
    uint8 private constant LOGROWS = 14;
    uint8 private constant SMALL = 3;

    VectorOpening private _opening;

    function setUp() public {
        _opening = new VectorOpening(LOGROWS, KnownSetup.tauG2());
    }

    // --- the setup ---

    function test_theSecretOfTheSetupIsKnown() public view {
        G2Point memory tau = KnownSetup.tauG2();
        G1Point memory minus = BN254.negate(_g1(KnownSetup.TAU));
        bytes memory pairs = abi.encode(
            _g1(1),
            tau,
            minus,
            0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2,
            0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed,
            0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b,
            0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa
        );
        (bool ok, bytes memory one) = address(8).staticcall(pairs);
        vm.assertTrue(ok && abi.decode(one, (uint256)) == 1, "e(G1, tau*G2) = e(tau*G1, G2)");
    }

    function test_theSetupCanBeRead() public view {
        vm.assertEq(_opening.ROWS(), 1 << LOGROWS, "rows");
        vm.assertEq(_opening.OMEGA(), KnownSetup.omega(LOGROWS), "omega");
        vm.assertEq(abi.encode(_opening.tauG2()), abi.encode(KnownSetup.tauG2()), "tau*G2");
    }

    function testFuzz_omegaHasTheOrderOfTheRows(
        uint8 logrows
    ) public {
        logrows = uint8(_within(logrows, 3, 28));
        VectorOpening opening = new VectorOpening(logrows, KnownSetup.tauG2());
        vm.assertEq(opening.ROWS(), 1 << logrows, "rows");
        vm.assertEq(opening.OMEGA(), KnownSetup.omega(logrows), "omega");
        vm.assertEq(KnownSetup.power(opening.OMEGA(), 1 << (logrows - 1)), P - 1, "primitive");
    }

    function test_rowsOutOfRange() public {
        uint8[4] memory logrows = [0, 2, 29, 255];
        for (uint256 i = 0; i < logrows.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IVectorOpening.LogrowsOutOfRange.selector, logrows[i]));
            new VectorOpening(logrows[i], KnownSetup.tauG2());
        }
    }

    function test_pointsThatAreNoSetup() public {
        G2Point memory tau = KnownSetup.tauG2();
        G2Point memory generator = G2Point(
            0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2,
            0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed,
            0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b,
            0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa
        );
        _refusesSetup(generator);
        // tau = -1 is known as well
        _refusesSetup(G2Point(generator.xC1, generator.xC0, Q - generator.yC1, Q - generator.yC0));
        _refusesSetup(G2Point(0, 0, 0, 0));
        _refusesSetup(G2Point(tau.xC0, tau.xC1, tau.yC0, tau.yC1));
        _refusesSetup(G2Point(tau.xC1, tau.xC0, tau.yC1, tau.yC0 + 1));
        _refusesSetup(G2Point(tau.xC1 + Q, tau.xC0, tau.yC1, tau.yC0));
    }

    /// @dev x = 1 on the twist; its order is not that of the group.
    function test_aPointOfTheCurveOutsideTheGroup() public {
        G2Point memory outside = G2Point(
            0,
            1,
            0x0d1271953ed9ea0836846e70a1934187998c7f790cb4d7511b7f8da82de048a4,
            0x2869111d5381f072f8e2728fdb825a51aadd70e52c9830e9ab4b871c0531f1bb
        );
        _refusesSetup(outside);
    }

    // --- what opens ---

    function testFuzz_aVectorOpensWhatWasCommittedToIt(
        uint256 seed,
        uint256 length
    ) public view {
        uint256[] memory values = _vector(seed, _within(length, 0, 40));
        _opens(_opening, LOGROWS, values);
    }

    function test_aVectorThatFillsItsRows() public {
        VectorOpening small = new VectorOpening(SMALL, KnownSetup.tauG2());
        _opens(small, SMALL, _vector(1, 8));
        _opens(small, SMALL, _vector(2, 7));
    }

    function test_entriesAtTheEdgesOfTheField() public view {
        uint256[] memory values = new uint256[](4);
        (values[0], values[1], values[2], values[3]) = (0, 1, P - 1, 0);
        _opens(_opening, LOGROWS, values);
    }

    /// @dev The constant polynomial: its quotient is nothing.
    function test_aConstantVectorOverAllRows() public {
        VectorOpening small = new VectorOpening(SMALL, KnownSetup.tauG2());
        uint256[] memory values = new uint256[](8);
        for (uint256 i = 0; i < 8; ++i) {
            values[i] = 77;
        }
        small.requireOpens(_g1(77), values, G1Point(0, 0));
        _refusesOf(small, _g1(77), values, _g1(1), _notOpened(small, SMALL, _g1(77), values));
    }

    function test_theZeroVectorOpensInfinity() public view {
        for (uint256 length = 0; length < 5; ++length) {
            _opening.requireOpens(G1Point(0, 0), new uint256[](length), G1Point(0, 0));
        }
    }

    function test_theZeroVectorOpensNothingElse() public {
        uint256[] memory zeros = new uint256[](4);
        _refuses(_g1(1), zeros, G1Point(0, 0), _notOpened(_g1(1), zeros));
        _refuses(G1Point(0, 0), zeros, _g1(1), _notOpened(G1Point(0, 0), zeros));
    }

    /// @dev Trailing zeros are rows that are zero anyway: the commitment is the same.
    function test_zerosBehindAVector() public view {
        uint256[] memory values = _vector(3, 4);
        uint256[] memory longer = _resized(values, 6);
        vm.assertEq(KnownSetup.factor(values, LOGROWS), KnownSetup.factor(longer, LOGROWS), "one commitment");
        _opens(_opening, LOGROWS, longer);
    }

    /// @dev Against the polynomial's coefficients, which no Lagrange formula enters.
    function testFuzz_theEvaluationIsThePolynomials(
        uint256 seed,
        uint256 length
    ) public {
        VectorOpening small = new VectorOpening(SMALL, KnownSetup.tauG2());
        uint256[] memory values = _vector(seed, _within(length, 1, 8));
        G1Point memory wrong = _g1(_within(seed, 1, P - 1));
        uint256 z = small.challenge(wrong, values);
        _refusesOf(
            small,
            wrong,
            values,
            _g1(5),
            abi.encodeWithSelector(IVectorOpening.VectorDoesNotOpen.selector, wrong, z, _horner(values, z))
        );
    }

    // --- what does not ---

    function testFuzz_oneChangedEntry(
        uint256 seed,
        uint256 place,
        uint256 change
    ) public {
        uint256[] memory values = _vector(seed, 4);
        (G1Point memory commitment, G1Point memory quotient) = _openingOf(values);
        place = place % 4;
        values[place] = addmod(values[place], _within(change, 1, P - 1), P);
        _refuses(commitment, values, quotient, _notOpened(commitment, values));
        // nor with the quotient of the changed vector
        _refuses(commitment, values, _quotientOf(commitment, values), _notOpened(commitment, values));
    }

    function test_reorderedEntries() public {
        uint256[] memory values = _vector(5, 4);
        (G1Point memory commitment, G1Point memory quotient) = _openingOf(values);
        (values[0], values[1]) = (values[1], values[0]);
        _refuses(commitment, values, quotient, _notOpened(commitment, values));
        _refuses(commitment, values, _quotientOf(commitment, values), _notOpened(commitment, values));
    }

    function test_shiftedEntries() public {
        uint256[] memory values = _vector(5, 4);
        (G1Point memory commitment, G1Point memory quotient) = _openingOf(values);
        uint256[] memory shifted = new uint256[](5);
        for (uint256 i = 0; i < 4; ++i) {
            shifted[i + 1] = values[i];
        }
        _refuses(commitment, shifted, quotient, _notOpened(commitment, shifted));
    }

    function test_aTruncatedVector() public {
        uint256[] memory values = _vector(6, 4);
        (G1Point memory commitment, G1Point memory quotient) = _openingOf(values);
        for (uint256 length = 0; length < 4; ++length) {
            uint256[] memory cut = _resized(values, length);
            _refuses(commitment, cut, quotient, _notOpened(commitment, cut));
        }
    }

    function test_aVectorExtendedByMoreThanZeros() public {
        uint256[] memory values = _vector(7, 4);
        (G1Point memory commitment, G1Point memory quotient) = _openingOf(values);
        uint256[] memory longer = _resized(values, 5);
        longer[4] = 1;
        _refuses(commitment, longer, quotient, _notOpened(commitment, longer));
    }

    /// @dev The length is part of the challenge: a quotient belongs to one length.
    function test_zerosBehindAVectorWithTheOldQuotient() public {
        uint256[] memory values = _vector(7, 4);
        (G1Point memory commitment, G1Point memory quotient) = _openingOf(values);
        uint256[] memory longer = _resized(values, 5);
        _refuses(commitment, longer, quotient, _notOpened(commitment, longer));
    }

    function testFuzz_anotherQuotient(
        uint256 seed,
        uint256 factor
    ) public {
        uint256[] memory values = _vector(seed, 4);
        (G1Point memory commitment, G1Point memory quotient) = _openingOf(values);
        G1Point memory other = _g1(factor % P);
        vm.assume(!BN254.equals(other, quotient));
        _refuses(commitment, values, other, _notOpened(commitment, values));
        other = BN254.negate(quotient);
        _refuses(commitment, values, other, _notOpened(commitment, values));
    }

    function testFuzz_anotherCommitment(
        uint256 seed,
        uint256 by
    ) public {
        uint256[] memory values = _vector(seed, 4);
        (G1Point memory commitment, G1Point memory quotient) = _openingOf(values);
        G1Point memory other = BN254.add(commitment, _g1(_within(by, 1, P - 1)));
        _refuses(other, values, quotient, _notOpened(other, values));
        _refuses(other, values, _quotientOf(other, values), _notOpened(other, values));
    }

    function test_anEntryAboveTheModulus() public {
        uint256[] memory values = _vector(8, 4);
        (G1Point memory commitment, G1Point memory quotient) = _openingOf(values);
        for (uint256 i = 0; i < 4; ++i) {
            uint256[] memory other = _resized(values, 4);
            other[i] += P;
            bytes memory expected =
                abi.encodeWithSelector(IVectorOpening.ValueNotBelowModulus.selector, i, other[i]);
            _refuses(commitment, other, quotient, expected);
        }
        values[3] = P;
        _refuses(
            commitment,
            values,
            quotient,
            abi.encodeWithSelector(IVectorOpening.ValueNotBelowModulus.selector, 3, P)
        );
    }

    function test_moreValuesThanRows() public {
        VectorOpening small = new VectorOpening(SMALL, KnownSetup.tauG2());
        uint256[] memory values = new uint256[](9);
        _refusesOf(
            small,
            G1Point(0, 0),
            values,
            G1Point(0, 0),
            abi.encodeWithSelector(IVectorOpening.TooManyValues.selector, 9, 8)
        );
    }

    function test_pointsOffTheCurve() public {
        uint256[] memory values = _vector(9, 4);
        (G1Point memory commitment, G1Point memory quotient) = _openingOf(values);
        (G1Point[] memory bad, bytes[] memory errors) = _offTheCurve(commitment);
        for (uint256 i = 0; i < bad.length; ++i) {
            _refuses(bad[i], values, quotient, errors[i]);
        }
        (bad, errors) = _offTheCurve(quotient);
        for (uint256 i = 0; i < bad.length; ++i) {
            _refuses(commitment, values, bad[i], errors[i]);
        }
    }

    // --- the challenge ---

    function test_theChallengeHangsOnEverything() public {
        uint256[] memory values = _vector(10, 4);
        uint256 z = _opening.challenge(_g1(1), values);
        bytes32 digest = keccak256(
            abi.encode(
                keccak256("zkfl.vector-opening.v1"),
                uint256(1 << LOGROWS),
                _g1(1).x,
                _g1(1).y,
                uint256(4),
                keccak256(abi.encodePacked(values))
            )
        );
        vm.assertEq(z, uint256(digest) % P, "the digest modulo the field");
        vm.assertTrue(z != _opening.challenge(_g1(2), values), "commitment");
        vm.assertTrue(z != _opening.challenge(_g1(1), _resized(values, 5)), "length");
        VectorOpening other = new VectorOpening(LOGROWS + 1, KnownSetup.tauG2());
        vm.assertTrue(z != other.challenge(_g1(1), values), "rows");
        for (uint256 i = 0; i < 4; ++i) {
            uint256[] memory changed = _resized(values, 4);
            changed[i] = addmod(changed[i], 1, P);
            vm.assertTrue(z != _opening.challenge(_g1(1), changed), "entry");
        }
    }

    // --- openings ---

    function _opens(
        VectorOpening opening,
        uint8 logrows,
        uint256[] memory values
    ) private view {
        G1Point memory commitment = _g1(KnownSetup.factor(values, logrows));
        uint256 z = opening.challenge(commitment, values);
        opening.requireOpens(commitment, values, _g1(KnownSetup.quotientFactor(values, logrows, z)));
    }

    function _openingOf(
        uint256[] memory values
    ) private view returns (G1Point memory commitment, G1Point memory quotient) {
        commitment = _g1(KnownSetup.factor(values, LOGROWS));
        quotient = _quotientOf(commitment, values);
    }

    /// @dev Of the vector's polynomial, at the challenge that the commitment gives.
    function _quotientOf(
        G1Point memory commitment,
        uint256[] memory values
    ) private view returns (G1Point memory) {
        uint256 z = _opening.challenge(commitment, values);
        return _g1(KnownSetup.quotientFactor(values, LOGROWS, z));
    }

    /// @dev `c_k = 1/n * sum v_j*w^(-jk)`, then `sum c_k*z^k`, the highest first.
    function _horner(
        uint256[] memory values,
        uint256 z
    ) private view returns (uint256 y) {
        uint256 n = 1 << SMALL;
        uint256 omega = KnownSetup.omega(SMALL);
        for (uint256 k = n; k > 0; --k) {
            uint256 coefficient;
            for (uint256 j = 0; j < values.length; ++j) {
                uint256 root = KnownSetup.power(omega, (n + 1 - k) * j);
                coefficient = addmod(coefficient, mulmod(values[j], root, P), P);
            }
            y = addmod(mulmod(y, z, P), mulmod(coefficient, KnownSetup.inverse(n), P), P);
        }
    }

    // --- refusals ---

    function _notOpened(
        G1Point memory commitment,
        uint256[] memory values
    ) private view returns (bytes memory) {
        return _notOpened(_opening, LOGROWS, commitment, values);
    }

    function _notOpened(
        VectorOpening opening,
        uint8 logrows,
        G1Point memory commitment,
        uint256[] memory values
    ) private view returns (bytes memory) {
        uint256 z = opening.challenge(commitment, values);
        uint256 y = KnownSetup.evaluate(values, logrows, z);
        return abi.encodeWithSelector(IVectorOpening.VectorDoesNotOpen.selector, commitment, z, y);
    }

    function _refuses(
        G1Point memory commitment,
        uint256[] memory values,
        G1Point memory quotient,
        bytes memory expected
    ) private {
        _refusesOf(_opening, commitment, values, quotient, expected);
    }

    function _refusesOf(
        VectorOpening opening,
        G1Point memory commitment,
        uint256[] memory values,
        G1Point memory quotient,
        bytes memory expected
    ) private {
        bytes memory call = abi.encodeCall(opening.requireOpens, (commitment, values, quotient));
        _refused(address(this), address(opening), call, expected);
    }

    function _refusesSetup(
        G2Point memory point
    ) private {
        vm.expectRevert(abi.encodeWithSelector(IVectorOpening.NoSetupPoint.selector, point));
        new VectorOpening(LOGROWS, point);
    }

    /// @dev Infinity is none of them: it commits to the zero vector.
    function _offTheCurve(
        G1Point memory good
    ) private pure returns (G1Point[] memory points, bytes[] memory errors) {
        (points, errors) = (new G1Point[](4), new bytes[](4));
        points[0] = G1Point(1, 3);
        errors[0] = abi.encodeWithSelector(BN254.PointNotOnCurve.selector, 1, 3);
        points[1] = G1Point(good.x, addmod(good.y, 1, Q));
        errors[1] = abi.encodeWithSelector(BN254.PointNotOnCurve.selector, good.x, addmod(good.y, 1, Q));
        points[2] = G1Point(good.x + Q, good.y);
        errors[2] = abi.encodeWithSelector(BN254.CoordinateNotBelowModulus.selector, good.x + Q);
        points[3] = G1Point(good.x, good.y + Q);
        errors[3] = abi.encodeWithSelector(BN254.CoordinateNotBelowModulus.selector, good.y + Q);
    }

    // --- vectors ---

    function _vector(
        uint256 seed,
        uint256 length
    ) private pure returns (uint256[] memory values) {
        values = new uint256[](length);
        for (uint256 i = 0; i < length; ++i) {
            values[i] = uint256(keccak256(abi.encode(seed, i))) % P;
        }
    }

    function _resized(
        uint256[] memory values,
        uint256 length
    ) private pure returns (uint256[] memory resized) {
        resized = new uint256[](length);
        for (uint256 i = 0; i < length && i < values.length; ++i) {
            resized[i] = values[i];
        }
    }
}
