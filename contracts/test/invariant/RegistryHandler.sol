// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {
    ConsortiumConfig,
    G1Point,
    Participation,
    Round,
    RoundStatus
} from "../../src/interfaces/IConsortiumRegistry.sol";
import {BN254} from "../../src/libraries/BN254.sol";
import {RegistryWitness} from "./RegistryWitness.sol";

/// @title Everybody at once: hospitals, roles and outsiders do whatever forge draws
contract RegistryHandler is RegistryWitness {
    uint256 private constant P = BN254.SCALAR_MODULUS;
    /// @dev Steps of `advance` in which nobody is absent, silent or lies.
    uint256 private constant HONEST = 7;

    uint256 private _nextFactor = 1000;

    constructor() {
        vm.warp(1_800_000_000);
        _deploy(_config());
        _found();
        _join(DEE, "Dee");
        _announceKey(DEE);
    }

    function _config() internal view virtual override returns (ConsortiumConfig memory config) {
        config = super._config();
        config.maxOpenings = 5;
    }

    // --- what hospitals do ---

    function admit(
        uint256 who,
        uint32 count
    ) public {
        address member = _hospital(who);
        count = uint32(_within(count, 1, SLOTS));
        bytes memory proof = _encode(_admissionPoints(member, count, ++_nextFactor));
        _act(member, abi.encodeCall(registry.admitShard, (count, proof)));
    }

    /// @dev Half of the masks are those that cancel.
    function submit(
        uint256 who,
        uint256 updateSeed,
        uint256 maskSeed
    ) external {
        _submitAs(_hospital(who), updateSeed, _anyMask(_hospital(who), maskSeed));
    }

    function remask(
        uint256 who,
        uint256 maskSeed,
        uint32 attempt
    ) external {
        attempt = maskSeed % 3 == 0 ? attempt : registry.round(registry.currentRound()).attempt;
        _remaskAs(_hospital(who), attempt, _anyMask(_hospital(who), maskSeed));
    }

    function split(
        uint256 who,
        uint256 lie
    ) external {
        _splitAs(_hospital(who), lie);
    }

    function reveal(
        uint256 who,
        uint256 slip
    ) external {
        _revealAs(_hospital(who), slip % 4 == 0 ? 1 + slip % (P - 1) : 0);
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
        _act(_hospital(who), abi.encodeCall(registry.acknowledge, (roundId, _file(roundId, file))));
    }

    /// @dev Few calls find a shard to retire that they leave another to.
    function retire(
        uint256 who,
        uint32 below
    ) external {
        _act(_hospital(who), abi.encodeCall(registry.retireShards, (below % 4)));
    }

    function leave(
        uint256 who
    ) external {
        _act(_hospital(who), abi.encodeCall(registry.leave, ()));
    }

    // --- what the aggregator and the key holder do ---

    function open() external {
        _act(AGGREGATOR, abi.encodeCall(registry.openRound, ()));
    }

    function announce(
        uint256 choice
    ) external {
        uint256 roundId = registry.currentRound();
        _act(AGGREGATOR, abi.encodeCall(registry.announceSum, (roundId, _sum(choice))));
    }

    function openSum(
        uint256 choice
    ) external {
        uint256 roundId = registry.currentRound();
        _act(KEY_HOLDER, abi.encodeCall(registry.openSum, (roundId, _sum(choice), SUM_FILE)));
    }

    function refuseSum(
        uint256 choice
    ) external {
        uint256 roundId = registry.currentRound();
        _act(KEY_HOLDER, abi.encodeCall(registry.refuseSum, (roundId, _sum(choice))));
    }

    function publish(
        uint256 file
    ) external {
        uint256 roundId = registry.currentRound();
        _act(AGGREGATOR, abi.encodeCall(registry.publishModel, (roundId, _file(roundId, file))));
    }

    // --- what anyone does ---

    function close() public {
        _act(OUTSIDER, abi.encodeCall(registry.closeRound, (registry.currentRound())));
    }

    function push(
        uint256 roundId
    ) external {
        roundId = _within(roundId, 0, registry.currentRound() + 1);
        _act(OUTSIDER, abi.encodeCall(registry.pushRound, (roundId)));
    }

    function openModel(
        uint256 roundId,
        uint256 slip
    ) external {
        roundId = _within(roundId, 0, registry.currentRound());
        _openModelAs(OUTSIDER, roundId, slip % 4 == 0 ? 1 + slip % (P - 1) : 0);
    }

    function wait_(
        uint256 time
    ) external {
        vm.warp(block.timestamp + _within(time, 1, 2 * WINDOW));
        vm.roll(block.number + 1);
    }

    /// @dev One step of the whole cohort, in which one member may be absent or lie.
    function advance(
        uint256 seed
    ) public {
        uint256 roundId = registry.currentRound();
        RoundStatus status = registry.round(roundId).status;
        bool late = seed % 8 == 0;
        if (!_runs(status)) _begin(seed);
        else if (late && status != RoundStatus.Open && status != RoundStatus.Disputed) _pushLate(roundId);
        else if (status == RoundStatus.Open) _fillAndClose(roundId, seed);
        else if (status == RoundStatus.Disputed) _splitByAll(roundId, seed);
        else if (status == RoundStatus.Closed) _sumAndPublish(roundId, seed);
        else if (status == RoundStatus.Published) _acknowledgeByAll(roundId);
        else _revealByAll(roundId, seed);
    }

    /// @dev Honest from here to the end of the round, wherever it is.
    function completeRound() external {
        advance(HONEST);
        for (uint256 i = 0; i < 12 && _runs(registry.round(registry.currentRound()).status); ++i) {
            advance(HONEST);
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
        choice = choice % 12;
        if (choice == 0) _act(holder, abi.encodeCall(registry.openRound, ()));
        else if (choice == 1) _act(holder, abi.encodeCall(registry.publishModel, (roundId, word)));
        else if (choice == 2) _act(holder, abi.encodeCall(registry.acknowledge, (roundId, MODEL_FILE)));
        else if (choice == 3) _act(holder, abi.encodeCall(registry.announceEncryptionContext, (word)));
        else if (choice == 4) _act(holder, abi.encodeCall(registry.removeMember, (_hospital(uint256(word)))));
        else if (choice == 5) _act(holder, abi.encodeCall(registry.pushRound, (roundId)));
        else if (choice == 6) _submitAs(holder, uint256(word), new uint256[](MODEL_LENGTH));
        else if (choice == 7) _pauseAndGoOn(holder, uint256(word));
        else if (choice == 8) _act(holder, abi.encodeCall(registry.announceSum, (roundId, word)));
        else if (choice == 9) _act(holder, abi.encodeCall(registry.openSum, (roundId, _sum(1), word)));
        else if (choice == 10) _openModelAs(holder, roundId, 1 + uint256(word) % (P - 1));
        else _gather(word);
    }

    function takeBack(
        uint256 who
    ) public {
        _act(OWNER, abi.encodeCall(registry.addMember, (_hospital(who), "Back again")));
    }

    /// @dev Calls that no ABI names, by everyone who might be privileged.
    function callAnything(
        uint256 role,
        bytes calldata call
    ) external {
        _act(_holder(role), call);
    }

    // --- the steps of a cohort ---

    function _begin(
        uint256 seed
    ) private {
        for (uint256 i = 0; i < 4; ++i) {
            if (!registry.memberOf(_hospital(i)).active && seed % 2 == 1) takeBack(i);
        }
        if (_act(AGGREGATOR, abi.encodeCall(registry.openRound, ()))) return;
        for (uint256 i = 0; i < 4; ++i) {
            admit(i, uint32(_within(seed >> (8 * i), 1, SLOTS)));
        }
        _act(AGGREGATOR, abi.encodeCall(registry.openRound, ()));
    }

    /// @dev `seed % 8 == 0`: one is absent; 1, 2: one lies about its mask.
    function _fillAndClose(
        uint256 roundId,
        uint256 seed
    ) private {
        address[] memory cohort = registry.cohort(roundId);
        uint32 attempt = registry.round(roundId).attempt;
        if (block.timestamp > registry.round(roundId).deadline) return _closeOrPush(roundId);
        for (uint256 i = 0; i < cohort.length; ++i) {
            bool odd = i == (seed >> 8) % cohort.length;
            if (registry.participation(roundId, cohort[i]).submitted || (odd && seed % 8 == 0)) continue;
            uint256[] memory mask = _maskVector(roundId, cohort[i]);
            if (odd && seed % 8 < 3) mask = _draw(abi.encode("lie", seed));
            if (attempt == 1) _submitAs(cohort[i], uint256(keccak256(abi.encode(seed, roundId, i))), mask);
            else _remaskAs(cohort[i], attempt, mask);
        }
        _closeOrPush(roundId);
    }

    function _closeOrPush(
        uint256 roundId
    ) private {
        bool complete = registry.round(roundId).submissions == registry.cohort(roundId).length;
        if (complete) close();
        else _pushLate(roundId);
    }

    /// @dev `seed % 8 == 0`: one is silent; 1: one lies about more than one pair.
    function _splitByAll(
        uint256 roundId,
        uint256 seed
    ) private {
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 0; i < cohort.length; ++i) {
            bool odd = i == (seed >> 8) % cohort.length;
            if (!odd || seed % 8 != 0) _splitAs(cohort[i], odd && seed % 8 == 1 ? 3 : 1 + seed % 2);
        }
        if (registry.round(roundId).status == RoundStatus.Disputed) _pushLate(roundId);
    }

    function _sumAndPublish(
        uint256 roundId,
        uint256 seed
    ) private {
        _act(AGGREGATOR, abi.encodeCall(registry.announceSum, (roundId, ENCRYPTED_SUM)));
        if (seed % 8 == 1) {
            _act(KEY_HOLDER, abi.encodeCall(registry.refuseSum, (roundId, ENCRYPTED_SUM)));
            return;
        }
        _act(KEY_HOLDER, abi.encodeCall(registry.openSum, (roundId, ENCRYPTED_SUM, SUM_FILE)));
        bytes32 file = _file(roundId, seed);
        if (_act(AGGREGATOR, abi.encodeCall(registry.publishModel, (roundId, file)))) return;
        _pushLate(roundId);
    }

    function _acknowledgeByAll(
        uint256 roundId
    ) private {
        _awaitChallenges(roundId);
        address[] memory cohort = registry.cohort(roundId);
        bytes32 file = registry.round(roundId).modelHash;
        for (uint256 i = 0; i < cohort.length; ++i) {
            _act(cohort[i], abi.encodeCall(registry.acknowledge, (roundId, file)));
        }
        if (registry.round(roundId).status == RoundStatus.Published) _pushLate(roundId);
    }

    /// @dev `seed % 8 == 1`: one is silent; 2: nobody opens the model.
    function _revealByAll(
        uint256 roundId,
        uint256 seed
    ) private {
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 0; i < cohort.length; ++i) {
            bool odd = i == (seed >> 8) % cohort.length;
            if (!odd || seed % 8 != 1) _revealAs(cohort[i], 0);
        }
        _awaitChallenges(roundId);
        bool complete = registry.round(roundId).answers == cohort.length;
        if (complete && seed % 8 != 2) _openModelAs(OUTSIDER, roundId, 0);
        else _pushLate(roundId);
    }

    function _awaitChallenges(
        uint256 roundId
    ) private {
        uint256 end = registry.challengeDeadline(roundId);
        if (block.timestamp <= end) vm.warp(end + 1);
    }

    function _pushLate(
        uint256 roundId
    ) private {
        uint256 deadline = registry.round(roundId).deadline;
        if (block.timestamp <= deadline) vm.warp(deadline + 1);
        _act(OUTSIDER, abi.encodeCall(registry.pushRound, (roundId)));
    }

    // --- single calls ---

    function _submitAs(
        address member,
        uint256 updateSeed,
        uint256[] memory mask
    ) private {
        uint256 roundId = registry.currentRound();
        uint256[] memory update = _draw(abi.encode(updateSeed));
        G1Point[] memory points = _trainingPointsOrNone(member, roundId);
        points[4] = _commit(update);
        bytes memory call =
            abi.encodeCall(registry.submitUpdate, (roundId, _encode(points), _commit(mask), CIPHERTEXT));
        Participation memory before = registry.participation(roundId, member);
        if (!_act(member, call)) return;
        if (before.submitted) _violates("a member submitted twice");
        if (registry.round(roundId).attempt != 1) _violates("a proof was taken in a later attempt");
        _updates[roundId][member] = update;
        _masks[roundId][member] = mask;
    }

    function _remaskAs(
        address member,
        uint32 attempt,
        uint256[] memory mask
    ) private {
        uint256 roundId = registry.currentRound();
        Participation memory before = registry.participation(roundId, member);
        bytes memory call =
            abi.encodeCall(registry.remaskUpdate, (roundId, attempt, _commit(mask), CIPHERTEXT));
        if (!_act(member, call)) return;
        if (before.submitted) _violates("a member masked twice");
        if (attempt < 2 || attempt != registry.round(roundId).attempt) _violates("masked for no attempt");
        if (_updates[roundId][member].length == 0) _violates("masked without a proof");
        _masks[roundId][member] = mask;
    }

    /// @dev The pairs' masks; what the member's own mask is off goes to one peer, and a lie of 3
    /// or more moves the masks of two peers against each other.
    function _splitAs(
        address member,
        uint256 lie
    ) private {
        uint256 roundId = registry.currentRound();
        if (registry.round(roundId).status != RoundStatus.Disputed) return;
        address[] memory cohort = registry.cohort(roundId);
        if (registry.participation(roundId, member).weight == 0) return;
        G1Point[] memory masks = _pairMasks(roundId, member);
        uint256[] memory off = _plus(_masks[roundId][member], _scale(_maskVector(roundId, member), P - 1));
        uint256 victim = _pairedPeer(roundId, member, cohort, lie);
        masks[victim] = _shift(masks[victim], _factor(off) + P - ZERO_FACTOR);
        if (lie % 4 == 3) {
            masks[victim] = _shift(masks[victim], 5);
            uint256 other = (victim + 1) % masks.length;
            masks[other] = _shift(masks[other], P - 5);
        }
        _act(member, _splitCall(roundId, masks));
    }

    /// @dev The place, among the member's peers, of one with which it shares a mask.
    function _pairedPeer(
        uint256 roundId,
        address member,
        address[] memory cohort,
        uint256 seed
    ) private view returns (uint256 place) {
        uint256 next;
        for (uint256 i = 0; i < cohort.length; ++i) {
            if (cohort[i] == member) continue;
            if (!registry.unpaired(member, cohort[i])) {
                place = next;
                if ((seed >> i) % 2 == 0) return place;
            }
            ++next;
        }
    }

    function _shift(
        G1Point memory point,
        uint256 by
    ) private view returns (G1Point memory) {
        return BN254.add(point, _g1(by % P));
    }

    function _revealAs(
        address member,
        uint256 slip
    ) private {
        uint256 roundId = registry.currentRound();
        uint256[] memory update = _updates[roundId][member];
        if (update.length == 0) return;
        uint256 weight = registry.participation(roundId, member).weight;
        uint256[] memory masked = _plus(_scale(update, weight), _masks[roundId][member]);
        masked[0] = addmod(masked[0], slip, P);
        bytes memory call = abi.encodeCall(registry.revealUpdate, (roundId, masked, _quotient(masked)));
        if (_act(member, call) && slip != 0) _violates("another vector was revealed");
    }

    function _openModelAs(
        address sender,
        uint256 roundId,
        uint256 slip
    ) private {
        if (_models[roundId].length == 0) return;
        uint256[] memory model = _plus(_models[roundId], new uint256[](MODEL_LENGTH));
        model[0] = addmod(model[0], slip, P);
        _opening = slip == 0;
        bool accepted = _act(sender, abi.encodeCall(registry.openModel, (roundId, model, _quotient(model))));
        _opening = false;
        if (!accepted) return;
        ++opened;
        if (slip != 0) _violates("another model was opened");
        if (registry.round(roundId).modelHash != _fileHash(model)) _violates("another file is on record");
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

    /// @dev A pause changes a deadline alone, by its own length, and only of a running round.
    function _pauseAndGoOn(
        address holder,
        uint256 time
    ) private {
        Round memory before = registry.round(registry.currentRound());
        if (!_act(holder, abi.encodeCall(registry.pause, ()))) return;
        time = time % (3 * WINDOW);
        uint64 end = registry.challengeDeadline(registry.currentRound());
        if (end >= block.timestamp && _runs(before.status)) end += uint64(time);
        vm.warp(block.timestamp + time);
        if (_act(OUTSIDER, abi.encodeCall(registry.pushRound, (registry.currentRound())))) {
            _violates("a round moved while paused");
        }
        _act(GUARDIAN, abi.encodeCall(registry.unpause, ()));
        if (_runs(before.status)) before.deadline += uint64(time);
        bytes memory after_ = abi.encode(registry.round(registry.currentRound()));
        if (keccak256(after_) != keccak256(abi.encode(before))) _violates("a pause changed a round");
        if (registry.challengeDeadline(registry.currentRound()) != end) _violates("a pause took time");
    }

    function _anyMask(
        address member,
        uint256 seed
    ) private view returns (uint256[] memory) {
        if (seed % 2 == 0) return _maskVector(registry.currentRound(), member);
        return _draw(abi.encode("any mask", seed));
    }

    function _trainingPointsOrNone(
        address member,
        uint256 roundId
    ) internal view returns (G1Point[] memory) {
        if (registry.participation(roundId, member).weight == 0) return new G1Point[](6);
        return _trainingPoints(member, roundId, 1);
    }

    function _hospital(
        uint256 who
    ) internal view returns (address) {
        return _hospitals[who % _hospitals.length];
    }

    function _holder(
        uint256 role
    ) private pure returns (address) {
        address gathered = address(uint160(uint256(keccak256("holder of all roles"))));
        return [OWNER, AGGREGATOR, GUARDIAN, KEY_HOLDER, gathered][role % 5];
    }

    /// @dev The right file, or one that nothing opens to.
    function _file(
        uint256 roundId,
        uint256 choice
    ) private view returns (bytes32) {
        bool wrong = choice % 3 == 0 || _models[roundId].length == 0;
        return wrong ? MODEL_FILE : _fileHash(_models[roundId]);
    }

    function _sum(
        uint256 choice
    ) private pure returns (bytes32) {
        return choice % 3 == 0 ? keccak256("another encrypted sum") : ENCRYPTED_SUM;
    }
}
