"""``zkfl prove``: the proof of a round, made ahead of sending it."""

import time
from pathlib import Path

from zkfl.cli.consortium_session import StepError, chosen_sites, open_folder, open_parties, saying
from zkfl.cli.output import tell_entry
from zkfl.cli.round_steps import round_of, takes_part
from zkfl.node.hospital import HospitalNode
from zkfl.node.round_journal import RoundJournal


def prove(
    folder: Path, round_id: int | None, site: list[str] | None, rpc_url: str, srs: Path | None
) -> None:
    """Prove the updates of hospitals in the open round, and show what came of it."""
    workspace, consortium = open_folder(folder)
    names = chosen_sites(consortium, site)
    opener = open_parties(workspace, consortium, rpc_url, srs)
    for name in names:
        node = opener.node(name, saying(name))
        current = round_of(node, name)
        if round_id not in {None, current}:
            raise StepError(
                f"round {round_id} cannot be proven: round {current} is the one in progress"
            )
        if takes_part(node, name, current, named=bool(site)):
            _prove(node, name, current)


def _prove(node: HospitalNode, name: str, round_id: int) -> None:
    file = RoundJournal(node.home, round_id).proof_path()
    before = file.exists()
    begun = time.monotonic()
    node.prove(round_id)
    seconds = time.monotonic() - begun
    if not file.exists():
        # a node whose folder was made anew after it had submitted
        raise StepError(f"{name} has submitted in round {round_id}, and its proof is not here")
    size = file.stat().st_size
    took = "proven before" if before else f"{seconds:.1f} s"
    entry: dict[str, object] = {
        "hospital": name,
        "round": round_id,
        "file": str(file),
        "bytes": size,
        "seconds": None if before else round(seconds, 3),
        "submitted": node.registry.participation(round_id, node.address).submitted,
    }
    tell_entry("proofs", entry, f"{name}: round {round_id}, {size:,} bytes, {took}: {file}")
