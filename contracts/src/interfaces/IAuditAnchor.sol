// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Hashes of audit bundles of consortia that live on other chains
/// @notice Anyone may add one, and nobody can change or remove one. That a hash stands here says who
/// vouched for it and when, not that it is true: whoever reads it recomputes the bundle.
interface IAuditAnchor {
    /// @notice One bundle's hash.
    /// @param bundle SHA-256 of the audit bundle.
    /// @param anchoredBy Who added it.
    /// @param anchoredAt Time of this chain, in seconds.
    /// @param finalRound Last final round in the bundle, 0 before the first.
    /// @param sourceBlock Block of the consortium's chain up to which the bundle goes.
    struct Anchor {
        bytes32 bundle;
        address anchoredBy;
        uint64 anchoredAt;
        uint64 finalRound;
        uint64 sourceBlock;
    }

    /// @notice A hash of zeros is no hash.
    error BundleIsZero();
    /// @notice Every consortium has a chain and a registry.
    error NoSource(uint256 sourceChain, address registry);

    /// @notice A bundle's hash stands here for good.
    /// @param index Place among the anchors of the same registry, from 0.
    event Anchored(
        uint256 indexed sourceChain,
        address indexed registry,
        address indexed anchoredBy,
        uint256 index,
        bytes32 bundle,
        uint64 finalRound,
        uint64 sourceBlock
    );

    /// @notice Adds the hash of a bundle.
    /// @param sourceChain Id of the chain that the consortium lives on.
    /// @param registry Its registry there.
    /// @param bundle SHA-256 of the audit bundle.
    /// @param finalRound Last final round in it.
    /// @param sourceBlock Block of that chain up to which it goes.
    /// @return index Place among the anchors of the same registry.
    function anchor(
        uint256 sourceChain,
        address registry,
        bytes32 bundle,
        uint64 finalRound,
        uint64 sourceBlock
    ) external returns (uint256 index);

    /// @notice How many anchors a registry has.
    /// @param sourceChain Id of its chain.
    /// @param registry The registry.
    function anchorCount(
        uint256 sourceChain,
        address registry
    ) external view returns (uint256);

    /// @notice One anchor of a registry.
    /// @param sourceChain Id of its chain.
    /// @param registry The registry.
    /// @param index Below `anchorCount`.
    function anchorAt(
        uint256 sourceChain,
        address registry,
        uint256 index
    ) external view returns (Anchor memory);
}
