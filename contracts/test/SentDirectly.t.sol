// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

/// @dev Auditors and nodes read these calls back from transactions that members signed. One that
/// nobody could read there would end the lineage for everybody.
contract SentDirectlyTest is ConsortiumTest {
    bytes32 private constant KEY = keccak256("another mask key");

    function test_anUpdate() public {
        uint256 roundId = _open();
        bytes memory proof = _encode(_trainingPoints(ADA, roundId, 501));
        _onlyFromAda(abi.encodeCall(registry.submitUpdate, (roundId, proof, _g1(77), CIPHERTEXT)));
    }

    function test_aShard() public {
        bytes memory proof = _encode(_admissionPoints(ADA, 9, 900));
        _onlyFromAda(abi.encodeCall(registry.admitShard, (9, proof)));
    }

    function test_anAcknowledgement() public {
        _onlyFromAda(abi.encodeCall(registry.acknowledge, (_toPublished(), MODEL_FILE)));
    }

    function test_aMaskKey() public {
        _onlyFromAda(abi.encodeCall(registry.announceMaskKey, (KEY)));
    }

    function test_aMaskKeyHasOneSpelling() public {
        _hasOneSpelling(abi.encodeCall(registry.announceMaskKey, (KEY)));
    }

    function test_aMembersOwnNomination() public {
        _onlyFromAda(abi.encodeCall(registry.nominateAccount, (ADA, DEE)));
    }

    function test_aMembersOwnNominationHasOneSpelling() public {
        _hasOneSpelling(abi.encodeCall(registry.nominateAccount, (ADA, DEE)));
    }

    /// @dev The owner is a council, and what it nominates is no statement of the member.
    function test_theOwnersNominationMayComeFromAContract() public {
        vm.etch(OWNER, hex"00");
        vm.prank(OWNER, OUTSIDER);
        registry.nominateAccount(ADA, DEE);
        vm.assertEq(registry.nominationOf(ADA).account, DEE, "nominated");
    }

    function _onlyFromAda(
        bytes memory call
    ) private {
        _onlyDirectly(ADA, address(registry), call);
    }

    function _hasOneSpelling(
        bytes memory call
    ) private {
        _refused(
            ADA,
            bytes.concat(call, hex"00"),
            abi.encodeWithSelector(
                IConsortiumErrors.NonCanonicalCalldata.selector, call.length + 1, call.length
            )
        );
        _accepted(ADA, address(registry), call);
    }
}
