"""``zkfl leave``: a hospital goes, when it is meant and no round is in progress."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING

from zkfl.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from conftest import Site

Run = Callable[..., SimpleNamespace]


def leave(run_zkfl: Run, site: "Site", name: str, *words: str) -> SimpleNamespace:
    where = ("--site", name, "--rpc-url", site.anvil.url)
    return run_zkfl("leave", site.workspace.root, *where, *words)


def is_active(site: "Site", name: str) -> bool:
    return site.node("ada").registry.member_of(site.address(name)).active


def test_a_hospital_leaves_once_and_only_if_that_is_meant(
    run_zkfl: Run, rewarding_site: "Site"
) -> None:
    refused = leave(run_zkfl, rewarding_site, "bay")
    assert refused.status == ExitCode.NOT_NOW
    assert "bay would take part in no further round" in refused.err
    assert "add --yes" in refused.err
    assert is_active(rewarding_site, "bay")

    done = leave(run_zkfl, rewarding_site, "bay", "--yes", "--json")
    assert done.status == 0, done.err
    said = json.loads(done.out)
    assert said["result"] == {"active_members": 3, "min_cohort": 3}
    assert said["steps"][0]["done"] == "now"
    assert not is_active(rewarding_site, "bay")
    assert "bay: left: done before" in leave(run_zkfl, rewarding_site, "bay", "--yes").err


def test_the_key_holder_is_told_what_is_left_to_do(run_zkfl: Run, rewarding_site: "Site") -> None:
    done = leave(run_zkfl, rewarding_site, "ada", "--yes")
    assert done.status == 0, done.err
    assert "ada was deployed as the key holder" in done.err


def test_nobody_leaves_in_a_round(run_zkfl: Run, site: "Site") -> None:
    refused = leave(run_zkfl, site, "bay", "--yes")
    assert refused.status == ExitCode.NOT_NOW
    assert "round 1 is OPEN: bay can leave once it has ended" in refused.err
    assert is_active(site, "bay")
