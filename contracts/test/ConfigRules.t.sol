// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ConsortiumConfig, G1Point, WeightRule} from "../src/interfaces/IConsortiumRegistry.sol";
import {ConfigRules} from "../src/libraries/ConfigRules.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

contract ConfigRulesTest is ConsortiumTest {
    function requireSound(
        ConsortiumConfig memory config
    ) external pure {
        ConfigRules.requireSound(config);
    }

    function test_aSoundConfigurationPasses() public view {
        this.requireSound(_config());
    }

    function test_theRegistryAsks() public {
        ConsortiumConfig memory config = _config();
        config.minCohort = 2;
        vm.expectRevert(_invalid("minCohort", 2));
        _create(config);
    }

    // --- what is named must be there ---

    function test_noSrs() public {
        ConsortiumConfig memory config = _config();
        config.srsHash = 0;
        _unsound(config, "srsHash", 0);
    }

    function test_noAdmissionCircuit() public {
        ConsortiumConfig memory config = _config();
        config.admissionCircuit = 0;
        _unsound(config, "admissionCircuit", 0);
    }

    function test_noTrainingCircuit() public {
        ConsortiumConfig memory config = _config();
        config.trainingCircuit = 0;
        _unsound(config, "trainingCircuit", 0);
    }

    function test_oneCircuitForBoth() public {
        ConsortiumConfig memory config = _config();
        config.trainingCircuit = config.admissionCircuit;
        _unsound(config, "trainingCircuit", 0);
    }

    // --- challenges ---

    function test_aChallengeWindowOfAMonth() public {
        ConsortiumConfig memory config = _config();
        config.challengeWindow = 30 days;
        this.requireSound(config);
        config.challengeWindow = 30 days + 1;
        _unsound(config, "challengeWindow", 30 days + 1);
    }

    function test_aBenefitCircuitWhereTheRuleAsksForIt() public {
        ConsortiumConfig memory config = _config();
        config.benefitCircuit = BENEFIT_CIRCUIT;
        _unsound(config, "benefitCircuit", uint256(BENEFIT_CIRCUIT));
        config.weightRule = WeightRule.Benefit;
        this.requireSound(config);
        config.benefitCircuit = 0;
        _unsound(config, "benefitCircuit", 0);
        config.benefitCircuit = config.trainingCircuit;
        _unsound(config, "benefitCircuit", uint256(config.trainingCircuit));
        config.benefitCircuit = config.admissionCircuit;
        _unsound(config, "benefitCircuit", uint256(config.admissionCircuit));
    }

    // --- points ---

    function test_theZeroCommitmentIsAPoint() public {
        (G1Point[] memory bad, bytes[] memory errors) = _badPoints(_g1(ZERO_FACTOR));
        for (uint256 i = 0; i < bad.length; ++i) {
            ConsortiumConfig memory config = _config();
            config.zeroCommitment = bad[i];
            _refuses(config, errors[i]);
        }
    }

    function test_theLagrangePointsArePoints() public {
        (G1Point[] memory bad, bytes[] memory errors) = _badPoints(_g1(LAGRANGE0_FACTOR));
        for (uint256 i = 0; i < bad.length; ++i) {
            ConsortiumConfig memory config = _config();
            config.lagrange0 = bad[i];
            _refuses(config, errors[i]);
            config = _config();
            config.lagrange1 = bad[i];
            _refuses(config, errors[i]);
        }
    }

    // --- numbers ---

    function test_shardsHaveSlots() public {
        ConsortiumConfig memory config = _config();
        config.shardSlots = 0;
        _unsound(config, "shardSlots", 0);
        config.shardSlots = 1;
        this.requireSound(config);
    }

    function test_shardsHoldRecords() public {
        ConsortiumConfig memory config = _config();
        config.minimumRecords = 0;
        _unsound(config, "minimumRecords", 0);
        config.minimumRecords = config.shardSlots + 1;
        _unsound(config, "minimumRecords", config.shardSlots + 1);
        config.minimumRecords = config.shardSlots;
        this.requireSound(config);
    }

    function test_modelsHaveEntries() public {
        ConsortiumConfig memory config = _config();
        config.modelLength = 0;
        _unsound(config, "modelLength", 0);
        config.modelLength = 1;
        this.requireSound(config);
    }

    function test_aShardIsOpenedForMoreThanItsAdmission() public {
        ConsortiumConfig memory config = _config();
        config.maxOpenings = 1;
        _unsound(config, "maxOpenings", 1);
        config.maxOpenings = 2;
        this.requireSound(config);
    }

    function test_cohortsHaveThreeToSixtyFourMembers() public {
        ConsortiumConfig memory config = _config();
        config.minCohort = 2;
        _unsound(config, "minCohort", 2);
        config.minCohort = 5;
        config.maxCohort = 4;
        _unsound(config, "maxCohort", 4);
        config.maxCohort = 5;
        this.requireSound(config);
        config.maxCohort = 65;
        _unsound(config, "maxCohort", 65);
        config.maxCohort = 64;
        this.requireSound(config);
    }

    function testFuzz_aQuorumIsMoreThanHalfAndNotMoreThanAll(
        uint16 quorumBps
    ) public {
        ConsortiumConfig memory config = _config();
        config.quorumBps = quorumBps;
        if (quorumBps > 5000 && quorumBps <= 10_000) this.requireSound(config);
        else _unsound(config, "quorumBps", quorumBps);
    }

    function test_edgesOfTheQuorum() public {
        ConsortiumConfig memory config = _config();
        config.quorumBps = 5000;
        _unsound(config, "quorumBps", 5000);
        config.quorumBps = 10_001;
        _unsound(config, "quorumBps", 10_001);
    }

    function test_everyStepHasTime() public {
        ConsortiumConfig memory config = _config();
        config.submissionWindow = 0;
        _unsound(config, "submissionWindow", 0);
        config = _config();
        config.remaskWindow = 0;
        _unsound(config, "remaskWindow", 0);
        config = _config();
        config.revealWindow = 0;
        _unsound(config, "revealWindow", 0);
        config = _config();
        config.publicationWindow = 0;
        _unsound(config, "publicationWindow", 0);
        config = _config();
        config.acknowledgementWindow = 0;
        _unsound(config, "acknowledgementWindow", 0);
    }

    /// @dev Three shares of 21845 leave a unit that nobody may have.
    function test_theSmallestCohortFillsTheWholeUnderTheCap() public {
        ConsortiumConfig memory config = _config();
        config.weightRule = WeightRule.Capped;
        config.capShare = 21_845;
        _unsound(config, "capShare", 21_845);
        config.capShare = 21_846;
        this.requireSound(config);
        config.capShare = 65_537;
        _unsound(config, "capShare", 65_537);
        config.capShare = 65_536;
        this.requireSound(config);
    }

    function test_theOtherRulesHaveNoCap() public view {
        WeightRule[3] memory rules = [WeightRule.Records, WeightRule.SquareRoot, WeightRule.Equal];
        for (uint256 i = 0; i < rules.length; ++i) {
            ConsortiumConfig memory config = _config();
            config.weightRule = rules[i];
            config.capShare = 0;
            this.requireSound(config);
        }
    }

    function _unsound(
        ConsortiumConfig memory config,
        string memory field,
        uint256 value
    ) private {
        _refuses(config, _invalid(field, value));
    }

    function _refuses(
        ConsortiumConfig memory config,
        bytes memory expected
    ) private {
        _refused(address(this), address(this), abi.encodeCall(this.requireSound, (config)), expected);
    }

    function _invalid(
        string memory field,
        uint256 value
    ) private pure returns (bytes memory) {
        return abi.encodeWithSelector(ConfigRules.InvalidConfig.selector, field, value);
    }
}
