// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point} from "../../src/interfaces/IConsortiumRegistry.sol";
import {ProofCommitments} from "../../src/libraries/ProofCommitments.sol";
import {SharedVectors} from "./SharedVectors.sol";

contract ProofCommitmentsTest is SharedVectors {
    uint256 private constant POINT = ProofCommitments.POINT_LENGTH;

    // --- the library behind a call: it reads calldata ---

    function at(
        bytes calldata proof,
        uint256 index
    ) external pure returns (G1Point memory) {
        return ProofCommitments.at(proof, index);
    }

    // --- shared vectors ---

    function test_admissionProofsAreReadAsInPython() public view {
        uint256[3] memory places = [
            ProofCommitments.ADMISSION_DATA,
            ProofCommitments.ADMISSION_PUBLIC,
            ProofCommitments.ADMISSION_ZEROS
        ];
        string[3] memory names = ["data", "public", "zeros"];
        string memory json = _read("layout");
        _assertCount(json, ".admission", ProofCommitments.ADMISSION_COMMITMENTS, places.length);
        for (uint256 i = 0; i < places.length; ++i) {
            _assertPlace(json, "admission", places[i], names[i]);
        }
    }

    function test_trainingProofsAreReadAsInPython() public view {
        uint256[6] memory places = [
            ProofCommitments.TRAINING_DATA,
            ProofCommitments.TRAINING_MODEL,
            ProofCommitments.TRAINING_SECRETS,
            ProofCommitments.TRAINING_PUBLIC,
            ProofCommitments.TRAINING_UPDATE,
            ProofCommitments.TRAINING_ZEROS
        ];
        string[6] memory names = ["data", "model", "secrets", "public", "update", "zeros"];
        string memory json = _read("layout");
        _assertCount(json, ".training", ProofCommitments.TRAINING_COMMITMENTS, places.length);
        for (uint256 i = 0; i < places.length; ++i) {
            _assertPlace(json, "training", places[i], names[i]);
        }
    }

    function test_proofsOfBenefitsAreReadAsInPython() public view {
        uint256[5] memory places = [
            ProofCommitments.BENEFIT_UPDATE,
            ProofCommitments.BENEFIT_REST,
            ProofCommitments.BENEFIT_BOUND,
            ProofCommitments.BENEFIT_PUBLIC,
            ProofCommitments.BENEFIT_ZEROS
        ];
        string[5] memory names = ["update", "rest", "bound", "public", "zeros"];
        string memory json = _read("layout");
        _assertCount(json, ".benefit", ProofCommitments.BENEFIT_COMMITMENTS, places.length);
        for (uint256 i = 0; i < places.length; ++i) {
            _assertPlace(json, "benefit", places[i], names[i]);
        }
    }

    // --- points ---

    function testFuzz_everyPointOfAProofIsRead(
        G1Point[] memory points,
        bytes memory tail
    ) public view {
        bytes memory proof;
        for (uint256 i = 0; i < points.length; ++i) {
            proof = bytes.concat(proof, abi.encode(points[i]));
        }
        proof = bytes.concat(proof, tail);
        for (uint256 i = 0; i < points.length; ++i) {
            _assertPoint(this.at(proof, i), points[i], "point");
        }
    }

    // --- refusals ---

    function testFuzz_aProofThatEndsBeforeAPointIsRefused(
        uint256 length,
        uint256 index
    ) public {
        index = _within(index, 0, 64);
        uint256 needed = (index + 1) * POINT;
        length = _within(length, 0, needed - 1);
        _refusedProof(length, index, needed);
    }

    function test_aByteLessThanAPointIsTooShort() public {
        for (uint256 index = 0; index < ProofCommitments.TRAINING_COMMITMENTS; ++index) {
            uint256 needed = (index + 1) * POINT;
            this.at(new bytes(needed), index);
            _refusedProof(needed - 1, index, needed);
        }
    }

    /// @dev An index cannot wrap around to the start of the proof.
    function testFuzz_anIndexThatOverflowsIsRefused(
        uint256 index
    ) public {
        index = _within(index, type(uint256).max / POINT, type(uint256).max);
        bytes memory call = abi.encodeCall(this.at, (new bytes(POINT), index));
        uint256 overflow = 0x11;
        _refused(address(this), address(this), call, abi.encodeWithSignature("Panic(uint256)", overflow));
    }

    function _refusedProof(
        uint256 length,
        uint256 index,
        uint256 needed
    ) private {
        bytes memory call = abi.encodeCall(this.at, (new bytes(length), index));
        bytes memory expected =
            abi.encodeWithSelector(ProofCommitments.ProofTooShort.selector, length, needed);
        _refused(address(this), address(this), call, expected);
    }

    function _assertCount(
        string memory json,
        string memory circuit,
        uint256 commitments,
        uint256 places
    ) private pure {
        vm.assertEq(commitments, _uint(json, circuit, "commitments"), "commitments");
        vm.assertEq(commitments, places, "a place for each commitment");
    }

    /// @dev Python's list has the tensor of this name at this place, and the point is read there.
    function _assertPlace(
        string memory json,
        string memory circuit,
        uint256 place,
        string memory name
    ) private view {
        string memory there = _case(json, string.concat(circuit, ".names"), place);
        vm.assertEq(vm.parseJsonString(json, there), name, "name");
        bytes memory proof = vm.parseJsonBytes(json, string.concat(".", circuit, ".proof"));
        G1Point memory expected = _point(json, _case(json, string.concat(circuit, ".points"), place));
        _assertPoint(this.at(proof, place), expected, name);
    }
}
