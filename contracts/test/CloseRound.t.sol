// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {
    FailureReason,
    G1Point,
    IConsortiumEvents,
    RoundStatus
} from "../src/interfaces/IConsortiumRegistry.sol";
import {BN254} from "../src/libraries/BN254.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

contract CloseRoundTest is ConsortiumTest {
    function test_theNextModelIsTheWeightedSum() public {
        uint256 roundId = _open();
        _submitAll(roundId);
        G1Point memory expected = _g1(_expectedFactor(roundId));
        uint64 deadline = uint64(block.timestamp) + WINDOW + 1;
        _expectEvent();
        emit IConsortiumEvents.RoundClosed(roundId, expected, deadline);
        vm.prank(OUTSIDER);
        registry.closeRound(roundId);
        _assertStatus(roundId, RoundStatus.Closed, FailureReason.None);
        _assertPoint(registry.round(roundId).modelAfter, expected, "model after");
        vm.assertEq(registry.round(roundId).deadline, deadline, "deadline");
        _assertPoint(registry.model(), _g1(ZERO_FACTOR), "the consortium's model stays");
    }

    function test_aCohortOfAnotherSize() public {
        _join(DEE, "Dee");
        _announceKey(DEE);
        _admit(DEE, 20, 104);
        uint256 roundId = _toClosed();
        vm.assertEq(registry.cohort(roundId).length, 4, "cohort");
        _assertPoint(registry.round(roundId).modelAfter, _g1(_expectedFactor(roundId)), "model after");
    }

    function test_roundsAddUp() public {
        uint256 first = _expectedFactor(_toFinal());
        uint256 roundId = _toClosed();
        uint256 moved = addmod(first, BN254.SCALAR_MODULUS - ZERO_FACTOR, BN254.SCALAR_MODULUS);
        uint256 expected = addmod(_expectedFactor(roundId), moved, BN254.SCALAR_MODULUS);
        _assertPoint(registry.round(roundId).modelAfter, _g1(expected), "model after two rounds");
    }

    function test_updatesThatCancelByWeightLeaveTheModel() public {
        uint256 roundId = _open();
        // the update of zeros is U itself, and w_bay*w_cay - w_cay*w_bay is nothing
        _submit(ADA, roundId, ZERO_FACTOR, _mask(roundId, ADA));
        uint256 bay = registry.participation(roundId, BAY).weight;
        uint256 cay = registry.participation(roundId, CAY).weight;
        _submit(BAY, roundId, ZERO_FACTOR + cay, _mask(roundId, BAY));
        _submit(CAY, roundId, BN254.SCALAR_MODULUS + ZERO_FACTOR - bay, _mask(roundId, CAY));
        registry.closeRound(roundId);
        _assertPoint(registry.round(roundId).modelAfter, _g1(ZERO_FACTOR), "model after");
    }

    function test_masksThatDoNotCancelAreDisputed() public {
        uint256 roundId = _open();
        _submit(ADA, roundId, 1, _mask(roundId, ADA));
        _submit(BAY, roundId, 2, _mask(roundId, BAY));
        _submit(CAY, roundId, 3, _mask(roundId, BAY));
        uint64 deadline = uint64(block.timestamp) + WINDOW + 4;
        _expectEvent();
        emit IConsortiumEvents.MasksDisputed(roundId, 1, deadline);
        registry.closeRound(roundId);
        _assertStatus(roundId, RoundStatus.Disputed, FailureReason.None);
        vm.assertEq(registry.round(roundId).deadline, deadline, "deadline");
        _assertPoint(registry.round(roundId).modelAfter, G1Point(0, 0), "no model after");
    }

    function testFuzz_masksCancelOrAreDisputed(
        uint256 first,
        uint256 second,
        uint256 slip
    ) public {
        uint256 p = BN254.SCALAR_MODULUS;
        (first, second, slip) = (first % p, second % p, slip % 3);
        // infinity is refused where it is submitted
        vm.assume(first != 0 && second != 0);
        uint256 others = addmod(first, second, p);
        uint256 last = addmod(addmod(3 * ZERO_FACTOR, p - others, p), slip, p);
        vm.assume(last != 0);
        uint256 roundId = _open();
        _submit(ADA, roundId, 1, _g1(first));
        _submit(BAY, roundId, 2, _g1(second));
        _submit(CAY, roundId, 3, _g1(last));
        registry.closeRound(roundId);
        RoundStatus expected = slip == 0 ? RoundStatus.Closed : RoundStatus.Disputed;
        vm.assertEq(uint256(registry.round(roundId).status), uint256(expected), "status");
    }

    function test_aCompleteCohortIsClosedHoweverLate() public {
        uint256 roundId = _open();
        _submitAll(roundId);
        vm.warp(block.timestamp + 100 * WINDOW);
        registry.closeRound(roundId);
        _assertStatus(roundId, RoundStatus.Closed, FailureReason.None);
    }

    function test_submissionsAreMissing() public {
        uint256 roundId = _open();
        _submit(ADA, roundId, 1, _mask(roundId, ADA));
        _submit(BAY, roundId, 2, _mask(roundId, BAY));
        _refused(
            AGGREGATOR,
            abi.encodeCall(registry.closeRound, (roundId)),
            abi.encodeWithSelector(IConsortiumErrors.SubmissionsMissing.selector, roundId, 2, 3)
        );
    }

    function test_onlyAnOpenRoundIsClosed() public {
        _refusesStatus(0, RoundStatus.None);
        _refusesStatus(_toFailed(), RoundStatus.Failed);
        uint256 roundId = _toClosed();
        _refusesStatus(roundId, RoundStatus.Closed);
        _finishClosed(roundId);
        _refusesStatus(roundId, RoundStatus.Final);
        roundId = _toDisputed();
        _refusesStatus(roundId, RoundStatus.Disputed);
    }

    function test_aPublishedOrRevealingRoundIsNotClosed() public {
        uint256 roundId = _toPublished();
        _refusesStatus(roundId, RoundStatus.Published);
        _push(roundId);
        _refusesStatus(roundId, RoundStatus.Revealing);
    }

    /// @dev `u + sum w_i*(c_i - u)`, the update of a member being `_update(roundId, member)`.
    function _expectedFactor(
        uint256 roundId
    ) private view returns (uint256 factor) {
        uint256 p = BN254.SCALAR_MODULUS;
        factor = ZERO_FACTOR;
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 0; i < cohort.length; ++i) {
            uint256 weight = registry.participation(roundId, cohort[i]).weight;
            factor = addmod(factor, mulmod(weight, _update(roundId, cohort[i]) + p - ZERO_FACTOR, p), p);
        }
    }

    function _refusesStatus(
        uint256 roundId,
        RoundStatus status
    ) private {
        _refused(
            OUTSIDER,
            abi.encodeCall(registry.closeRound, (roundId)),
            abi.encodeWithSelector(IConsortiumErrors.WrongRoundStatus.selector, roundId, status)
        );
    }
}
