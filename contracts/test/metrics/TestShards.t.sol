// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IConsortiumErrors} from "../../src/interfaces/IConsortiumErrors.sol";
import {G1Point} from "../../src/interfaces/IConsortiumRegistry.sol";
import {IModelMetrics, TestShard} from "../../src/interfaces/IModelMetrics.sol";
import {IVerifierRouter} from "../../src/interfaces/IVerifierRouter.sol";
import {ProofCommitments} from "../../src/libraries/ProofCommitments.sol";
import {MetricsFixture} from "../support/MetricsFixture.sol";
import {ScriptedVerifier} from "../support/ScriptedVerifier.sol";

contract TestShardsTest is MetricsFixture {
    function test_aTestShardIsAdmitted() public {
        uint256 id = registry.memberIdOf(ADA);
        bytes memory call = _testCall(9, _testPoints(ADA, 9, TEST_DATA));
        vm.expectEmit(true, true, true, true, address(metrics));
        emit IModelMetrics.TestShardAdmitted(id, 0, ADA, 9, _g1(TEST_DATA), finalRound);
        _accepted(ADA, address(metrics), call);
        TestShard memory shard = metrics.testShardOf(id, 0);
        _assertPoint(shard.commitment, _g1(TEST_DATA), "commitment");
        vm.assertEq(shard.count, 9, "count");
        vm.assertEq(shard.openings, 1, "openings");
        vm.assertEq(shard.admittedIn, finalRound, "admitted in");
        vm.assertEq(metrics.testShardCount(id), 1, "shards");
    }

    function test_theRegistryKnowsNothingOfIt() public {
        uint32 records = registry.memberOf(ADA).records;
        _admitTest(ADA, 9, TEST_DATA);
        vm.assertEq(registry.memberOf(ADA).records, records, "records");
        vm.assertEq(registry.shardCount(ADA), 1, "shards");
    }

    /// @dev Test shards train nothing, so they can come while a round goes on.
    function test_duringARound() public {
        uint256 open = _open();
        _admitTest(ADA, 9, TEST_DATA);
        vm.assertEq(metrics.testShardOf(registry.memberIdOf(ADA), 0).admittedIn, open, "admitted in");
    }

    function test_oneAfterAnother() public {
        _admitTest(ADA, 9, TEST_DATA);
        _admitTest(ADA, SLOTS, TEST_DATA + 1);
        _admitTest(BAY, 1, TEST_DATA + 2);
        vm.assertEq(metrics.testShardCount(registry.memberIdOf(ADA)), 2, "Ada's");
        vm.assertEq(metrics.testShardOf(registry.memberIdOf(ADA), 1).count, SLOTS, "the second");
        vm.assertEq(metrics.testShardCount(registry.memberIdOf(BAY)), 1, "Bay's");
    }

    // --- what is refused ---

    function test_anAdmissionProofForTheRegistry() public {
        G1Point[] memory points = _admissionPoints(ADA, 9, TEST_DATA);
        _refuses(9, points, _otherScalars(points, 9));
    }

    function test_aProofForHereIsWorthlessAtTheRegistry() public {
        G1Point[] memory points = _testPoints(ADA, 9, TEST_DATA);
        uint256 context = registry.admissionContext(ADA, registry.shardCount(ADA));
        bytes memory expected = abi.encodeWithSelector(
            IConsortiumErrors.PublicScalarsMismatch.selector,
            points[ProofCommitments.ADMISSION_PUBLIC],
            _public(9, context)
        );
        _refused(ADA, abi.encodeCall(registry.admitShard, (9, _encode(points))), expected);
    }

    function test_anotherMembersProof() public {
        G1Point[] memory points = _testPoints(BAY, 9, TEST_DATA);
        _refuses(9, points, _otherScalars(points, 9));
    }

    function test_theProofOfAnotherPlace() public {
        G1Point[] memory points = _testPoints(ADA, 9, TEST_DATA);
        _admitTest(ADA, 9, TEST_DATA + 1);
        bytes memory expected = abi.encodeWithSelector(
            IConsortiumErrors.PublicScalarsMismatch.selector,
            points[ProofCommitments.ADMISSION_PUBLIC],
            _public(9, metrics.testAdmissionContext(ADA, 1))
        );
        _refuses(9, points, expected);
    }

    function test_anotherCountThanTheProofs() public {
        G1Point[] memory points = _testPoints(ADA, 9, TEST_DATA);
        _refuses(10, points, _otherScalars(points, 10));
    }

    function test_noRecords() public {
        _refuses(0, _testPoints(ADA, 0, TEST_DATA), _outOfRange(0));
    }

    function test_moreRecordsThanSlots() public {
        _refuses(SLOTS + 1, _testPoints(ADA, SLOTS + 1, TEST_DATA), _outOfRange(SLOTS + 1));
    }

    function test_aShardThatIsKnownHere() public {
        _admitTest(BAY, 9, TEST_DATA);
        bytes memory expected =
            abi.encodeWithSelector(IConsortiumErrors.CommitmentAlreadyUsed.selector, _g1(TEST_DATA));
        _refuses(9, _testPoints(ADA, 9, TEST_DATA), expected);
    }

    function test_aTrainingShardOfItsOwn() public {
        _refusesTraining(ADA, ADA);
    }

    function test_aTrainingShardOfAnotherMember() public {
        _refusesTraining(BAY, ADA);
    }

    function test_aTrainingShardThatWasRetired() public {
        _admit(ADA, 9, TEST_DATA);
        vm.prank(ADA, ADA);
        registry.retireShards(2);
        _refuses(9, _testPoints(ADA, 9, TEST_DATA), _trains());
    }

    function test_zerosThatAreNone() public {
        G1Point[] memory points = _testPoints(ADA, 9, TEST_DATA);
        points[ProofCommitments.ADMISSION_ZEROS] = _g1(99);
        bytes memory expected = abi.encodeWithSelector(
            IConsortiumErrors.ZeroCommitmentMismatch.selector, _g1(99), _g1(ZERO_FACTOR)
        );
        _refuses(9, points, expected);
    }

    function test_pointsThatAreNone() public {
        G1Point[] memory points = _testPoints(ADA, 9, TEST_DATA);
        (G1Point[] memory bad, bytes[] memory errors) = _badPoints(_g1(TEST_DATA));
        for (uint256 i = 0; i < bad.length; ++i) {
            points[ProofCommitments.ADMISSION_DATA] = bad[i];
            _refuses(9, points, errors[i]);
        }
        points = _testPoints(ADA, 9, TEST_DATA);
        (bad, errors) = _badPoints(points[ProofCommitments.ADMISSION_PUBLIC]);
        for (uint256 i = 0; i < bad.length; ++i) {
            points[ProofCommitments.ADMISSION_PUBLIC] = bad[i];
            _refuses(9, points, errors[i]);
        }
    }

    function test_aProofThatTheVerifierRefuses() public {
        admissionVerifier.script(ScriptedVerifier.Answer.Refuse);
        G1Point[] memory points = _testPoints(ADA, 9, TEST_DATA);
        bytes memory expected = abi.encodeWithSelector(
            IVerifierRouter.InvalidProof.selector, ADMISSION_CIRCUIT, keccak256(_encode(points))
        );
        _refuses(9, points, expected);
    }

    function test_aProofCutShort() public {
        bytes memory call = abi.encodeCall(metrics.admitTestShard, (9, ""));
        _refusedHere(ADA, call, abi.encodeWithSelector(ProofCommitments.ProofTooShort.selector, 0, 64));
    }

    function test_whoeverIsNoMember() public {
        bytes memory call = _testCall(9, _testPoints(OUTSIDER, 9, TEST_DATA));
        _refusedHere(OUTSIDER, call, abi.encodeWithSelector(IConsortiumErrors.NotAMember.selector, OUTSIDER));
    }

    function test_whoeverLeft() public {
        bytes memory call = _testCall(9, _testPoints(ADA, 9, TEST_DATA));
        vm.prank(ADA);
        registry.leave();
        _refusedHere(ADA, call, abi.encodeWithSelector(IConsortiumErrors.NotAMember.selector, ADA));
    }

    function test_duringAPause() public {
        bytes memory call = _testCall(9, _testPoints(ADA, 9, TEST_DATA));
        vm.prank(GUARDIAN);
        registry.pause();
        _refusedHere(ADA, call, abi.encodeWithSelector(Pausable.EnforcedPause.selector));
    }

    function test_onlyWhatTheMemberSendsItself() public {
        _onlyDirectly(ADA, address(metrics), _testCall(9, _testPoints(ADA, 9, TEST_DATA)));
    }

    function test_calldataThatIsNotCanonical() public {
        bytes memory call = _testCall(9, _testPoints(ADA, 9, TEST_DATA));
        bytes memory padded = bytes.concat(call, bytes32(0));
        bytes memory expected = abi.encodeWithSelector(
            IConsortiumErrors.NonCanonicalCalldata.selector, padded.length, call.length
        );
        _refusedHere(ADA, padded, expected);
    }

    function test_aCircuitThatWasRemoved() public {
        vm.prank(OWNER);
        router.remove(ADMISSION_CIRCUIT);
        bytes memory expected =
            abi.encodeWithSelector(IVerifierRouter.CircuitTombstoned.selector, ADMISSION_CIRCUIT);
        _refuses(9, _testPoints(ADA, 9, TEST_DATA), expected);
    }

    // --- shorthand ---

    function _refuses(
        uint32 count,
        G1Point[] memory points,
        bytes memory expected
    ) private {
        _refusedHere(ADA, _testCall(count, points), expected);
    }

    function _refusedHere(
        address sender,
        bytes memory call,
        bytes memory expected
    ) private {
        _refused(sender, address(metrics), call, expected);
    }

    function _otherScalars(
        G1Point[] memory points,
        uint32 count
    ) private view returns (bytes memory) {
        return abi.encodeWithSelector(
            IConsortiumErrors.PublicScalarsMismatch.selector,
            points[ProofCommitments.ADMISSION_PUBLIC],
            _public(count, metrics.testAdmissionContext(ADA, 0))
        );
    }

    function _outOfRange(
        uint32 count
    ) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IConsortiumErrors.CountOutOfRange.selector, count, SLOTS);
    }

    function _refusesTraining(
        address trainer,
        address tester
    ) private {
        _admit(trainer, 9, TEST_DATA);
        _refused(tester, address(metrics), _testCall(9, _testPoints(tester, 9, TEST_DATA)), _trains());
    }

    function _trains() private view returns (bytes memory) {
        return abi.encodeWithSelector(IModelMetrics.TrainsToo.selector, _g1(TEST_DATA));
    }
}
