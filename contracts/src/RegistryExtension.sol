// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IVectorOpening} from "./interfaces/IVectorOpening.sol";
import {IVerifierRouter} from "./interfaces/IVerifierRouter.sol";
import {Challenges} from "./registry/Challenges.sol";
import {Membership} from "./registry/Membership.sol";
import {ModelCards} from "./registry/ModelCards.sol";
import {Progress} from "./registry/Progress.sol";
import {RegistryState} from "./registry/RegistryState.sol";
import {Retirement} from "./registry/Retirement.sol";
import {Rotation} from "./registry/Rotation.sol";

/// @title The second half of the registry's code
/// @dev Runs on the registry's storage alone. Its own stays empty: asked directly, it knows no
/// member, no role and no round, and so refuses whatever would need one.
contract RegistryExtension is Membership, Rotation, Retirement, ModelCards, Progress, Challenges {
    constructor(
        IVerifierRouter router,
        IVectorOpening opening,
        address bondVault
    ) RegistryState(router, opening, bondVault) {}
}
