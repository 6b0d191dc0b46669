// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {ConsortiumConfig, G1Point} from "../src/interfaces/IConsortiumRegistry.sol";
import {BN254} from "../src/libraries/BN254.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";
import {ScriptedVerifier} from "./support/ScriptedVerifier.sol";

/// @dev Cheatcodes that no other test needs.
interface Snapshots {
    function snapshotState() external returns (uint256);
    function revertToState(
        uint256 snapshot
    ) external returns (bool);
}

/// @title Every function in every situation of a round, in time and late
/// @dev `tests/vectors/round-transitions.json` says what is to happen; docs/reference/round.md
/// is made from it. Every call is by whom it is meant for, with arguments that are right
/// wherever the status is.
contract RoundStatesTest is ConsortiumTest {
    string private constant PATH = "tests/vectors/round-transitions.json";

    string private _table;
    mapping(string name => bytes4) private _selectors;
    mapping(string name => bool) private _isStatus;
    string[8] private _statuses =
        ["None", "Open", "Disputed", "Closed", "Published", "Revealing", "Final", "Failed"];

    /// @dev Four hospitals: a round goes on without one of them.
    function setUp() public override {
        super.setUp();
        _join(DEE, "Dee");
        _announceKey(DEE);
        _admit(DEE, 50, 104);
        _grantKeyHolder(OUTSIDER);
        for (uint256 i = 0; i < 4; ++i) {
            address member = registry.members()[i];
            vm.prank(member, member);
            registry.nominateAccount(member, _fresh(member));
        }
        _table = vm.readFile(PATH);
        for (uint256 i = 0; i < _statuses.length; ++i) {
            _isStatus[_statuses[i]] = true;
        }
        _selectors["AlreadyAnswered"] = IConsortiumErrors.AlreadyAnswered.selector;
        _selectors["ChallengesOpen"] = IConsortiumErrors.ChallengesOpen.selector;
        _selectors["AlreadySubmitted"] = IConsortiumErrors.AlreadySubmitted.selector;
        _selectors["CohortComplete"] = IConsortiumErrors.CohortComplete.selector;
        _selectors["DeadlineNotReached"] = IConsortiumErrors.DeadlineNotReached.selector;
        _selectors["DeadlinePassed"] = IConsortiumErrors.DeadlinePassed.selector;
        _selectors["EncryptedSumMismatch"] = IConsortiumErrors.EncryptedSumMismatch.selector;
        _selectors["EnforcedPause"] = Pausable.EnforcedPause.selector;
        _selectors["ExpectedPause"] = Pausable.ExpectedPause.selector;
        _selectors["NotInCohort"] = IConsortiumErrors.NotInCohort.selector;
        _selectors["NothingToChallenge"] = IConsortiumErrors.NothingToChallenge.selector;
        _selectors["RoundInProgress"] = IConsortiumErrors.RoundInProgress.selector;
        _selectors["SubmissionsMissing"] = IConsortiumErrors.SubmissionsMissing.selector;
        _selectors["SumAlreadyOpened"] = IConsortiumErrors.SumAlreadyOpened.selector;
        _selectors["SumNotOpened"] = IConsortiumErrors.SumNotOpened.selector;
        _selectors["WrongAttempt"] = IConsortiumErrors.WrongAttempt.selector;
        _selectors["WrongRoundStatus"] = IConsortiumErrors.WrongRoundStatus.selector;
        _selectors["WrongWeightRule"] = IConsortiumErrors.WrongWeightRule.selector;
    }

    // --- every situation ---

    function test_neverOpened() public {
        _checkRow(0, "never opened", 1);
    }

    function test_nobodySubmitted() public {
        _checkRow(1, "nobody submitted", _open());
    }

    function test_allButOneSubmitted() public {
        uint256 roundId = _open();
        _submitFirst(roundId, 3);
        _checkRow(2, "all but one submitted", roundId);
    }

    function test_everyoneSubmitted() public {
        uint256 roundId = _open();
        _submitAll(roundId);
        _checkRow(3, "everyone submitted", roundId);
    }

    function test_everyoneSubmittedMasksDoNotCancel() public {
        _checkRow(4, "everyone submitted, masks do not cancel", _slipped());
    }

    function test_reopenedNobodyMaskedAgain() public {
        _checkRow(5, "reopened, nobody masked again", _toReopened(DEE));
    }

    function test_reopenedEveryoneMaskedAgain() public {
        uint256 roundId = _toReopened(DEE);
        _remaskAll(roundId);
        _checkRow(6, "reopened, everyone masked again", roundId);
    }

    function test_paused() public {
        uint256 roundId = _open();
        vm.prank(GUARDIAN);
        registry.pause();
        _checkRow(7, "paused", roundId);
    }

    function test_nobodySplitItsMask() public {
        uint256 roundId = _slipped();
        registry.closeRound(roundId);
        _checkRow(8, "nobody split its mask", roundId);
    }

    function test_allButOneSplitTheirMasks() public {
        uint256 roundId = _slipped();
        registry.closeRound(roundId);
        G1Point[] memory slipped = _pairMasks(roundId, ADA);
        slipped[0] = BN254.add(slipped[0], _g1(1));
        _split(ADA, roundId, slipped);
        _split(BAY, roundId, _pairMasks(roundId, BAY));
        _split(CAY, roundId, _pairMasks(roundId, CAY));
        _checkRow(9, "all but one split their masks", roundId);
    }

    function test_noSumAnnounced() public {
        _checkRow(10, "no sum announced", _toClosed());
    }

    function test_sumAnnounced() public {
        _checkRow(11, "sum announced", _toAnnounced());
    }

    function test_sumOpened() public {
        _checkRow(12, "sum opened", _toOpened());
    }

    function test_nobodyAcknowledged() public {
        _checkRow(13, "nobody acknowledged", _toPublished());
    }

    function test_oneShortOfTheQuorum() public {
        uint256 roundId = _toPublished();
        _acknowledge(ADA, roundId);
        _acknowledge(BAY, roundId);
        _checkRow(14, "one short of the quorum", roundId);
    }

    function test_nobodyRevealed() public {
        _checkRow(15, "nobody revealed", _toRevealing());
    }

    function test_allButOneRevealed() public {
        uint256 roundId = _toRevealing();
        _revealFirst(roundId, 3);
        _checkRow(16, "all but one revealed", roundId);
    }

    function test_everyoneRevealed() public {
        uint256 roundId = _toRevealing();
        _revealFirst(roundId, 4);
        _checkRow(17, "everyone revealed", roundId);
    }

    function test_endedByAQuorum() public {
        _checkRow(18, "ended by a quorum", _toFinal());
    }

    function test_endedWithoutAModel() public {
        _checkRow(19, "ended without a model", _toFailed());
    }

    // --- where proofs are posted, and one is invalid ---

    function test_postedEveryoneSubmitted() public {
        _postsProofs();
        uint256 roundId = _open();
        _submitAll(roundId);
        trainingVerifier.script(ScriptedVerifier.Answer.Refuse);
        _checkRow(20, "posted, everyone submitted", roundId);
    }

    function test_postedSumOpened() public {
        _postsProofs();
        uint256 roundId = _toOpened();
        trainingVerifier.script(ScriptedVerifier.Answer.Refuse);
        _checkRow(21, "posted, sum opened", roundId);
    }

    function test_postedNobodyAcknowledged() public {
        _postsProofs();
        uint256 roundId = _toPublished();
        trainingVerifier.script(ScriptedVerifier.Answer.Refuse);
        _checkRow(22, "posted, nobody acknowledged", roundId);
    }

    function test_postedNobodyRevealed() public {
        _postsProofs();
        uint256 roundId = _toAnnounced();
        vm.prank(KEY_HOLDER);
        registry.refuseSum(roundId, ENCRYPTED_SUM);
        trainingVerifier.script(ScriptedVerifier.Answer.Refuse);
        _checkRow(23, "posted, nobody revealed", roundId);
    }

    function test_thereIsNoOtherSituation() public view {
        vm.assertTrue(vm.keyExistsJson(_table, ".situations[23]"), "a situation is missing");
        vm.assertTrue(!vm.keyExistsJson(_table, ".situations[24]"), "a situation has no test");
    }

    // --- one situation ---

    function _checkRow(
        uint256 index,
        string memory name,
        uint256 roundId
    ) private {
        string memory row = string.concat(".situations[", vm.toString(index), "]");
        vm.assertEq(vm.parseJsonString(_table, string.concat(row, ".name")), name, "another situation");
        vm.assertEq(_status(roundId), vm.parseJsonString(_table, string.concat(row, ".status")), name);
        uint256 count;
        string memory path = ".functions[0]";
        while (vm.keyExistsJson(_table, path)) {
            string memory called = vm.parseJsonString(_table, string.concat(path, ".name"));
            string memory calls = string.concat(row, ".calls.", called);
            string memory what = string.concat(name, ": ", called);
            _checkCall(roundId, called, vm.parseJsonString(_table, string.concat(calls, ".inTime")), what);
            uint256 snapshot = Snapshots(address(vm)).snapshotState();
            _warpPast(registry.round(roundId).deadline);
            string memory late = vm.parseJsonString(_table, string.concat(calls, ".late"));
            _checkCall(roundId, called, late, string.concat(what, ", late"));
            Snapshots(address(vm)).revertToState(snapshot);
            path = string.concat(".functions[", vm.toString(++count), "]");
        }
        vm.assertEq(count, 28, "functions");
    }

    /// @dev Leaves everything as it was.
    function _checkCall(
        uint256 roundId,
        string memory called,
        string memory expected,
        string memory what
    ) private {
        (address sender, bytes memory call) = _call(roundId, called);
        string memory before = _status(roundId);
        uint256 snapshot = Snapshots(address(vm)).snapshotState();
        vm.prank(sender, sender);
        (bool accepted, bytes memory answer) = address(registry).call(call);
        if (_isStatus[expected]) {
            vm.assertTrue(accepted, string.concat(what, " is to be accepted"));
            vm.assertEq(_status(roundId), expected, what);
        } else {
            vm.assertTrue(_selectors[expected] != 0, string.concat("no such error: ", expected));
            vm.assertTrue(!accepted, string.concat(what, " is to be refused"));
            vm.assertEq(bytes32(bytes4(answer)), bytes32(_selectors[expected]), what);
            vm.assertEq(_status(roundId), before, what);
        }
        Snapshots(address(vm)).revertToState(snapshot);
    }

    // --- right calls ---

    /// @dev By the last of the cohort, which is who has not acted yet.
    function _call(
        uint256 roundId,
        string memory called
    ) private view returns (address sender, bytes memory call) {
        bytes32 name = keccak256(bytes(called));
        address[] memory cohort = registry.cohort(roundId);
        address member = cohort.length == 0 ? DEE : cohort[cohort.length - 1];
        if (name == keccak256("openRound")) return (AGGREGATOR, abi.encodeCall(registry.openRound, ()));
        if (name == keccak256("addMember")) {
            return (OWNER, abi.encodeCall(registry.addMember, (OUTSIDER, "Newcomer")));
        }
        if (name == keccak256("removeMember")) {
            return (OWNER, abi.encodeCall(registry.removeMember, (member)));
        }
        if (name == keccak256("leave")) return (member, abi.encodeCall(registry.leave, ()));
        if (name == keccak256("announceMaskKey")) {
            return (member, abi.encodeCall(registry.announceMaskKey, (keccak256("a fresh key"))));
        }
        if (name == keccak256("announceEncryptionContext")) {
            return (KEY_HOLDER, abi.encodeCall(registry.announceEncryptionContext, (keccak256("fresh"))));
        }
        if (name == keccak256("acknowledgeEncryptionContext")) {
            bytes32 context = registry.encryptionContext();
            return (OUTSIDER, abi.encodeCall(registry.acknowledgeEncryptionContext, (context)));
        }
        if (name == keccak256("admitShard")) {
            bytes memory proof = _encode(_admissionPoints(member, 50, 900));
            return (member, abi.encodeCall(registry.admitShard, (50, proof)));
        }
        if (name == keccak256("retireShards")) return (member, abi.encodeCall(registry.retireShards, (1)));
        if (name == keccak256("nominateAccount")) {
            return (member, abi.encodeCall(registry.nominateAccount, (member, _fresh(member))));
        }
        if (name == keccak256("acceptAccount")) {
            return (_fresh(member), abi.encodeCall(registry.acceptAccount, (member)));
        }
        if (name == keccak256("pause")) return (GUARDIAN, abi.encodeCall(registry.pause, ()));
        if (name == keccak256("unpause")) return (GUARDIAN, abi.encodeCall(registry.unpause, ()));
        return _roundCall(roundId, name, member);
    }

    function _roundCall(
        uint256 roundId,
        bytes32 name,
        address member
    ) private view returns (address, bytes memory) {
        if (name == keccak256("submitUpdate")) {
            bytes memory proof = _encode(_trainingPoints(member, roundId, 9999));
            return (member, abi.encodeCall(registry.submitUpdate, (roundId, proof, _g1(77), CIPHERTEXT)));
        }
        if (name == keccak256("challengeUpdate")) {
            bool takesPart = registry.participation(roundId, member).weight != 0;
            bytes memory proof =
                takesPart ? _encode(_trainingPoints(member, roundId, _update(roundId, member))) : bytes("");
            return (OUTSIDER, abi.encodeCall(registry.challengeUpdate, (roundId, member, proof)));
        }
        if (name == keccak256("remaskUpdate")) {
            return (member, abi.encodeCall(registry.remaskUpdate, (roundId, 2, _g1(77), CIPHERTEXT)));
        }
        if (name == keccak256("closeRound")) {
            return (OUTSIDER, abi.encodeCall(registry.closeRound, (roundId)));
        }
        if (name == keccak256("splitMask")) {
            G1Point[] memory masks =
                registry.cohort(roundId).length == 0 ? new G1Point[](0) : _pairMasks(roundId, member);
            return (member, _splitCall(roundId, masks));
        }
        if (name == keccak256("proveBenefit")) {
            return (member, abi.encodeCall(registry.proveBenefit, (roundId, 0, "")));
        }
        if (name == keccak256("pushRound")) {
            return (OUTSIDER, abi.encodeCall(registry.pushRound, (roundId)));
        }
        if (name == keccak256("revealUpdate")) {
            uint256[] memory masked = _maskedVector(roundId, member);
            return (member, abi.encodeCall(registry.revealUpdate, (roundId, masked, _quotient(masked))));
        }
        return _endingCall(roundId, name, member);
    }

    function _endingCall(
        uint256 roundId,
        bytes32 name,
        address member
    ) private view returns (address, bytes memory) {
        if (name == keccak256("announceSum")) {
            return (AGGREGATOR, abi.encodeCall(registry.announceSum, (roundId, ENCRYPTED_SUM)));
        }
        if (name == keccak256("openSum")) {
            return (KEY_HOLDER, abi.encodeCall(registry.openSum, (roundId, ENCRYPTED_SUM, SUM_FILE)));
        }
        if (name == keccak256("refuseSum")) {
            return (KEY_HOLDER, abi.encodeCall(registry.refuseSum, (roundId, ENCRYPTED_SUM)));
        }
        if (name == keccak256("publishModel")) {
            return (AGGREGATOR, abi.encodeCall(registry.publishModel, (roundId, MODEL_FILE)));
        }
        if (name == keccak256("acknowledge")) {
            return (member, abi.encodeCall(registry.acknowledge, (roundId, MODEL_FILE)));
        }
        if (name == keccak256("publishModelCard")) {
            return (AGGREGATOR, abi.encodeCall(registry.publishModelCard, (roundId, keccak256("card"))));
        }
        vm.assertTrue(name == keccak256("openModel"), "the table names a function that no test calls");
        uint256[] memory vector = _firstModel(roundId);
        return (OUTSIDER, abi.encodeCall(registry.openModel, (roundId, vector, _quotient(vector))));
    }

    function _fresh(
        address member
    ) private pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("another account", member)))));
    }

    // --- ways to a situation ---

    /// @dev The same four hospitals in a consortium that posts proofs.
    function _postsProofs() private {
        ConsortiumConfig memory config = _config();
        config.challengeWindow = WINDOW / 2;
        _deploy(config);
        _grantKeyHolder(OUTSIDER);
        _found();
        _join(DEE, "Dee");
        _announceKey(DEE);
        _admit(DEE, 50, 104);
    }

    function _submitFirst(
        uint256 roundId,
        uint256 count
    ) private {
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 0; i < count; ++i) {
            _submitHonestly(cohort[i], roundId);
        }
    }

    /// @dev Everyone has submitted; Ada's mask is off by one generator.
    function _slipped() private returns (uint256 roundId) {
        roundId = _open();
        _submit(ADA, roundId, _update(roundId, ADA), BN254.add(_mask(roundId, ADA), _g1(1)));
        _submitHonestly(BAY, roundId);
        _submitHonestly(CAY, roundId);
        _submitHonestly(DEE, roundId);
    }

    /// @dev One that has not announced the context, and so has not acknowledged it either.
    function _grantKeyHolder(
        address account
    ) private {
        bytes32 role = registry.KEY_HOLDER_ROLE();
        vm.prank(OWNER);
        registry.grantRole(role, account);
    }

    function _revealFirst(
        uint256 roundId,
        uint256 count
    ) private {
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 0; i < count; ++i) {
            uint256[] memory masked = _maskedVector(roundId, cohort[i]);
            G1Point memory quotient = _quotient(masked);
            vm.prank(cohort[i]);
            registry.revealUpdate(roundId, masked, quotient);
        }
    }

    /// @dev A round that never opened has no deadline.
    function _warpPast(
        uint64 deadline
    ) private {
        if (deadline != 0) vm.warp(deadline + 1);
    }

    function _status(
        uint256 roundId
    ) private view returns (string memory) {
        return _statuses[uint256(registry.round(roundId).status)];
    }
}
