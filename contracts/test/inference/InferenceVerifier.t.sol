// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {InferenceVerifier} from "../../src/InferenceVerifier.sol";
import {IConsortiumErrors} from "../../src/interfaces/IConsortiumErrors.sol";
import {G1Point, IConsortiumRegistry, RoundStatus} from "../../src/interfaces/IConsortiumRegistry.sol";
import {IHalo2Verifier} from "../../src/interfaces/IHalo2Verifier.sol";
import {IInferenceVerifier} from "../../src/interfaces/IInferenceVerifier.sol";
import {BN254} from "../../src/libraries/BN254.sol";
import {ConsortiumTest} from "../support/ConsortiumFixture.sol";
import {ScriptedVerifier} from "../support/ScriptedVerifier.sol";

contract InferenceVerifierTest is ConsortiumTest {
    uint32 private constant LENGTH = 4 * 64 + uint32(TAIL);
    uint256 private constant RECORD_FACTOR = 401;
    uint256 private constant RECORD = 0;
    uint256 private constant MODEL = 1;
    uint256 private constant PUBLIC = 2;
    uint256 private constant ZEROS = 3;
    int64 private constant LOGIT = 300;

    ScriptedVerifier private _verifier;
    InferenceVerifier private _inference;
    G1Point private _record;
    uint256 private _round;

    function setUp() public override {
        super.setUp();
        _verifier = new ScriptedVerifier();
        _inference = _create(address(registry), address(_verifier));
        _record = _g1(RECORD_FACTOR);
        _round = _toFinal();
    }

    // --- what is taken ---

    function test_itNamesWhatItStandsOn() public view {
        vm.assertEq(address(_inference.REGISTRY()), address(registry), "registry");
        vm.assertEq(address(_inference.VERIFIER()), address(_verifier), "verifier");
        vm.assertEq(_inference.PROOF_LENGTH(), LENGTH, "length");
    }

    function test_aProvenLogitIsTaken() public {
        G1Point[] memory points = _points(_round, 300);
        _verifier.acceptOnly(keccak256(_encode(points)));
        vm.assertTrue(_ask(_round, LOGIT, points), "class 1");
    }

    function test_theClassIsTheSign() public view {
        vm.assertTrue(_ask(_round, 0, _points(_round, 0)), "0 is class 1");
        vm.assertTrue(!_ask(_round, -1, _points(_round, BN254.SCALAR_MODULUS - 1)), "below 0");
    }

    function testFuzz_everyLogitOf64Bits(
        int64 logit
    ) public view {
        uint256 scalar = logit >= 0 ? uint256(int256(logit)) : BN254.SCALAR_MODULUS - uint256(-int256(logit));
        vm.assertTrue(_ask(_round, logit, _points(_round, scalar)) == (logit >= 0), "class");
    }

    function test_anEarlierRoundKeepsItsModel() public {
        uint256 newer = _toFinal();
        vm.assertTrue(_ask(_round, LOGIT, _points(_round, 300)), "the older");
        vm.assertTrue(_ask(newer, LOGIT, _points(newer, 300)), "the newer");
    }

    function test_anybodyAsksAtAnyTime() public {
        vm.prank(GUARDIAN);
        registry.pause();
        G1Point[] memory points = _points(_round, 300);
        vm.prank(OUTSIDER);
        vm.assertTrue(_ask(_round, LOGIT, points), "taken");
    }

    // --- what is refused ---

    function test_anotherLogit() public {
        _refusesScalars(_points(_round, 300), _round, LOGIT + 1, 301);
    }

    function test_theOtherClass() public {
        _refusesScalars(_points(_round, 300), _round, -1, BN254.SCALAR_MODULUS - 1);
    }

    /// @dev The model may be the same one: the context is the round's.
    function test_aProofForAnotherRound() public {
        uint256 newer = _toFinal();
        G1Point[] memory points = _points(_round, 300);
        points[MODEL] = registry.round(newer).modelAfter;
        _refusesScalars(points, newer, LOGIT, 300);
    }

    function test_anotherModel() public {
        G1Point[] memory points = _points(_round, 300);
        points[MODEL] = _g1(77);
        _refuses(
            points,
            abi.encodeWithSelector(
                IConsortiumErrors.ModelCommitmentMismatch.selector,
                points[MODEL],
                registry.round(_round).modelAfter
            )
        );
    }

    function test_anotherRecord() public {
        G1Point[] memory points = _points(_round, 300);
        points[RECORD] = _g1(RECORD_FACTOR + 1);
        _refuses(
            points,
            abi.encodeWithSelector(
                IInferenceVerifier.RecordCommitmentMismatch.selector, points[RECORD], _g1(RECORD_FACTOR)
            )
        );
    }

    function test_zerosThatAreNone() public {
        G1Point[] memory points = _points(_round, 300);
        points[ZEROS] = _g1(ZERO_FACTOR + 1);
        _refuses(
            points,
            abi.encodeWithSelector(
                IConsortiumErrors.ZeroCommitmentMismatch.selector, points[ZEROS], _g1(ZERO_FACTOR)
            )
        );
    }

    function test_aProofOfAnotherCircuit() public {
        G1Point[] memory points = _points(_round, 300);
        bytes32 proofHash = keccak256(_encode(points));
        _verifier.script(ScriptedVerifier.Answer.Refuse);
        _refuses(points, abi.encodeWithSelector(IInferenceVerifier.InvalidInference.selector, proofHash));
        _verifier.script(ScriptedVerifier.Answer.Revert);
        _refuses(points, abi.encodeWithSelector(IInferenceVerifier.InvalidInference.selector, proofHash));
    }

    function test_aProofOfAnotherLength() public {
        bytes memory longer = bytes.concat(_encode(_points(_round, 300)), hex"00");
        G1Point memory record = _record;
        vm.expectRevert(
            abi.encodeWithSelector(IInferenceVerifier.OtherProofLength.selector, LENGTH + 1, LENGTH)
        );
        _inference.requireInference(_round, LOGIT, record, longer);
    }

    function test_anotherChain() public {
        G1Point[] memory points = _points(_round, 300);
        vm.chainId(block.chainid + 1);
        _refusesScalars(points, _round, LOGIT, 300);
    }

    function test_anotherRegistry() public {
        G1Point[] memory points = _points(_round, 300);
        _deploy(_config());
        _inference = _create(address(registry), address(_verifier));
        _refusesRound(_round, RoundStatus.None, points);
    }

    function test_aRoundThatIsNotFinal() public {
        G1Point[] memory points = _points(_round, 300);
        uint256 next = _open();
        _refusesRound(next, RoundStatus.Open, points);
        _refusesRound(next + 1, RoundStatus.None, points);
    }

    function test_itStandsOnContracts() public {
        vm.expectRevert(abi.encodeWithSelector(IInferenceVerifier.ContractMissing.selector, OUTSIDER));
        _create(OUTSIDER, address(_verifier));
        vm.expectRevert(abi.encodeWithSelector(IInferenceVerifier.ContractMissing.selector, OUTSIDER));
        _create(address(registry), OUTSIDER);
    }

    // --- helpers ---

    function _create(
        address registry_,
        address verifier
    ) private returns (InferenceVerifier) {
        return new InferenceVerifier(IConsortiumRegistry(registry_), IHalo2Verifier(verifier), LENGTH);
    }

    function _points(
        uint256 roundId,
        uint256 scalar
    ) private view returns (G1Point[] memory points) {
        points = new G1Point[](4);
        points[RECORD] = _g1(RECORD_FACTOR);
        points[MODEL] = registry.round(roundId).modelAfter;
        points[PUBLIC] = _public(scalar, _inference.inferenceContext(roundId));
        points[ZEROS] = _g1(ZERO_FACTOR);
    }

    function _ask(
        uint256 roundId,
        int64 logit,
        G1Point[] memory points
    ) private view returns (bool) {
        return _inference.requireInference(roundId, logit, _record, _encode(points));
    }

    function _refuses(
        G1Point[] memory points,
        bytes memory expected
    ) private {
        vm.expectRevert(expected);
        _inference.requireInference(_round, LOGIT, _record, _encode(points));
    }

    function _refusesScalars(
        G1Point[] memory points,
        uint256 roundId,
        int64 logit,
        uint256 scalar
    ) private {
        bytes memory expected = abi.encodeWithSelector(
            IConsortiumErrors.PublicScalarsMismatch.selector,
            points[PUBLIC],
            _public(scalar, _inference.inferenceContext(roundId))
        );
        vm.expectRevert(expected);
        _inference.requireInference(roundId, logit, _record, _encode(points));
    }

    function _refusesRound(
        uint256 roundId,
        RoundStatus status,
        G1Point[] memory points
    ) private {
        vm.expectRevert(abi.encodeWithSelector(IConsortiumErrors.WrongRoundStatus.selector, roundId, status));
        _inference.requireInference(roundId, LOGIT, _record, _encode(points));
    }
}
