// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point} from "../../src/interfaces/IConsortiumRegistry.sol";
import {BN254} from "../../src/libraries/BN254.sol";
import {PublicScalars} from "../../src/libraries/PublicScalars.sol";
import {SharedVectors} from "./SharedVectors.sol";

contract PublicScalarsTest is SharedVectors {
    bytes32 private constant ADMISSION = PublicScalars.ADMISSION_DOMAIN;
    bytes32 private constant TRAINING = PublicScalars.TRAINING_DOMAIN;

    // --- shared vectors ---

    function test_admissionContextsArePythons() public {
        _assertContexts("admission", ADMISSION);
    }

    function test_trainingContextsArePythons() public {
        _assertContexts("training", TRAINING);
    }

    function test_benefitContextsArePythons() public {
        _assertContexts("benefit", PublicScalars.BENEFIT_DOMAIN);
    }

    function test_commitmentsOfColumnsArePythons() public view {
        string memory json = _read("contexts");
        G1Point memory lagrange0 = _point(json, "", "lagrange0");
        G1Point memory lagrange1 = _point(json, "", "lagrange1");
        G1Point memory zero = _point(json, "", "zeroCommitment");
        string memory path;
        for (uint256 i = 0; bytes(path = _case(json, "columns", i)).length > 0; ++i) {
            uint256 scalar = _uint(json, path, "scalar");
            uint256 context = _uint(json, path, "context");
            G1Point memory column = PublicScalars.commitment(scalar, context, lagrange0, lagrange1, zero);
            _assertPoint(column, _point(json, path, "point"), path);
        }
    }

    // --- contexts ---

    function testFuzz_aContextIsTheDigestModuloTheField(
        uint64 chain,
        bool training,
        address registry,
        address member,
        uint256 number
    ) public {
        vm.chainId(chain);
        bytes32 domain = keccak256(bytes(training ? "zkfl.training.v1" : "zkfl.admission.v1"));
        uint256 digest = uint256(keccak256(abi.encode(domain, uint256(chain), registry, member, number)));
        uint256 context = PublicScalars.context(training ? TRAINING : ADMISSION, registry, member, number);
        vm.assertEq(context, digest % BN254.SCALAR_MODULUS, "context");
    }

    function testFuzz_everyPartOfAPlaceChangesTheContext(
        address registry,
        address member,
        uint256 number
    ) public {
        vm.assume(registry != member && number < type(uint256).max);
        vm.chainId(1);
        uint256[5] memory contexts = [
            PublicScalars.context(ADMISSION, registry, member, number),
            PublicScalars.context(TRAINING, registry, member, number),
            PublicScalars.context(ADMISSION, member, registry, number),
            PublicScalars.context(ADMISSION, registry, member, number + 1),
            PublicScalars.context(ADMISSION, registry, registry, number)
        ];
        for (uint256 i = 0; i < contexts.length; ++i) {
            for (uint256 j = i + 1; j < contexts.length; ++j) {
                vm.assertTrue(contexts[i] != contexts[j], "two places have one context");
            }
        }
        vm.chainId(2);
        uint256 elsewhere = PublicScalars.context(ADMISSION, registry, member, number);
        vm.assertTrue(elsewhere != contexts[0], "two chains have one context");
    }

    // --- commitments ---

    /// @dev Over points of known factors: 12*scalar + 13*context + 11, times the generator.
    function testFuzz_aColumnIsTheSumOfItsCellsAndZeros(
        uint256 scalar,
        uint256 context
    ) public view {
        uint256 p = BN254.SCALAR_MODULUS;
        uint256 factor = addmod(mulmod(12, scalar, p), mulmod(13, context, p), p);
        _assertPoint(_column(scalar, context), _g1(addmod(factor, 11, p)), "column");
    }

    function testFuzz_anotherCellIsAnotherCommitment(
        uint64 scalar,
        uint64 otherScalar,
        uint256 context,
        uint256 otherContext
    ) public view {
        context %= BN254.SCALAR_MODULUS;
        otherContext %= BN254.SCALAR_MODULUS;
        vm.assume(scalar != otherScalar && context != otherContext);
        G1Point memory column = _column(scalar, context);
        vm.assertTrue(!BN254.equals(column, _column(otherScalar, context)), "another scalar");
        vm.assertTrue(!BN254.equals(column, _column(scalar, otherContext)), "another context");
    }

    function test_aColumnOfZerosIsTheZeroCommitment() public view {
        _assertPoint(_column(0, 0), _g1(11), "column");
    }

    function _column(
        uint256 scalar,
        uint256 context
    ) private view returns (G1Point memory) {
        return PublicScalars.commitment(scalar, context, _g1(12), _g1(13), _g1(11));
    }

    function _assertContexts(
        string memory circuit,
        bytes32 domain
    ) private {
        string memory json = _read("contexts");
        string memory path;
        for (uint256 i = 0; bytes(path = _case(json, circuit, i)).length > 0; ++i) {
            vm.chainId(_uint(json, path, "chainId"));
            address registry = _address(json, path, "registry");
            address member = _address(json, path, "member");
            uint256 context = PublicScalars.context(domain, registry, member, _uint(json, path, "number"));
            vm.assertEq(context, _uint(json, path, "context"), path);
        }
    }
}
