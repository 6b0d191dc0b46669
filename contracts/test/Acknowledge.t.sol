// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {
    ConsortiumConfig,
    FailureReason,
    G1Point,
    IConsortiumEvents,
    RoundStatus
} from "../src/interfaces/IConsortiumRegistry.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

contract AcknowledgeTest is ConsortiumTest {
    bytes32 private constant OTHER_MODEL = keccak256("another model file");

    uint256 private _round;

    function setUp() public override {
        super.setUp();
        _round = _toPublished();
    }

    function test_theQuorumMovesTheModel() public {
        G1Point memory modelAfter = registry.round(_round).modelAfter;
        _expectEvent();
        emit IConsortiumEvents.Acknowledged(_round, ADA, MODEL_FILE);
        _acknowledge(ADA, _round);
        _acknowledge(CAY, _round);
        // 2 of 3 are 6666 of 10000, and the quorum is 6667
        _assertStatus(_round, RoundStatus.Published, FailureReason.None);
        _assertPoint(registry.model(), _g1(ZERO_FACTOR), "no quorum yet");
        _expectEvent();
        emit IConsortiumEvents.Acknowledged(_round, BAY, MODEL_FILE);
        _expectEvent();
        emit IConsortiumEvents.RoundFinalized(_round, modelAfter, MODEL_FILE);
        _acknowledge(BAY, _round);
        _assertStatus(_round, RoundStatus.Final, FailureReason.None);
        _assertPoint(registry.model(), modelAfter, "the model moved");
        vm.assertEq(registry.modelHash(), MODEL_FILE, "model file");
    }

    function test_theQuorumIsRoundedUp() public {
        uint16[4] memory quorums = [uint16(5001), 6666, 6667, 10_000];
        uint256[4] memory needed = [uint256(2), 2, 3, 3];
        for (uint256 i = 0; i < quorums.length; ++i) {
            ConsortiumConfig memory config = _config();
            config.quorumBps = quorums[i];
            _deploy(config);
            _found();
            uint256 roundId = _toPublished();
            address[3] memory cohort = [ADA, BAY, CAY];
            uint256 count;
            while (registry.round(roundId).status == RoundStatus.Published) {
                _acknowledge(cohort[count++], roundId);
            }
            vm.assertEq(count, needed[i], "acknowledgements to the quorum");
        }
    }

    function test_whoAcknowledgedIsOnRecord() public {
        _acknowledge(ADA, _round);
        vm.assertEq(registry.participation(_round, ADA).acknowledged, MODEL_FILE, "Ada did");
        vm.assertEq(registry.participation(_round, BAY).acknowledged, 0, "Bay did not");
    }

    function test_acknowledgementsOfOneFileDoNotCountForAnother() public {
        _acknowledge(ADA, _round);
        _acknowledge(BAY, _round);
        _publish(_round, OTHER_MODEL);
        vm.prank(CAY, CAY);
        registry.acknowledge(_round, OTHER_MODEL);
        _assertStatus(_round, RoundStatus.Published, FailureReason.None);
        // the first file again: its two acknowledgements stand
        _publish(_round, MODEL_FILE);
        _assertStatus(_round, RoundStatus.Published, FailureReason.None);
        vm.assertEq(registry.modelHash(), 0, "no quorum holds a file");
    }

    function test_acknowledgementsOfAFileStandWhenItIsPublishedAgain() public {
        _acknowledge(ADA, _round);
        _acknowledge(BAY, _round);
        _publish(_round, OTHER_MODEL);
        _publish(_round, MODEL_FILE);
        _acknowledge(CAY, _round);
        _assertStatus(_round, RoundStatus.Final, FailureReason.None);
        vm.assertEq(registry.modelHash(), MODEL_FILE, "the file that the quorum holds");
    }

    function test_nobodyVouchesForTwoFiles() public {
        _acknowledge(ADA, _round);
        _publish(_round, OTHER_MODEL);
        _refuses(
            ADA,
            OTHER_MODEL,
            abi.encodeWithSelector(IConsortiumErrors.AlreadyAcknowledged.selector, _round, ADA)
        );
        vm.assertEq(registry.participation(_round, ADA).acknowledged, MODEL_FILE, "its first word");
    }

    function test_oneAcknowledgementAMember() public {
        _acknowledge(ADA, _round);
        _refuses(
            ADA,
            MODEL_FILE,
            abi.encodeWithSelector(IConsortiumErrors.AlreadyAcknowledged.selector, _round, ADA)
        );
    }

    function test_anotherFileThanThePublished() public {
        bytes32[2] memory files = [OTHER_MODEL, bytes32(0)];
        for (uint256 i = 0; i < files.length; ++i) {
            _refuses(
                ADA,
                files[i],
                abi.encodeWithSelector(
                    IConsortiumErrors.ModelHashMismatch.selector, _round, files[i], MODEL_FILE
                )
            );
        }
    }

    function test_onlyTheCohortAcknowledges() public {
        _join(DEE, "Dee");
        address[5] memory others = [OWNER, AGGREGATOR, GUARDIAN, KEY_HOLDER, DEE];
        for (uint256 i = 0; i < others.length; ++i) {
            _refuses(
                others[i],
                MODEL_FILE,
                abi.encodeWithSelector(IConsortiumErrors.NotInCohort.selector, _round, others[i])
            );
        }
    }

    function test_theDeadlineItselfIsInTime() public {
        vm.warp(registry.round(_round).deadline);
        _acknowledge(ADA, _round);
    }

    function test_afterTheDeadline() public {
        uint256 deadline = registry.round(_round).deadline;
        vm.warp(deadline + 1);
        _refuses(
            ADA,
            MODEL_FILE,
            abi.encodeWithSelector(IConsortiumErrors.DeadlinePassed.selector, deadline, deadline + 1)
        );
    }

    function test_aRoundThatIsNotPublished() public {
        _acknowledge(ADA, _round);
        _acknowledge(BAY, _round);
        _acknowledge(CAY, _round);
        _refusesStatus(_round, RoundStatus.Final);
        _refusesStatus(0, RoundStatus.None);
        _refusesStatus(_toFailed(), RoundStatus.Failed);
        _refusesStatus(_open(), RoundStatus.Open);
    }

    function test_aRoundWhoseAcknowledgementsCameTooLate() public {
        _push(_round);
        _refusesStatus(_round, RoundStatus.Revealing);
    }

    function _refuses(
        address member,
        bytes32 modelFile,
        bytes memory expected
    ) private {
        _refused(member, abi.encodeCall(registry.acknowledge, (_round, modelFile)), expected);
    }

    function _refusesStatus(
        uint256 roundId,
        RoundStatus status
    ) private {
        _refused(
            ADA,
            abi.encodeCall(registry.acknowledge, (roundId, MODEL_FILE)),
            abi.encodeWithSelector(IConsortiumErrors.WrongRoundStatus.selector, roundId, status)
        );
    }
}
