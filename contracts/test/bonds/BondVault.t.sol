// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Errors} from "@openzeppelin/contracts/utils/Errors.sol";
import {BondVault} from "../../src/BondVault.sol";
import {ConsortiumRegistry} from "../../src/ConsortiumRegistry.sol";
import {RegistryExtension} from "../../src/RegistryExtension.sol";
import {IBondVault} from "../../src/interfaces/IBondVault.sol";
import {IConsortiumErrors} from "../../src/interfaces/IConsortiumErrors.sol";
import {IConsortiumEvents} from "../../src/interfaces/IConsortiumEvents.sol";
import {
    BlameReason,
    ConsortiumConfig,
    IConsortiumRegistry
} from "../../src/interfaces/IConsortiumRegistry.sol";
import {BondFixture} from "../support/BondFixture.sol";

/// @dev Asks for its money again while it is being paid.
contract Glutton {
    IBondVault public vault;
    bool public tried;
    bool public succeeded;

    function act(
        address target,
        bytes calldata call
    ) external {
        (bool done, bytes memory answer) = target.call(call);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
    }

    function aimAt(
        IBondVault vault_
    ) external {
        vault = vault_;
    }

    receive() external payable {
        if (address(vault) == address(0)) return;
        tried = true;
        (succeeded,) = address(vault).call(abi.encodeCall(vault.withdraw, ()));
    }
}

/// @dev Every call to it fails; the registry believes that it is its vault.
contract BrokenVault {
    IConsortiumRegistry public immutable REGISTRY;

    constructor(
        IConsortiumRegistry registry
    ) {
        REGISTRY = registry;
    }

    function covers(
        uint256
    ) external pure returns (bool) {
        return true;
    }

    function slash(
        uint256
    ) external pure {
        revert("no");
    }
}

contract BondVaultTest is BondFixture {
    function setUp() public {
        _foundWithBonds();
    }

    // --- creation ---

    function test_whatIsSetOnce() public view {
        vm.assertEq(address(vault.REGISTRY()), address(registry), "registry");
        vm.assertEq(registry.BOND_VAULT(), address(vault), "the registry's vault");
        vm.assertEq(vault.BOND(), BOND, "bond");
        vm.assertEq(vault.DELAY(), DELAY, "delay");
        vm.assertEq(vault.BENEFICIARY(), BENEFICIARY, "beneficiary");
    }

    function test_aVaultWithoutBondOrBeneficiaryIsRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IBondVault.InvalidBond.selector, 0, BENEFICIARY));
        new BondVault(registry, 0, DELAY, BENEFICIARY);
        vm.expectRevert(abi.encodeWithSelector(IBondVault.InvalidBond.selector, BOND, address(0)));
        new BondVault(registry, BOND, DELAY, payable(address(0)));
    }

    function test_aVaultWithoutCodeIsRefused() public {
        ConsortiumConfig memory config = _config();
        address odd = address(new RegistryExtension(router, opening, OUTSIDER));
        vm.expectRevert(abi.encodeWithSelector(IConsortiumErrors.NoCode.selector, OUTSIDER));
        _createWith(config, odd, OUTSIDER);
    }

    function test_anExtensionOfAnotherVaultIsRefused() public {
        ConsortiumConfig memory config = _config();
        vm.expectRevert(
            abi.encodeWithSelector(IConsortiumErrors.OtherExtension.selector, address(vault), address(0))
        );
        _createWith(config, address(extension), address(0));
    }

    // --- who takes part ---

    function test_onlyWhoseStakeCoversTheBondTakesPart() public {
        _join(DEE, "Dee");
        _announceKey(DEE);
        _admit(DEE, 50, 104);
        _deposit(DEE, BOND - 1);
        vm.assertEq(registry.cohort(_toFailed()).length, 3, "one wei short");
        _deposit(DEE, 1);
        vm.assertEq(registry.cohort(_open()).length, 4, "covered");
    }

    function test_whatIsLeavingDoesNotCover() public {
        _join(DEE, "Dee");
        _announceKey(DEE);
        _admit(DEE, 50, 104);
        _deposit(DEE, 2 * BOND);
        _request(DEE, BOND);
        vm.assertEq(registry.cohort(_toFailed()).length, 4, "the rest covers");
        vm.prank(DEE);
        registry.leave();
        _request(DEE, 1);
        _join(DEE, "Dee");
        vm.assertEq(registry.cohort(_open()).length, 3, "one wei short");
    }

    // --- deposits ---

    function test_anyoneStakesForAMember() public {
        vm.deal(OUTSIDER, 5);
        uint256 id = registry.memberIdOf(ADA);
        vm.expectEmit(true, true, true, true, address(vault));
        emit IBondVault.Deposited(id, OUTSIDER, 5);
        vm.prank(OUTSIDER);
        vault.deposit{value: 5}(ADA);
        vm.assertEq(_staked(ADA), BOND + 5, "stake");
        vm.assertEq(_staked(BAY), BOND, "nobody else's");
    }

    function test_nothingIsStakedForAStranger() public {
        vm.deal(OUTSIDER, 5);
        vm.prank(OUTSIDER);
        vm.expectRevert(abi.encodeWithSelector(IBondVault.NoMember.selector, OUTSIDER));
        vault.deposit{value: 5}(OUTSIDER);
    }

    function test_nothingIsNoDeposit() public {
        _vaultRefuses(ADA, abi.encodeCall(vault.deposit, (ADA)), _nothing());
    }

    function test_plainEtherIsRefused() public {
        vm.deal(ADA, 5);
        vm.prank(ADA);
        (bool accepted,) = address(vault).call{value: 5}("");
        vm.assertTrue(!accepted, "it would be nobody's");
    }

    // --- withdrawals ---

    function test_anActiveMemberTakesWhatIsAboveTheBond() public {
        _deposit(ADA, 7);
        _vaultRefuses(ADA, abi.encodeCall(vault.requestWithdrawal, (8)), _needed(ADA, 8, 7));
        vm.expectEmit(true, true, true, true, address(vault));
        emit IBondVault.WithdrawalRequested(registry.memberIdOf(ADA), 7, uint64(block.timestamp) + DELAY);
        _request(ADA, 7);
        _vaultRefuses(ADA, abi.encodeCall(vault.requestWithdrawal, (1)), _needed(ADA, 1, 0));
        vm.warp(block.timestamp + DELAY);
        vm.expectEmit(true, true, true, true, address(vault));
        emit IBondVault.Withdrawn(registry.memberIdOf(ADA), ADA, 7);
        _withdraw(ADA);
        vm.assertEq(ADA.balance, 7, "paid");
        vm.assertEq(_staked(ADA), BOND, "the bond stays");
    }

    function test_whoLeftTakesEverything() public {
        vm.prank(ADA);
        registry.leave();
        _request(ADA, BOND);
        vm.warp(block.timestamp + DELAY);
        _withdraw(ADA);
        vm.assertEq(ADA.balance, BOND, "paid");
        vm.assertEq(address(vault).balance, 2 * BOND, "the others' stays");
    }

    function test_notBeforeTheDelayIsOver() public {
        _deposit(ADA, 7);
        _request(ADA, 3);
        vm.warp(block.timestamp + DELAY - 1);
        _request(ADA, 4);
        uint256 leavesAt = block.timestamp + DELAY;
        vm.warp(leavesAt - 1);
        _vaultRefuses(
            ADA,
            abi.encodeCall(vault.withdraw, ()),
            abi.encodeWithSelector(IBondVault.WithdrawalTooEarly.selector, leavesAt, leavesAt - 1)
        );
        vm.warp(leavesAt);
        _withdraw(ADA);
        vm.assertEq(ADA.balance, 7, "both");
    }

    function test_aRequestIsTakenBack() public {
        _deposit(ADA, 7);
        _request(ADA, 7);
        vm.expectEmit(true, true, true, true, address(vault));
        emit IBondVault.WithdrawalCancelled(registry.memberIdOf(ADA), 7);
        vm.prank(ADA);
        vault.cancelWithdrawal();
        vm.assertEq(_staked(ADA), BOND + 7, "stakes again");
        _vaultRefuses(ADA, abi.encodeCall(vault.cancelWithdrawal, ()), _nothing());
        _vaultRefuses(ADA, abi.encodeCall(vault.withdraw, ()), _nothing());
    }

    function test_nothingIsNoRequest() public {
        _vaultRefuses(ADA, abi.encodeCall(vault.requestWithdrawal, (0)), _nothing());
    }

    function test_strangersHaveNothing() public {
        bytes memory expected = abi.encodeWithSelector(IBondVault.NoMember.selector, OUTSIDER);
        _vaultRefuses(OUTSIDER, abi.encodeCall(vault.requestWithdrawal, (1)), expected);
        _vaultRefuses(OUTSIDER, abi.encodeCall(vault.cancelWithdrawal, ()), expected);
        _vaultRefuses(OUTSIDER, abi.encodeCall(vault.withdraw, ()), expected);
    }

    function test_notWhileTheMemberIsInARound() public {
        _deposit(ADA, 7);
        _request(ADA, 7);
        vm.warp(block.timestamp + DELAY);
        uint256 roundId = _open();
        uint256 freeAt = registry.round(roundId).deadline + DELAY;
        bytes memory expected = abi.encodeWithSelector(IBondVault.RoundNotOver.selector, roundId, freeAt);
        _vaultRefuses(ADA, abi.encodeCall(vault.withdraw, ()), expected);
        _push(roundId);
        _withdraw(ADA);
        vm.assertEq(ADA.balance, 7, "once it has ended");
    }

    function test_othersRoundsHoldNobodyUp() public {
        _join(DEE, "Dee");
        _deposit(DEE, BOND + 7);
        _request(DEE, 7);
        vm.warp(block.timestamp + DELAY);
        _open();
        _withdraw(DEE);
        vm.assertEq(DEE.balance, 7, "in no round");
    }

    function test_aPauseStopsNoWithdrawal() public {
        _deposit(ADA, 7);
        vm.prank(GUARDIAN);
        registry.pause();
        _request(ADA, 7);
        vm.warp(block.timestamp + DELAY);
        _withdraw(ADA);
        vm.assertEq(ADA.balance, 7, "paid");
    }

    function test_aRoundThatIsPausedForGoodHoldsAStakeForTheDelayAlone() public {
        _deposit(ADA, 7);
        uint256 roundId = _open();
        _request(ADA, 7);
        vm.prank(GUARDIAN);
        registry.pause();
        uint256 freeAt = registry.round(roundId).deadline + DELAY;
        vm.warp(freeAt);
        _vaultRefuses(
            ADA,
            abi.encodeCall(vault.withdraw, ()),
            abi.encodeWithSelector(IBondVault.RoundNotOver.selector, roundId, freeAt)
        );
        vm.warp(freeAt + 1);
        _withdraw(ADA);
        vm.assertEq(ADA.balance, 7, "paid");
    }

    function test_theStakeFollowsTheMemberToItsNewAccount() public {
        address fresh = address(0xada2);
        _deposit(ADA, 7);
        _request(ADA, 7);
        vm.prank(ADA, ADA);
        registry.nominateAccount(ADA, fresh);
        vm.prank(fresh);
        registry.acceptAccount(ADA);
        vm.warp(block.timestamp + DELAY);
        bytes memory stranger = abi.encodeWithSelector(IBondVault.NoMember.selector, ADA);
        _vaultRefuses(ADA, abi.encodeCall(vault.withdraw, ()), stranger);
        _withdraw(fresh);
        vm.assertEq(fresh.balance, 7, "paid to the new account");
        vm.assertEq(_staked(fresh), BOND, "the bond came along");
    }

    function test_nobodyIsPaidTwice() public {
        Glutton glutton = new Glutton();
        _join(address(glutton), "Glutton");
        _deposit(address(glutton), BOND + 7);
        glutton.act(address(vault), abi.encodeCall(vault.requestWithdrawal, (7)));
        vm.warp(block.timestamp + DELAY);
        glutton.aimAt(vault);
        glutton.act(address(vault), abi.encodeCall(vault.withdraw, ()));
        vm.assertTrue(glutton.tried() && !glutton.succeeded(), "tried and refused");
        vm.assertEq(address(glutton).balance, 7, "once");
        vm.assertEq(address(vault).balance, 4 * BOND, "everyone's bond is there");
    }

    function test_whoCannotBePaidKeepsItsStake() public {
        address wall = address(new BrokenVault(registry));
        _join(wall, "Wall");
        _deposit(wall, BOND + 7);
        _request(wall, 7);
        vm.warp(block.timestamp + DELAY);
        _vaultRefuses(
            wall, abi.encodeCall(vault.withdraw, ()), abi.encodeWithSelector(Errors.FailedCall.selector)
        );
        vm.assertEq(_leaving(wall), 7, "still there");
    }

    // --- slashing ---

    function test_blameCostsTheBondAtOnce() public {
        uint256 roundId = _toFinal();
        uint256[] memory model = _firstModel(roundId);
        vm.expectEmit(true, true, true, true, address(vault));
        emit IBondVault.Slashed(registry.memberIdOf(ADA), BOND);
        registry.openModel(roundId, model, _quotient(model));
        vm.assertEq(_staked(ADA), 0, "gone");
        vm.assertEq(vault.slashed(), 3 * BOND, "all three vouched for the false file");
    }

    function test_aSurplusIsNotSlashed() public {
        _deposit(ADA, 7);
        _toBlame();
        vm.assertEq(_staked(ADA), 7, "what is above the bond stays");
        _request(ADA, 7);
        vm.warp(block.timestamp + DELAY);
        _withdraw(ADA);
        vm.assertEq(ADA.balance, 7, "and can be taken");
    }

    function test_whatIsLeavingIsSlashedToo() public {
        _deposit(ADA, 7);
        _request(ADA, 7);
        uint256 roundId = _toFinal();
        vm.prank(ADA);
        registry.leave();
        _request(ADA, BOND - 3);
        vm.assertEq(_leaving(ADA), BOND + 4, "leaving");
        uint256[] memory model = _firstModel(roundId);
        registry.openModel(roundId, model, _quotient(model));
        vm.assertEq(_staked(ADA), 0, "what was staked first");
        vm.assertEq(_leaving(ADA), 7, "then what was leaving");
        vm.assertEq(uint256(registry.memberOf(ADA).blame), uint256(BlameReason.FalseAcknowledgement), "blame");
    }

    function test_aLieIsSlashedOnce() public {
        uint256 roundId = _toBlame();
        uint256[] memory model = _firstModel(roundId);
        _deposit(ADA, BOND);
        registry.openModel(roundId, model, _quotient(model));
        vm.assertEq(_staked(ADA), BOND, "not again");
    }

    function test_removalIsNoBlame() public {
        vm.prank(OWNER);
        registry.removeMember(ADA);
        vm.assertEq(_staked(ADA), BOND, "kept");
        vm.assertEq(vault.slashed(), 0, "nothing slashed");
    }

    function test_onlyTheRegistrySlashes() public {
        uint256 id = registry.memberIdOf(ADA);
        address[5] memory others = [OWNER, GUARDIAN, AGGREGATOR, BENEFICIARY, ADA];
        for (uint256 i = 0; i < others.length; ++i) {
            _vaultRefuses(
                others[i],
                abi.encodeCall(vault.slash, (id)),
                abi.encodeWithSelector(IBondVault.NotTheRegistry.selector, others[i])
            );
        }
    }

    function test_theBeneficiaryIsPaid() public {
        _toBlame();
        vm.expectEmit(true, true, true, true, address(vault));
        emit IBondVault.Claimed(BENEFICIARY, 3 * BOND);
        vm.prank(OUTSIDER);
        vault.claim();
        vm.assertEq(BENEFICIARY.balance, 3 * BOND, "paid");
        _vaultRefuses(OUTSIDER, abi.encodeCall(vault.claim, ()), _nothing());
    }

    function test_aVaultThatFailsStopsNoExclusion() public {
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 2);
        bondVault = address(new BrokenVault(IConsortiumRegistry(next)));
        extension = new RegistryExtension(router, opening, bondVault);
        registry = _create(_config());
        _found();
        uint256 roundId = _toFinal();
        uint256[] memory model = _firstModel(roundId);
        _expectEvent();
        emit IConsortiumEvents.SlashFailed(ADA);
        registry.openModel(roundId, model, _quotient(model));
        vm.assertTrue(!registry.memberOf(ADA).active, "excluded all the same");
    }

    /// @dev Whoever sends too little gas for the slash sends too little for the rest.
    function testFuzz_noAmountOfGasExcludesWithoutSlashing(
        uint256 gas_
    ) public {
        uint256 roundId = _toFinal();
        uint256[] memory model = _firstModel(roundId);
        bytes memory call = abi.encodeCall(registry.openModel, (roundId, model, _quotient(model)));
        gas_ = 100_000 + gas_ % 600_000;
        (bool done,) = address(registry).call{gas: gas_}(call);
        uint256 lost = vault.slashed();
        vm.assertEq(lost, done ? 3 * BOND : 0, "all or nothing");
    }

    // --- inside ---

    function _toBlame() private returns (uint256 roundId) {
        roundId = _toFinal();
        uint256[] memory model = _firstModel(roundId);
        registry.openModel(roundId, model, _quotient(model));
    }

    function _createWith(
        ConsortiumConfig memory config,
        address extension_,
        address vault_
    ) private {
        new ConsortiumRegistry(
            config, router, opening, extension_, vault_, address(0), OWNER, AGGREGATOR, GUARDIAN, KEY_HOLDER
        );
    }

    function _nothing() private pure returns (bytes memory) {
        return abi.encodeWithSelector(IBondVault.NothingToMove.selector);
    }

    function _needed(
        address member,
        uint256 amount,
        uint256 free
    ) private view returns (bytes memory) {
        return
            abi.encodeWithSelector(IBondVault.BondNeeded.selector, registry.memberIdOf(member), amount, free);
    }

    function _vaultRefuses(
        address sender,
        bytes memory call,
        bytes memory expected
    ) private {
        _refused(sender, address(vault), call, expected);
    }
}
