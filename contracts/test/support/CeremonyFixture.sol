// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {CeremonyLog} from "../../src/CeremonyLog.sol";
import {ICeremonyLog} from "../../src/interfaces/ICeremonyLog.sol";
import {Test} from "./Test.sol";

/// @title A ceremony of three, and the steps that a test takes for them
abstract contract CeremonyFixture is Test {
    uint8 internal constant LOGROWS = 14;
    uint32 internal constant DISTANCE = 32;
    uint32 internal constant STEP = 3600;
    bytes32 internal constant PTAU = keccak256("final ptau");
    bytes32 internal constant SRS = keccak256("srs");
    address internal constant OUTSIDER = address(uint160(uint256(keccak256("outsider"))));

    CeremonyLog internal log;
    address[] internal people;

    function setUp() public virtual {
        vm.roll(1000);
        vm.warp(1_000_000);
        for (uint256 i = 0; i < 3; ++i) {
            people.push(_person(i));
        }
        log = _fresh();
    }

    function _fresh() internal returns (CeremonyLog) {
        return new CeremonyLog(LOGROWS, people, DISTANCE, STEP);
    }

    function _person(
        uint256 index
    ) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode("contributor", index)))));
    }

    function _file(
        uint256 index
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode("file", index));
    }

    function _record(
        uint256 index
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode("record", index));
    }

    function _contribute(
        uint256 index
    ) internal {
        vm.prank(people[index]);
        log.contribute(_file(index), _record(index));
    }

    function _verify(
        uint256 who,
        uint256 index
    ) internal {
        vm.prank(people[who]);
        log.verify(index, _file(index), _record(index));
    }

    function _contributeAll() internal {
        for (uint256 i = 0; i < people.length; ++i) {
            _contribute(i);
        }
    }

    function _verifyAll() internal {
        for (uint256 who = 0; who < people.length; ++who) {
            for (uint256 index = 0; index < people.length; ++index) {
                if (who != index) _verify(who, index);
            }
        }
    }

    function _toBeacon() internal {
        _contributeAll();
        _verifyAll();
    }

    function _toConfirming() internal {
        _toBeacon();
        vm.roll(log.beaconBlock() + 1);
        log.recordBeacon();
    }

    function _confirm(
        uint256 who
    ) internal {
        vm.prank(people[who]);
        log.confirm(PTAU, SRS);
    }

    function _passDeadline() internal {
        vm.warp(uint256(log.deadline()) + 1);
    }

    function _refuses(
        address sender,
        bytes memory call,
        bytes memory expected
    ) internal {
        _refused(sender, address(log), call, expected);
    }

    function _refusedInPhase(
        address sender,
        bytes memory call
    ) internal {
        _refuses(sender, call, abi.encodeWithSelector(ICeremonyLog.WrongPhase.selector, log.phase()));
    }

    function _assertPhase(
        ICeremonyLog.Phase expected
    ) internal view {
        vm.assertEq(uint256(log.phase()), uint256(expected), "phase");
    }
}
