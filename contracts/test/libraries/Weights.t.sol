// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {WeightRule} from "../../src/interfaces/IConsortiumRegistry.sol";
import {Weights} from "../../src/libraries/Weights.sol";
import {SharedVectors} from "./SharedVectors.sol";

contract WeightsTest is SharedVectors {
    uint256 private constant WHOLE = Weights.WHOLE;
    uint256 private constant SMALLEST_COHORT = 3;
    uint256 private constant LARGEST_COHORT = 64;

    // --- the library behind a call, so that its refusals can be caught ---

    function shares(
        WeightRule rule,
        uint256[] memory records,
        uint256 capShare
    ) external pure returns (uint256[] memory) {
        return Weights.shares(rule, records, capShare);
    }

    // --- shared vectors ---

    function test_theRulesAndTheWholeArePythons() public view {
        string memory json = _read("weights");
        vm.assertEq(WHOLE, _uint(json, "", "whole"), "whole");
        vm.assertEq(uint256(WeightRule.Records), _uint(json, ".rules", "RECORDS"), "Records");
        vm.assertEq(uint256(WeightRule.Capped), _uint(json, ".rules", "CAPPED"), "Capped");
        vm.assertEq(uint256(WeightRule.SquareRoot), _uint(json, ".rules", "SQUARE_ROOT"), "SquareRoot");
        vm.assertEq(uint256(WeightRule.Equal), _uint(json, ".rules", "EQUAL"), "Equal");
        vm.assertEq(uint256(WeightRule.Benefit), _uint(json, ".rules", "BENEFIT"), "Benefit");
    }

    function test_sharesArePythons() public view {
        string memory json = _read("weights");
        string memory path;
        for (uint256 i = 0; bytes(path = _case(json, "shares", i)).length > 0; ++i) {
            WeightRule rule = WeightRule(_uint(json, path, "rule"));
            uint256[] memory records = _uints(json, path, "records");
            uint256[] memory assigned = Weights.shares(rule, records, _uint(json, path, "capShare"));
            vm.assertEq(assigned, _uints(json, path, "shares"), path);
        }
    }

    function test_sharesByBenefitArePythons() public view {
        string memory json = _read("weights");
        string memory path;
        for (uint256 i = 0; bytes(path = _case(json, "benefits", i)).length > 0; ++i) {
            uint256[] memory counted = _rewarded(_uints(json, path, "records"), _uints(json, path, "levels"));
            uint256[] memory assigned = Weights.shares(WeightRule.Benefit, counted, 0);
            vm.assertEq(assigned, _uints(json, path, "shares"), path);
        }
    }

    function test_weightsArePythons() public view {
        string memory json = _read("weights");
        string memory path;
        for (uint256 i = 0; bytes(path = _case(json, "weights", i)).length > 0; ++i) {
            uint256 used = _uint(json, path, "used");
            uint256 weight = Weights.weight(_uint(json, path, "share"), _uint(json, path, "slots"), used);
            vm.assertEq(weight, _uint(json, path, "weight"), path);
        }
    }

    function test_capsThatPythonRefusesAreRefused() public {
        string memory json = _read("weights");
        string memory path;
        for (uint256 i = 0; bytes(path = _case(json, "refusedCaps", i)).length > 0; ++i) {
            _refusedCap(_uints(json, path, "records"), _uint(json, path, "capShare"));
        }
    }

    // --- shares ---

    function testFuzz_sharesSumToTheWholeUnderEveryRule(
        uint256 seed,
        uint256 members,
        uint256 slack
    ) public pure {
        uint256[] memory records = _records(seed, members);
        uint256 cap = _cap(records.length, slack);
        for (uint256 rule = 0; rule <= uint256(type(WeightRule).max); ++rule) {
            vm.assertEq(_sum(Weights.shares(WeightRule(rule), records, cap)), WHOLE, "sum");
        }
    }

    function testFuzz_sharesOfRecordsAreWithinOneOfTheQuotient(
        uint256 seed,
        uint256 members
    ) public pure {
        uint256[] memory records = _records(seed, members);
        _assertProportional(Weights.shares(WeightRule.Records, records, 0), records);
    }

    function testFuzz_sharesOfSquareRootsAreWithinOneOfTheQuotient(
        uint256 seed,
        uint256 members
    ) public pure {
        uint256[] memory roots = _records(seed, members);
        uint256[] memory records = new uint256[](roots.length);
        for (uint256 i = 0; i < roots.length; ++i) {
            records[i] = roots[i] * roots[i];
        }
        _assertProportional(Weights.shares(WeightRule.SquareRoot, records, 0), roots);
    }

    /// @dev What does not divide goes to the first places, one unit each.
    function testFuzz_equalSharesDifferByOneAndTheEarlierPlacesHaveIt(
        uint256 seed,
        uint256 members
    ) public pure {
        uint256[] memory records = _records(seed, members);
        uint256 n = records.length;
        uint256[] memory assigned = Weights.shares(WeightRule.Equal, records, 0);
        for (uint256 i = 0; i < n; ++i) {
            vm.assertEq(assigned[i], WHOLE / n + (i < WHOLE % n ? 1 : 0), "share");
        }
    }

    function testFuzz_moreRecordsNeverMeanASmallerShare(
        uint256 seed,
        uint256 members,
        uint256 slack
    ) public pure {
        uint256[] memory records = _records(seed, members);
        _assertOrder(Weights.shares(WeightRule.Records, records, 0), records);
        _assertOrder(Weights.shares(WeightRule.SquareRoot, records, 0), records);
        _assertOrder(Weights.shares(WeightRule.Capped, records, _cap(records.length, slack)), records);
    }

    /// @dev Under `Equal` too: of two that tie, the earlier has the unit.
    function testFuzz_tiesGoToTheEarlierPlace(
        uint256 seed,
        uint256 members,
        uint256 slack
    ) public pure {
        uint256[] memory records = _records(seed, members);
        for (uint256 i = 0; i < records.length; ++i) {
            records[i] = 1 + records[i] % 3;
        }
        uint256 cap = _cap(records.length, slack);
        for (uint256 rule = 0; rule <= uint256(type(WeightRule).max); ++rule) {
            _assertTies(Weights.shares(WeightRule(rule), records, cap), records);
        }
    }

    // --- the cap ---

    function testFuzz_nobodyExceedsTheCap(
        uint256 seed,
        uint256 members,
        uint256 slack
    ) public pure {
        uint256[] memory records = _records(seed, members);
        uint256 cap = _cap(records.length, slack);
        uint256[] memory assigned = Weights.shares(WeightRule.Capped, records, cap);
        for (uint256 i = 0; i < assigned.length; ++i) {
            vm.assertTrue(assigned[i] <= cap, "a share above the cap");
        }
    }

    /// @dev The cap takes from those above it alone: nobody below loses by it.
    function testFuzz_whoIsBelowTheCapLosesNothing(
        uint256 seed,
        uint256 members,
        uint256 slack
    ) public pure {
        uint256[] memory records = _records(seed, members);
        uint256 cap = _cap(records.length, slack);
        uint256[] memory assigned = Weights.shares(WeightRule.Capped, records, cap);
        uint256 total = _sum(records);
        for (uint256 i = 0; i < assigned.length; ++i) {
            bool keeps = assigned[i] == cap || assigned[i] >= records[i] * WHOLE / total;
            vm.assertTrue(keeps, "a share below its proportion");
        }
    }

    function testFuzz_aCapThatNobodyReachesChangesNothing(
        uint256 seed,
        uint256 members
    ) public pure {
        uint256[] memory records = _records(seed, members);
        uint256[] memory assigned = Weights.shares(WeightRule.Capped, records, WHOLE);
        vm.assertEq(assigned, Weights.shares(WeightRule.Records, records, 0), "shares");
    }

    function testFuzz_capsThatLeaveSomeUnassignedAreRefused(
        uint256 seed,
        uint256 members,
        uint256 cap
    ) public {
        uint256[] memory records = _records(seed, members);
        _refusedCap(records, _within(cap, 0, (WHOLE - 1) / records.length));
    }

    // --- no records ---

    function test_aCohortWithoutRecordsHasNoShares() public {
        bytes memory expected = abi.encodeWithSelector(Weights.NoRecords.selector);
        for (uint256 n = 0; n < 4; ++n) {
            _refusedShares(WeightRule.Records, new uint256[](n), WHOLE, expected);
            _refusedShares(WeightRule.SquareRoot, new uint256[](n), WHOLE, expected);
        }
        _refusedShares(WeightRule.Capped, new uint256[](3), WHOLE, expected);
        _refusedShares(WeightRule.Equal, new uint256[](0), WHOLE, expected);
    }

    // --- weights ---

    /// @dev -1/2 < weight - share*slots/used <= 1/2, in whole numbers.
    function testFuzz_aWeightIsTheNearestIntegerAndHalvesGoUp(
        uint256 share,
        uint256 slots,
        uint256 used
    ) public pure {
        slots = _within(slots, 1, type(uint32).max);
        used = _within(used, 1, slots);
        share = _within(share, 0, WHOLE);
        uint256 twice = 2 * used * Weights.weight(share, slots, used);
        vm.assertTrue(twice + used > 2 * share * slots, "more than a half below");
        vm.assertTrue(twice <= 2 * share * slots + used, "more than a half above");
    }

    function testFuzz_aFullShardWeighsItsShare(
        uint256 share,
        uint256 slots
    ) public pure {
        slots = _within(slots, 1, type(uint32).max);
        share = _within(share, 0, WHOLE);
        vm.assertEq(Weights.weight(share, slots, slots), share, "weight");
    }

    // --- benefits ---

    function testFuzz_sharesByBenefitSumToTheWholeAndStayWithinAFactorOfTwo(
        uint256 seed,
        uint256 members
    ) public pure {
        uint256[] memory records = _records(seed, members);
        uint256[] memory levels = new uint256[](records.length);
        for (uint256 i = 0; i < levels.length; ++i) {
            levels[i] = uint256(keccak256(abi.encode(seed, "level", i))) % (Weights.LARGEST_LEVEL + 1);
        }
        uint256[] memory assigned = Weights.shares(WeightRule.Benefit, _rewarded(records, levels), 0);
        vm.assertEq(_sum(assigned), WHOLE, "sum");
        uint256 total = _sum(records);
        bool holds = true;
        for (uint256 i = 0; i < records.length; ++i) {
            // between half and twice of what records alone give, and one unit of rounding
            holds = holds && (assigned[i] + 1) * 2 * total > records[i] * WHOLE;
            holds = holds && assigned[i] * total < 2 * records[i] * WHOLE + total;
        }
        vm.assertTrue(holds, "more than twice, or less than half");
    }

    function test_aBenefitAtMostDoublesRecords() public pure {
        vm.assertEq(Weights.rewarded(7, 0), 112, "none");
        vm.assertEq(Weights.rewarded(7, Weights.LARGEST_LEVEL), 224, "all");
    }

    function _rewarded(
        uint256[] memory records,
        uint256[] memory levels
    ) private pure returns (uint256[] memory counted) {
        counted = new uint256[](records.length);
        for (uint256 i = 0; i < records.length; ++i) {
            counted[i] = Weights.rewarded(records[i], levels[i]);
        }
    }

    // --- cohorts ---

    function _records(
        uint256 seed,
        uint256 members
    ) private pure returns (uint256[] memory records) {
        records = new uint256[](_within(members, SMALLEST_COHORT, LARGEST_COHORT));
        for (uint256 i = 0; i < records.length; ++i) {
            uint256 drawn = uint256(keccak256(abi.encode(seed, i)));
            // Of every size: a uniform draw would make all but the same. Above 2^30, scores
            // under SquareRoot tie where records differ.
            records[i] = 1 + (drawn >> 8) % (1 << (1 + drawn % 29));
        }
    }

    function _cap(
        uint256 members,
        uint256 slack
    ) private pure returns (uint256) {
        uint256 tightest = (WHOLE + members - 1) / members;
        return _within(slack, tightest, 3 * tightest);
    }

    function _sum(
        uint256[] memory values
    ) private pure returns (uint256 total) {
        for (uint256 i = 0; i < values.length; ++i) {
            total += values[i];
        }
    }

    // --- assertions ---

    function _assertProportional(
        uint256[] memory assigned,
        uint256[] memory scores
    ) private pure {
        uint256 total = _sum(scores);
        for (uint256 i = 0; i < scores.length; ++i) {
            uint256 exact = scores[i] * WHOLE;
            vm.assertTrue((assigned[i] + 1) * total > exact, "one or more below the quotient");
            vm.assertTrue(assigned[i] * total < exact + total, "one or more above the quotient");
        }
    }

    /// @dev Exactly: of two equal floors, the larger score has the larger remainder.
    function _assertOrder(
        uint256[] memory assigned,
        uint256[] memory records
    ) private pure {
        bool holds = true;
        for (uint256 i = 0; i < records.length; ++i) {
            for (uint256 j = 0; j < records.length; ++j) {
                holds = holds && (records[i] <= records[j] || assigned[i] >= assigned[j]);
            }
        }
        vm.assertTrue(holds, "more records, a smaller share");
    }

    function _assertTies(
        uint256[] memory assigned,
        uint256[] memory records
    ) private pure {
        bool holds = true;
        for (uint256 i = 0; i < records.length; ++i) {
            for (uint256 j = i + 1; j < records.length; ++j) {
                bool ordered = assigned[i] == assigned[j] || assigned[i] == assigned[j] + 1;
                holds = holds && (records[i] != records[j] || ordered);
            }
        }
        vm.assertTrue(holds, "of two that tie, the later has more or the earlier two more");
    }

    function _refusedCap(
        uint256[] memory records,
        uint256 cap
    ) private {
        bytes memory expected = abi.encodeWithSelector(Weights.CapTooSmall.selector, cap, records.length);
        _refusedShares(WeightRule.Capped, records, cap, expected);
    }

    function _refusedShares(
        WeightRule rule,
        uint256[] memory records,
        uint256 cap,
        bytes memory expected
    ) private {
        bytes memory call = abi.encodeCall(this.shares, (rule, records, cap));
        _refused(address(this), address(this), call, expected);
    }
}
