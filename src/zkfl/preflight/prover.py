"""Tells whether the place where a hospital's proofs are made is ready."""

from pathlib import Path

from zkfl.errors import ZkflError
from zkfl.party_config import PROVER_HERE, PartyConfig, load_settings
from zkfl.preflight.findings import Finding, Level, found
from zkfl.preflight.machine import memory_for_prover
from zkfl.prover_queue.messages import QueueCounts, parsed
from zkfl.prover_queue.route import open_queue


def prover_finding(home: Path) -> Finding:
    """Look at this machine's memory, or at the hospital's queue of proofs if that makes them."""
    try:
        config = load_settings(home).config
    except (ZkflError, OSError):
        # the line about settings says so
        return memory_for_prover()
    if config.prover == PROVER_HERE:
        return memory_for_prover()
    return found("prover", lambda: _queue(home, config))


def _queue(home: Path, config: PartyConfig) -> Finding | str:
    counts = parsed(QueueCounts, open_queue(home, config).ask("GET", "/v1/counts").body)
    detail = f"{config.prover}, {counts.workers} workers, {counts.waiting} jobs waiting"
    if counts.workers:
        return detail
    remedy = "start zkfl prover work on a machine of the hospital"
    return Finding("prover", Level.WARN, f"{detail}: nobody asked for work lately", remedy)
