// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IConsortiumRegistry} from "../../src/interfaces/IConsortiumRegistry.sol";

/// @title Everything that the registry's address answers, what OpenZeppelin adds included
interface IWholeRegistry is IConsortiumRegistry, IAccessControl {
    function DEFAULT_ADMIN_ROLE() external view returns (bytes32);

    function paused() external view returns (bool);
}
