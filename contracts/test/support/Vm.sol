// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title The cheatcodes of forge that these tests use
/// @dev https://getfoundry.sh/reference/cheatcodes/overview
interface Vm {
    function addr(
        uint256 privateKey
    ) external pure returns (address);
    function assume(
        bool condition
    ) external pure;
    function chainId(
        uint256 id
    ) external;
    function prank(
        address sender
    ) external;
    function computeCreateAddress(
        address deployer,
        uint256 nonce
    ) external pure returns (address);
    function getNonce(
        address account
    ) external view returns (uint64);
    function prank(
        address sender,
        address origin
    ) external;
    function etch(
        address target,
        bytes calldata code
    ) external;
    function deal(
        address account,
        uint256 balance
    ) external;

    function warp(
        uint256 timestamp
    ) external;
    function roll(
        uint256 blockNumber
    ) external;
    function prevrandao(
        uint256 value
    ) external;
    function expectEmit(
        bool topic1,
        bool topic2,
        bool topic3,
        bool data
    ) external;
    function expectEmit(
        bool topic1,
        bool topic2,
        bool topic3,
        bool data,
        address emitter
    ) external;
    function load(
        address target,
        bytes32 slot
    ) external view returns (bytes32);
    function store(
        address target,
        bytes32 slot,
        bytes32 value
    ) external;
    function expectRevert(
        bytes calldata data
    ) external;

    function assertTrue(
        bool condition,
        string calldata message
    ) external pure;
    function assertEq(
        uint256 left,
        uint256 right,
        string calldata message
    ) external pure;
    function assertEq(
        address left,
        address right,
        string calldata message
    ) external pure;
    function assertEq(
        bytes32 left,
        bytes32 right,
        string calldata message
    ) external pure;
    function assertEq(
        string calldata left,
        string calldata right,
        string calldata message
    ) external pure;
    function assertEq(
        bytes calldata left,
        bytes calldata right,
        string calldata message
    ) external pure;
    function assertEq(
        uint256[] calldata left,
        uint256[] calldata right,
        string calldata message
    ) external pure;
    function assertEq(
        address[] calldata left,
        address[] calldata right,
        string calldata message
    ) external pure;

    function readFile(
        string calldata path
    ) external view returns (string memory);
    function toString(
        uint256 value
    ) external pure returns (string memory);
    function keyExistsJson(
        string calldata json,
        string calldata key
    ) external view returns (bool);
    function parseJsonAddress(
        string calldata json,
        string calldata key
    ) external pure returns (address);
    function parseJsonBytes(
        string calldata json,
        string calldata key
    ) external pure returns (bytes memory);
    function parseJsonBytes32(
        string calldata json,
        string calldata key
    ) external pure returns (bytes32);
    function parseJsonString(
        string calldata json,
        string calldata key
    ) external pure returns (string memory);
    function parseJsonUint(
        string calldata json,
        string calldata key
    ) external pure returns (uint256);
    function parseJsonUintArray(
        string calldata json,
        string calldata key
    ) external pure returns (uint256[] memory);
}
