// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Member} from "../../src/interfaces/IConsortiumRegistry.sol";
import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";

/// @title A registry that calls back into whoever adds a member
/// @dev For tests alone: the real registry calls nobody but the router.
contract ReentrantRegistry {
    bytes32 public constant AGGREGATOR_ROLE = keccak256("zkfl.aggregator");
    bytes32 public constant GUARDIAN_ROLE = keccak256("zkfl.guardian");
    bytes32 public constant KEY_HOLDER_ROLE = keccak256("zkfl.key-holder");
    IVerifierRouter public constant ROUTER = IVerifierRouter(address(1));

    uint256 public added;
    bytes public answer;
    bytes private _call;
    address[] private _members;

    constructor(
        address[] memory members_
    ) {
        _members = members_;
    }

    function callBack(
        bytes calldata call
    ) external {
        _call = call;
    }

    function addMember(
        address,
        string calldata
    ) external {
        ++added;
        (, answer) = msg.sender.call(_call);
    }

    function members() external view returns (address[] memory) {
        return _members;
    }

    function memberIdOf(
        address account
    ) external view returns (uint256 id) {
        for (uint256 i = 0; i < _members.length; ++i) {
            if (_members[i] == account) id = i + 1;
        }
    }

    function memberOf(
        address account
    ) external view returns (Member memory member) {
        for (uint256 i = 0; i < _members.length; ++i) {
            if (_members[i] == account) member.active = true;
        }
    }
}
