// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {VectorOpening} from "../../src/VectorOpening.sol";
import {G2Point} from "../../src/interfaces/IVectorOpening.sol";
import {G1Point} from "../../src/interfaces/IConsortiumRegistry.sol";
import {SharedVectors} from "./SharedVectors.sol";

contract VectorOpeningVectorsTest is SharedVectors {
    string private _json;
    VectorOpening private _opening;

    function setUp() public {
        _json = _read("opening");
        string memory tau = ".tauG2";
        G2Point memory tauG2 = G2Point(
            _uint(_json, tau, "xC1"),
            _uint(_json, tau, "xC0"),
            _uint(_json, tau, "yC1"),
            _uint(_json, tau, "yC0")
        );
        _opening = new VectorOpening(uint8(_uint(_json, "", "logrows")), tauG2);
    }

    function test_theSetupIsTheSharedOne() public view {
        vm.assertEq(_opening.OMEGA(), _uint(_json, "", "omega"), "omega");
    }

    function test_pythonsOpeningsOpen() public view {
        for (uint256 i = 0;; ++i) {
            string memory path = _case(_json, "cases", i);
            if (bytes(path).length == 0) break;
            uint256[] memory values = _uints(_json, path, "values");
            G1Point memory commitment = _point(_json, path, "commitment");
            vm.assertEq(_opening.challenge(commitment, values), _uint(_json, path, "challenge"), "challenge");
            _opening.requireOpens(commitment, values, _point(_json, path, "quotient"));
        }
    }
}
