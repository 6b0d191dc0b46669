// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ConsortiumConfig, Participation} from "../../src/interfaces/IConsortiumRegistry.sol";
import {ConsortiumTest} from "./ConsortiumFixture.sol";

/// @title A consortium of Ada, Bay, Cay and Dee that posts proofs instead of having them verified
abstract contract PostedTest is ConsortiumTest {
    uint32 internal constant CHALLENGE = WINDOW / 2;

    function setUp() public virtual override {
        super.setUp();
        _join(DEE, "Dee");
        _announceKey(DEE);
        _admit(DEE, 50, 104);
    }

    function _config() internal view virtual override returns (ConsortiumConfig memory config) {
        config = super._config();
        config.challengeWindow = CHALLENGE;
    }

    /// @dev What `_submitHonestly` posts.
    function _proofOf(
        address member,
        uint256 roundId
    ) internal view returns (bytes memory) {
        return _encode(_trainingPoints(member, roundId, _update(roundId, member)));
    }

    /// @dev From now on the verifier refuses what the member posted, or is to post.
    function _forge(
        address member,
        uint256 roundId
    ) internal returns (bytes memory proof) {
        proof = _proofOf(member, roundId);
        trainingVerifier.refuse(keccak256(proof));
    }

    function _challengeCall(
        uint256 roundId,
        address member,
        bytes memory proof
    ) internal view returns (bytes memory) {
        return abi.encodeCall(registry.challengeUpdate, (roundId, member, proof));
    }

    function _challenge(
        uint256 roundId,
        address member
    ) internal {
        bytes memory proof = _proofOf(member, roundId);
        vm.prank(OUTSIDER);
        registry.challengeUpdate(roundId, member, proof);
    }

    function _waitForChallenges(
        uint256 roundId
    ) internal {
        vm.warp(registry.challengeDeadline(roundId) + 1);
    }

    function _weightOf(
        uint256 roundId,
        address member
    ) internal view returns (uint256) {
        Participation memory part = registry.participation(roundId, member);
        return part.weight;
    }
}
