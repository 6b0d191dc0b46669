// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ConsortiumConfig, FailureReason, RoundStatus} from "../src/interfaces/IConsortiumRegistry.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

/// @title Who makes others drop out is not left alone with the round
contract MajorityTest is ConsortiumTest {
    address[] private _members;
    uint256 private _round;

    function setUp() public override {
        vm.warp(1_800_000_000);
        ConsortiumConfig memory config = _config();
        config.maxCohort = 6;
        config.quorumBps = 5001;
        _deploy(config);
        _announceContext();
        for (uint160 i = 1; i <= 6; ++i) {
            address member = address(0xA0000 + i);
            _join(member, "member");
            _announceKey(member);
            _admit(member, 50, 100 + i);
            _members.push(member);
        }
        _round = _open();
    }

    function test_halfOfTheFirstCohortIsTooFew() public {
        _submitFirst(3);
        _push(_round);
        _assertStatus(_round, RoundStatus.Failed, FailureReason.TooFewSubmissions);
    }

    function test_moreThanHalfGoesOn() public {
        _submitFirst(4);
        _push(_round);
        _assertStatus(_round, RoundStatus.Open, FailureReason.None);
        vm.assertEq(registry.round(_round).attempt, 2, "attempt");
        vm.assertEq(registry.round(_round).members, 6, "members of the first attempt");
    }

    function test_theQuorumIsOfTheFirstCohort() public {
        _submitFirst(4);
        _push(_round);
        _remaskAll(_round);
        registry.closeRound(_round);
        _announceSum(_round, ENCRYPTED_SUM);
        _openSum(_round, ENCRYPTED_SUM, SUM_FILE);
        _publish(_round, MODEL_FILE);
        for (uint256 i = 0; i < 3; ++i) {
            _acknowledge(_members[i], _round);
        }
        // three are more than half of four, and only half of six
        _assertStatus(_round, RoundStatus.Published, FailureReason.None);
        _acknowledge(_members[3], _round);
        _assertStatus(_round, RoundStatus.Final, FailureReason.None);
    }

    function _submitFirst(
        uint256 count
    ) private {
        for (uint256 i = 0; i < count; ++i) {
            _submitHonestly(_members[i], _round);
        }
    }
}
