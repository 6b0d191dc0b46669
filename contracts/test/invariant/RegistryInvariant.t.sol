// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IWholeRegistry} from "../support/IWholeRegistry.sol";
import {Participation, Round, RoundStatus} from "../../src/interfaces/IConsortiumRegistry.sol";
import {Test} from "../support/Test.sol";
import {RegistryHandler} from "./RegistryHandler.sol";

/// @title What holds after any sequence of calls by anybody
contract RegistryInvariantTest is Test {
    RegistryHandler internal _handler;
    IWholeRegistry internal _registry;

    function setUp() public {
        _handler = _newHandler();
        _registry = IWholeRegistry(_handler.consortium());
    }

    function _newHandler() internal virtual returns (RegistryHandler) {
        return new RegistryHandler();
    }

    /// @dev Read by forge: nothing but the handler is called.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev Forge runs a campaign of its own for each of these, so there are only three.
    function invariant_theModelFollowsFromFinalRoundsAlone() public view {
        _nothingHappensThatTheHandlerCannotExplain();
        _theModelIsTheSumOfFinalRounds();
        _aClosedRoundHoldsTheWeightedSum();
    }

    function invariant_shardsAndRoundsAddUp() public view {
        _noShardIsOpenedMoreOftenThanItsBlindersHide();
        _recordsAreTheSumOfLiveShards();
        _sharesOfARoundAreTheWhole();
        _onlyTheLatestRoundIsInProgress();
        _whoeverHasYetToSubmitCan();
    }

    /// @dev However long nobody does anything but push, the round ends.
    function invariant_noStateIsADeadEnd() public {
        _pushToTheEnd();
    }

    /// @dev The invariants would hold of a handler that gets nowhere; this one does not.
    function test_theHandlerReachesFinalRounds() public {
        _handler.completeRound();
        _handler.admit(3, 77);
        _handler.completeRound();
        vm.assertEq(_handler.finals(), 2, "two final rounds");
        _everythingHolds();
    }

    function test_theHandlerReachesAFurtherAttempt() public {
        _handler.admit(3, 77);
        _handler.advance(7);
        _handler.advance(8);
        _expect(RoundStatus.Open, 2);
        _handler.completeRound();
        vm.assertEq(_handler.finals(), 1, "final without one of four");
        _everythingHolds();
    }

    function test_theHandlerReachesADispute() public {
        _handler.admit(3, 77);
        _handler.advance(7);
        _handler.advance(1);
        _expect(RoundStatus.Disputed, 1);
        _handler.advance(7);
        _expect(RoundStatus.Open, 2);
        _handler.completeRound();
        vm.assertEq(_handler.finals(), 1, "final all the same");
        vm.assertEq(_handler.disputes(), 1, "one dispute");
        _everythingHolds();
    }

    function test_theHandlerReachesReveals() public {
        _handler.advance(7);
        _handler.advance(7);
        _handler.advance(1);
        _expect(RoundStatus.Revealing, 1);
        _handler.advance(7);
        _expect(RoundStatus.Final, 1);
        vm.assertEq(_handler.opened(), 1, "one opened model");
        _everythingHolds();
    }

    function test_theHandlerReachesAFailure() public {
        _handler.advance(7);
        _handler.advance(8);
        _expect(RoundStatus.Failed, 1);
        _handler.completeRound();
        vm.assertEq(_handler.finals(), 1, "and goes on");
        _everythingHolds();
    }

    function _expect(
        RoundStatus status,
        uint32 attempt
    ) internal view {
        Round memory round = _registry.round(_registry.currentRound());
        vm.assertEq(uint256(round.status), uint256(status), "status");
        vm.assertEq(round.attempt, attempt, "attempt");
    }

    function _everythingHolds() internal {
        invariant_theModelFollowsFromFinalRoundsAlone();
        invariant_shardsAndRoundsAddUp();
        invariant_noStateIsADeadEnd();
    }

    // --- what holds ---

    /// @dev A complete open round is closed; whatever waits is pushed. Three steps are enough.
    function _pushToTheEnd() private {
        uint256 roundId = _registry.currentRound();
        for (uint256 steps = 0; _runs(_registry.round(roundId).status); ++steps) {
            vm.assertTrue(steps < 3, "a round without end");
            Round memory round = _registry.round(roundId);
            vm.warp(round.deadline + 1);
            bool complete = round.submissions == _registry.cohort(roundId).length;
            if (round.status == RoundStatus.Open && complete) _registry.closeRound(roundId);
            else _registry.pushRound(roundId);
        }
    }

    function _runs(
        RoundStatus status
    ) private pure returns (bool) {
        return status != RoundStatus.None && status != RoundStatus.Final && status != RoundStatus.Failed;
    }

    function _nothingHappensThatTheHandlerCannotExplain() private view {
        vm.assertEq(_handler.violation(), "", "violation");
    }

    function _theModelIsTheSumOfFinalRounds() private view {
        _assertPoint(_registry.model(), _g1(_handler.modelFactor()), "model");
        vm.assertTrue((_registry.modelHash() != 0) == (_handler.finals() != 0), "a file from the first on");
    }

    function _aClosedRoundHoldsTheWeightedSum() private view {
        for (uint256 i = 1; i <= _registry.currentRound(); ++i) {
            Round memory round = _registry.round(i);
            if (round.modelAfter.x == 0) continue;
            _assertPoint(round.modelAfter, _g1(_handler.afterFactor(i)), "model after");
        }
    }

    function _noShardIsOpenedMoreOftenThanItsBlindersHide() private view {
        uint32 limit = _registry.config().maxOpenings;
        address[] memory hospitals = _handler.hospitals();
        for (uint256 i = 0; i < hospitals.length; ++i) {
            for (uint32 j = 0; j < _registry.shardCount(hospitals[i]); ++j) {
                uint32 openings = _registry.shardOf(hospitals[i], j).openings;
                vm.assertTrue(openings >= 1 && openings <= limit, "openings");
            }
        }
    }

    function _recordsAreTheSumOfLiveShards() private view {
        address[] memory hospitals = _handler.hospitals();
        for (uint256 i = 0; i < hospitals.length; ++i) {
            uint256 records;
            for (
                uint32 j = _registry.memberOf(hospitals[i]).firstShard;
                j < _registry.shardCount(hospitals[i]);
                ++j
            ) {
                records += _registry.shardOf(hospitals[i], j).count;
            }
            vm.assertEq(_registry.memberOf(hospitals[i]).records, records, "records");
        }
    }

    function _sharesOfARoundAreTheWhole() private view {
        for (uint256 i = 1; i <= _registry.currentRound(); ++i) {
            address[] memory cohort = _registry.cohort(i);
            uint256 whole;
            for (uint256 j = 0; j < cohort.length; ++j) {
                whole += _registry.participation(i, cohort[j]).share;
            }
            vm.assertTrue(cohort.length >= 3 && cohort.length <= 4, "cohort");
            // whoever leaves takes its share along, and nobody else's changes
            bool left = _registry.challengeDeadline(i) != 0 || _registry.round(i).attempt > 1
                || _registry.round(i).status == RoundStatus.Failed;
            vm.assertTrue(whole == 1 << 16 || (left && whole < 1 << 16), "shares");
        }
    }

    /// @dev The latest round's cohort has weights, and shards with blinders left.
    function _whoeverHasYetToSubmitCan() private view {
        uint256 roundId = _registry.currentRound();
        if (_registry.round(roundId).status != RoundStatus.Open) return;
        address[] memory cohort = _registry.cohort(roundId);
        for (uint256 i = 0; i < cohort.length; ++i) {
            Participation memory part = _registry.participation(roundId, cohort[i]);
            uint32 openings = _registry.shardOf(cohort[i], part.shardIndex).openings;
            // whose proof was found invalid waits, without a weight, to be left out
            if (part.weight == 0 && _registry.postedProof(roundId, cohort[i]) != 0) continue;
            vm.assertTrue(part.weight != 0, "weight");
            bool proven = part.submitted || _registry.round(roundId).attempt > 1;
            vm.assertTrue(proven || openings < _registry.config().maxOpenings, "blinders left");
        }
    }

    function _onlyTheLatestRoundIsInProgress() private view {
        for (uint256 i = 0; i < _registry.currentRound(); ++i) {
            RoundStatus status = _registry.round(i).status;
            bool ended = status == RoundStatus.Final || status == RoundStatus.Failed;
            vm.assertTrue(ended || i == 0, "an older round is in progress");
        }
    }
}
