// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point} from "../interfaces/ConsortiumTypes.sol";

/// @title The commitments at the start of a proof
/// @notice 64 bytes a point, inputs in graph order, then outputs.
library ProofCommitments {
    uint256 internal constant POINT_LENGTH = 64;

    uint256 internal constant ADMISSION_DATA = 0;
    uint256 internal constant ADMISSION_PUBLIC = 1;
    uint256 internal constant ADMISSION_ZEROS = 2;
    uint8 internal constant ADMISSION_COMMITMENTS = 3;

    uint256 internal constant TRAINING_DATA = 0;
    uint256 internal constant TRAINING_MODEL = 1;
    uint256 internal constant TRAINING_SECRETS = 2;
    uint256 internal constant TRAINING_PUBLIC = 3;
    uint256 internal constant TRAINING_UPDATE = 4;
    uint256 internal constant TRAINING_ZEROS = 5;
    uint8 internal constant TRAINING_COMMITMENTS = 6;
    /// @dev Only of circuits that take a rate, behind all others.
    uint256 internal constant TRAINING_RATE = 6;
    uint8 internal constant RATED_TRAINING_COMMITMENTS = 7;

    uint256 internal constant BENEFIT_UPDATE = 0;
    uint256 internal constant BENEFIT_REST = 1;
    uint256 internal constant BENEFIT_BOUND = 2;
    uint256 internal constant BENEFIT_PUBLIC = 3;
    uint256 internal constant BENEFIT_ZEROS = 4;
    uint8 internal constant BENEFIT_COMMITMENTS = 5;

    uint256 internal constant EVALUATION_DATA = 0;
    uint256 internal constant EVALUATION_MODEL = 1;
    uint256 internal constant EVALUATION_PUBLIC = 2;
    uint256 internal constant EVALUATION_ZEROS = 3;
    uint8 internal constant EVALUATION_COMMITMENTS = 4;

    error ProofTooShort(uint256 length, uint256 needed);

    function at(
        bytes calldata proof,
        uint256 index
    ) internal pure returns (G1Point memory point) {
        uint256 start = index * POINT_LENGTH;
        if (proof.length < start + POINT_LENGTH) {
            revert ProofTooShort(proof.length, start + POINT_LENGTH);
        }
        point.x = uint256(bytes32(proof[start:start + 32]));
        point.y = uint256(bytes32(proof[start + 32:start + 64]));
    }
}
