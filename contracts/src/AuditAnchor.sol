// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAuditAnchor} from "./interfaces/IAuditAnchor.sol";

/// @title Hashes of audit bundles, kept where the consortium does not live
contract AuditAnchor is IAuditAnchor {
    mapping(uint256 sourceChain => mapping(address registry => Anchor[] anchors)) private _anchors;

    /// @inheritdoc IAuditAnchor
    function anchor(
        uint256 sourceChain,
        address registry,
        bytes32 bundle,
        uint64 finalRound,
        uint64 sourceBlock
    ) external returns (uint256 index) {
        if (bundle == 0) revert BundleIsZero();
        if (sourceChain == 0 || registry == address(0)) revert NoSource(sourceChain, registry);
        Anchor[] storage anchors = _anchors[sourceChain][registry];
        index = anchors.length;
        anchors.push(Anchor(bundle, msg.sender, uint64(block.timestamp), finalRound, sourceBlock));
        emit Anchored(sourceChain, registry, msg.sender, index, bundle, finalRound, sourceBlock);
    }

    /// @inheritdoc IAuditAnchor
    function anchorCount(
        uint256 sourceChain,
        address registry
    ) external view returns (uint256) {
        return _anchors[sourceChain][registry].length;
    }

    /// @inheritdoc IAuditAnchor
    function anchorAt(
        uint256 sourceChain,
        address registry,
        uint256 index
    ) external view returns (Anchor memory) {
        return _anchors[sourceChain][registry][index];
    }
}
