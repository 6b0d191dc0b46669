// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {RoundStatus} from "../../src/interfaces/IConsortiumRegistry.sol";
import {RoundVectors} from "./RoundVectors.sol";

/// @title Honest rounds, from the opening to every status that a round can have
abstract contract ConsortiumFixture is RoundVectors {
    /// @dev All of the cohort, with updates that open and masks that cancel.
    function _submitAll(
        uint256 roundId
    ) internal {
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 0; i < cohort.length; ++i) {
            _submitHonestly(cohort[i], roundId);
        }
    }

    function _submitHonestly(
        address member,
        uint256 roundId
    ) internal {
        _submit(member, roundId, _update(roundId, member), _mask(roundId, member));
    }

    /// @dev All of the cohort, in whatever attempt the round is.
    function _remaskAll(
        uint256 roundId
    ) internal {
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 0; i < cohort.length; ++i) {
            _remask(cohort[i], roundId, _mask(roundId, cohort[i]));
        }
    }

    /// @dev Those without whom the round went on, so that it reopens with the rest.
    function _toReopened(
        address absent
    ) internal returns (uint256 roundId) {
        roundId = _open();
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 0; i < cohort.length; ++i) {
            if (cohort[i] != absent) _submitHonestly(cohort[i], roundId);
        }
        _push(roundId);
    }

    function _toClosed() internal returns (uint256 roundId) {
        roundId = _open();
        _submitAll(roundId);
        registry.closeRound(roundId);
    }

    function _toAnnounced() internal returns (uint256 roundId) {
        roundId = _toClosed();
        _announceSum(roundId, ENCRYPTED_SUM);
    }

    function _toOpened() internal returns (uint256 roundId) {
        roundId = _toAnnounced();
        _openSum(roundId, ENCRYPTED_SUM, SUM_FILE);
    }

    function _toPublished() internal returns (uint256 roundId) {
        roundId = _toOpened();
        _publish(roundId, MODEL_FILE);
    }

    function _toRevealing() internal returns (uint256 roundId) {
        roundId = _toClosed();
        _push(roundId);
    }

    /// @dev One member's mask is another member's, so that they do not cancel.
    function _toDisputed() internal returns (uint256 roundId) {
        roundId = _open();
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 1; i < cohort.length; ++i) {
            _submitHonestly(cohort[i], roundId);
        }
        _submit(cohort[0], roundId, _update(roundId, cohort[0]), _mask(roundId, cohort[1]));
        registry.closeRound(roundId);
    }

    function _toFinal() internal returns (uint256 roundId) {
        roundId = _toClosed();
        _finishClosed(roundId);
    }

    /// @dev Nobody submits.
    function _toFailed() internal returns (uint256 roundId) {
        roundId = _open();
        _push(roundId);
    }

    /// @dev The sum, the model, then as many acknowledgements as the quorum needs.
    function _finishClosed(
        uint256 roundId
    ) internal {
        _announceSum(roundId, ENCRYPTED_SUM);
        _openSum(roundId, ENCRYPTED_SUM, SUM_FILE);
        _publish(roundId, MODEL_FILE);
        _acknowledgeToQuorum(roundId);
    }

    function _acknowledgeToQuorum(
        uint256 roundId
    ) internal {
        address[] memory cohort = registry.cohort(roundId);
        for (uint256 i = 0; registry.round(roundId).status != RoundStatus.Final; ++i) {
            _acknowledge(cohort[i], roundId);
        }
    }
}

/// @title A test over a consortium of Ada, Bay and Cay, ready for its first round
abstract contract ConsortiumTest is ConsortiumFixture {
    function setUp() public virtual {
        vm.warp(1_800_000_000);
        _deploy(_config());
        _found();
    }
}
