"""``zkfl verify-all`` where proofs are posted: a forged one is a row, and a caught one is past."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from zkfl.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from conftest import Site

Run = Callable[..., SimpleNamespace]


def test_a_forged_proof_is_invalid_twice_until_it_was_challenged(
    run_zkfl: Run, posted_site: "Site", tmp_path: Path
) -> None:
    site = posted_site
    journal = site.journal("dee")
    forged = bytearray(journal.proof() or b"")
    forged[-1] ^= 1
    journal.keep_proof(bytes(forged))
    for name in ("ada", "bay", "cay", "dee"):
        site.node(name).submit(1)
    public = tmp_path / "public"
    public.mkdir()
    (public / "consortium.json").write_bytes(site.consortium.to_json())
    shutil.copy(site.workspace.deployment, public)

    done = run_zkfl("verify-all", public, "--rpc-url", site.anvil.url, "--json")
    assert done.status == ExitCode.MISTRUST
    said = json.loads(done.out)
    assert said["error"]["name"] == "ProofInvalidError"
    assert said["result"]["lineage"] == "adds up"
    [row] = [row for row in said["result"]["proofs"] if row["fault"]]
    assert (row["hospital"], row["native"], row["on_chain"]) == ("dee", False, False)
    assert (row["refusal"], row["wrong_links"]) == ("InvalidProof", [])

    assert site.node("bay").check_proofs(1) == [site.address("dee")]
    done = run_zkfl("verify-all", public, "--rpc-url", site.anvil.url, "--json")
    assert done.status == 0, done.err
    [row] = [row for row in json.loads(done.out)["result"]["proofs"] if row["challenged"]]
    assert (row["hospital"], row["native"], row["fault"]) == ("dee", False, None)
