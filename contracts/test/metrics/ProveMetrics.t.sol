// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IConsortiumErrors} from "../../src/interfaces/IConsortiumErrors.sol";
import {G1Point, RoundStatus} from "../../src/interfaces/IConsortiumRegistry.sol";
import {ConfusionCounts, IModelMetrics, Metrics} from "../../src/interfaces/IModelMetrics.sol";
import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {ProofCommitments} from "../../src/libraries/ProofCommitments.sol";
import {MetricsFixture} from "../support/MetricsFixture.sol";
import {ScriptedVerifier} from "../support/ScriptedVerifier.sol";

contract ProveMetricsTest is MetricsFixture {
    uint32 private constant RECORDS = 20;

    uint256 private _ada;
    uint256 private _bay;

    function setUp() public override {
        super.setUp();
        _ada = registry.memberIdOf(ADA);
        _bay = registry.memberIdOf(BAY);
        _admitTest(ADA, RECORDS, TEST_DATA);
        _admitTest(BAY, RECORDS, TEST_DATA + 1);
    }

    // --- what is taken, and what it does ---

    function test_countsAreTaken() public {
        G1Point[] memory points = _evaluationPoints(ADA, finalRound, TEST_DATA, _counts());
        evaluationVerifier.acceptOnly(keccak256(_encode(points)));
        vm.expectEmit(true, true, true, true, address(metrics));
        emit IModelMetrics.MetricsProven(finalRound, _ada, 0, ADA, _counts());
        _accepted(ADA, address(metrics), _proveCall(finalRound, 0, _counts(), points));
        vm.assertTrue(metrics.isProven(finalRound, _ada, 0), "proven");
        vm.assertTrue(!metrics.isProven(finalRound, _bay, 0), "nobody else's");
        vm.assertEq(metrics.testShardOf(_ada, 0).openings, 2, "openings");
        vm.assertEq(metrics.testShardOf(_bay, 0).openings, 1, "nobody else's openings");
    }

    function test_countsAddUpOverHospitals() public {
        _prove(ADA, finalRound, 0, TEST_DATA, _counts());
        _prove(BAY, finalRound, 0, TEST_DATA + 1, ConfusionCounts(1, 0, 4, 15));
        Metrics memory all = metrics.metricsOf(finalRound);
        _assertCounts(all.counts, ConfusionCounts(8, 3, 6, 23));
        vm.assertEq(all.shards, 2, "shards");
        Metrics memory own = metrics.memberMetricsOf(finalRound, _bay);
        _assertCounts(own.counts, ConfusionCounts(1, 0, 4, 15));
        vm.assertEq(own.shards, 1, "Bay's shards");
    }

    function test_countsAddUpOverShards() public {
        _admitTest(ADA, 2, TEST_DATA + 2);
        _prove(ADA, finalRound, 0, TEST_DATA, _counts());
        _prove(ADA, finalRound, 1, TEST_DATA + 2, ConfusionCounts(0, 2, 0, 0));
        Metrics memory own = metrics.memberMetricsOf(finalRound, _ada);
        _assertCounts(own.counts, ConfusionCounts(7, 5, 2, 8));
        vm.assertEq(own.shards, 2, "shards");
    }

    function test_everyFinalRoundHasItsOwn() public {
        uint256 newer = _toFinal();
        _prove(ADA, newer, 0, TEST_DATA, ConfusionCounts(20, 0, 0, 0));
        _prove(ADA, finalRound, 0, TEST_DATA, _counts());
        _assertCounts(metrics.metricsOf(newer).counts, ConfusionCounts(20, 0, 0, 0));
        _assertCounts(metrics.metricsOf(finalRound).counts, _counts());
    }

    function test_duringARound() public {
        _open();
        _prove(ADA, finalRound, 0, TEST_DATA, _counts());
    }

    /// @dev Shards are the member's, whichever account it has.
    function test_underANewAccount() public {
        vm.prank(ADA, ADA);
        registry.nominateAccount(ADA, DEE);
        vm.prank(DEE);
        registry.acceptAccount(ADA);
        _prove(DEE, finalRound, 0, TEST_DATA, _counts());
        vm.assertTrue(metrics.isProven(finalRound, _ada, 0), "proven");
    }

    function testFuzz_everySplitOfTheRecordsIsTaken(
        uint256 first,
        uint256 second,
        uint256 third
    ) public {
        first = _within(first, 0, RECORDS);
        second = _within(second, 0, RECORDS - first);
        third = _within(third, 0, RECORDS - first - second);
        ConfusionCounts memory counts = ConfusionCounts(
            uint64(first), uint64(second), uint64(third), uint64(RECORDS - first - second - third)
        );
        _prove(ADA, finalRound, 0, TEST_DATA, counts);
        _assertCounts(metrics.metricsOf(finalRound).counts, counts);
    }

    // --- what is refused ---

    function test_oncePerRoundAndShard() public {
        _prove(ADA, finalRound, 0, TEST_DATA, _counts());
        _refuses(abi.encodeWithSelector(IModelMetrics.AlreadyProven.selector, finalRound, _ada, 0));
    }

    function test_oneMoreTruePositive() public {
        ConfusionCounts memory lie = ConfusionCounts(8, 2, 2, 8);
        G1Point[] memory points = _evaluationPoints(ADA, finalRound, TEST_DATA, _counts());
        bytes memory expected = abi.encodeWithSelector(
            IConsortiumErrors.PublicScalarsMismatch.selector,
            points[ProofCommitments.EVALUATION_PUBLIC],
            _public(_packed(lie), metrics.evaluationContext(ADA, finalRound))
        );
        _refusedHere(ADA, _proveCall(finalRound, 0, lie, points), expected);
    }

    function test_countsOfFewerRecords() public {
        _refusesCounts(ConfusionCounts(7, 3, 2, 7), RECORDS - 1);
    }

    function test_countsOfMoreRecords() public {
        _refusesCounts(ConfusionCounts(7, 3, 2, 9), RECORDS + 1);
    }

    /// @dev The packed number is the same: 2^16 true positives are one false positive.
    function test_countsThatWrapThePacking() public {
        ConfusionCounts memory wrapping = ConfusionCounts(7 + 65_536, 2, 2, 8);
        vm.assertEq(_packed(wrapping), _packed(_counts()), "the same number");
        _refusesCounts(wrapping, 65_536 + 19);
    }

    function test_countsThatWrapTheirSum() public {
        uint64 most = type(uint64).max;
        _refusesCounts(ConfusionCounts(most, most, most, most), 4 * uint256(most));
    }

    /// @dev For every four counts, as large as they come.
    function testFuzz_onlyCountsOfTheRecordsAreTaken(
        uint64[4] memory drawn
    ) public {
        uint256 sum = uint256(drawn[0]) + drawn[1] + drawn[2] + drawn[3];
        if (sum == RECORDS) return;
        _refusesCounts(ConfusionCounts(drawn[0], drawn[1], drawn[2], drawn[3]), sum);
    }

    function test_anotherShard() public {
        G1Point[] memory points = _evaluationPoints(ADA, finalRound, TEST_DATA + 1, _counts());
        _refuses(
            points,
            abi.encodeWithSelector(
                IConsortiumErrors.DataCommitmentMismatch.selector, _g1(TEST_DATA + 1), _g1(TEST_DATA)
            )
        );
    }

    /// @dev Data that a model was trained with flatters it.
    function test_aTrainingShard() public {
        G1Point memory training = registry.shardOf(ADA, 0).commitment;
        G1Point[] memory points = _evaluationPoints(ADA, finalRound, TEST_DATA, _counts());
        points[ProofCommitments.EVALUATION_DATA] = training;
        _refuses(
            points,
            abi.encodeWithSelector(
                IConsortiumErrors.DataCommitmentMismatch.selector, training, _g1(TEST_DATA)
            )
        );
    }

    /// @dev The registry knows no test shards, so it takes one. What was proven before stays: that model
    /// was not trained with it.
    function test_aTestShardThatCameToTrain() public {
        _prove(ADA, finalRound, 0, TEST_DATA, _counts());
        _admit(BAY, RECORDS, TEST_DATA);
        uint256 newer = _toFinal();
        G1Point[] memory points = _evaluationPoints(ADA, newer, TEST_DATA, _counts());
        bytes memory expected = abi.encodeWithSelector(IModelMetrics.TrainsToo.selector, _g1(TEST_DATA));
        _refusedHere(ADA, _proveCall(newer, 0, _counts(), points), expected);
        _assertCounts(metrics.metricsOf(finalRound).counts, _counts());
        vm.assertEq(metrics.metricsOf(newer).shards, 0, "shards");
    }

    function test_anEarlierModelOnAShardThatCameToTrain() public {
        _admit(BAY, RECORDS, TEST_DATA);
        _refuses(abi.encodeWithSelector(IModelMetrics.TrainsToo.selector, _g1(TEST_DATA)));
    }

    function test_anotherModel() public {
        G1Point memory before = registry.round(finalRound).modelBefore;
        G1Point[] memory points = _evaluationPoints(ADA, finalRound, TEST_DATA, _counts());
        points[ProofCommitments.EVALUATION_MODEL] = before;
        _refuses(
            points,
            abi.encodeWithSelector(
                IConsortiumErrors.ModelCommitmentMismatch.selector,
                before,
                registry.round(finalRound).modelAfter
            )
        );
    }

    function test_theProofOfAnotherRound() public {
        G1Point[] memory points = _evaluationPoints(ADA, finalRound, TEST_DATA, _counts());
        points[ProofCommitments.EVALUATION_PUBLIC] =
            _public(_packed(_counts()), metrics.evaluationContext(ADA, finalRound + 1));
        _refuses(points, _otherScalars(points));
    }

    function test_aContextOfTheRegistrys() public {
        G1Point[] memory points = _evaluationPoints(ADA, finalRound, TEST_DATA, _counts());
        points[ProofCommitments.EVALUATION_PUBLIC] =
            _public(_packed(_counts()), registry.trainingContext(ADA, finalRound));
        _refuses(points, _otherScalars(points));
    }

    function test_anotherMembersProof() public {
        G1Point[] memory points = _evaluationPoints(BAY, finalRound, TEST_DATA, _counts());
        _refuses(points, _otherScalars(points));
    }

    function test_zerosThatAreNone() public {
        G1Point[] memory points = _evaluationPoints(ADA, finalRound, TEST_DATA, _counts());
        points[ProofCommitments.EVALUATION_ZEROS] = _g1(99);
        _refuses(
            points,
            abi.encodeWithSelector(
                IConsortiumErrors.ZeroCommitmentMismatch.selector, _g1(99), _g1(ZERO_FACTOR)
            )
        );
    }

    function test_publicScalarsThatAreNoPoint() public {
        G1Point[] memory points = _evaluationPoints(ADA, finalRound, TEST_DATA, _counts());
        (G1Point[] memory bad, bytes[] memory errors) = _badPoints(points[ProofCommitments.EVALUATION_PUBLIC]);
        for (uint256 i = 0; i < bad.length; ++i) {
            points[ProofCommitments.EVALUATION_PUBLIC] = bad[i];
            _refuses(points, errors[i]);
        }
    }

    function test_aProofThatTheVerifierRefuses() public {
        evaluationVerifier.script(ScriptedVerifier.Answer.Refuse);
        G1Point[] memory points = _evaluationPoints(ADA, finalRound, TEST_DATA, _counts());
        _refuses(
            points,
            abi.encodeWithSelector(
                IVerifierRouter.InvalidProof.selector, EVALUATION_CIRCUIT, keccak256(_encode(points))
            )
        );
    }

    function test_aShardThatIsNotThere() public {
        G1Point[] memory points = _evaluationPoints(ADA, finalRound, TEST_DATA, _counts());
        bytes memory expected = abi.encodeWithSelector(IModelMetrics.NoTestShard.selector, _ada, 1, 1);
        _refusedHere(ADA, _proveCall(finalRound, 1, _counts(), points), expected);
    }

    function test_aRoundThatIsNotFinal() public {
        uint256 open = _open();
        G1Point[] memory points = _evaluationPoints(ADA, open, TEST_DATA, _counts());
        _refusedHere(ADA, _proveCall(open, 0, _counts(), points), _wrongStatus(open, RoundStatus.Open));
    }

    function test_aRoundThatFailed() public {
        uint256 failed = _toFailed();
        G1Point[] memory points = _evaluationPoints(ADA, failed, TEST_DATA, _counts());
        bytes memory expected = _wrongStatus(failed, RoundStatus.Failed);
        _refusedHere(ADA, _proveCall(failed, 0, _counts(), points), expected);
    }

    function test_aRoundThatIsNotThere() public {
        G1Point[] memory points = _evaluationPoints(ADA, finalRound, TEST_DATA, _counts());
        bytes memory expected = _wrongStatus(99, RoundStatus.None);
        _refusedHere(ADA, _proveCall(99, 0, _counts(), points), expected);
    }

    function test_moreProofsThanBlinders() public {
        for (uint256 i = 0; i < 3; ++i) {
            uint256 roundId = i == 0 ? finalRound : _nextFinal(i);
            _prove(ADA, roundId, 0, TEST_DATA, _counts());
        }
        uint256 last = _nextFinal(3);
        G1Point[] memory points = _evaluationPoints(ADA, last, TEST_DATA, _counts());
        bytes memory expected =
            abi.encodeWithSelector(IConsortiumErrors.BlindersExhausted.selector, ADA, 0, 4, 4);
        _refusedHere(ADA, _proveCall(last, 0, _counts(), points), expected);
    }

    function test_whoeverIsNoMember() public {
        G1Point[] memory points = _evaluationPoints(OUTSIDER, finalRound, TEST_DATA, _counts());
        bytes memory expected = abi.encodeWithSelector(IConsortiumErrors.NotAMember.selector, OUTSIDER);
        _refusedHere(OUTSIDER, _proveCall(finalRound, 0, _counts(), points), expected);
    }

    function test_duringAPause() public {
        vm.prank(GUARDIAN);
        registry.pause();
        _refuses(abi.encodeWithSelector(Pausable.EnforcedPause.selector));
    }

    function test_aCircuitThatWasRemoved() public {
        _prove(BAY, finalRound, 0, TEST_DATA + 1, _counts());
        vm.prank(OWNER);
        router.remove(EVALUATION_CIRCUIT);
        _refuses(abi.encodeWithSelector(IVerifierRouter.CircuitTombstoned.selector, EVALUATION_CIRCUIT));
        _assertCounts(metrics.metricsOf(finalRound).counts, _counts());
    }

    function test_onlyWhatTheMemberSendsItself() public {
        G1Point[] memory points = _evaluationPoints(ADA, finalRound, TEST_DATA, _counts());
        _onlyDirectly(ADA, address(metrics), _proveCall(finalRound, 0, _counts(), points));
    }

    function test_calldataThatIsNotCanonical() public {
        G1Point[] memory points = _evaluationPoints(ADA, finalRound, TEST_DATA, _counts());
        bytes memory call = _proveCall(finalRound, 0, _counts(), points);
        bytes memory padded = bytes.concat(call, bytes32(0));
        bytes memory expected = abi.encodeWithSelector(
            IConsortiumErrors.NonCanonicalCalldata.selector, padded.length, call.length
        );
        _refusedHere(ADA, padded, expected);
    }

    // --- shorthand ---

    function _counts() private pure returns (ConfusionCounts memory) {
        return ConfusionCounts(7, 3, 2, 8);
    }

    /// @dev A further final round. A training shard takes three of them, so each member needs more.
    function _nextFinal(
        uint256 place
    ) private returns (uint256) {
        _admit(ADA, 100, 600 + place);
        _admit(BAY, 60, 700 + place);
        _admit(CAY, 40, 800 + place);
        return _toFinal();
    }

    function _refuses(
        bytes memory expected
    ) private {
        _refuses(_evaluationPoints(ADA, finalRound, TEST_DATA, _counts()), expected);
    }

    function _refuses(
        G1Point[] memory points,
        bytes memory expected
    ) private {
        _refusedHere(ADA, _proveCall(finalRound, 0, _counts(), points), expected);
    }

    function _refusedHere(
        address sender,
        bytes memory call,
        bytes memory expected
    ) private {
        _refused(sender, address(metrics), call, expected);
    }

    function _refusesCounts(
        ConfusionCounts memory counts,
        uint256 sum
    ) private {
        G1Point[] memory points = _evaluationPoints(ADA, finalRound, TEST_DATA, _counts());
        bytes memory expected = abi.encodeWithSelector(IModelMetrics.CountsMismatch.selector, sum, RECORDS);
        _refusedHere(ADA, _proveCall(finalRound, 0, counts, points), expected);
    }

    function _otherScalars(
        G1Point[] memory points
    ) private view returns (bytes memory) {
        return abi.encodeWithSelector(
            IConsortiumErrors.PublicScalarsMismatch.selector,
            points[ProofCommitments.EVALUATION_PUBLIC],
            _public(_packed(_counts()), metrics.evaluationContext(ADA, finalRound))
        );
    }
}
