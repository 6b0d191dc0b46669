// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {IConsortiumRegistry} from "./interfaces/IConsortiumRegistry.sol";
import {ICouncilErrors} from "./interfaces/ICouncilErrors.sol";
import {Action, IMemberCouncil} from "./interfaces/IMemberCouncil.sol";
import {IRegistryExtension} from "./interfaces/IRegistryExtension.sol";
import {IVerifierRouter} from "./interfaces/IVerifierRouter.sol";

/// @title The calls that a council may make: the whole list, fixed in code
/// @dev Arguments are decoded and encoded anew, so that a call has one reading.
abstract contract CouncilCalls is IMemberCouncil, ICouncilErrors {
    uint256 private constant MAX_NAME = 64;

    /// @inheritdoc IMemberCouncil
    IConsortiumRegistry public immutable REGISTRY;
    /// @inheritdoc IMemberCouncil
    IVerifierRouter public immutable ROUTER;
    bytes32 private immutable AGGREGATOR;
    bytes32 private immutable GUARDIAN;
    bytes32 private immutable KEY_HOLDER;

    constructor(
        IConsortiumRegistry registry
    ) {
        if (address(registry).code.length == 0) revert RegistryHasNoCode(address(registry));
        REGISTRY = registry;
        ROUTER = registry.ROUTER();
        AGGREGATOR = registry.AGGREGATOR_ROLE();
        GUARDIAN = registry.GUARDIAN_ROLE();
        KEY_HOLDER = registry.KEY_HOLDER_ROLE();
    }

    /// @dev What a call does; reverts unless it is on the list and canonically encoded.
    function _actionOf(
        address target,
        bytes calldata data
    ) internal view returns (Action action) {
        bytes4 selector = data.length < 4 ? bytes4(0) : bytes4(data);
        action = _named(target, selector);
        bytes memory canonical;
        if (action == Action.AddMember) canonical = _addMember(data);
        else if (action == Action.RemoveMember) canonical = _removeMember(data);
        else if (action == Action.NominateAccount) canonical = _nominateAccount(data);
        else if (action == Action.RegisterCircuit) canonical = _registerCircuit(data);
        else if (action == Action.RemoveCircuit) canonical = _removeCircuit(data);
        else canonical = _roleChange(selector, data);
        if (keccak256(canonical) != keccak256(data)) revert MalformedCall(selector, data.length);
    }

    function _named(
        address target,
        bytes4 selector
    ) private view returns (Action) {
        if (target == address(REGISTRY)) {
            if (selector == IRegistryExtension.addMember.selector) return Action.AddMember;
            if (selector == IRegistryExtension.removeMember.selector) return Action.RemoveMember;
            if (selector == IRegistryExtension.nominateAccount.selector) return Action.NominateAccount;
            if (selector == IAccessControl.grantRole.selector) return Action.GrantRole;
            if (selector == IAccessControl.revokeRole.selector) return Action.RevokeRole;
            if (selector == IAccessControl.renounceRole.selector) return Action.RenounceRole;
        } else if (target == address(ROUTER)) {
            if (selector == IVerifierRouter.register.selector) return Action.RegisterCircuit;
            if (selector == IVerifierRouter.remove.selector) return Action.RemoveCircuit;
        }
        revert CallNotAllowed(target, selector);
    }

    // --- each call as its arguments are encoded ---

    function _addMember(
        bytes calldata data
    ) private view returns (bytes memory) {
        uint256 length = uint256(_word(data, 2));
        bool fits = length <= MAX_NAME && data.length >= 100 + length;
        if (!fits) revert MalformedCall(bytes4(data), data.length);
        string calldata name = string(data[100:100 + length]);
        return abi.encodeCall(REGISTRY.addMember, (_address(data, 0), name));
    }

    function _removeMember(
        bytes calldata data
    ) private view returns (bytes memory) {
        return abi.encodeCall(REGISTRY.removeMember, (_address(data, 0)));
    }

    function _nominateAccount(
        bytes calldata data
    ) private view returns (bytes memory) {
        return abi.encodeCall(REGISTRY.nominateAccount, (_address(data, 0), _address(data, 1)));
    }

    function _roleChange(
        bytes4 selector,
        bytes calldata data
    ) private view returns (bytes memory) {
        bytes32 role = _word(data, 0);
        if (role != AGGREGATOR && role != GUARDIAN && role != KEY_HOLDER) revert RoleNotAllowed(role);
        return abi.encodeWithSelector(selector, role, _address(data, 1));
    }

    function _registerCircuit(
        bytes calldata data
    ) private view returns (bytes memory) {
        uint32 proofLength = uint32(uint256(_word(data, 2)));
        uint8 commitments = uint8(uint256(_word(data, 3)));
        return abi.encodeCall(ROUTER.register, (_word(data, 0), _address(data, 1), proofLength, commitments));
    }

    function _removeCircuit(
        bytes calldata data
    ) private view returns (bytes memory) {
        return abi.encodeCall(ROUTER.remove, (_word(data, 0)));
    }

    /// @dev The argument's low 20 bytes; dirt above them shows in the comparison.
    function _address(
        bytes calldata data,
        uint256 index
    ) private pure returns (address) {
        return address(uint160(uint256(_word(data, index))));
    }

    function _word(
        bytes calldata data,
        uint256 index
    ) private pure returns (bytes32) {
        uint256 start = 4 + 32 * index;
        if (data.length < start + 32) revert MalformedCall(bytes4(data), data.length);
        return bytes32(data[start:start + 32]);
    }
}
