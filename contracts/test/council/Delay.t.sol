// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICouncilErrors} from "../../src/interfaces/ICouncilErrors.sol";
import {ProposalStatus} from "../../src/interfaces/IMemberCouncil.sol";
import {CouncilTest} from "../support/CouncilFixture.sol";

contract DelayTest is CouncilTest {
    function test_circuitsWaitForTheDelay() public {
        _waits(_passed(address(router), _tombstoning()), DELAY);
        vm.assertTrue(router.route(TRAINING_CIRCUIT).removed, "tombstone");
        bytes memory call =
            abi.encodeCall(router.register, (keccak256("new"), address(trainingVerifier), 400, 6));
        _waits(_passed(address(router), call), DELAY);
    }

    function test_rolesWaitForTheDelay() public {
        bytes32 role = registry.AGGREGATOR_ROLE();
        _waits(_passed(address(registry), _granting(role, EVE)), DELAY);
        bytes memory call = abi.encodeCall(registry.revokeRole, (role, AGGREGATOR));
        _waits(_passed(address(registry), call), DELAY);
        vm.assertTrue(registry.hasRole(role, EVE), "Eve aggregates");
        vm.assertTrue(!registry.hasRole(role, AGGREGATOR), "the other one does not");
    }

    function test_membersWaitForTheirOwnDelay() public {
        _waits(_passed(address(registry), _adding(EVE, "Eve")), MEMBERSHIP_DELAY);
        vm.assertTrue(registry.memberOf(EVE).active, "Eve joined");
        uint256 removal = _passed(address(registry), _removing(DEE));
        _vote(EVE, removal);
        _waits(removal, MEMBERSHIP_DELAY);
        vm.assertTrue(!registry.memberOf(DEE).active, "Dee was removed");
    }

    /// @dev Quorum now: from the last second of the delay on, by anyone.
    function _waits(
        uint256 id,
        uint256 delay
    ) private {
        uint256 readyAt = block.timestamp + delay;
        vm.warp(readyAt - 1);
        _assertProposal(id, ProposalStatus.Delayed);
        _refusesToExecute(
            id, abi.encodeWithSelector(ICouncilErrors.DelayNotOver.selector, id, readyAt, readyAt - 1)
        );
        vm.warp(readyAt);
        _assertProposal(id, ProposalStatus.Ready);
        vm.prank(OUTSIDER);
        council.execute(id);
        _assertProposal(id, ProposalStatus.Executed);
    }
}
