// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {
    ConsortiumConfig,
    G1Point,
    Participation,
    RoundStatus
} from "../../src/interfaces/IConsortiumRegistry.sol";
import {BN254} from "../../src/libraries/BN254.sol";
import {ConsortiumFixture} from "../support/ConsortiumFixture.sol";

/// @title Everybody at once: hospitals, roles and outsiders do whatever forge draws
/// @dev Keeps its own account in factors of the generator, and looks after every single call
/// whether the chain did something that this account does not explain.
contract RegistryHandler is ConsortiumFixture {
    uint256 private constant P = BN254.SCALAR_MODULUS;

    /// @notice The factor that the model's commitment should have.
    uint256 public modelFactor = ZERO_FACTOR;
    /// @notice Rounds that ended in `Final`, and masks that did not cancel.
    uint256 public finals;
    uint256 public unmasked;
    /// @notice The first thing that must not happen and did, or "".
    string public violation;

    address[] private _hospitals;
    uint256 private _nextFactor = 1000;
    RoundStatus[] private _seen;
    mapping(uint256 roundId => mapping(address member => uint256)) private _updateFactors;
    mapping(uint256 roundId => mapping(address member => uint256)) private _maskFactors;
    mapping(uint256 roundId => uint256) public afterFactor;

    constructor() {
        vm.warp(1_800_000_000);
        _deploy(_config());
        _found();
        _join(DEE, "Dee");
        _announceKey(DEE);
        _hospitals = [ADA, BAY, CAY, DEE];
        _seen.push(RoundStatus.None);
    }

    function _config() internal view override returns (ConsortiumConfig memory config) {
        config = super._config();
        config.maxOpenings = 5;
    }

    // --- what hospitals do ---

    function admit(
        uint256 who,
        uint32 count
    ) external {
        address member = _hospital(who);
        count = uint32(_within(count, 1, SLOTS));
        bytes memory proof = _encode(_admissionPoints(member, count, ++_nextFactor));
        _act(member, abi.encodeCall(registry.admitShard, (count, proof)));
    }

    function submit(
        uint256 who,
        uint256 updateFactor,
        uint256 maskFactor
    ) external {
        _submitAs(_hospital(who), _within(updateFactor, 1, P - 1), _within(maskFactor, 1, P - 1));
    }

    /// @dev A peer's proof, or one of another round.
    function replay(
        uint256 who,
        uint256 owner,
        uint256 roundId
    ) external {
        uint256 current = registry.currentRound();
        roundId = _within(roundId, 0, current);
        if (_hospital(who) == _hospital(owner) && roundId == current) return;
        bytes memory proof = _encode(_trainingPointsOrNone(_hospital(owner), roundId));
        bytes memory call =
            abi.encodeCall(registry.submitUpdate, (current, proof, _g1(ZERO_FACTOR), CIPHERTEXT));
        if (_act(_hospital(who), call)) _violates("a replayed proof was taken");
    }

    function acknowledge(
        uint256 who,
        uint256 file
    ) external {
        uint256 roundId = registry.currentRound();
        _act(_hospital(who), abi.encodeCall(registry.acknowledge, (roundId, _file(file))));
    }

    // --- what the aggregator does ---

    function open() external {
        _act(AGGREGATOR, abi.encodeCall(registry.openRound, ()));
    }

    function publish(
        uint256 file
    ) external {
        uint256 roundId = registry.currentRound();
        _act(AGGREGATOR, abi.encodeCall(registry.publishModel, (roundId, _file(file))));
    }

    // --- what anyone does ---

    function close() external {
        _act(OUTSIDER, abi.encodeCall(registry.closeRound, (registry.currentRound())));
    }

    function fail(
        uint256 roundId
    ) external {
        roundId = _within(roundId, 0, registry.currentRound() + 1);
        _act(OUTSIDER, abi.encodeCall(registry.pushRound, (roundId)));
    }

    function wait_(
        uint256 time
    ) external {
        vm.warp(block.timestamp + _within(time, 1, 2 * WINDOW));
        vm.roll(block.number + 1);
    }

    /// @dev Honest from the opening to the quorum, however far the round is already.
    function completeRound(
        uint256 seed
    ) external {
        _act(AGGREGATOR, abi.encodeCall(registry.openRound, ()));
        uint256 roundId = registry.currentRound();
        address[] memory cohort = registry.cohort(roundId);
        _submitMissing(roundId, cohort, seed);
        _act(OUTSIDER, abi.encodeCall(registry.closeRound, (roundId)));
        _act(AGGREGATOR, abi.encodeCall(registry.announceSum, (roundId, ENCRYPTED_SUM)));
        _act(KEY_HOLDER, abi.encodeCall(registry.openSum, (roundId, ENCRYPTED_SUM, SUM_FILE)));
        _act(AGGREGATOR, abi.encodeCall(registry.publishModel, (roundId, MODEL_FILE)));
        for (uint256 i = 0; i < cohort.length; ++i) {
            _act(cohort[i], abi.encodeCall(registry.acknowledge, (roundId, MODEL_FILE)));
        }
    }

    // --- what whoever holds roles tries ---

    /// @dev Owner, aggregator, guardian, key holder, or one who holds all four roles.
    function useRole(
        uint256 role,
        uint256 choice,
        bytes32 word
    ) external {
        address holder = _holder(role);
        uint256 roundId = registry.currentRound();
        choice = choice % 9;
        if (choice == 0) _act(holder, abi.encodeCall(registry.openRound, ()));
        else if (choice == 1) _act(holder, abi.encodeCall(registry.publishModel, (roundId, word)));
        else if (choice == 2) _act(holder, abi.encodeCall(registry.acknowledge, (roundId, MODEL_FILE)));
        else if (choice == 3) _act(holder, abi.encodeCall(registry.announceEncryptionContext, (word)));
        else if (choice == 4) _act(holder, abi.encodeCall(registry.removeMember, (_hospital(uint256(word)))));
        else if (choice == 5) _act(holder, abi.encodeCall(registry.pushRound, (roundId)));
        else if (choice == 6) _submitAs(holder, _within(uint256(word), 1, P - 1), ZERO_FACTOR);
        else if (choice == 7) _pauseAndGoOn(holder);
        else _gather(word);
    }

    function takeBack(
        uint256 who
    ) external {
        _act(OWNER, abi.encodeCall(registry.addMember, (_hospital(who), "Back again")));
    }

    /// @dev Calls that no ABI names, by everyone who might be privileged.
    function callAnything(
        uint256 role,
        bytes calldata call
    ) external {
        _act(_holder(role), call);
    }

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
    ) private returns (bool accepted) {
        G1Point memory before = registry.model();
        bytes32 fileBefore = registry.modelHash();
        bytes memory answer;
        vm.prank(sender);
        (accepted, answer) = address(registry).call(call);
        bool ended = _watchRounds();
        bool moved = !BN254.equals(before, registry.model()) || fileBefore != registry.modelHash();
        if (moved && !ended) _violates("the model moved without a final round");
        if (moved && !_isHospital(sender)) _violates("someone without data moved the model");
    }

    /// @dev Follows every round's status by the allowed edges; tells whether one became final.
    function _watchRounds() private returns (bool ended) {
        uint256 last = registry.currentRound();
        if (last + 1 > _seen.length + 1) _violates("two rounds opened at once");
        if (_seen.length == last) _seen.push(RoundStatus.None);
        for (uint256 roundId = 0; roundId <= last; ++roundId) {
            RoundStatus status = registry.round(roundId).status;
            if (status == _seen[roundId]) continue;
            if (!_isEdge(_seen[roundId], status)) _violates("a status moved along no edge");
            _seen[roundId] = status;
            if (status == RoundStatus.Closed) afterFactor[roundId] = _nextModel(roundId);
            if (status == RoundStatus.Disputed) _watchDispute(roundId);
            if (status != RoundStatus.Final) continue;
            ended = true;
            ++finals;
            modelFactor = afterFactor[roundId];
            if (!_quorumHolds(roundId)) _violates("final without a quorum");
        }
    }

    function _watchDispute(
        uint256 roundId
    ) private {
        ++unmasked;
        if (_masksCancel(roundId)) _violates("masks cancel, and are disputed");
    }

    function _isEdge(
        RoundStatus from,
        RoundStatus to
    ) private pure returns (bool) {
        if (from == RoundStatus.None) return to == RoundStatus.Open;
        if (from == RoundStatus.Final || from == RoundStatus.Failed) return false;
        if (to == RoundStatus.Closed || to == RoundStatus.Disputed) return from == RoundStatus.Open;
        if (to == RoundStatus.Open) return from == RoundStatus.Disputed;
        if (to == RoundStatus.Published) return from == RoundStatus.Closed;
        bool closed = from == RoundStatus.Closed || from == RoundStatus.Published;
        if (to == RoundStatus.Revealing) return closed;
        if (to == RoundStatus.Final) return closed || from == RoundStatus.Revealing;
        return !closed;
    }

    // --- the handler's own account ---

    /// @dev `g + sum w_i*(c_i - u)`.
    function _nextModel(
        uint256 roundId
    ) private returns (uint256 factor) {
        if (!_masksCancel(roundId)) _violates("a round closed over masks that do not cancel");
        factor = modelFactor;
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 0; i < cohort.length; ++i) {
            uint256 weight = registry.participation(roundId, cohort[i]).weight;
            uint256 moved = addmod(_updateFactors[roundId][cohort[i]], P - ZERO_FACTOR, P);
            factor = addmod(factor, mulmod(weight, moved, P), P);
        }
    }

    function _masksCancel(
        uint256 roundId
    ) private view returns (bool) {
        address[] memory cohort = registry.cohort(roundId);
        uint256 sum;
        for (uint256 i = 0; i < cohort.length; ++i) {
            sum = addmod(sum, _maskFactors[roundId][cohort[i]], P);
        }
        return sum == cohort.length * ZERO_FACTOR;
    }

    function _quorumHolds(
        uint256 roundId
    ) private view returns (bool) {
        address[] memory cohort = registry.cohort(roundId);
        uint256 count;
        for (uint256 i = 0; i < cohort.length; ++i) {
            if (registry.participation(roundId, cohort[i]).acknowledged == registry.modelHash()) ++count;
        }
        return count * 10_000 >= uint256(_config().quorumBps) * cohort.length;
    }

    function _submitAs(
        address member,
        uint256 updateFactor,
        uint256 maskFactor
    ) private {
        uint256 roundId = registry.currentRound();
        G1Point[] memory points = _trainingPointsOrNone(member, roundId);
        points[4] = _g1(updateFactor);
        bytes memory call =
            abi.encodeCall(registry.submitUpdate, (roundId, _encode(points), _g1(maskFactor), CIPHERTEXT));
        bool before = registry.participation(roundId, member).submitted;
        bool accepted = _act(member, call);
        if (accepted && before) _violates("a member submitted twice");
        if (!accepted) return;
        _updateFactors[roundId][member] = updateFactor;
        _maskFactors[roundId][member] = maskFactor;
    }

    function _submitMissing(
        uint256 roundId,
        address[] memory cohort,
        uint256 seed
    ) private {
        uint256 missing = cohort.length - registry.round(roundId).submissions;
        uint256 sum = _maskSum(roundId, cohort);
        for (uint256 i = 0; i < cohort.length; ++i) {
            Participation memory part = registry.participation(roundId, cohort[i]);
            if (part.submitted) continue;
            // all but the last one are U itself; the last one cancels whatever came before
            uint256 wanted = cohort.length * ZERO_FACTOR + P - sum;
            uint256 mask = --missing == 0 ? wanted % P : ZERO_FACTOR;
            sum = addmod(sum, mask, P);
            _submitAs(cohort[i], _within(uint256(keccak256(abi.encode(seed, i))), 1, P - 1), mask);
        }
    }

    function _maskSum(
        uint256 roundId,
        address[] memory cohort
    ) private view returns (uint256 sum) {
        for (uint256 i = 0; i < cohort.length; ++i) {
            sum = addmod(sum, _maskFactors[roundId][cohort[i]], P);
        }
    }

    // --- who and what ---

    function _gather(
        bytes32 word
    ) private {
        bytes32[4] memory roles =
            [bytes32(0), registry.AGGREGATOR_ROLE(), registry.GUARDIAN_ROLE(), registry.KEY_HOLDER_ROLE()];
        bytes32 role = roles[uint256(word) % 4];
        _act(OWNER, abi.encodeCall(registry.grantRole, (role, _holder(4))));
    }

    function _pauseAndGoOn(
        address holder
    ) private {
        _act(holder, abi.encodeCall(registry.pause, ()));
        _act(GUARDIAN, abi.encodeCall(registry.unpause, ()));
    }

    function _trainingPointsOrNone(
        address member,
        uint256 roundId
    ) private view returns (G1Point[] memory) {
        if (registry.participation(roundId, member).weight == 0) return new G1Point[](6);
        return _trainingPoints(member, roundId, 1);
    }

    function _hospital(
        uint256 who
    ) private view returns (address) {
        return _hospitals[who % _hospitals.length];
    }

    function _isHospital(
        address account
    ) private view returns (bool) {
        for (uint256 i = 0; i < _hospitals.length; ++i) {
            if (_hospitals[i] == account) return true;
        }
        return false;
    }

    function _holder(
        uint256 role
    ) private pure returns (address) {
        address gathered = address(uint160(uint256(keccak256("holder of all roles"))));
        return [OWNER, AGGREGATOR, GUARDIAN, KEY_HOLDER, gathered][role % 5];
    }

    function _file(
        uint256 choice
    ) private pure returns (bytes32) {
        return choice % 3 == 0 ? keccak256("another model file") : MODEL_FILE;
    }

    function _violates(
        string memory what
    ) private {
        if (bytes(violation).length == 0) violation = what;
    }
}
