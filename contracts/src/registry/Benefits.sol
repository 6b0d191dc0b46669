// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Benefit, G1Point, Participation, Round, WeightRule} from "../interfaces/ConsortiumTypes.sol";
import {IRegistryExtension} from "../interfaces/IRegistryExtension.sol";
import {BN254} from "../libraries/BN254.sol";
import {ProofCommitments} from "../libraries/ProofCommitments.sol";
import {PublicScalars} from "../libraries/PublicScalars.sol";
import {Weights} from "../libraries/Weights.sol";
import {ProofChecks} from "./ProofChecks.sol";

/// @title What members prove of their updates after a round, for their shares of the next ones
abstract contract Benefits is IRegistryExtension, ProofChecks {
    using BN254 for G1Point;
    using ProofCommitments for bytes;

    /// @inheritdoc IRegistryExtension
    function proveBenefit(
        uint256 roundId,
        uint8 level,
        bytes calldata proof
    ) external whenNotPaused {
        _requireCanonical(abi.encodeCall(this.proveBenefit, (roundId, level, proof)));
        _requireSentDirectly();
        WeightRule rule = _config.weightRule;
        if (rule != WeightRule.Benefit) revert WrongWeightRule(rule);
        _requireBetweenRounds();
        _requireMember(msg.sender);
        if (roundId != finalRound) revert NotFinalRound(roundId, finalRound);
        if (level > Weights.LARGEST_LEVEL) revert LevelOutOfRange(level, Weights.LARGEST_LEVEL);
        Benefit storage benefit = _benefits[roundId][msg.sender];
        if (benefit.proven) revert BenefitAlreadyProven(roundId, msg.sender);
        _requireAbout(roundId, proof);
        _requireScalars(proof.at(ProofCommitments.BENEFIT_BOUND), _config.noiseBound, 0);
        _requireScalars(proof.at(ProofCommitments.BENEFIT_PUBLIC), level, benefitContext(msg.sender, roundId));
        _requireZeros(proof.at(ProofCommitments.BENEFIT_ZEROS));
        ROUTER.requireValid(_config.benefitCircuit, proof);

        (benefit.proven, benefit.level) = (true, level);
        emit BenefitProven(roundId, msg.sender, level);
    }

    /// @inheritdoc IRegistryExtension
    function benefitOf(
        uint256 roundId,
        address member
    ) external view returns (Benefit memory) {
        return _benefits[roundId][member];
    }

    /// @inheritdoc IRegistryExtension
    function benefitContext(
        address member,
        uint256 roundId
    ) public view returns (uint256) {
        return PublicScalars.context(PublicScalars.BENEFIT_DOMAIN, address(this), member, roundId);
    }

    /// @dev The sender's own update, and `C(R_i) = C(G') - C(G) + U - w_i*(C_i - U)`.
    function _requireAbout(
        uint256 roundId,
        bytes calldata proof
    ) private view {
        Participation storage part = _partOfSender(roundId);
        G1Point memory update = part.update;
        G1Point memory actual = proof.at(ProofCommitments.BENEFIT_UPDATE);
        if (!actual.equals(update)) revert UpdateCommitmentMismatch(actual, update);
        Round storage entry = _rounds[roundId];
        G1Point memory zero = _config.zeroCommitment;
        G1Point memory after_ = entry.modelAfter;
        G1Point memory own = update.subtract(zero).mul(part.weight);
        G1Point memory rest = after_.subtract(entry.modelBefore).add(zero).subtract(own);
        actual = proof.at(ProofCommitments.BENEFIT_REST);
        if (!actual.equals(rest)) revert RestCommitmentMismatch(actual, rest);
    }
}
