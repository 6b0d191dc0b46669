// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point} from "../../src/interfaces/IConsortiumRegistry.sol";
import {Test} from "../support/Test.sol";

/// @title The vectors on which Python and the contracts must agree
/// @dev `scripts/regenerate_vectors` writes them from Python.
abstract contract SharedVectors is Test {
    function _read(
        string memory name
    ) internal view returns (string memory json) {
        return vm.readFile(string.concat("tests/vectors/", name, ".json"));
    }

    /// @dev The path of a case in a list, or "" behind the last one.
    function _case(
        string memory json,
        string memory list,
        uint256 index
    ) internal view returns (string memory path) {
        path = string.concat(".", list, "[", vm.toString(index), "]");
        if (vm.keyExistsJson(json, path)) return path;
        vm.assertTrue(index > 0, string.concat("no vectors in ", list));
        return "";
    }

    function _uint(
        string memory json,
        string memory path,
        string memory key
    ) internal pure returns (uint256) {
        return vm.parseJsonUint(json, string.concat(path, ".", key));
    }

    function _uints(
        string memory json,
        string memory path,
        string memory key
    ) internal pure returns (uint256[] memory) {
        return vm.parseJsonUintArray(json, string.concat(path, ".", key));
    }

    function _address(
        string memory json,
        string memory path,
        string memory key
    ) internal pure returns (address) {
        return vm.parseJsonAddress(json, string.concat(path, ".", key));
    }

    function _point(
        string memory json,
        string memory path
    ) internal pure returns (G1Point memory) {
        return G1Point(_uint(json, path, "x"), _uint(json, path, "y"));
    }

    function _point(
        string memory json,
        string memory path,
        string memory key
    ) internal pure returns (G1Point memory) {
        return _point(json, string.concat(path, ".", key));
    }
}
