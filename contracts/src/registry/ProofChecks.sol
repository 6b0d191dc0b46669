// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point} from "../interfaces/ConsortiumTypes.sol";
import {BN254} from "../libraries/BN254.sol";
import {PublicScalars} from "../libraries/PublicScalars.sol";
import {RegistryState} from "./RegistryState.sol";

/// @title What every proof must show: its place, and zeros
abstract contract ProofChecks is RegistryState {
    using BN254 for G1Point;

    function _requireScalars(
        G1Point memory actual,
        uint256 scalar,
        uint256 context_
    ) internal view {
        actual.requireOnCurve();
        G1Point memory expected = PublicScalars.commitment(
            scalar, context_, _config.lagrange0, _config.lagrange1, _config.zeroCommitment
        );
        if (!actual.equals(expected)) revert PublicScalarsMismatch(actual, expected);
    }

    function _requireZeros(
        G1Point memory actual
    ) internal view {
        if (!actual.equals(_config.zeroCommitment)) {
            revert ZeroCommitmentMismatch(actual, _config.zeroCommitment);
        }
    }
}
