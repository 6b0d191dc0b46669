// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {MemberCouncil} from "../../src/MemberCouncil.sol";
import {IConsortiumRegistry} from "../../src/interfaces/IConsortiumRegistry.sol";
import {ICouncilErrors} from "../../src/interfaces/ICouncilErrors.sol";
import {CouncilRules, ProposalStatus} from "../../src/interfaces/IMemberCouncil.sol";
import {CouncilTest} from "../support/CouncilFixture.sol";

contract RulesTest is CouncilTest {
    function test_theRulesAreThoseOfTheConstructor() public view {
        CouncilRules memory rules = council.rules();
        vm.assertEq(rules.quorumBps, QUORUM_BPS, "quorum");
        vm.assertEq(rules.delay, DELAY, "delay");
        vm.assertEq(rules.membershipDelay, MEMBERSHIP_DELAY, "membership delay");
        vm.assertEq(rules.lifetime, LIFETIME, "lifetime");
        vm.assertEq(address(council.REGISTRY()), address(registry), "registry");
        vm.assertEq(address(council.ROUTER()), address(router), "router");
    }

    function test_aQuorumIsMoreThanHalfAndAtMostAll() public {
        new MemberCouncil(registry, CouncilRules(5001, DELAY, 0, LIFETIME));
        new MemberCouncil(registry, CouncilRules(10_000, DELAY, 0, LIFETIME));
        uint16[4] memory wrong = [0, 5000, 10_001, type(uint16).max];
        for (uint256 i = 0; i < wrong.length; ++i) {
            _invalid(CouncilRules(wrong[i], DELAY, 0, LIFETIME), "quorumBps", wrong[i]);
        }
    }

    function test_aLifetimeOutlastsBothDelays() public {
        new MemberCouncil(registry, CouncilRules(QUORUM_BPS, 0, 0, 1));
        _invalid(CouncilRules(QUORUM_BPS, DELAY, 0, DELAY), "lifetime", DELAY);
        _invalid(CouncilRules(QUORUM_BPS, 0, DELAY, DELAY), "lifetime", DELAY);
        _invalid(CouncilRules(QUORUM_BPS, 0, 0, 0), "lifetime", 0);
    }

    function test_aRegistryIsAContract() public {
        address[2] memory empty = [EVE, address(0)];
        for (uint256 i = 0; i < empty.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(ICouncilErrors.RegistryHasNoCode.selector, empty[i]));
            new MemberCouncil(IConsortiumRegistry(empty[i]), _rules());
        }
    }

    function test_withoutAMembershipDelayAQuorumActsAtOnce() public {
        council = new MemberCouncil(registry, CouncilRules(QUORUM_BPS, DELAY, 0, LIFETIME));
        uint256 id = _passed(address(registry), _removing(DEE));
        _assertProposal(id, ProposalStatus.Ready);
    }

    function _invalid(
        CouncilRules memory rules,
        string memory rule,
        uint256 value
    ) private {
        vm.expectRevert(abi.encodeWithSelector(ICouncilErrors.InvalidRule.selector, rule, value));
        new MemberCouncil(registry, rules);
    }
}
