// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {G1Point, Round, RoundStatus} from "../../src/interfaces/IConsortiumRegistry.sol";
import {BN254} from "../../src/libraries/BN254.sol";
import {RoundVectors} from "../support/RoundVectors.sol";

/// @title Watches every single call, and keeps an account of its own in vectors
/// @dev Whatever the chain does that this account does not explain is a violation.
abstract contract RegistryWitness is RoundVectors {
    uint256 private constant P = BN254.SCALAR_MODULUS;

    /// @notice The factor that the model's commitment should have.
    uint256 public modelFactor = ZERO_FACTOR;
    /// @notice Rounds that ended in `Final`, disputes, further attempts, and opened models.
    uint256 public finals;
    uint256 public disputes;
    uint256 public reopenings;
    uint256 public opened;
    /// @notice The factor that a closed round's model should have.
    mapping(uint256 roundId => uint256) public afterFactor;
    /// @notice The first thing that must not happen and did, or "".
    string public violation;

    address[] internal _hospitals = [ADA, BAY, CAY, DEE];
    mapping(uint256 roundId => mapping(address member => uint256[])) internal _updates;
    mapping(uint256 roundId => mapping(address member => uint256[])) internal _masks;
    /// @dev G' of closed rounds.
    mapping(uint256 roundId => uint256[]) internal _models;
    /// @dev A model's true entries are being shown.
    bool internal _opening;
    /// @dev A forged proof is being challenged.
    bool internal _challenging;

    uint256[] private _model = new uint256[](MODEL_LENGTH);
    RoundStatus[] private _seen = [RoundStatus.None];
    mapping(uint256 roundId => uint32) private _attempts;
    mapping(uint256 roundId => address[]) private _lastCohorts;

    // --- views for the invariants ---

    function consortium() external view returns (address) {
        return address(registry);
    }

    function hospitals() external view returns (address[] memory) {
        return _hospitals;
    }

    // --- one call, watched ---

    function _act(
        address sender,
        bytes memory call
    ) internal returns (bool accepted) {
        G1Point memory before = registry.model();
        bytes32 fileBefore = registry.modelHash();
        vm.prank(sender, sender);
        (accepted,) = address(registry).call(call);
        bool ended = _watchRounds();
        bool moved = !BN254.equals(before, registry.model());
        bool filed = fileBefore != registry.modelHash();
        if (moved && !ended) _violates("the model moved without a final round");
        if (filed && !ended && !_opening) _violates("the file changed without a final round");
        bool entitled = _isHospital(sender) || _opening;
        if ((moved || filed) && !entitled) _violates("someone without data moved the model");
    }

    function _runs(
        RoundStatus status
    ) internal pure returns (bool) {
        return status != RoundStatus.None && status != RoundStatus.Final && status != RoundStatus.Failed;
    }

    function _violates(
        string memory what
    ) internal {
        if (bytes(violation).length == 0) violation = what;
    }

    // --- what rounds may do ---

    /// @dev Follows every round by the allowed edges; tells whether one became final.
    function _watchRounds() private returns (bool ended) {
        uint256 last = registry.currentRound();
        if (last + 1 > _seen.length + 1) _violates("two rounds opened at once");
        if (_seen.length == last) _seen.push(RoundStatus.None);
        for (uint256 roundId = 1; roundId <= last; ++roundId) {
            Round memory round = registry.round(roundId);
            if (round.attempt != _attempts[roundId]) _watchAttempt(roundId, round);
            if (round.status == _seen[roundId]) continue;
            if (!_isEdge(_seen[roundId], round.status)) _violates("a status moved along no edge");
            _seen[roundId] = round.status;
            if (round.status == RoundStatus.Closed) _watchClosing(roundId);
            if (round.status == RoundStatus.Disputed) _watchDispute(roundId);
            if (round.status != RoundStatus.Final) continue;
            ended = true;
            if (block.timestamp <= registry.challengeDeadline(roundId)) _violates("final too early");
            ++finals;
            (modelFactor, _model) = (afterFactor[roundId], _models[roundId]);
            if (!_opening && !_quorumHolds(roundId)) _violates("final without quorum or opening");
        }
    }

    function _isEdge(
        RoundStatus from,
        RoundStatus to
    ) private view returns (bool) {
        if (from == RoundStatus.None) return to == RoundStatus.Open;
        if (from == RoundStatus.Final || from == RoundStatus.Failed) return false;
        if (to == RoundStatus.Closed || to == RoundStatus.Disputed) return from == RoundStatus.Open;
        if (to == RoundStatus.Open) return from == RoundStatus.Disputed;
        if (to == RoundStatus.Published) return from == RoundStatus.Closed;
        bool closed = from == RoundStatus.Closed || from == RoundStatus.Published;
        if (to == RoundStatus.Revealing) return closed;
        if (to == RoundStatus.Final) return closed || from == RoundStatus.Revealing;
        return to == RoundStatus.Failed && (!closed || _challenging);
    }

    /// @dev One more, of an open or disputed round, with fewer members or fewer pairs.
    function _watchAttempt(
        uint256 roundId,
        Round memory round
    ) private {
        RoundStatus from = _seen[roundId];
        bool first = from == RoundStatus.None;
        bool again = from == RoundStatus.Open || from == RoundStatus.Disputed;
        if (!first && !again) _violates("a round reopened after it was closed");
        if (round.status != RoundStatus.Open) _violates("an attempt of a round that is not open");
        if (round.attempt != _attempts[roundId] + 1) _violates("an attempt was left out");
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 0; i < cohort.length; ++i) {
            if (!registry.memberOf(cohort[i]).active) _violates("an excluded member is in a cohort");
            bool there = first || _among(cohort[i], _lastCohorts[roundId]);
            if (!there) _violates("a further attempt has a new member");
            if (!first && _updates[roundId][cohort[i]].length == 0) _violates("a member without a proof");
        }
        if (!first) ++reopenings;
        bool fewer = cohort.length < _lastCohorts[roundId].length;
        if (from == RoundStatus.Open && !fewer) _violates("a complete cohort was reopened");
        (_attempts[roundId], _lastCohorts[roundId]) = (round.attempt, cohort);
    }

    function _watchDispute(
        uint256 roundId
    ) private {
        ++disputes;
        if (_masksCancel(roundId)) _violates("masks cancel, and are disputed");
    }

    /// @dev `G' = G + sum w_i*u_i` of what was proven, and masks that cancel.
    function _watchClosing(
        uint256 roundId
    ) private {
        if (!_masksCancel(roundId)) _violates("a round closed over masks that do not cancel");
        uint256[] memory vector = _model;
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 0; i < cohort.length; ++i) {
            uint256 weight = registry.participation(roundId, cohort[i]).weight;
            vector = _plus(vector, _scale(_updates[roundId][cohort[i]], weight));
        }
        _models[roundId] = vector;
        afterFactor[roundId] = _factor(vector);
    }

    function _masksCancel(
        uint256 roundId
    ) private view returns (bool) {
        address[] memory cohort = registry.cohort(roundId);
        uint256[] memory sum = new uint256[](MODEL_LENGTH);
        for (uint256 i = 0; i < cohort.length; ++i) {
            sum = _plus(sum, _masks[roundId][cohort[i]]);
        }
        return _factor(sum) == ZERO_FACTOR;
    }

    function _quorumHolds(
        uint256 roundId
    ) private view returns (bool) {
        address[] memory cohort = registry.cohort(roundId);
        bytes32 file = registry.modelHash();
        uint256 count;
        for (uint256 i = 0; i < cohort.length; ++i) {
            if (registry.participation(roundId, cohort[i]).acknowledged == file) ++count;
        }
        return count * 10_000 >= uint256(_config().quorumBps) * cohort.length;
    }

    function _isHospital(
        address account
    ) private view returns (bool) {
        return _among(account, _hospitals);
    }

    function _among(
        address member,
        address[] memory list
    ) private pure returns (bool found) {
        for (uint256 i = 0; i < list.length; ++i) {
            found = found || list[i] == member;
        }
    }
}
