// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IVectorOpening} from "./IVectorOpening.sol";
import {IVerifierRouter} from "./IVerifierRouter.sol";

/// @title What both parts of the registry hold and show
/// @dev The registry answers these itself. Its extension, asked directly, shows its own storage,
/// which is empty, and the immutables in its code.
interface IRegistryState {
    /// @notice The role that opens rounds and publishes models.
    function AGGREGATOR_ROLE() external view returns (bytes32);

    /// @notice The role that pauses.
    function GUARDIAN_ROLE() external view returns (bytes32);

    /// @notice The role that announces encryption contexts.
    function KEY_HOLDER_ROLE() external view returns (bytes32);

    /// @notice Where proofs are verified; set once.
    function ROUTER() external view returns (IVerifierRouter);

    /// @notice Where members stake their bonds, set once; zero where no bonds are asked for.
    function BOND_VAULT() external view returns (address);

    /// @notice Where vectors are opened; set once.
    function OPENING() external view returns (IVectorOpening);

    /// @notice SHA-256 of the current model's file; zero before the first final round.
    function modelHash() external view returns (bytes32);

    /// @notice The latest round; 0 before the first.
    function currentRound() external view returns (uint256);

    /// @notice The round that made the current model; 0 before the first final one.
    function finalRound() external view returns (uint256);

    /// @notice SHA-256 of the announced encryption context; zero until announced.
    function encryptionContext() external view returns (bytes32);

    /// @notice The seed of the shard selection; zero from an admission or a
    /// retirement to the next round.
    function selectionSeed() external view returns (bytes32);
}
