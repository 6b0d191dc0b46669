// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {VerifierRouter} from "../src/VerifierRouter.sol";
import {IVerifierRouter} from "../src/interfaces/IVerifierRouter.sol";
import {ScriptedVerifier} from "./support/ScriptedVerifier.sol";
import {Test} from "./support/Test.sol";

contract VerifierRouterTest is Test {
    bytes32 private constant CIRCUIT = keccak256("circuit");
    bytes32 private constant OTHER = keccak256("another circuit");
    address private constant OWNER = address(uint160(uint256(keccak256("owner"))));
    address private constant OUTSIDER = address(uint160(uint256(keccak256("outsider"))));
    uint32 private constant LENGTH = 200;

    VerifierRouter private _router;
    ScriptedVerifier private _verifier;
    bytes private _proof;

    function setUp() public {
        _router = new VerifierRouter(OWNER);
        _verifier = new ScriptedVerifier();
        _register(CIRCUIT);
        _proof = new bytes(LENGTH);
        _proof[LENGTH - 1] = 0x07;
    }

    // --- registering ---

    function test_aCircuitIsRegistered() public {
        vm.expectEmit(true, true, true, true, address(_router));
        emit IVerifierRouter.CircuitRegistered(OTHER, address(_verifier), LENGTH, 3);
        _register(OTHER);
        IVerifierRouter.Route memory route = _router.route(OTHER);
        vm.assertEq(route.verifier, address(_verifier), "verifier");
        vm.assertEq(route.proofLength, LENGTH, "length");
        vm.assertEq(route.commitments, 3, "commitments");
        vm.assertTrue(!route.removed, "in use");
    }

    function test_onlyTheOwnerChangesRoutes() public {
        bytes memory expected = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, OUTSIDER);
        _refused(OUTSIDER, address(_router), _registering(OTHER, address(_verifier), LENGTH, 3), expected);
        _refused(OUTSIDER, address(_router), abi.encodeCall(_router.remove, (CIRCUIT)), expected);
    }

    function test_aRouteNeverChanges() public {
        ScriptedVerifier another = new ScriptedVerifier();
        _refuses(
            _registering(CIRCUIT, address(another), LENGTH, 3),
            abi.encodeWithSelector(
                IVerifierRouter.CircuitAlreadyRegistered.selector, CIRCUIT, address(_verifier)
            )
        );
    }

    function test_aVerifierIsAContract() public {
        address[2] memory empty = [OUTSIDER, address(0)];
        for (uint256 i = 0; i < empty.length; ++i) {
            _refuses(
                _registering(OTHER, empty[i], LENGTH, 3),
                abi.encodeWithSelector(IVerifierRouter.VerifierHasNoCode.selector, empty[i])
            );
        }
    }

    function test_aProofHasRoomForItsPoints() public {
        uint32[4] memory lengths = [uint32(0), 200, 191, 255 * 64 - 1];
        uint8[4] memory points = [0, 0, 3, 255];
        for (uint256 i = 0; i < lengths.length; ++i) {
            _refuses(
                _registering(OTHER, address(_verifier), lengths[i], points[i]),
                abi.encodeWithSelector(IVerifierRouter.InvalidLayout.selector, lengths[i], points[i])
            );
        }
        _accepted(OWNER, address(_router), _registering(OTHER, address(_verifier), 192, 3));
    }

    // --- tombstones ---

    function test_aRemovedCircuitLeavesATombstone() public {
        vm.expectEmit(true, true, true, true, address(_router));
        emit IVerifierRouter.CircuitRemoved(CIRCUIT, address(_verifier));
        vm.prank(OWNER);
        _router.remove(CIRCUIT);
        vm.assertTrue(_router.route(CIRCUIT).removed, "removed");
        vm.assertEq(_router.route(CIRCUIT).verifier, address(_verifier), "still readable");

        bytes memory expected = abi.encodeWithSelector(IVerifierRouter.CircuitTombstoned.selector, CIRCUIT);
        _refuses(_registering(CIRCUIT, address(_verifier), LENGTH, 3), expected);
        _refuses(abi.encodeCall(_router.remove, (CIRCUIT)), expected);
        _refuses(abi.encodeCall(_router.requireValid, (CIRCUIT, _proof)), expected);
        _refuses(abi.encodeCall(_router.requireVerifiable, (CIRCUIT, LENGTH)), expected);
    }

    function test_aCircuitThatNobodyRegistered() public {
        bytes memory expected = abi.encodeWithSelector(IVerifierRouter.CircuitUnknown.selector, OTHER);
        _refuses(abi.encodeCall(_router.remove, (OTHER)), expected);
        _refuses(abi.encodeCall(_router.requireValid, (OTHER, _proof)), expected);
        _refuses(abi.encodeCall(_router.requireVerifiable, (OTHER, LENGTH)), expected);
    }

    // --- the owner ---

    function test_ownershipPassesInTwoSteps() public {
        vm.prank(OWNER);
        _router.transferOwnership(OUTSIDER);
        vm.assertEq(_router.owner(), OWNER, "until it is accepted");
        vm.prank(OUTSIDER);
        _router.acceptOwnership();
        vm.assertEq(_router.owner(), OUTSIDER, "accepted");
    }

    // --- proofs ---

    function test_theVerifierSeesTheProofAndNoInstances() public {
        _verifier.acceptOnly(keccak256(_proof));
        _router.requireValid(CIRCUIT, _proof);
    }

    function testFuzz_anotherProofThanTheValidOne(
        uint256 place,
        uint8 change
    ) public {
        vm.assume(change != 0);
        _verifier.acceptOnly(keccak256(_proof));
        place %= LENGTH;
        _proof[place] = bytes1(uint8(_proof[place]) ^ change);
        _refusesProof();
    }

    function testFuzz_aProofOfAnotherLength(
        uint256 length
    ) public {
        length = _within(length, 0, 2 * LENGTH);
        vm.assume(length != LENGTH);
        _refuses(
            abi.encodeCall(_router.requireValid, (CIRCUIT, new bytes(length))),
            abi.encodeWithSelector(IVerifierRouter.ProofLengthMismatch.selector, CIRCUIT, length, LENGTH)
        );
    }

    /// @dev A caller's layout never reaches the verifier: the proof is found at any offset,
    /// and what lies around it is left behind.
    function test_aProofThatCouldBeVerified() public {
        _accepted(OUTSIDER, address(_router), abi.encodeCall(_router.requireVerifiable, (CIRCUIT, LENGTH)));
        _refuses(
            abi.encodeCall(_router.requireVerifiable, (CIRCUIT, LENGTH - 1)),
            abi.encodeWithSelector(IVerifierRouter.ProofLengthMismatch.selector, CIRCUIT, LENGTH - 1, LENGTH)
        );
    }

    function test_theVerifierIsCalledInTheCanonicalLayout() public {
        _verifier.acceptOnly(keccak256(_proof));
        bytes memory call = abi.encodeCall(_router.requireValid, (CIRCUIT, _proof));
        bytes memory shifted = bytes.concat(_cut(call, 68), bytes32(type(uint256).max), _from(call, 68));
        shifted[67] = 0x60;
        _accepted(OUTSIDER, address(_router), bytes.concat(shifted, bytes32(type(uint256).max)));
    }

    function test_aVerifierThatRefusesRevertsOrPanics() public {
        _script(ScriptedVerifier.Answer.Refuse);
        _refusesProof();
        _script(ScriptedVerifier.Answer.Revert);
        _refusesProof();
        _script(ScriptedVerifier.Answer.Panic);
        _refusesProof();
    }

    /// @dev Not a boolean: the decoder that solc generates reverts without data.
    function test_aVerifierThatAnswersSomethingElse() public {
        bytes memory call = abi.encodeCall(_router.requireValid, (CIRCUIT, _proof));
        _script(ScriptedVerifier.Answer.ReturnNothing);
        _refuses(call, "");
        _script(ScriptedVerifier.Answer.ReturnTwo);
        _refuses(call, "");
        _script(ScriptedVerifier.Answer.ReturnMuch);
        _refuses(call, "");
    }

    function test_aVerifierThatBurnsAllGas() public {
        _script(ScriptedVerifier.Answer.BurnGas);
        bytes memory call = abi.encodeCall(_router.requireValid, (CIRCUIT, _proof));
        (bool accepted, bytes memory answer) = address(_router).call{gas: 3_000_000}(call);
        vm.assertTrue(!accepted, "accepted");
        // the sixty-fourth part that a call leaves behind is enough to say why
        vm.assertEq(answer, _invalid(), "why");
    }

    /// @dev Whatever gas a caller leaves the verifier, a refused proof is never taken.
    function testFuzz_noAmountOfGasTurnsARefusalIntoAcceptance(
        uint256 gasLimit
    ) public {
        _script(ScriptedVerifier.Answer.Refuse);
        bytes memory call = abi.encodeCall(_router.requireValid, (CIRCUIT, _proof));
        (bool accepted,) = address(_router).call{gas: _within(gasLimit, 0, 100_000)}(call);
        vm.assertTrue(!accepted, "accepted");
    }

    // --- helpers ---

    function _register(
        bytes32 circuit
    ) private {
        vm.prank(OWNER);
        _router.register(circuit, address(_verifier), LENGTH, 3);
    }

    function _registering(
        bytes32 circuit,
        address verifier,
        uint32 length,
        uint8 points
    ) private view returns (bytes memory) {
        return abi.encodeCall(_router.register, (circuit, verifier, length, points));
    }

    function _script(
        ScriptedVerifier.Answer answer
    ) private {
        _verifier.script(answer);
    }

    function _invalid() private view returns (bytes memory) {
        return abi.encodeWithSelector(IVerifierRouter.InvalidProof.selector, CIRCUIT, keccak256(_proof));
    }

    function _refusesProof() private {
        _refuses(abi.encodeCall(_router.requireValid, (CIRCUIT, _proof)), _invalid());
    }

    function _refuses(
        bytes memory call,
        bytes memory expected
    ) private {
        _refused(OWNER, address(_router), call, expected);
    }
}
