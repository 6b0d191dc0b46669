// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ShardSelection} from "../../src/libraries/ShardSelection.sol";
import {SharedVectors} from "./SharedVectors.sol";

contract ShardSelectionTest is SharedVectors {
    uint256 private constant MOST_SHARDS = 64;
    uint256 private constant LAST_FIRST_ROUND = type(uint128).max;

    // --- the library behind a call, so that its refusal can be caught ---

    function shardIndex(
        bytes32 seed,
        uint256 memberId,
        uint256 roundId,
        uint256 shards
    ) external pure returns (uint32) {
        return ShardSelection.shardIndex(seed, memberId, roundId, shards);
    }

    // --- shared vectors ---

    function test_selectedShardsArePythons() public view {
        string memory json = _read("selection");
        string memory path;
        for (uint256 i = 0; bytes(path = _case(json, "cases", i)).length > 0; ++i) {
            bytes32 seed = vm.parseJsonBytes32(json, string.concat(path, ".seed"));
            uint256 memberId = _uint(json, path, "memberId");
            uint256 shards = _uint(json, path, "shards");
            uint256 first = _uint(json, path, "firstRound");
            uint256[] memory selected = _uints(json, path, "selected");
            vm.assertEq(selected.length, shards + 1, "a cycle and the next one's start");
            for (uint256 j = 0; j < selected.length; ++j) {
                vm.assertEq(ShardSelection.shardIndex(seed, memberId, first + j, shards), selected[j], path);
            }
        }
    }

    // --- cycles ---

    function testFuzz_everyShardIsSelectedOnceInAsManyRounds(
        bytes32 seed,
        uint256 memberId,
        uint256 first,
        uint256 shards
    ) public pure {
        shards = _within(shards, 1, MOST_SHARDS);
        first = _within(first, 0, LAST_FIRST_ROUND);
        bool[] memory visited = new bool[](shards);
        for (uint256 roundId = first; roundId < first + shards; ++roundId) {
            uint256 index = ShardSelection.shardIndex(seed, memberId, roundId, shards);
            vm.assertTrue(!visited[index], "a shard was selected twice in a cycle");
            visited[index] = true;
        }
    }

    function testFuzz_theNextCycleIsTheSame(
        bytes32 seed,
        uint256 memberId,
        uint256 roundId,
        uint256 shards
    ) public pure {
        shards = _within(shards, 1, MOST_SHARDS);
        roundId = _within(roundId, 0, LAST_FIRST_ROUND);
        uint256 index = ShardSelection.shardIndex(seed, memberId, roundId, shards);
        vm.assertEq(ShardSelection.shardIndex(seed, memberId, roundId + shards, shards), index, "index");
    }

    function testFuzz_anOnlyShardIsSelectedInEveryRound(
        bytes32 seed,
        uint256 memberId,
        uint128 roundId
    ) public pure {
        vm.assertEq(ShardSelection.shardIndex(seed, memberId, roundId, 1), 0, "index");
    }

    /// @dev Nobody's start follows from another's: the digest is of the seed and the member.
    function testFuzz_theStartIsThatOfTheSeedAndTheMember(
        bytes32 seed,
        uint256 memberId,
        uint256 shards
    ) public pure {
        shards = _within(shards, 1, type(uint32).max);
        uint256 start = uint256(keccak256(abi.encode(seed, memberId))) % shards;
        vm.assertEq(ShardSelection.shardIndex(seed, memberId, 0, shards), start, "start");
    }

    // --- refusals ---

    function testFuzz_ofNoShardsNoneIsSelected(
        bytes32 seed,
        uint256 memberId,
        uint256 roundId
    ) public {
        bytes memory call = abi.encodeCall(this.shardIndex, (seed, memberId, roundId, 0));
        uint256 divisionByZero = 0x12;
        _refused(
            address(this), address(this), call, abi.encodeWithSignature("Panic(uint256)", divisionByZero)
        );
    }
}
