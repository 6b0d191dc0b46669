// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {ConsortiumConfig, G1Point, IConsortiumEvents} from "../src/interfaces/IConsortiumRegistry.sol";
import {BN254} from "../src/libraries/BN254.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

/// @dev Members hold a signed split against its signer, so it has to say what it is about.
contract SplitStatementTest is ConsortiumTest {
    uint32 private constant ATTEMPT = 1;

    uint256 private _roundId;
    G1Point[] private _masks;

    /// @dev Bay's mask is one off, and Ada is about to split its own.
    function setUp() public override {
        super.setUp();
        _join(DEE, "Dee");
        _announceKey(DEE);
        _admit(DEE, 50, 104);
        _roundId = _open();
        for (uint256 i = 0; i < 4; ++i) {
            address member = registry.cohort(_roundId)[i];
            _submit(member, _roundId, _update(_roundId, member), _offBy(member, member == BAY ? 1 : 0));
        }
        registry.closeRound(_roundId);
        G1Point[] memory split = _pairMasks(_roundId, ADA);
        for (uint256 i = 0; i < split.length; ++i) {
            _masks.push(split[i]);
        }
    }

    function _config() internal view override returns (ConsortiumConfig memory config) {
        config = super._config();
        config.maxCohort = 4;
    }

    function test_aSplitLeavesAnEvent() public {
        bytes memory call = _honestCall();
        _expectEvent();
        emit IConsortiumEvents.MaskSplit(_roundId, ADA, ATTEMPT);
        _accepted(ADA, address(registry), call);
    }

    // --- what it names ---

    function test_anotherAttempt() public {
        uint32[3] memory others = [uint32(0), ATTEMPT + 1, type(uint32).max];
        for (uint256 i = 0; i < others.length; ++i) {
            _refused(
                ADA,
                _splitCall(_roundId, others[i], _named(), _masks),
                abi.encodeWithSelector(IConsortiumErrors.WrongAttempt.selector, _roundId, others[i], ATTEMPT)
            );
        }
    }

    /// @dev What was signed in one dispute is no statement in the next one.
    function test_aSplitOfTheAttemptBefore() public {
        bytes memory former = _honestCall();
        address[] memory cohort = registry.cohort(_roundId);
        for (uint256 i = 0; i < cohort.length; ++i) {
            G1Point[] memory split = _pairMasks(_roundId, cohort[i]);
            if (cohort[i] == BAY) split[2] = BN254.add(split[2], _g1(1));
            _answer(cohort[i], split);
        }
        for (uint256 i = 0; i < cohort.length; ++i) {
            _remask(cohort[i], _roundId, _offBy(cohort[i], cohort[i] == BAY ? 1 : 0));
        }
        registry.closeRound(_roundId);
        _refused(
            ADA,
            former,
            abi.encodeWithSelector(IConsortiumErrors.WrongAttempt.selector, _roundId, ATTEMPT, ATTEMPT + 1)
        );
    }

    function test_anotherOrder() public {
        address[] memory cohort = registry.cohort(_roundId);
        (cohort[2], cohort[3]) = (cohort[3], cohort[2]);
        _refusesCohort(_cohortHash(cohort));
    }

    function test_anotherCohort() public {
        address[] memory cohort = registry.cohort(_roundId);
        cohort[3] = OUTSIDER;
        _refusesCohort(_cohortHash(cohort));
        _refusesCohort(_cohortHash(registry.members()) ^ bytes32(uint256(1)));
        _refusesCohort(0);
    }

    function test_anotherMaskKey() public {
        address[] memory cohort = registry.cohort(_roundId);
        bytes32[] memory keys = new bytes32[](cohort.length);
        for (uint256 i = 0; i < cohort.length; ++i) {
            keys[i] = registry.memberOf(cohort[i]).maskKey;
        }
        for (uint256 i = 0; i < cohort.length; ++i) {
            bytes32 key = keys[i];
            keys[i] = keccak256("the key before");
            _refusesCohort(keccak256(abi.encode(keccak256("zkfl.mask-cohort.v1"), cohort, keys)));
            keys[i] = key;
        }
        _accepted(ADA, address(registry), _honestCall());
    }

    // --- what its signature covers ---

    function test_aContractCannotSplit() public {
        bytes memory call = _honestCall();
        bytes memory expected = abi.encodeWithSelector(IConsortiumErrors.NotSentDirectly.selector, ADA);
        vm.prank(ADA, OUTSIDER);
        (bool accepted, bytes memory answer) = address(registry).call(call);
        vm.assertTrue(!accepted, "another account signed the transaction");
        vm.assertEq(answer, expected, "another reason");
        // an account that delegates to code, by EIP-7702
        vm.etch(ADA, bytes.concat(hex"ef0100", bytes20(OUTSIDER)));
        _refused(ADA, call, expected);
    }

    function test_oneSpellingOnly() public {
        bytes memory call = _honestCall();
        _refused(
            ADA,
            bytes.concat(call, hex"00"),
            abi.encodeWithSelector(
                IConsortiumErrors.NonCanonicalCalldata.selector, call.length + 1, call.length
            )
        );
    }

    // --- helpers ---

    function _offBy(
        address member,
        uint256 slip
    ) private view returns (G1Point memory mask) {
        mask = _mask(_roundId, member);
        if (slip != 0) mask = BN254.add(mask, _g1(slip));
    }

    function _answer(
        address member,
        G1Point[] memory split
    ) private {
        _accepted(member, address(registry), _splitCall(_roundId, split));
    }

    function _named() private view returns (bytes32) {
        return _cohortHash(registry.cohort(_roundId));
    }

    function _honestCall() private view returns (bytes memory) {
        return _splitCall(_roundId, _masks);
    }

    function _refusesCohort(
        bytes32 named
    ) private {
        _refused(
            ADA,
            _splitCall(_roundId, ATTEMPT, named, _masks),
            abi.encodeWithSelector(IConsortiumErrors.OtherCohort.selector, _roundId, named, _named())
        );
    }
}
