// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Nomination} from "../interfaces/ConsortiumTypes.sol";
import {IRegistryExtension} from "../interfaces/IRegistryExtension.sol";
import {RegistryState} from "./RegistryState.sol";

/// @title A member goes on under another account: its chain key was changed, or lost
/// @dev Shards, pairs and votes belong to the member's id, which stays. What was written under
/// an account in earlier rounds stays there; blame for it finds the member all the same.
abstract contract Rotation is IRegistryExtension, RegistryState {
    /// @dev What a member that still has its key gets to undo what the owner nominates.
    uint64 private constant OBJECTION = 2 days;

    /// @inheritdoc IRegistryExtension
    function nominateAccount(
        address account,
        address newAccount
    ) external {
        bool own = msg.sender == account;
        // A pause must not take away the time to object.
        if (own) {
            _requireCanonical(abi.encodeCall(this.nominateAccount, (account, newAccount)));
            _requireSentDirectly();
        } else {
            _requireNotPaused();
            _checkRole(DEFAULT_ADMIN_ROLE);
        }
        if (_memberIds[account] == 0) revert NotAMember(account);
        if (_everIds[newAccount] != 0) revert AccountUsed(newAccount);
        uint64 notBefore = uint64(block.timestamp) + (own ? 0 : OBJECTION);
        _nominations[account] = Nomination(newAccount, notBefore);
        emit AccountNominated(account, newAccount, notBefore);
    }

    /// @inheritdoc IRegistryExtension
    function acceptAccount(
        address account
    ) external whenNotPaused {
        _requireBetweenRounds();
        Nomination memory nomination = _nominations[account];
        if (msg.sender != nomination.account) {
            revert NotNominated(account, msg.sender, nomination.account);
        }
        if (block.timestamp < nomination.notBefore) {
            revert NominationTooEarly(nomination.notBefore, block.timestamp);
        }
        // It may have become a member by now.
        if (_everIds[msg.sender] != 0) revert AccountUsed(msg.sender);
        _move(account, msg.sender);
        emit AccountRotated(account, msg.sender);
    }

    /// @inheritdoc IRegistryExtension
    function memberIdOf(
        address account
    ) external view returns (uint256) {
        return _memberIds[account];
    }

    /// @inheritdoc IRegistryExtension
    function nominationOf(
        address account
    ) external view returns (Nomination memory) {
        return _nominations[account];
    }

    function _move(
        address from,
        address to
    ) private {
        uint256 id = _memberIds[from];
        _memberList[id - 1] = to;
        _memberIds[to] = _everIds[to] = id;
        _members[to] = _members[from];
        _spentShards[to] = _spentShards[from];
        bytes32 maskKey = _members[to].maskKey;
        if (maskKey != 0) _maskKeyHolders[maskKey] = to;
        delete _memberIds[from];
        delete _members[from];
        delete _spentShards[from];
        delete _nominations[from];
    }
}
