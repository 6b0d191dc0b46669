// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {WeightRule} from "../interfaces/ConsortiumTypes.sol";

/// @title Shares of a cohort and the weights that follow from them
/// @dev Linked, so that it does not count against the registry's size.
library Weights {
    uint256 internal constant WHOLE = 1 << 16;
    /// @dev The sixteenths of a cosine that everybody counts for, whatever it proves: no share is
    /// twice another's of the same size.
    uint256 internal constant BASE_LEVEL = 16;
    uint256 internal constant LARGEST_LEVEL = 16;
    uint256 private constant SQUARE_ROOT_SCALE = 1 << 32;

    error NoRecords();
    error CapTooSmall(uint256 capShare, uint256 cohort);

    /// @notice Shares in units of 2^-16 that sum to exactly 2^16.
    /// @param records Under `Benefit`, as `rewarded` counts them.
    function shares(
        WeightRule rule,
        uint256[] memory records,
        uint256 capShare
    ) public pure returns (uint256[] memory) {
        uint256[] memory scores = new uint256[](records.length);
        for (uint256 i = 0; i < records.length; ++i) {
            scores[i] = _score(rule, records[i]);
        }
        if (rule == WeightRule.Capped) return _capped(scores, capShare);
        return _apportion(scores, WHOLE);
    }

    /// @notice What a member's records count for at a proven level.
    function rewarded(
        uint256 records,
        uint256 level
    ) internal pure returns (uint256) {
        return records * (BASE_LEVEL + level);
    }

    /// @notice `round_half_up(share * slots / used)`.
    function weight(
        uint256 share,
        uint256 slots,
        uint256 used
    ) internal pure returns (uint256) {
        return (2 * share * slots + used) / (2 * used);
    }

    function _score(
        WeightRule rule,
        uint256 records
    ) private pure returns (uint256) {
        if (rule == WeightRule.Equal) return 1;
        if (rule == WeightRule.SquareRoot) return Math.sqrt(records * SQUARE_ROOT_SCALE);
        return records;
    }

    /// @dev Whoever exceeds the cap gets exactly the cap and leaves; the rest share what is
    /// left in proportion, again and again until nobody exceeds it.
    function _capped(
        uint256[] memory scores,
        uint256 capShare
    ) private pure returns (uint256[] memory result) {
        uint256 n = scores.length;
        if (capShare * n < WHOLE) revert CapTooSmall(capShare, n);
        result = new uint256[](n);
        bool[] memory fixedAtCap = new bool[](n);
        uint256 left = WHOLE;
        bool again = true;
        while (again) {
            again = false;
            uint256 total = _total(scores);
            uint256 available = left;
            for (uint256 i = 0; i < n; ++i) {
                if (fixedAtCap[i] || scores[i] * available <= capShare * total) continue;
                fixedAtCap[i] = true;
                result[i] = capShare;
                scores[i] = 0;
                left -= capShare;
                again = true;
            }
        }
        // The capped together exceed the cap in proportion, so something is always left.
        uint256[] memory rest = _apportion(scores, left);
        for (uint256 i = 0; i < n; ++i) {
            if (!fixedAtCap[i]) result[i] = rest[i];
        }
    }

    /// @dev Largest remainders (Hamilton); ties go to the earlier place.
    function _apportion(
        uint256[] memory scores,
        uint256 units
    ) private pure returns (uint256[] memory result) {
        uint256 total = _total(scores);
        if (total == 0) revert NoRecords();
        uint256 n = scores.length;
        result = new uint256[](n);
        uint256[] memory remainders = new uint256[](n);
        uint256 left = units;
        for (uint256 i = 0; i < n; ++i) {
            result[i] = scores[i] * units / total;
            remainders[i] = scores[i] * units % total;
            left -= result[i];
        }
        for (; left > 0; --left) {
            uint256 best = _largest(remainders);
            ++result[best];
            remainders[best] = 0;
        }
    }

    function _largest(
        uint256[] memory values
    ) private pure returns (uint256 best) {
        for (uint256 i = 1; i < values.length; ++i) {
            if (values[i] > values[best]) best = i;
        }
    }

    function _total(
        uint256[] memory values
    ) private pure returns (uint256 total) {
        for (uint256 i = 0; i < values.length; ++i) {
            total += values[i];
        }
    }
}
