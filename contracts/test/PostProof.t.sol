// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {ConsortiumConfig, G1Point, IConsortiumEvents} from "../src/interfaces/IConsortiumRegistry.sol";
import {IVerifierRouter} from "../src/interfaces/IVerifierRouter.sol";
import {ProofCommitments} from "../src/libraries/ProofCommitments.sol";
import {PostedTest} from "./support/PostedFixture.sol";
import {ScriptedVerifier} from "./support/ScriptedVerifier.sol";

/// @title Every check of a posted proof but the verification
contract PostProofTest is PostedTest {
    uint256 private constant UPDATE = 5000;

    uint256 private _round;

    function setUp() public override {
        super.setUp();
        _round = _open();
    }

    function test_aProofIsTakenUnverified() public {
        bytes memory proof = _encode(_points());
        trainingVerifier.script(ScriptedVerifier.Answer.Refuse);
        _expectEvent();
        emit IConsortiumEvents.UpdateSubmitted(
            _round, ADA, _g1(UPDATE), _g1(77), CIPHERTEXT, keccak256(proof)
        );
        _accepted(ADA, address(registry), _call(_points()));
        vm.assertEq(registry.postedProof(_round, ADA), keccak256(proof), "posted");
        vm.assertEq(registry.challengeDeadline(_round), block.timestamp + CHALLENGE, "deadline");
        vm.assertEq(registry.shardOf(ADA, 0).openings, 2, "openings");
    }

    function test_theWindowRunsFromTheLastProof() public {
        _submitHonestly(BAY, _round);
        vm.warp(block.timestamp + 100);
        _submitHonestly(ADA, _round);
        vm.assertEq(registry.challengeDeadline(_round), block.timestamp + CHALLENGE, "deadline");
        vm.assertEq(registry.challengeDeadline(_round + 1), 0, "no other round's");
        vm.assertEq(registry.postedProof(_round, CAY), 0, "nobody else's");
    }

    function test_withoutAWindowNothingIsPosted() public {
        ConsortiumConfig memory config = _config();
        config.challengeWindow = 0;
        _deploy(config);
        _found();
        uint256 roundId = _open();
        _submitHonestly(ADA, roundId);
        vm.assertEq(registry.postedProof(roundId, ADA), 0, "posted");
        vm.assertEq(registry.challengeDeadline(roundId), 0, "deadline");
    }

    // --- what is refused at once ---

    function test_anotherLength() public {
        bytes memory proof = _encode(_points());
        bytes memory longer = bytes.concat(proof, hex"00");
        _refusesLength(longer, proof.length);
        _refusesLength(_cut(proof, proof.length - 1), proof.length);
    }

    function test_aRemovedCircuit() public {
        vm.prank(OWNER);
        router.remove(TRAINING_CIRCUIT);
        _refused(
            ADA,
            _call(_points()),
            abi.encodeWithSelector(IVerifierRouter.CircuitTombstoned.selector, TRAINING_CIRCUIT)
        );
    }

    function test_aContractCannotPost() public {
        bytes memory call = _call(_points());
        bytes memory expected = abi.encodeWithSelector(IConsortiumErrors.NotSentDirectly.selector, ADA);
        vm.prank(ADA, OUTSIDER);
        (bool accepted, bytes memory answer) = address(registry).call(call);
        vm.assertTrue(!accepted, "another account paid for the transaction");
        vm.assertEq(answer, expected, "another reason");
        // an account that delegates to code, by EIP-7702
        vm.etch(ADA, bytes.concat(hex"ef0100", bytes20(OUTSIDER)));
        _refused(ADA, call, expected);
    }

    function test_aPositionWhereTheCircuitFails() public {
        G1Point[] memory points = _points();
        points[ProofCommitments.TRAINING_ZEROS] = _g1(1);
        _refused(
            ADA,
            _call(points),
            abi.encodeWithSelector(
                IConsortiumErrors.ZeroCommitmentMismatch.selector, _g1(1), _g1(ZERO_FACTOR)
            )
        );
    }

    function test_theUpdateIsAPoint() public {
        G1Point[] memory points = _points();
        (G1Point[] memory bad, bytes[] memory errors) = _badPoints(points[ProofCommitments.TRAINING_UPDATE]);
        for (uint256 i = 0; i < bad.length; ++i) {
            points[ProofCommitments.TRAINING_UPDATE] = bad[i];
            _refused(ADA, _call(points), errors[i]);
        }
    }

    function test_otherCalldata() public {
        bytes memory call = _call(_points());
        _refused(
            ADA,
            bytes.concat(call, hex"00"),
            abi.encodeWithSelector(
                IConsortiumErrors.NonCanonicalCalldata.selector, call.length + 1, call.length
            )
        );
    }

    // --- copies ---

    /// @dev Whoever copies an update from a pending transaction does not shut out its owner.
    function test_aCopyOfAPeersUpdateHindersNobody() public {
        _submit(BAY, _round, UPDATE, _g1(77));
        _submit(ADA, _round, UPDATE, _g1(78));
    }

    function test_aMembersOwnUpdateOfAFailedRound() public {
        _submit(ADA, _round, UPDATE, _g1(77));
        _push(_round);
        _round = _open();
        _refused(
            ADA,
            _call(_points()),
            abi.encodeWithSelector(IConsortiumErrors.CommitmentAlreadyUsed.selector, _g1(UPDATE))
        );
    }

    // --- helpers ---

    function _points() private view returns (G1Point[] memory) {
        return _trainingPoints(ADA, _round, UPDATE);
    }

    function _call(
        G1Point[] memory points
    ) private view returns (bytes memory) {
        return abi.encodeCall(registry.submitUpdate, (_round, _encode(points), _g1(77), CIPHERTEXT));
    }

    function _refusesLength(
        bytes memory proof,
        uint256 expected
    ) private {
        _refused(
            ADA,
            abi.encodeCall(registry.submitUpdate, (_round, proof, _g1(77), CIPHERTEXT)),
            abi.encodeWithSelector(
                IVerifierRouter.ProofLengthMismatch.selector, TRAINING_CIRCUIT, proof.length, expected
            )
        );
    }
}
