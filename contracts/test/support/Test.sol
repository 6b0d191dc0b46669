// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point} from "../../src/interfaces/IConsortiumRegistry.sol";
import {BN254} from "../../src/libraries/BN254.sol";
import {Vm} from "./Vm.sol";

/// @title What every test needs: cheatcodes, points of known factors, exact refusals
abstract contract Test {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @dev `factor * (1, 2)`.
    function _g1(
        uint256 factor
    ) internal view returns (G1Point memory) {
        return BN254.mul(G1Point(1, 2), factor);
    }

    function _assertPoint(
        G1Point memory actual,
        G1Point memory expected,
        string memory message
    ) internal pure {
        vm.assertEq(abi.encode(actual), abi.encode(expected), message);
    }

    /// @dev Calls, and requires that the call reverts with exactly these bytes.
    function _refused(
        address sender,
        address target,
        bytes memory call,
        bytes memory expected
    ) internal {
        vm.prank(sender, sender);
        (bool accepted, bytes memory answer) = target.call(call);
        vm.assertTrue(!accepted, "the call was accepted");
        vm.assertEq(answer, expected, "the call was refused for another reason");
    }

    /// @dev Calls as `sender`, and requires that the call succeeds.
    function _accepted(
        address sender,
        address target,
        bytes memory call
    ) internal returns (bytes memory answer) {
        bool accepted;
        vm.prank(sender, sender);
        (accepted, answer) = target.call(call);
        if (accepted) return answer;
        assembly ("memory-safe") {
            revert(add(answer, 32), mload(answer))
        }
    }

    function _within(
        uint256 value,
        uint256 least,
        uint256 most
    ) internal pure returns (uint256) {
        return least + value % (most - least + 1);
    }

    /// @dev The first `length` bytes.
    function _cut(
        bytes memory data,
        uint256 length
    ) internal pure returns (bytes memory) {
        return _slice(data, 0, length);
    }

    /// @dev All bytes from `start` on.
    function _from(
        bytes memory data,
        uint256 start
    ) internal pure returns (bytes memory) {
        return _slice(data, start, data.length - start);
    }

    function _slice(
        bytes memory data,
        uint256 start,
        uint256 length
    ) private pure returns (bytes memory part) {
        part = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            part[i] = data[start + i];
        }
    }
}
