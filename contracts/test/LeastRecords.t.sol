// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IConsortiumErrors} from "../src/interfaces/IConsortiumErrors.sol";
import {ConsortiumConfig, G1Point} from "../src/interfaces/IConsortiumRegistry.sol";
import {ConsortiumTest} from "./support/ConsortiumFixture.sol";

contract LeastRecordsTest is ConsortiumTest {
    uint32 private constant LEAST = 16;
    uint256 private constant DATA = 200;

    function _config() internal view override returns (ConsortiumConfig memory config) {
        config = super._config();
        config.minimumRecords = LEAST;
    }

    function test_aShardAsFullAsAgreed() public {
        _admit(ADA, LEAST, DATA);
        vm.assertEq(registry.shardOf(ADA, 1).count, LEAST, "count");
    }

    function test_oneRecordFewer() public {
        _refuses(LEAST - 1);
    }

    function test_noRecords() public {
        _refuses(0);
    }

    function _refuses(
        uint32 count
    ) private {
        G1Point[] memory points = _admissionPoints(ADA, count, DATA);
        bytes memory call = abi.encodeCall(registry.admitShard, (count, _encode(points)));
        _refused(ADA, call, abi.encodeWithSelector(IConsortiumErrors.TooFewRecords.selector, count, LEAST));
    }
}
