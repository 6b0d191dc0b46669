// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RoundStatus} from "../interfaces/ConsortiumTypes.sol";
import {IRegistryExtension} from "../interfaces/IRegistryExtension.sol";
import {RegistryState} from "./RegistryState.sol";

/// @title The aggregator's account of each final round
abstract contract ModelCards is IRegistryExtension, RegistryState {
    /// @inheritdoc IRegistryExtension
    function publishModelCard(
        uint256 roundId,
        bytes32 cardHash
    ) external whenNotPaused onlyRole(AGGREGATOR_ROLE) {
        _inStatus(roundId, RoundStatus.Final);
        if (cardHash == 0) revert ZeroHash();
        bytes32 card = _modelCards[roundId];
        if (card != 0) revert ModelCardExists(roundId, card);
        _modelCards[roundId] = cardHash;
        emit ModelCardPublished(roundId, cardHash);
    }

    /// @inheritdoc IRegistryExtension
    function modelCardOf(
        uint256 roundId
    ) external view returns (bytes32) {
        return _modelCards[roundId];
    }
}
