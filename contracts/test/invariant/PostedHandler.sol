// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {BlameReason, ConsortiumConfig, G1Point} from "../../src/interfaces/IConsortiumRegistry.sol";
import {RegistryHandler} from "./RegistryHandler.sol";

/// @title The same crowd where proofs are posted: some are forged, and anyone challenges any
contract PostedHandler is RegistryHandler {
    /// @notice Challenges that excluded somebody.
    uint256 public challenges;

    mapping(bytes32 proofHash => bool) private _forged;

    function _config() internal view override returns (ConsortiumConfig memory config) {
        config = super._config();
        config.challengeWindow = WINDOW / 2;
    }

    /// @dev A proof that the verifier refuses, with a mask that cancels.
    function forge(
        uint256 who,
        uint256 seed
    ) public {
        address member = _hospital(who);
        uint256 roundId = registry.currentRound();
        uint256[] memory update = _draw(abi.encode("forged", seed));
        uint256[] memory mask = _maskVector(roundId, member);
        G1Point[] memory points = _trainingPointsOrNone(member, roundId);
        points[4] = _commit(update);
        bytes memory proof = _encode(points);
        trainingVerifier.refuse(keccak256(proof));
        bytes memory call = abi.encodeCall(registry.submitUpdate, (roundId, proof, _commit(mask), CIPHERTEXT));
        if (!_act(member, call)) return;
        _forged[keccak256(proof)] = true;
        _updates[roundId][member] = update;
        _masks[roundId][member] = mask;
    }

    function challenge(
        uint256 who
    ) public {
        address member = _hospital(who);
        uint256 roundId = registry.currentRound();
        bool runs = _runs(registry.round(roundId).status);
        if (!runs || registry.participation(roundId, member).weight == 0) return;
        if (_updates[roundId][member].length == 0) return;
        bytes memory proof = _encode(_trainingPoints(member, roundId, _factor(_updates[roundId][member])));
        bool forged = _forged[keccak256(proof)];
        bool active = registry.memberOf(member).active;
        _challenging = true;
        bool accepted = _act(OUTSIDER, abi.encodeCall(registry.challengeUpdate, (roundId, member, proof)));
        _challenging = false;
        if (accepted != forged) _violates(forged ? "a forged proof stands" : "a valid proof fell");
        if (!accepted && active != registry.memberOf(member).active) _violates("harm without cause");
        if (!accepted) return;
        ++challenges;
        bool blamed = registry.memberOf(member).blame == BlameReason.InvalidProof;
        if (!blamed || registry.memberOf(member).active) _violates("a forger stays");
    }
}
