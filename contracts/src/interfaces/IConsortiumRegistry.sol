// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// whoever imports the interface finds its types here too
/* solhint-disable no-unused-import */
import {
    BlameReason,
    ConsortiumConfig,
    FailureReason,
    G1Point,
    Member,
    Nomination,
    Participation,
    Round,
    RoundStatus,
    Shard,
    WeightRule
} from "./ConsortiumTypes.sol";
/* solhint-enable no-unused-import */
import {IConsortiumEvents} from "./IConsortiumEvents.sol";
import {IRegistryCore} from "./IRegistryCore.sol";
import {IRegistryExtension} from "./IRegistryExtension.sol";

/// @title The chain's side of the protocol
/// @notice Members, admitted shards, rounds, weights and the lineage of the model.
/// Nobody, owner included, can set a model, a commitment or a weight. One address answers all of
/// it, whichever of the two contracts behind it holds the code.
// solhint-disable-next-line no-empty-blocks
interface IConsortiumRegistry is IConsortiumEvents, IRegistryCore, IRegistryExtension {}
