// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {G1Point, IConsortiumEvents, Shard} from "../src/interfaces/IConsortiumRegistry.sol";
import {IVerifierRouter} from "../src/interfaces/IVerifierRouter.sol";
import {BN254} from "../src/libraries/BN254.sol";
import {ProofCommitments} from "../src/libraries/ProofCommitments.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";
import {ScriptedVerifier} from "./support/ScriptedVerifier.sol";

contract AdmissionTest is ConsortiumTest {
    uint32 private constant COUNT = 50;
    uint256 private constant DATA = 200;

    function test_aShardIsAdmitted() public {
        _expectEvent();
        emit IConsortiumEvents.ShardAdmitted(ADA, 1, COUNT, _g1(DATA));
        _admit(ADA, COUNT, DATA);
        Shard memory shard = registry.shardOf(ADA, 1);
        _assertPoint(shard.commitment, _g1(DATA), "commitment");
        vm.assertEq(shard.count, COUNT, "count");
        vm.assertEq(shard.openings, 1, "the admission opened it once");
        vm.assertEq(registry.shardCount(ADA), 2, "shards");
        vm.assertEq(registry.memberOf(ADA).records, 150, "records");
    }

    function test_theVerifierSeesExactlyTheProof() public {
        bytes memory proof = _encode(_admissionPoints(ADA, COUNT, DATA));
        admissionVerifier.acceptOnly(keccak256(proof));
        _accepted(ADA, address(registry), abi.encodeCall(registry.admitShard, (COUNT, proof)));
    }

    function test_anAdmissionSpendsTheSeed() public {
        _toFailed();
        vm.assertTrue(registry.selectionSeed() != 0, "drawn");
        _admit(ADA, COUNT, DATA);
        vm.assertEq(registry.selectionSeed(), 0, "to be drawn anew");
    }

    function test_oneToAllSlotsAreUsed() public {
        _admit(ADA, 1, DATA);
        _admit(ADA, SLOTS, DATA + 1);
        uint32[2] memory counts = [SLOTS + 1, type(uint32).max];
        for (uint256 i = 0; i < counts.length; ++i) {
            _refusesPoints(
                ADA,
                counts[i],
                _admissionPoints(ADA, counts[i], DATA + 2),
                abi.encodeWithSelector(IConsortiumErrors.CountOutOfRange.selector, counts[i], SLOTS)
            );
        }
    }

    function test_aStrangerAdmitsNothing() public {
        _refusesPoints(
            OUTSIDER,
            COUNT,
            _admissionPoints(OUTSIDER, COUNT, DATA),
            abi.encodeWithSelector(IConsortiumErrors.NotAMember.selector, OUTSIDER)
        );
    }

    function test_dataCountsOnceWhoeverBringsIt() public {
        address[2] memory members = [ADA, BAY];
        for (uint256 i = 0; i < members.length; ++i) {
            _refusesPoints(
                members[i],
                100,
                _admissionPoints(members[i], 100, 101),
                abi.encodeWithSelector(IConsortiumErrors.CommitmentAlreadyUsed.selector, _g1(101))
            );
        }
    }

    function test_dataOfAMemberThatLeftStaysKnown() public {
        vm.prank(OWNER);
        registry.removeMember(ADA);
        _refusesPoints(
            BAY,
            100,
            _admissionPoints(BAY, 100, 101),
            abi.encodeWithSelector(IConsortiumErrors.CommitmentAlreadyUsed.selector, _g1(101))
        );
    }

    // --- public scalars ---

    function test_aProofForAnotherMember() public {
        G1Point[] memory points = _admissionPoints(ADA, COUNT, DATA);
        _refusesScalars(BAY, COUNT, points);
    }

    function test_aProofForAnotherCount() public {
        _refusesScalars(ADA, COUNT + 1, _admissionPoints(ADA, COUNT, DATA));
    }

    function test_aProofForAnotherIndex() public {
        G1Point[] memory early = _admissionPoints(ADA, COUNT, DATA);
        _admit(ADA, COUNT, DATA + 1);
        _refusesScalars(ADA, COUNT, early);
    }

    function test_aProofForAnotherChain() public {
        G1Point[] memory points = _admissionPoints(ADA, COUNT, DATA);
        vm.chainId(1);
        _refusesScalars(ADA, COUNT, points);
    }

    function test_aProofForAnotherRegistry() public {
        G1Point[] memory points = _admissionPoints(ADA, COUNT, DATA);
        _deploy(_config());
        _found();
        _refusesScalars(ADA, COUNT, points);
    }

    function test_extraScalarsBehindTheTwo() public {
        G1Point[] memory points = _admissionPoints(ADA, COUNT, DATA);
        points[ProofCommitments.ADMISSION_PUBLIC] =
            BN254.add(points[ProofCommitments.ADMISSION_PUBLIC], _g1(14));
        _refusesScalars(ADA, COUNT, points);
    }

    function test_theScalarsAreAPoint() public {
        _refusesBadPoint(ProofCommitments.ADMISSION_PUBLIC);
    }

    // --- other points ---

    function test_theDataIsAPoint() public {
        _refusesBadPoint(ProofCommitments.ADMISSION_DATA);
    }

    function test_whatTheCircuitAssertsMustBeZero() public {
        G1Point[] memory points = _admissionPoints(ADA, COUNT, DATA);
        points[ProofCommitments.ADMISSION_ZEROS] = _g1(ZERO_FACTOR + 1);
        _refusesPoints(
            ADA,
            COUNT,
            points,
            abi.encodeWithSelector(
                IConsortiumErrors.ZeroCommitmentMismatch.selector, _g1(ZERO_FACTOR + 1), _g1(ZERO_FACTOR)
            )
        );
    }

    function test_aProofOfTheTrainingCircuit() public {
        G1Point[] memory points = _trainingPoints(ADA, _toFailed(), DATA);
        points[ProofCommitments.TRAINING_DATA] = _g1(DATA);
        _refusesScalars(ADA, COUNT, points);
    }

    // --- bytes ---

    function test_aTruncatedProof() public {
        bytes memory proof = _encode(_admissionPoints(ADA, COUNT, DATA));
        uint256[4] memory kept = [uint256(0), 63, 127, 191];
        uint256[4] memory needed = [uint256(64), 64, 128, 192];
        for (uint256 i = 0; i < kept.length; ++i) {
            _refused(
                ADA,
                abi.encodeCall(registry.admitShard, (COUNT, _cut(proof, kept[i]))),
                abi.encodeWithSelector(ProofCommitments.ProofTooShort.selector, kept[i], needed[i])
            );
        }
    }

    function test_aProofOfAnotherLength() public {
        bytes memory proof = _encode(_admissionPoints(ADA, COUNT, DATA));
        bytes[2] memory proofs = [_cut(proof, proof.length - 1), bytes.concat(proof, hex"00")];
        for (uint256 i = 0; i < proofs.length; ++i) {
            _refused(
                ADA,
                abi.encodeCall(registry.admitShard, (COUNT, proofs[i])),
                abi.encodeWithSelector(
                    IVerifierRouter.ProofLengthMismatch.selector,
                    ADMISSION_CIRCUIT,
                    proofs[i].length,
                    proof.length
                )
            );
        }
    }

    function test_aProofThatTheVerifierRefuses() public {
        admissionVerifier.script(ScriptedVerifier.Answer.Refuse);
        bytes memory proof = _encode(_admissionPoints(ADA, COUNT, DATA));
        _refused(
            ADA,
            abi.encodeCall(registry.admitShard, (COUNT, proof)),
            abi.encodeWithSelector(IVerifierRouter.InvalidProof.selector, ADMISSION_CIRCUIT, keccak256(proof))
        );
        vm.assertEq(registry.shardCount(ADA), 1, "nothing was admitted");
    }

    function testFuzz_onlyTheCanonicalCalldataIsRead(
        bytes calldata tail
    ) public {
        vm.assume(tail.length != 0);
        bytes memory call = _call();
        _refused(
            ADA,
            bytes.concat(call, tail),
            abi.encodeWithSelector(
                IConsortiumErrors.NonCanonicalCalldata.selector, call.length + tail.length, call.length
            )
        );
    }

    function test_aProofBehindAGap() public {
        bytes memory call = _call();
        bytes memory gap = bytes.concat(_cut(call, 68), bytes32(0), _from(call, 68));
        gap[67] = bytes1(uint8(0x60));
        _refused(
            ADA,
            gap,
            abi.encodeWithSelector(
                IConsortiumErrors.NonCanonicalCalldata.selector, call.length + 32, call.length
            )
        );
    }

    function _call() private view returns (bytes memory) {
        return abi.encodeCall(registry.admitShard, (COUNT, _encode(_admissionPoints(ADA, COUNT, DATA))));
    }

    function _refusesPoints(
        address member,
        uint32 count,
        G1Point[] memory points,
        bytes memory expected
    ) private {
        _refused(member, abi.encodeCall(registry.admitShard, (count, _encode(points))), expected);
    }

    function _refusesScalars(
        address member,
        uint32 count,
        G1Point[] memory points
    ) private {
        G1Point memory wanted = _public(count, registry.admissionContext(member, registry.shardCount(member)));
        G1Point memory given = points[ProofCommitments.ADMISSION_PUBLIC];
        bytes memory expected =
            abi.encodeWithSelector(IConsortiumErrors.PublicScalarsMismatch.selector, given, wanted);
        _refusesPoints(member, count, points, expected);
    }

    function _refusesBadPoint(
        uint256 place
    ) private {
        G1Point[] memory points = _admissionPoints(ADA, COUNT, DATA);
        (G1Point[] memory bad, bytes[] memory errors) = _badPoints(points[place]);
        for (uint256 i = 0; i < bad.length; ++i) {
            points[place] = bad[i];
            _refusesPoints(ADA, COUNT, points, errors[i]);
        }
    }
}
