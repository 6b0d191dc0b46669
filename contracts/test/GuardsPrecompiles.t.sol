// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {VectorOpening} from "../src/VectorOpening.sol";
import {G1Point} from "../src/interfaces/IConsortiumRegistry.sol";
import {IVectorOpening} from "../src/interfaces/IVectorOpening.sol";
import {KnownSetup} from "./support/KnownSetup.sol";
import {Test} from "./support/Test.sol";

/// @dev Cheatcodes that no other test needs.
interface Mocks {
    function mockCall(
        address target,
        bytes calldata data,
        bytes calldata answer
    ) external;
    function mockCallRevert(
        address target,
        bytes calldata data,
        bytes calldata answer
    ) external;
}

/// @title Guards that no input reaches: a chain without a precompile, a challenge in the domain
contract GuardsPrecompilesTest is Test {
    uint8 private constant LOGROWS = 14;

    VectorOpening private _opening;
    Mocks private _mocks = Mocks(address(vm));

    function setUp() public {
        _opening = new VectorOpening(LOGROWS, KnownSetup.tauG2());
    }

    function test_withoutModularPowersNothingOpens() public {
        (G1Point memory commitment, uint256[] memory values, G1Point memory quotient) = _opens();
        _opening.requireOpens(commitment, values, quotient);
        _mocks.mockCallRevert(address(5), "", "");
        _refusesOpening(
            commitment,
            values,
            quotient,
            abi.encodeWithSelector(IVectorOpening.PrecompileFailed.selector, uint256(5))
        );
    }

    function test_withoutPairingsNothingOpens() public {
        (G1Point memory commitment, uint256[] memory values, G1Point memory quotient) = _opens();
        _mocks.mockCallRevert(address(8), "", "");
        _refusesOpening(
            commitment,
            values,
            quotient,
            abi.encodeWithSelector(IVectorOpening.PrecompileFailed.selector, uint256(8))
        );
    }

    /// @dev A hash hits none of the 2^14 points; here the power of z is said to be one.
    function test_aChallengeInTheDomainIsRefused() public {
        (G1Point memory commitment, uint256[] memory values, G1Point memory quotient) = _opens();
        uint256 z = _opening.challenge(commitment, values);
        _mocks.mockCall(address(5), "", abi.encode(uint256(1)));
        _refusesOpening(
            commitment, values, quotient, abi.encodeWithSelector(IVectorOpening.PointInDomain.selector, z)
        );
    }

    function _opens()
        private
        view
        returns (G1Point memory commitment, uint256[] memory values, G1Point memory quotient)
    {
        values = new uint256[](2);
        (values[0], values[1]) = (5, 9);
        commitment = _g1(KnownSetup.factor(values, LOGROWS));
        uint256 z = _opening.challenge(commitment, values);
        quotient = _g1(KnownSetup.quotientFactor(values, LOGROWS, z));
    }

    function _refusesOpening(
        G1Point memory commitment,
        uint256[] memory values,
        G1Point memory quotient,
        bytes memory expected
    ) private {
        bytes memory call = abi.encodeCall(_opening.requireOpens, (commitment, values, quotient));
        _refused(address(this), address(_opening), call, expected);
    }
}
