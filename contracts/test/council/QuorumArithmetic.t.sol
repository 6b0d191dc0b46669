// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {MemberCouncil} from "../../src/MemberCouncil.sol";
import {CouncilRules} from "../../src/interfaces/IMemberCouncil.sol";
import {CouncilFixture} from "../support/CouncilFixture.sol";

/// @title The quorum over any number of members and any rule
contract QuorumArithmeticTest is CouncilFixture {
    uint16 private _bps;

    function test_theQuorumIsMoreThanHalfAndNeverMoreThanAll(
        uint256 bps,
        uint256 size,
        uint256 gone
    ) public {
        _foundSized(bps, size);
        uint256 total = registry.members().length;
        uint256 id = _propose(_hospital(0), address(registry), _removing(_hospital(0)));
        uint256 left = gone % total;
        for (uint256 i = 0; i < left; ++i) {
            _leaves(_hospital(i));
        }
        (, uint256 active, uint256 needed) = council.tally(id);
        vm.assertEq(active, total - left, "active");
        // the least number of votes that is a share of at least the rule
        vm.assertTrue(needed * 10_000 >= active * _bps, "enough");
        vm.assertTrue((needed - 1) * 10_000 < active * _bps, "not one more");
        vm.assertTrue(2 * needed > active && needed <= active, "a majority that exists");
    }

    function test_exactlyTheNeededVotesPass(
        uint256 bps,
        uint256 size
    ) public {
        _foundSized(bps, size);
        uint256 total = registry.members().length;
        uint256 id = _propose(_hospital(0), address(registry), _removing(_hospital(0)));
        (,, uint256 needed) = council.tally(id);
        for (uint256 i = 1; i < total; ++i) {
            bool quorum = council.proposal(id).quorumSince != 0;
            vm.assertTrue(quorum == (i >= needed), "recorded with the last vote needed");
            _vote(_hospital(i), id);
        }
        vm.assertTrue(council.proposal(id).quorumSince == START, "all of them are a quorum");
    }

    function test_twoOfThreeThreeOfFourFourOfFive() public {
        uint8[6] memory needed = [1, 2, 2, 3, 4, 4];
        for (uint256 size = 1; size <= 6; ++size) {
            _foundSized(QUORUM_BPS - 5001, size - 1);
            uint256 id = _propose(_hospital(0), address(registry), _removing(_hospital(0)));
            (,, uint256 actual) = council.tally(id);
            vm.assertEq(actual, needed[size - 1], "needed");
        }
    }

    /// @dev 5,001 to 10,000 basis points, 1 to 12 members.
    function _foundSized(
        uint256 bps,
        uint256 size
    ) private {
        _bps = uint16(5001 + bps % 5000);
        vm.warp(START);
        _deploy(_config());
        for (uint256 i = 0; i <= size % 12; ++i) {
            _join(_hospital(i), "Hospital");
        }
        council = new MemberCouncil(registry, CouncilRules(_bps, DELAY, 0, LIFETIME));
        _handOver();
    }

    function _hospital(
        uint256 place
    ) private pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("hospital", place)))));
    }
}
