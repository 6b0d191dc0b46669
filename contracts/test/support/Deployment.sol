// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {ConsortiumRegistry} from "../../src/ConsortiumRegistry.sol";
import {RegistryExtension} from "../../src/RegistryExtension.sol";
import {VectorOpening} from "../../src/VectorOpening.sol";
import {VerifierRouter} from "../../src/VerifierRouter.sol";
import {
    ConsortiumConfig,
    FailureReason,
    G1Point,
    RoundStatus,
    WeightRule
} from "../../src/interfaces/IConsortiumRegistry.sol";
import {IConsortiumErrors} from "../../src/interfaces/IConsortiumErrors.sol";
import {BN254} from "../../src/libraries/BN254.sol";
import {ProofCommitments} from "../../src/libraries/ProofCommitments.sol";
import {PublicScalars} from "../../src/libraries/PublicScalars.sol";
import {IWholeRegistry} from "./IWholeRegistry.sol";
import {KnownSetup} from "./KnownSetup.sol";
import {ScriptedVerifier} from "./ScriptedVerifier.sol";
import {Test} from "./Test.sol";

/// @title A consortium of real contracts over verifiers that a test scripts
/// @dev Every point is a known multiple of the generator, so that a test can compute in
/// factors what the contracts compute in points.
abstract contract Deployment is Test {
    bytes32 internal constant ADMISSION_CIRCUIT = keccak256("admission circuit");
    bytes32 internal constant TRAINING_CIRCUIT = keccak256("training circuit");
    bytes32 internal constant BENEFIT_CIRCUIT = keccak256("benefit circuit");
    bytes32 internal constant ENCRYPTION_CONTEXT = keccak256("encryption context");
    bytes32 internal constant CIPHERTEXT = keccak256("ciphertext");
    bytes32 internal constant MODEL_FILE = keccak256("model file");
    bytes32 internal constant ENCRYPTED_SUM = keccak256("encrypted sum");
    bytes32 internal constant SUM_FILE = keccak256("sum file");

    uint256 internal constant ZERO_FACTOR = 11;
    uint256 internal constant LAGRANGE0_FACTOR = 12;
    uint256 internal constant LAGRANGE1_FACTOR = 13;
    uint8 internal constant LOGROWS = 14;
    uint32 internal constant MODEL_LENGTH = 4;
    uint32 internal constant SLOTS = 128;
    uint64 internal constant NOISE_BOUND = 64;
    uint32 internal constant WINDOW = 3600;
    /// @dev Bytes behind the points: a real proof goes on, and the contracts must not care.
    uint256 internal constant TAIL = 96;

    address internal constant OWNER = address(uint160(uint256(keccak256("owner"))));
    address internal constant AGGREGATOR = address(uint160(uint256(keccak256("aggregator"))));
    address internal constant GUARDIAN = address(uint160(uint256(keccak256("guardian"))));
    address internal constant KEY_HOLDER = address(uint160(uint256(keccak256("key holder"))));
    address internal constant OUTSIDER = address(uint160(uint256(keccak256("outsider"))));
    address internal constant ADA = address(uint160(uint256(keccak256("ada"))));
    address internal constant BAY = address(uint160(uint256(keccak256("bay"))));
    address internal constant CAY = address(uint160(uint256(keccak256("cay"))));
    address internal constant DEE = address(uint160(uint256(keccak256("dee"))));

    VerifierRouter internal router;
    VectorOpening internal opening;
    ScriptedVerifier internal admissionVerifier;
    ScriptedVerifier internal trainingVerifier;
    address internal bondVault;
    address internal learningRate;
    ScriptedVerifier internal benefitVerifier;
    RegistryExtension internal extension;
    IWholeRegistry internal registry;

    // --- deployment ---

    function _config() internal view virtual returns (ConsortiumConfig memory) {
        return ConsortiumConfig({
            srsHash: keccak256("srs"),
            srsInsecure: true,
            logrows: LOGROWS,
            zeroCommitment: _g1(ZERO_FACTOR),
            lagrange0: _g1(LAGRANGE0_FACTOR),
            lagrange1: _g1(LAGRANGE1_FACTOR),
            admissionCircuit: ADMISSION_CIRCUIT,
            trainingCircuit: TRAINING_CIRCUIT,
            modelLength: MODEL_LENGTH,
            shardSlots: SLOTS,
            minimumRecords: 1,
            maxOpenings: 3,
            noiseBound: NOISE_BOUND,
            minCohort: 3,
            maxCohort: 4,
            quorumBps: 6667,
            capShare: 1 << 15,
            weightRule: WeightRule.Records,
            submissionWindow: WINDOW,
            publicationWindow: WINDOW + 1,
            acknowledgementWindow: WINDOW + 2,
            remaskWindow: WINDOW + 3,
            revealWindow: WINDOW + 4,
            challengeWindow: 0,
            benefitCircuit: 0
        });
    }

    function _deploy(
        ConsortiumConfig memory config
    ) internal {
        router = new VerifierRouter(OWNER);
        admissionVerifier = new ScriptedVerifier();
        trainingVerifier = new ScriptedVerifier();
        _route(ADMISSION_CIRCUIT, admissionVerifier, ProofCommitments.ADMISSION_COMMITMENTS);
        _route(TRAINING_CIRCUIT, trainingVerifier, _trainingCommitments());
        benefitVerifier = new ScriptedVerifier();
        _route(BENEFIT_CIRCUIT, benefitVerifier, ProofCommitments.BENEFIT_COMMITMENTS);
        opening = new VectorOpening(LOGROWS, KnownSetup.tauG2());
        learningRate = _learningRate();
        bondVault = _bondVault();
        extension = new RegistryExtension(router, opening, bondVault);
        registry = _create(config);
    }

    /// @dev No bonds, unless a test asks for them. It comes two creations before the registry.
    function _bondVault() internal virtual returns (address) {
        return address(0);
    }

    /// @dev No rates, unless a test asks for them. It comes two creations before the registry, three
    /// with bonds.
    function _learningRate() internal virtual returns (address) {
        return address(0);
    }

    function _trainingCommitments() internal view virtual returns (uint8) {
        return ProofCommitments.TRAINING_COMMITMENTS;
    }

    function _create(
        ConsortiumConfig memory config
    ) internal returns (IWholeRegistry) {
        ConsortiumRegistry created = new ConsortiumRegistry(
            config,
            router,
            opening,
            address(extension),
            bondVault,
            learningRate,
            OWNER,
            AGGREGATOR,
            GUARDIAN,
            KEY_HOLDER
        );
        return IWholeRegistry(address(created));
    }

    function _route(
        bytes32 circuit,
        ScriptedVerifier verifier,
        uint8 commitments
    ) private {
        uint32 length = uint32(commitments * ProofCommitments.POINT_LENGTH + TAIL);
        vm.prank(OWNER);
        router.register(circuit, address(verifier), length, commitments);
    }

    // --- single steps ---

    function _join(
        address member,
        string memory name
    ) internal {
        vm.prank(OWNER);
        registry.addMember(member, name);
    }

    function _announceKey(
        address member
    ) internal {
        vm.prank(member, member);
        registry.announceMaskKey(keccak256(abi.encode("mask key", member)));
    }

    function _announceContext() internal {
        vm.prank(KEY_HOLDER);
        registry.announceEncryptionContext(ENCRYPTION_CONTEXT);
    }

    function _admit(
        address member,
        uint32 count,
        uint256 dataFactor
    ) internal {
        bytes memory proof = _encode(_admissionPoints(member, count, dataFactor));
        vm.prank(member, member);
        registry.admitShard(count, proof);
    }

    /// @dev Three hospitals with a shard each, of 100, 60 and 40 records.
    function _found() internal {
        _join(ADA, "Ada");
        _join(BAY, "Bay");
        _join(CAY, "Cay");
        _announceKey(ADA);
        _announceKey(BAY);
        _announceKey(CAY);
        _announceContext();
        _admit(ADA, 100, 101);
        _admit(BAY, 60, 102);
        _admit(CAY, 40, 103);
    }

    function _open() internal returns (uint256 roundId) {
        vm.prank(AGGREGATOR);
        return registry.openRound();
    }

    function _submit(
        address member,
        uint256 roundId,
        uint256 updateFactor,
        G1Point memory mask
    ) internal {
        bytes memory proof = _encode(_trainingPoints(member, roundId, updateFactor));
        vm.prank(member, member);
        registry.submitUpdate(roundId, proof, mask, CIPHERTEXT);
    }

    function _remask(
        address member,
        uint256 roundId,
        G1Point memory mask
    ) internal {
        uint32 attempt = registry.round(roundId).attempt;
        vm.prank(member);
        registry.remaskUpdate(roundId, attempt, mask, CIPHERTEXT);
    }

    function _split(
        address member,
        uint256 roundId,
        G1Point[] memory pairMasks
    ) internal {
        _accepted(member, address(registry), _splitCall(roundId, pairMasks));
    }

    /// @dev Names the round's attempt and cohort as they are.
    function _splitCall(
        uint256 roundId,
        G1Point[] memory pairMasks
    ) internal view returns (bytes memory) {
        uint32 attempt = registry.round(roundId).attempt;
        return _splitCall(roundId, attempt, _cohortHash(registry.cohort(roundId)), pairMasks);
    }

    function _splitCall(
        uint256 roundId,
        uint32 attempt,
        bytes32 cohortHash,
        G1Point[] memory pairMasks
    ) internal view returns (bytes memory) {
        return abi.encodeCall(registry.splitMask, (roundId, attempt, cohortHash, pairMasks));
    }

    function _cohortHash(
        address[] memory cohort
    ) internal view returns (bytes32) {
        bytes32[] memory maskKeys = new bytes32[](cohort.length);
        for (uint256 i = 0; i < cohort.length; ++i) {
            maskKeys[i] = registry.memberOf(cohort[i]).maskKey;
        }
        return keccak256(abi.encode(keccak256("zkfl.mask-cohort.v1"), cohort, maskKeys));
    }

    function _announceSum(
        uint256 roundId,
        bytes32 encryptedSumHash
    ) internal {
        vm.prank(AGGREGATOR);
        registry.announceSum(roundId, encryptedSumHash);
    }

    function _openSum(
        uint256 roundId,
        bytes32 encryptedSumHash,
        bytes32 sumHash
    ) internal {
        vm.prank(KEY_HOLDER);
        registry.openSum(roundId, encryptedSumHash, sumHash);
    }

    function _publish(
        uint256 roundId,
        bytes32 modelFile
    ) internal {
        vm.prank(AGGREGATOR);
        registry.publishModel(roundId, modelFile);
    }

    function _acknowledge(
        address member,
        uint256 roundId
    ) internal {
        _acknowledgeFile(member, roundId, MODEL_FILE);
    }

    function _acknowledgeFile(
        address member,
        uint256 roundId,
        bytes32 modelFile
    ) internal {
        vm.prank(member, member);
        registry.acknowledge(roundId, modelFile);
    }

    /// @dev The deadline passes, and somebody pushes the round.
    function _push(
        uint256 roundId
    ) internal {
        vm.warp(registry.round(roundId).deadline + 1);
        vm.prank(OUTSIDER);
        registry.pushRound(roundId);
    }

    // --- proofs ---

    function _public(
        uint256 scalar,
        uint256 context
    ) internal view returns (G1Point memory) {
        return PublicScalars.commitment(
            scalar, context, _g1(LAGRANGE0_FACTOR), _g1(LAGRANGE1_FACTOR), _g1(ZERO_FACTOR)
        );
    }

    function _admissionPoints(
        address member,
        uint32 count,
        uint256 dataFactor
    ) internal view returns (G1Point[] memory points) {
        uint256 context = registry.admissionContext(member, registry.shardCount(member));
        points = new G1Point[](ProofCommitments.ADMISSION_COMMITMENTS);
        points[ProofCommitments.ADMISSION_DATA] = _g1(dataFactor);
        points[ProofCommitments.ADMISSION_PUBLIC] = _public(count, context);
        points[ProofCommitments.ADMISSION_ZEROS] = _g1(ZERO_FACTOR);
    }

    function _trainingPoints(
        address member,
        uint256 roundId,
        uint256 updateFactor
    ) internal view virtual returns (G1Point[] memory points) {
        uint32 shard = registry.participation(roundId, member).shardIndex;
        points = new G1Point[](ProofCommitments.TRAINING_COMMITMENTS);
        points[ProofCommitments.TRAINING_DATA] = registry.shardOf(member, shard).commitment;
        points[ProofCommitments.TRAINING_MODEL] = registry.model();
        points[ProofCommitments.TRAINING_SECRETS] = _g1(7);
        points[ProofCommitments.TRAINING_PUBLIC] =
            _public(NOISE_BOUND, registry.trainingContext(member, roundId));
        points[ProofCommitments.TRAINING_UPDATE] = _g1(updateFactor);
        points[ProofCommitments.TRAINING_ZEROS] = _g1(ZERO_FACTOR);
    }

    /// @dev The points, then bytes that are none.
    function _encode(
        G1Point[] memory points
    ) internal pure returns (bytes memory proof) {
        for (uint256 i = 0; i < points.length; ++i) {
            proof = bytes.concat(proof, abi.encode(points[i]));
        }
        for (uint256 i = 0; i < TAIL / 32; ++i) {
            proof = bytes.concat(proof, bytes32(type(uint256).max - i));
        }
    }

    /// @dev Points that no honest party sends, and what a check of the curve says of each.
    function _badPoints(
        G1Point memory good
    ) internal pure returns (G1Point[] memory points, bytes[] memory errors) {
        uint256 q = BN254.BASE_MODULUS;
        points = new G1Point[](6);
        errors = new bytes[](6);
        points[0] = G1Point(1, 3);
        errors[0] = abi.encodeWithSelector(BN254.PointNotOnCurve.selector, 1, 3);
        points[1] = G1Point(0, 0);
        errors[1] = abi.encodeWithSelector(BN254.PointAtInfinity.selector);
        points[2] = G1Point(q, 0);
        points[3] = G1Point(good.x, good.y + q);
        points[4] = G1Point(good.x + q, good.y);
        points[5] = G1Point(type(uint256).max, type(uint256).max);
        errors[2] = abi.encodeWithSelector(BN254.CoordinateNotBelowModulus.selector, q);
        errors[3] = abi.encodeWithSelector(BN254.CoordinateNotBelowModulus.selector, good.y + q);
        errors[4] = abi.encodeWithSelector(BN254.CoordinateNotBelowModulus.selector, good.x + q);
        errors[5] = abi.encodeWithSelector(BN254.CoordinateNotBelowModulus.selector, type(uint256).max);
    }

    // --- refusals and outcomes ---

    function _refused(
        address sender,
        bytes memory call,
        bytes memory expected
    ) internal {
        _refused(sender, address(registry), call, expected);
    }

    /// @dev What counts only if the member signed the call itself: the same bytes are refused from a
    /// contract and from an account with code, and taken from the member.
    function _onlyDirectly(
        address member,
        address target,
        bytes memory call
    ) internal {
        bytes memory expected = abi.encodeWithSelector(IConsortiumErrors.NotSentDirectly.selector, member);
        vm.prank(member, OUTSIDER);
        (bool accepted, bytes memory answer) = target.call(call);
        vm.assertTrue(!accepted, "another account signed the transaction");
        vm.assertEq(answer, expected, "another reason");
        // an account that delegates to code, by EIP-7702
        vm.etch(member, bytes.concat(hex"ef0100", bytes20(OUTSIDER)));
        _refused(member, target, call, expected);
        vm.etch(member, "");
        _accepted(member, target, call);
    }

    function _unauthorized(
        address account,
        bytes32 role
    ) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, account, role);
    }

    function _wrongStatus(
        uint256 roundId,
        RoundStatus status
    ) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IConsortiumErrors.WrongRoundStatus.selector, roundId, status);
    }

    function _assertStatus(
        uint256 roundId,
        RoundStatus status,
        FailureReason failure
    ) internal view {
        vm.assertEq(uint256(registry.round(roundId).status), uint256(status), "status");
        vm.assertEq(uint256(registry.round(roundId).failure), uint256(failure), "failure");
    }

    function _expectEvent() internal {
        vm.expectEmit(true, true, true, true, address(registry));
    }
}
