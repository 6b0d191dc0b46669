// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {
    FailureReason,
    G1Point,
    IConsortiumEvents,
    Participation,
    RoundStatus
} from "../src/interfaces/IConsortiumRegistry.sol";
import {IVerifierRouter} from "../src/interfaces/IVerifierRouter.sol";
import {BN254} from "../src/libraries/BN254.sol";
import {ProofCommitments} from "../src/libraries/ProofCommitments.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";
import {ScriptedVerifier} from "./support/ScriptedVerifier.sol";

contract SubmitUpdateTest is ConsortiumTest {
    uint256 private constant UPDATE = 5000;

    uint256 private _round;

    function setUp() public override {
        super.setUp();
        _round = _open();
    }

    function test_anUpdateIsTaken() public {
        bytes memory proof = _encode(_trainingPoints(ADA, _round, UPDATE));
        G1Point memory mask = _g1(77);
        trainingVerifier.acceptOnly(keccak256(proof));
        _expectEvent();
        emit IConsortiumEvents.UpdateSubmitted(_round, ADA, _g1(UPDATE), mask, CIPHERTEXT, keccak256(proof));
        vm.prank(ADA, ADA);
        registry.submitUpdate(_round, proof, mask, CIPHERTEXT);

        Participation memory part = registry.participation(_round, ADA);
        vm.assertTrue(part.submitted, "submitted");
        _assertPoint(part.update, _g1(UPDATE), "update");
        _assertPoint(part.mask, mask, "mask");
        vm.assertEq(part.ciphertextHash, CIPHERTEXT, "ciphertext");
        vm.assertEq(registry.round(_round).submissions, 1, "submissions");
        vm.assertEq(registry.shardOf(ADA, 0).openings, 2, "openings");
    }

    function test_theDeadlineItselfIsInTime() public {
        vm.warp(registry.round(_round).deadline);
        _submit(ADA, _round, UPDATE, _g1(77));
    }

    function test_afterTheDeadline() public {
        uint256 deadline = registry.round(_round).deadline;
        vm.warp(deadline + 1);
        _refusesPoints(
            _points(),
            abi.encodeWithSelector(IConsortiumErrors.DeadlinePassed.selector, deadline, deadline + 1)
        );
    }

    // --- who and when ---

    function test_whoTakesNoPart() public {
        address[3] memory others = [OWNER, AGGREGATOR, OUTSIDER];
        for (uint256 i = 0; i < others.length; ++i) {
            _refused(
                others[i],
                _call(_points()),
                abi.encodeWithSelector(IConsortiumErrors.NotInCohort.selector, _round, others[i])
            );
        }
    }

    function test_oneSubmissionAMember() public {
        _submit(ADA, _round, UPDATE, _g1(77));
        G1Point[] memory points = _trainingPoints(ADA, _round, UPDATE + 1);
        _refusesPoints(
            points, abi.encodeWithSelector(IConsortiumErrors.AlreadySubmitted.selector, _round, ADA)
        );
    }

    function test_aRoundThatIsNotOpen() public {
        bytes memory call = _call(_points());
        _push(_round);
        _refused(
            ADA,
            call,
            abi.encodeWithSelector(IConsortiumErrors.WrongRoundStatus.selector, _round, RoundStatus.Failed)
        );
        _refused(
            ADA,
            abi.encodeCall(registry.submitUpdate, (9, "", _g1(77), CIPHERTEXT)),
            abi.encodeWithSelector(IConsortiumErrors.WrongRoundStatus.selector, 9, RoundStatus.None)
        );
    }

    function test_aCiphertextOfHashZero() public {
        bytes memory proof = _encode(_points());
        _refused(
            ADA,
            abi.encodeCall(registry.submitUpdate, (_round, proof, _g1(77), 0)),
            abi.encodeWithSelector(IConsortiumErrors.ZeroHash.selector)
        );
    }

    // --- the links of the proof ---

    function test_otherData() public {
        G1Point[] memory points = _points();
        points[ProofCommitments.TRAINING_DATA] = _g1(102);
        _refusesPoints(
            points,
            abi.encodeWithSelector(IConsortiumErrors.DataCommitmentMismatch.selector, _g1(102), _g1(101))
        );
    }

    function test_anAdmittedShardThatWasNotSelected() public {
        _nextRound();
        _admit(ADA, 10, 301);
        _round = _open();
        uint32 other = 1 - registry.participation(_round, ADA).shardIndex;
        G1Point[] memory points = _points();
        G1Point memory selected = points[ProofCommitments.TRAINING_DATA];
        points[ProofCommitments.TRAINING_DATA] = registry.shardOf(ADA, other).commitment;
        _refusesPoints(
            points,
            abi.encodeWithSelector(
                IConsortiumErrors.DataCommitmentMismatch.selector,
                points[ProofCommitments.TRAINING_DATA],
                selected
            )
        );
    }

    function test_anotherModel() public {
        G1Point[] memory points = _points();
        points[ProofCommitments.TRAINING_MODEL] = _g1(1);
        _refusesPoints(
            points,
            abi.encodeWithSelector(
                IConsortiumErrors.ModelCommitmentMismatch.selector, _g1(1), _g1(ZERO_FACTOR)
            )
        );
    }

    function test_theModelOfTheRoundBefore() public {
        _submitAll(_round);
        registry.closeRound(_round);
        _finishClosed(_round);
        G1Point memory model = registry.model();
        _round = _open();
        G1Point[] memory points = _points();
        points[ProofCommitments.TRAINING_MODEL] = _g1(ZERO_FACTOR);
        _refusesPoints(
            points,
            abi.encodeWithSelector(
                IConsortiumErrors.ModelCommitmentMismatch.selector, _g1(ZERO_FACTOR), model
            )
        );
    }

    function test_aPositionWhereTheCircuitFails() public {
        G1Point[] memory points = _points();
        points[ProofCommitments.TRAINING_ZEROS] = _g1(1);
        _refusesPoints(
            points,
            abi.encodeWithSelector(
                IConsortiumErrors.ZeroCommitmentMismatch.selector, _g1(1), _g1(ZERO_FACTOR)
            )
        );
    }

    function test_publicScalarsOfAnotherMember() public {
        _refusesScalars(_public(NOISE_BOUND, registry.trainingContext(BAY, _round)));
    }

    function test_publicScalarsOfAnotherRound() public {
        _refusesScalars(_public(NOISE_BOUND, registry.trainingContext(ADA, _round + 1)));
    }

    function test_publicScalarsOfAnAdmission() public {
        _refusesScalars(_public(NOISE_BOUND, registry.admissionContext(ADA, uint32(_round))));
    }

    function test_publicScalarsWithMoreNoise() public {
        _refusesScalars(_public(NOISE_BOUND + 1, registry.trainingContext(ADA, _round)));
    }

    function test_theScalarsAreAPoint() public {
        _refusesBadPoint(ProofCommitments.TRAINING_PUBLIC);
    }

    function test_theUpdateIsAPoint() public {
        _refusesBadPoint(ProofCommitments.TRAINING_UPDATE);
    }

    function test_theMaskIsAPoint() public {
        bytes memory proof = _encode(_points());
        (G1Point[] memory bad, bytes[] memory errors) = _badPoints(_g1(77));
        for (uint256 i = 0; i < bad.length; ++i) {
            _refused(
                ADA, abi.encodeCall(registry.submitUpdate, (_round, proof, bad[i], CIPHERTEXT)), errors[i]
            );
        }
    }

    function testFuzz_anyOtherPointInAnyPlaceThatTheChainReads(
        uint256 place,
        uint256 factor
    ) public {
        uint256[4] memory places = [
            ProofCommitments.TRAINING_DATA,
            ProofCommitments.TRAINING_MODEL,
            ProofCommitments.TRAINING_PUBLIC,
            ProofCommitments.TRAINING_ZEROS
        ];
        place = places[place % 4];
        G1Point[] memory points = _points();
        points[place] = BN254.add(points[place], _g1(_within(factor, 1, BN254.SCALAR_MODULUS - 1)));
        vm.prank(ADA);
        (bool taken,) = address(registry).call(_call(points));
        vm.assertTrue(!taken, "a proof of something else was taken");
    }

    // --- an update counts once ---

    function test_anUpdateOfAPeer() public {
        _submit(BAY, _round, UPDATE, _g1(77));
        _refusesUsed(_points());
    }

    function test_anUpdateOfAFailedRound() public {
        _submit(ADA, _round, UPDATE, _g1(77));
        _nextRound();
        _round = _open();
        _refusesUsed(_points());
    }

    // --- blinders ---

    function test_everyOpeningIsCounted() public {
        // three openings: the admission and two submissions
        for (uint256 i = 1; i <= 2; ++i) {
            if (i > 1) _round = _open();
            _submit(ADA, _round, UPDATE + i, _g1(77));
            vm.assertEq(registry.shardOf(ADA, 0).openings, i + 1, "openings");
            _nextRound();
        }
        // Ada is left out, and two are too few
        _refused(
            AGGREGATOR,
            abi.encodeCall(registry.openRound, ()),
            abi.encodeWithSelector(IConsortiumErrors.TooFewMembers.selector, 2, 3)
        );
    }

    /// @dev No sequence of calls leads here, so the test writes the storage itself.
    function test_aSelectedShardThatIsSpentAllTheSame() public {
        bytes32 slot = _openingsSlot(ADA);
        uint256 count = registry.shardOf(ADA, 0).count;
        vm.store(address(registry), slot, bytes32(uint256(3) << 32 | count));
        vm.assertEq(registry.shardOf(ADA, 0).openings, 3, "openings");
        _refusesPoints(
            _trainingPoints(ADA, _round, UPDATE),
            abi.encodeWithSelector(IConsortiumErrors.BlindersExhausted.selector, ADA, 0, 3, 3)
        );
    }

    // --- bytes ---

    function test_aTruncatedProof() public {
        bytes memory proof = _encode(_points());
        uint256[3] memory kept = [uint256(0), 127, 383];
        uint256[3] memory needed = [uint256(64), 128, 384];
        for (uint256 i = 0; i < kept.length; ++i) {
            bytes memory cut = _cut(proof, kept[i]);
            _refused(
                ADA,
                abi.encodeCall(registry.submitUpdate, (_round, cut, _g1(77), CIPHERTEXT)),
                abi.encodeWithSelector(ProofCommitments.ProofTooShort.selector, kept[i], needed[i])
            );
        }
    }

    function test_aProofThatTheVerifierRefuses() public {
        trainingVerifier.script(ScriptedVerifier.Answer.Refuse);
        G1Point[] memory points = _points();
        _refusesPoints(
            points,
            abi.encodeWithSelector(
                IVerifierRouter.InvalidProof.selector, TRAINING_CIRCUIT, keccak256(_encode(points))
            )
        );
        vm.assertEq(registry.shardOf(ADA, 0).openings, 1, "nothing was opened");
        vm.assertTrue(!registry.participation(_round, ADA).submitted, "nothing was taken");
    }

    function test_aTombstonedCircuitTakesNoProofs() public {
        vm.prank(OWNER);
        router.remove(TRAINING_CIRCUIT);
        _refusesPoints(
            _points(), abi.encodeWithSelector(IVerifierRouter.CircuitTombstoned.selector, TRAINING_CIRCUIT)
        );
    }

    function testFuzz_onlyTheCanonicalCalldataIsRead(
        bytes calldata tail
    ) public {
        vm.assume(tail.length != 0);
        bytes memory call = _call(_points());
        _refused(
            ADA,
            bytes.concat(call, tail),
            abi.encodeWithSelector(
                IConsortiumErrors.NonCanonicalCalldata.selector, call.length + tail.length, call.length
            )
        );
    }

    function test_dirtyPaddingBehindTheProof() public {
        bytes memory proof = _cut(_encode(_points()), 400);
        bytes memory call = abi.encodeCall(registry.submitUpdate, (_round, proof, _g1(77), CIPHERTEXT));
        call[call.length - 1] = 0x01;
        _refused(
            ADA,
            call,
            abi.encodeWithSelector(IConsortiumErrors.NonCanonicalCalldata.selector, call.length, call.length)
        );
    }

    // --- helpers ---

    /// @dev Behind the commitment of the member's first shard, in whichever mapping holds it.
    function _openingsSlot(
        address member
    ) private view returns (bytes32) {
        uint256 x = registry.shardOf(member, 0).commitment.x;
        for (uint256 place = 0; place < 64; ++place) {
            bytes32 list = keccak256(abi.encode(registry.memberIdOf(member), place));
            uint256 first = uint256(keccak256(abi.encode(list)));
            if (uint256(vm.load(address(registry), bytes32(first))) == x) return bytes32(first + 2);
        }
        revert("no mapping holds the shards");
    }

    function _points() private view returns (G1Point[] memory) {
        return _trainingPoints(ADA, _round, UPDATE);
    }

    function _call(
        G1Point[] memory points
    ) private view returns (bytes memory) {
        return abi.encodeCall(registry.submitUpdate, (_round, _encode(points), _g1(77), CIPHERTEXT));
    }

    function _nextRound() private {
        _push(_round);
        _assertStatus(_round, RoundStatus.Failed, FailureReason.TooFewSubmissions);
    }

    function _refusesPoints(
        G1Point[] memory points,
        bytes memory expected
    ) private {
        _refused(ADA, _call(points), expected);
    }

    function _refusesUsed(
        G1Point[] memory points
    ) private {
        _refusesPoints(
            points, abi.encodeWithSelector(IConsortiumErrors.CommitmentAlreadyUsed.selector, _g1(UPDATE))
        );
    }

    function _refusesScalars(
        G1Point memory given
    ) private {
        G1Point[] memory points = _points();
        G1Point memory wanted = points[ProofCommitments.TRAINING_PUBLIC];
        points[ProofCommitments.TRAINING_PUBLIC] = given;
        _refusesPoints(
            points, abi.encodeWithSelector(IConsortiumErrors.PublicScalarsMismatch.selector, given, wanted)
        );
    }

    function _refusesBadPoint(
        uint256 place
    ) private {
        G1Point[] memory points = _points();
        (G1Point[] memory bad, bytes[] memory errors) = _badPoints(points[place]);
        for (uint256 i = 0; i < bad.length; ++i) {
            points[place] = bad[i];
            _refusesPoints(points, errors[i]);
        }
    }
}
