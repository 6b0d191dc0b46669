// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point} from "../interfaces/ConsortiumTypes.sol";
import {BN254} from "./BN254.sol";

/// @title The column of public scalars that ties a proof to its place
library PublicScalars {
    bytes32 internal constant ADMISSION_DOMAIN = keccak256("zkfl.admission.v1");
    bytes32 internal constant TRAINING_DOMAIN = keccak256("zkfl.training.v1");
    bytes32 internal constant BENEFIT_DOMAIN = keccak256("zkfl.benefit.v1");
    bytes32 internal constant TEST_ADMISSION_DOMAIN = keccak256("zkfl.test-admission.v1");
    bytes32 internal constant EVALUATION_DOMAIN = keccak256("zkfl.evaluation.v1");

    /// @notice The context of a proof: whose, for which registry, chain and shard or round.
    function context(
        bytes32 domain,
        address registry,
        address member,
        uint256 number
    ) internal view returns (uint256) {
        bytes32 digest = keccak256(abi.encode(domain, block.chainid, registry, member, number));
        return uint256(digest) % BN254.SCALAR_MODULUS;
    }

    /// @notice The only commitment of `[scalar, context_]` with all other cells zero.
    function commitment(
        uint256 scalar,
        uint256 context_,
        G1Point memory lagrange0,
        G1Point memory lagrange1,
        G1Point memory zeroCommitment
    ) internal view returns (G1Point memory) {
        G1Point memory scalars = BN254.add(BN254.mul(lagrange0, scalar), BN254.mul(lagrange1, context_));
        return BN254.add(scalars, zeroCommitment);
    }
}
