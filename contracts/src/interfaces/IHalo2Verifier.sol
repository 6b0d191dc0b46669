// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title What EZKL's generated verifiers answer to
interface IHalo2Verifier {
    /// @notice Whether `proof` is valid for the public `instances`; may revert where it is not.
    function verifyProof(
        bytes calldata proof,
        uint256[] calldata instances
    ) external view returns (bool);
}
