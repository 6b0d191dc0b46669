// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BlameReason, Member} from "../interfaces/ConsortiumTypes.sol";
import {IRegistryExtension} from "../interfaces/IRegistryExtension.sol";
import {RegistryState} from "./RegistryState.sol";

/// @title Who belongs to the consortium, and what they announce
abstract contract Membership is IRegistryExtension, RegistryState {
    uint256 private constant LONGEST_NAME = 64;

    /// @inheritdoc IRegistryExtension
    function addMember(
        address member,
        string calldata name
    ) external onlyRole(DEFAULT_ADMIN_ROLE) {
        Member storage entry = _members[member];
        if (member == address(0) || entry.active) revert MemberAlreadyActive(member);
        if (bytes(name).length == 0 || bytes(name).length > LONGEST_NAME) revert InvalidName(name);
        // A member that left and returns keeps its place and its shards.
        if (_memberIds[member] == 0) {
            if (_everIds[member] != 0) revert AccountUsed(member);
            _memberList.push(member);
            _memberIds[member] = _everIds[member] = _memberList.length;
            entry.datasetVersion = 1;
        }
        ++_terms[_memberIds[member]];
        entry.active = true;
        entry.blame = BlameReason.None;
        entry.name = name;
        emit MemberAdded(member, name);
    }

    /// @inheritdoc IRegistryExtension
    function removeMember(
        address member
    ) external onlyRole(DEFAULT_ADMIN_ROLE) {
        // Whoever changes its account while others vote is removed all the same.
        uint256 id = _everIds[member];
        _remove(id == 0 ? member : _memberList[id - 1]);
    }

    /// @inheritdoc IRegistryExtension
    function leave() external whenNotPaused {
        _remove(msg.sender);
    }

    /// @inheritdoc IRegistryExtension
    function announceMaskKey(
        bytes32 maskKey
    ) external whenNotPaused {
        _requireCanonical(abi.encodeCall(this.announceMaskKey, (maskKey)));
        _requireBetweenRounds();
        _requireMember(msg.sender);
        _requireSentDirectly();
        if (maskKey == 0) revert ZeroHash();
        address holder = _maskKeyHolders[maskKey];
        if (holder != address(0) && holder != msg.sender) revert MaskKeyTaken(maskKey, holder);
        _maskKeyHolders[maskKey] = msg.sender;
        _members[msg.sender].maskKey = maskKey;
        emit MaskKeyAnnounced(msg.sender, maskKey);
    }

    /// @inheritdoc IRegistryExtension
    function announceEncryptionContext(
        bytes32 contextHash
    ) external whenNotPaused onlyRole(KEY_HOLDER_ROLE) {
        _requireBetweenRounds();
        if (contextHash == 0) revert ZeroHash();
        encryptionContext = contextHash;
        emit EncryptionContextAnnounced(msg.sender, contextHash);
        _acknowledge(contextHash);
    }

    /// @inheritdoc IRegistryExtension
    function acknowledgeEncryptionContext(
        bytes32 contextHash
    ) external whenNotPaused onlyRole(KEY_HOLDER_ROLE) {
        bytes32 announced = encryptionContext;
        if (announced == 0) revert NoEncryptionContext();
        if (contextHash != announced) revert OtherEncryptionContext(contextHash, announced);
        if (_acknowledgedContexts[msg.sender] == contextHash) {
            revert ContextAcknowledged(msg.sender, contextHash);
        }
        _acknowledge(contextHash);
    }

    /// @inheritdoc IRegistryExtension
    function acknowledgedContextOf(
        address account
    ) external view returns (bytes32) {
        return _acknowledgedContexts[account];
    }

    function _acknowledge(
        bytes32 contextHash
    ) private {
        _acknowledgedContexts[msg.sender] = contextHash;
        emit EncryptionContextAcknowledged(msg.sender, contextHash);
    }

    function _remove(
        address member
    ) private {
        _requireBetweenRounds();
        _requireMember(member);
        _members[member].active = false;
        emit MemberRemoved(member);
    }
}
