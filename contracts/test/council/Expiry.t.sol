// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ICouncilErrors} from "../../src/interfaces/ICouncilErrors.sol";
import {ProposalStatus} from "../../src/interfaces/IMemberCouncil.sol";
import {CouncilTest} from "../support/CouncilFixture.sol";

contract ExpiryTest is CouncilTest {
    function test_theLastSecondStillCounts() public {
        uint256 id = _passed(address(router), _tombstoning());
        vm.warp(START + LIFETIME);
        _assertProposal(id, ProposalStatus.Ready);
        council.execute(id);
    }

    function test_afterItsLifetimeAProposalIsDead() public {
        uint256 id = _passed(address(router), _tombstoning());
        vm.warp(START + LIFETIME + 1);
        _assertProposal(id, ProposalStatus.Expired);
        bytes memory expected = abi.encodeWithSelector(
            ICouncilErrors.ProposalExpired.selector, id, START + LIFETIME, START + LIFETIME + 1
        );
        _refusesToExecute(id, expected);
        _councilRefuses(DEE, abi.encodeCall(council.vote, (id, council.digest(id))), expected);
        _councilRefuses(BAY, abi.encodeCall(council.withdrawVote, (id)), expected);
        _councilRefuses(BAY, abi.encodeCall(council.recount, (id)), expected);
    }

    function test_aQuorumTooLateForTheDelayComesToNothing() public {
        uint256 id = _propose(ADA, address(router), _tombstoning());
        vm.warp(START + LIFETIME - DELAY + 1);
        _vote(BAY, id);
        _vote(CAY, id);
        vm.warp(START + LIFETIME);
        _assertProposal(id, ProposalStatus.Delayed);
        _refusesToExecute(
            id,
            abi.encodeWithSelector(
                ICouncilErrors.DelayNotOver.selector, id, START + LIFETIME + 1, START + LIFETIME
            )
        );
        vm.warp(START + LIFETIME + 1);
        _assertProposal(id, ProposalStatus.Expired);
    }
}
