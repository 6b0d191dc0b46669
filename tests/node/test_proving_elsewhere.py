"""A node whose proofs another machine of the hospital makes, in a round of its consortium."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.drills.small_hospital import NODE, SmallHospital
from zkfl.node.home import NodeHome
from zkfl.parties import PartyOpener
from zkfl.prover_queue.errors import ProverFolderError
from zkfl.prover_queue.route import CERTIFICATE_FOLDER

if TYPE_CHECKING:
    from conftest import Site

    from zkfl.node.hospital import HospitalNode


def opened(site: "Site", name: str) -> "HospitalNode":
    """Open a node as commands do: its settings say where it proves."""
    parts = (site.workspace, site.consortium, site.foundation, site.deployment, site.anvil.url)
    return PartyOpener(*parts).node(name)


def write_settings(home: NodeHome, text: str) -> None:
    (home.root / "party.toml").write_text(text)
    (home.root / "party.toml").chmod(0o600)


@pytest.mark.timeout(180)
def test_a_proof_from_the_queue_is_accepted_by_the_chain(site: "Site", tmp_path: Path) -> None:
    hospital, home = SmallHospital.create(tmp_path / "machines"), site.home("ada")
    with hospital.open():
        hospital.folder(NODE).root.rename(home.root / CERTIFICATE_FOLDER)
        write_settings(home, f'prover = "{hospital.url}"')
        worker = threading.Thread(target=hospital.worker().work, args=(1,), daemon=True)
        worker.start()
        assert opened(site, "ada").submit(1) is not None
        worker.join(60)
    assert [line.split(":")[0] for line in hospital.lines] == ["logistic-training-tiny"] * 2
    assert site.node("ada").submit(1) is None
    assert not any((home.root / "state" / "scratch").rglob("*.json"))


def test_a_node_that_cannot_ask_its_queue_does_not_prove_here_instead(site: "Site") -> None:
    home = site.home("ada")
    write_settings(home, 'prover = "https://127.0.0.1:1"')
    with pytest.raises(ProverFolderError, match="make one with zkfl prover certificate"):
        opened(site, "ada").submit(1)
    assert site.journal("ada").proof() is None
