// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {
    Benefit,
    ConsortiumConfig,
    G1Point,
    IConsortiumEvents,
    Participation,
    RoundStatus,
    WeightRule
} from "../src/interfaces/IConsortiumRegistry.sol";
import {IVerifierRouter} from "../src/interfaces/IVerifierRouter.sol";
import {BN254} from "../src/libraries/BN254.sol";
import {ProofCommitments} from "../src/libraries/ProofCommitments.sol";
import {Weights} from "../src/libraries/Weights.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";
import {ScriptedVerifier} from "./support/ScriptedVerifier.sol";

contract ProveBenefitTest is ConsortiumTest {
    using BN254 for G1Point;

    uint256 private _round;

    function setUp() public override {
        super.setUp();
        _round = _toFinal();
    }

    function _config() internal view override returns (ConsortiumConfig memory config) {
        config = super._config();
        config.weightRule = WeightRule.Benefit;
        config.benefitCircuit = BENEFIT_CIRCUIT;
        config.maxOpenings = 9;
    }

    // --- what is taken, and what it does ---

    function test_aLevelIsTaken() public {
        bytes memory proof = _encode(_points(ADA, 9));
        benefitVerifier.acceptOnly(keccak256(proof));
        _expectEvent();
        emit IConsortiumEvents.BenefitProven(_round, ADA, 9);
        vm.prank(ADA, ADA);
        registry.proveBenefit(_round, 9, proof);
        Benefit memory benefit = registry.benefitOf(_round, ADA);
        vm.assertTrue(benefit.proven, "proven");
        vm.assertEq(benefit.level, 9, "level");
        vm.assertTrue(!registry.benefitOf(_round, BAY).proven, "nobody else");
    }

    function test_theHighestLevelIsTaken() public {
        _prove(ADA, 16);
        vm.assertEq(registry.benefitOf(_round, ADA).level, 16, "level");
    }

    function test_sharesFollowFromRecordsAndLevels() public {
        _prove(ADA, 0);
        _prove(BAY, 16);
        _prove(CAY, 8);
        uint256 next = _open();
        // 100*16, 60*32 and 40*24 of 4480
        vm.assertEq(registry.participation(next, ADA).share, 23_406, "Ada");
        vm.assertEq(registry.participation(next, BAY).share, 28_087, "Bay");
        vm.assertEq(registry.participation(next, CAY).share, 14_043, "Cay");
    }

    /// @dev A level holds until the next final round, over rounds that fail.
    function test_aFailedRoundKeepsTheLevels() public {
        _prove(ADA, 0);
        _prove(BAY, 16);
        _prove(CAY, 8);
        _toFailed();
        vm.assertEq(registry.participation(_open(), BAY).share, 28_087, "Bay");
    }

    /// @dev What was proven of an older round counts for nothing after a newer one.
    function test_aNewFinalRoundStartsAnew() public {
        _prove(ADA, 0);
        _prove(BAY, 16);
        _prove(CAY, 8);
        _toFinal();
        vm.warp(registry.round(registry.finalRound()).deadline + 1);
        vm.assertEq(registry.participation(_open(), BAY).share, 19_661, "by records alone");
    }

    function test_whoeverJoinsLaterCountsLikeWhoeverProvedNothing() public {
        _join(DEE, "Dee");
        _announceKey(DEE);
        _admit(DEE, 100, 500);
        _prove(BAY, 16);
        vm.warp(registry.round(_round).deadline + 1);
        uint256 next = _open();
        // 100*16, 60*32, 40*16 and 100*16 of 5760; the unit that is left goes to the earlier one
        vm.assertEq(registry.participation(next, ADA).share, 18_205, "Ada, who proved nothing");
        vm.assertEq(registry.participation(next, DEE).share, 18_204, "Dee, who joined");
    }

    function test_beforeTheFirstRoundSharesFollowTheRecords() public view {
        vm.assertEq(registry.participation(_round, ADA).share, 32_768, "Ada");
        vm.assertEq(registry.participation(_round, CAY).share, 13_107, "Cay");
    }

    // --- the wait ---

    function test_theNextRoundWaitsForEveryProof() public {
        uint256 deadline = registry.round(_round).deadline;
        vm.assertEq(deadline, block.timestamp + WINDOW + 4, "deadline");
        _refusesToOpen(ADA, deadline);
        _prove(ADA, 1);
        _refusesToOpen(BAY, deadline);
        _prove(CAY, 1);
        _refusesToOpen(BAY, deadline);
        _prove(BAY, 1);
        _open();
    }

    function test_theWaitEnds() public {
        uint256 deadline = registry.round(_round).deadline;
        vm.warp(deadline);
        _refusesToOpen(ADA, deadline);
        vm.warp(deadline + 1);
        _open();
    }

    function test_nobodyWaitsForWhoeverLeft() public {
        vm.prank(ADA);
        registry.leave();
        _join(DEE, "Dee");
        _announceKey(DEE);
        _admit(DEE, 10, 500);
        _prove(BAY, 1);
        _prove(CAY, 1);
        _open();
    }

    function test_aProofIsTakenAfterTheWait() public {
        vm.warp(registry.round(_round).deadline + 1);
        _prove(ADA, 3);
    }

    function test_aPauseTakesNobodysTime() public {
        uint256 deadline = registry.round(_round).deadline;
        bytes memory call = _call(3, _points(ADA, 3));
        vm.prank(GUARDIAN);
        registry.pause();
        _refused(ADA, call, abi.encodeWithSelector(Pausable.EnforcedPause.selector));
        vm.warp(block.timestamp + 1000);
        vm.prank(GUARDIAN);
        registry.unpause();
        vm.assertEq(registry.round(_round).deadline, deadline + 1000, "deadline");
    }

    // --- what is refused ---

    function test_underAnotherRuleThereIsNothingToProve() public {
        ConsortiumConfig memory config = super._config();
        _deploy(config);
        _found();
        uint256 roundId = _toFinal();
        bytes memory call = abi.encodeCall(registry.proveBenefit, (roundId, 0, ""));
        bytes memory expected =
            abi.encodeWithSelector(IConsortiumErrors.WrongWeightRule.selector, WeightRule.Records);
        _refused(ADA, call, expected);
        _open();
    }

    function test_oncePerRound() public {
        _prove(ADA, 3);
        _refuses(
            ADA,
            4,
            _points(ADA, 4),
            abi.encodeWithSelector(IConsortiumErrors.BenefitAlreadyProven.selector, _round, ADA)
        );
    }

    function test_aLevelAboveSixteen() public {
        bytes memory expected = abi.encodeWithSelector(IConsortiumErrors.LevelOutOfRange.selector, 17, 16);
        _refuses(ADA, 17, _points(ADA, 17), expected);
    }

    function test_anotherLevelThanTheProofs() public {
        G1Point[] memory points = _points(ADA, 3);
        _refuses(ADA, 4, points, _otherScalars(points, 4, registry.benefitContext(ADA, _round)));
    }

    function test_theProofOfAnotherRound() public {
        G1Point[] memory points = _points(ADA, 3);
        points[ProofCommitments.BENEFIT_PUBLIC] = _public(3, registry.benefitContext(ADA, _round + 1));
        _refuses(ADA, 3, points, _otherScalars(points, 3, registry.benefitContext(ADA, _round)));
    }

    function test_aTrainingContext() public {
        G1Point[] memory points = _points(ADA, 3);
        points[ProofCommitments.BENEFIT_PUBLIC] = _public(3, registry.trainingContext(ADA, _round));
        _refuses(ADA, 3, points, _otherScalars(points, 3, registry.benefitContext(ADA, _round)));
    }

    function test_anotherMembersProof() public {
        G1Point[] memory points = _points(BAY, 3);
        bytes memory expected = abi.encodeWithSelector(
            IConsortiumErrors.UpdateCommitmentMismatch.selector,
            points[ProofCommitments.BENEFIT_UPDATE],
            registry.participation(_round, ADA).update
        );
        _refuses(ADA, 3, points, expected);
    }

    function test_anotherRest() public {
        G1Point[] memory points = _points(ADA, 3);
        G1Point memory rest = points[ProofCommitments.BENEFIT_REST];
        points[ProofCommitments.BENEFIT_REST] = registry.round(_round).modelAfter;
        bytes memory expected = abi.encodeWithSelector(
            IConsortiumErrors.RestCommitmentMismatch.selector, registry.round(_round).modelAfter, rest
        );
        _refuses(ADA, 3, points, expected);
    }

    /// @dev A smaller bound would leave some of the noise in the level.
    function test_anotherNoiseBound() public {
        G1Point[] memory points = _points(ADA, 3);
        points[ProofCommitments.BENEFIT_BOUND] = _public(0, 0);
        bytes memory expected = abi.encodeWithSelector(
            IConsortiumErrors.PublicScalarsMismatch.selector, _public(0, 0), _public(NOISE_BOUND, 0)
        );
        _refuses(ADA, 3, points, expected);
    }

    function test_zerosThatAreNone() public {
        G1Point[] memory points = _points(ADA, 3);
        points[ProofCommitments.BENEFIT_ZEROS] = _g1(99);
        bytes memory expected = abi.encodeWithSelector(
            IConsortiumErrors.ZeroCommitmentMismatch.selector, _g1(99), _g1(ZERO_FACTOR)
        );
        _refuses(ADA, 3, points, expected);
    }

    function test_aProofThatTheVerifierRefuses() public {
        benefitVerifier.script(ScriptedVerifier.Answer.Refuse);
        G1Point[] memory points = _points(ADA, 3);
        bytes memory expected = abi.encodeWithSelector(
            IVerifierRouter.InvalidProof.selector, BENEFIT_CIRCUIT, keccak256(_encode(points))
        );
        _refuses(ADA, 3, points, expected);
    }

    function test_anOlderRound() public {
        G1Point[] memory points = _points(ADA, 3);
        uint256 older = _round;
        vm.warp(registry.round(_round).deadline + 1);
        uint256 newer = _toFinal();
        bytes memory call = abi.encodeCall(registry.proveBenefit, (older, 3, _encode(points)));
        _refused(ADA, call, abi.encodeWithSelector(IConsortiumErrors.NotFinalRound.selector, older, newer));
    }

    function test_duringARound() public {
        G1Point[] memory points = _points(ADA, 3);
        vm.warp(registry.round(_round).deadline + 1);
        uint256 open = _open();
        _refuses(
            ADA,
            3,
            points,
            abi.encodeWithSelector(IConsortiumErrors.RoundInProgress.selector, open, RoundStatus.Open)
        );
    }

    function test_whoeverIsNoMember() public {
        bytes memory expected = abi.encodeWithSelector(IConsortiumErrors.NotAMember.selector, OUTSIDER);
        _refuses(OUTSIDER, 3, _points(ADA, 3), expected);
    }

    function test_aMemberWithoutAPart() public {
        _join(DEE, "Dee");
        bytes memory expected = abi.encodeWithSelector(IConsortiumErrors.NotInCohort.selector, _round, DEE);
        _refuses(DEE, 3, _points(ADA, 3), expected);
    }

    function test_onlyWhatTheMemberSendsItself() public {
        _onlyDirectly(ADA, address(registry), _call(3, _points(ADA, 3)));
    }

    function test_calldataThatIsNotCanonical() public {
        bytes memory call = _call(3, _points(ADA, 3));
        bytes memory padded = bytes.concat(call, bytes32(0));
        bytes memory expected = abi.encodeWithSelector(
            IConsortiumErrors.NonCanonicalCalldata.selector, padded.length, call.length
        );
        _refused(ADA, padded, expected);
    }

    // --- for every cohort and every level ---

    function testFuzz_sharesSumToTheWholeAndNobodysIsTwiceAnEquals(
        uint8[3] memory levels
    ) public {
        address[3] memory members = [ADA, BAY, CAY];
        for (uint256 i = 0; i < 3; ++i) {
            _prove(members[i], levels[i] % 17);
        }
        uint256 next = _open();
        uint256[3] memory records = [uint256(100), 60, 40];
        uint256 total;
        for (uint256 i = 0; i < 3; ++i) {
            total += registry.participation(next, members[i]).share;
        }
        vm.assertEq(total, Weights.WHOLE, "sum");
        for (uint256 i = 0; i < 3; ++i) {
            uint256 share = registry.participation(next, members[i]).share;
            uint256 other = registry.participation(next, members[(i + 1) % 3]).share;
            // one unit each for rounding
            bool bounded = (share - 1) * records[(i + 1) % 3] <= 2 * (other + 1) * records[i];
            vm.assertTrue(bounded, "more than twice a record's share");
        }
    }

    // --- proofs ---

    /// @dev `C(R_i) = U + sum over the others of w_j*(C_j - U)`, from what the chain shows of them.
    function _points(
        address member,
        uint8 level
    ) private view returns (G1Point[] memory points) {
        G1Point memory zero = _g1(ZERO_FACTOR);
        G1Point memory rest = zero;
        address[] memory cohort = registry.cohort(_round);
        for (uint256 i = 0; i < cohort.length; ++i) {
            if (cohort[i] == member) continue;
            Participation memory part = registry.participation(_round, cohort[i]);
            G1Point memory update = part.update;
            rest = rest.add(update.subtract(zero).mul(part.weight));
        }
        points = new G1Point[](ProofCommitments.BENEFIT_COMMITMENTS);
        points[ProofCommitments.BENEFIT_UPDATE] = registry.participation(_round, member).update;
        points[ProofCommitments.BENEFIT_REST] = rest;
        points[ProofCommitments.BENEFIT_BOUND] = _public(NOISE_BOUND, 0);
        points[ProofCommitments.BENEFIT_PUBLIC] = _public(level, registry.benefitContext(member, _round));
        points[ProofCommitments.BENEFIT_ZEROS] = zero;
    }

    function _prove(
        address member,
        uint8 level
    ) private {
        _accepted(member, address(registry), _call(level, _points(member, level)));
    }

    function _call(
        uint8 level,
        G1Point[] memory points
    ) private view returns (bytes memory) {
        return abi.encodeCall(registry.proveBenefit, (_round, level, _encode(points)));
    }

    function _refuses(
        address member,
        uint8 level,
        G1Point[] memory points,
        bytes memory expected
    ) private {
        _refused(member, _call(level, points), expected);
    }

    function _otherScalars(
        G1Point[] memory points,
        uint256 level,
        uint256 context
    ) private view returns (bytes memory) {
        return abi.encodeWithSelector(
            IConsortiumErrors.PublicScalarsMismatch.selector,
            points[ProofCommitments.BENEFIT_PUBLIC],
            _public(level, context)
        );
    }

    function _refusesToOpen(
        address member,
        uint256 deadline
    ) private {
        bytes memory expected =
            abi.encodeWithSelector(IConsortiumErrors.BenefitMissing.selector, _round, member, deadline);
        _refused(AGGREGATOR, abi.encodeCall(registry.openRound, ()), expected);
    }
}
