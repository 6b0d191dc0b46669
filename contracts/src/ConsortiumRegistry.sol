// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ConsortiumConfig, IConsortiumRegistry} from "./interfaces/IConsortiumRegistry.sol";
import {IVectorOpening} from "./interfaces/IVectorOpening.sol";
import {IVerifierRouter} from "./interfaces/IVerifierRouter.sol";
import {Admission} from "./registry/Admission.sol";
import {Membership} from "./registry/Membership.sol";
import {Progress} from "./registry/Progress.sol";
import {RegistryState} from "./registry/RegistryState.sol";
import {Submissions} from "./registry/Submissions.sol";
import {Views} from "./registry/Views.sol";

/// @title One consortium: members, admitted shards, rounds, and the model they lead to
contract ConsortiumRegistry is Membership, Admission, Submissions, Progress, Views {
    constructor(
        ConsortiumConfig memory config_,
        IVerifierRouter router,
        IVectorOpening opening,
        address owner,
        address aggregator,
        address guardian,
        address keyHolder
    ) RegistryState(config_, router, opening) {
        _grantRole(DEFAULT_ADMIN_ROLE, owner);
        _grantRole(AGGREGATOR_ROLE, aggregator);
        _grantRole(GUARDIAN_ROLE, guardian);
        _grantRole(KEY_HOLDER_ROLE, keyHolder);
        emit ConsortiumCreated(
            config_.srsHash, config_.srsInsecure, config_.admissionCircuit, config_.trainingCircuit
        );
    }

    /// @inheritdoc IConsortiumRegistry
    function pause() external onlyRole(GUARDIAN_ROLE) {
        _pausedAt = block.timestamp;
        _pause();
    }

    /// @inheritdoc IConsortiumRegistry
    function unpause() external onlyRole(GUARDIAN_ROLE) {
        _unpause();
        if (_inProgress(_rounds[currentRound].status)) {
            _rounds[currentRound].deadline += uint64(block.timestamp - _pausedAt);
        }
    }
}
