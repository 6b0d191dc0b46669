"""What else can go wrong: full and read-only disks, clocks, and endpoints that misbehave."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from zkfl.drills import disks, rpc_proxy
from zkfl.drills.cells import Cell
from zkfl.drills.drilled_round import DrilledRound
from zkfl.drills.errors import DrillFailedError
from zkfl.drills.rpc_proxy import Fault
from zkfl.drills.small_consortium import HOSPITAL

_NOTHING = "nothing"
_DAY = 24 * 3_600
_SMALL_FILE = 64 * 1024
_ROOM_FOR_SECRETS = 12 * 1024
_TRAIN = ("train", "--site", HOSPITAL)
_CLOSE = ("close",)
_ROUND = (("open",), ("train",), ("close",), ("acknowledge",))
Folder = Callable[[DrilledRound], Path]


def disk_cells() -> Iterator[Cell]:
    """Return the cells that need the right to mount."""
    for where, folder, words, checkpoint in (
        ("hospital's folder", _hospital, _TRAIN, "opened"),
        ("store", _store, _TRAIN, "opened"),
        ("store", _store, _CLOSE, "trained"),
        ("aggregator's folder", _aggregator, _CLOSE, "trained"),
    ):
        full = partial(_fill, folder, words, 0)
        yield Cell(words[0], where, "disk full (ENOSPC)", _NOTHING, checkpoint, full)
    some_room = partial(_fill, _hospital, _TRAIN, _ROOM_FOR_SECRETS)
    moment = "disk full (ENOSPC) after the secrets"
    yield Cell("train", "hospital's folder", moment, _NOTHING, "opened", some_room)
    for words, checkpoint in ((_TRAIN, "opened"), (_CLOSE, "trained")):
        frozen = partial(_freeze, words)
        yield Cell(words[0], "store", "read-only (EROFS)", _NOTHING, checkpoint, frozen)


def other_cells() -> Iterator[Cell]:
    """Return the cells that need no rights."""
    limit = f"no file above {_SMALL_FILE // 1024} KiB (RLIMIT_FSIZE)"
    yield Cell("close", "store", limit, _NOTHING, "trained", _small_files)
    for shown, days in (("30 days behind the host's", None), ("30 days ahead of it", 30)):
        moved = partial(_move_clock, days)
        yield Cell("open to acknowledge", "chain's clock", shown, _NOTHING, "admitted", moved)
    for shown, make in (
        ("every transaction taken twice", rpc_proxy.twice),
        ("no answer to a transaction taken", rpc_proxy.lost),
        ("receipts not known for 12 polls", rpc_proxy.slow_receipts),
    ):
        whole = partial(_behind_proxy, make, _ROUND)
        yield Cell("open to acknowledge", "endpoint", shown, _NOTHING, "admitted", whole)
    answered_late = partial(_behind_proxy, rpc_proxy.late, (_TRAIN,))
    yield Cell("submit", "endpoint", "answer after the deadline", _NOTHING, "opened", answered_late)
    block = "the step's block"
    yield Cell("submit", "endpoint", "reorg before the receipt", block, "opened", _reorg_in_flight)
    yield Cell("submit", "endpoint", "reorg after the command", block, "opened", _reorg_when_done)
    yield Cell(
        "close", "endpoint", "evm_revert after the command", "four blocks", "trained", _revert
    )


# --- disks ---


def _hospital(drill: DrilledRound) -> Path:
    return drill.workspace.site(HOSPITAL)


def _aggregator(drill: DrilledRound) -> Path:
    return drill.workspace.role("aggregator")


def _store(drill: DrilledRound) -> Path:
    return drill.workspace.root / "store"


def _fill(folder: Folder, words: tuple[str, ...], room: int, drill: DrilledRound) -> None:
    path = folder(drill)
    drill.afterwards.callback(disks.unmount, path)
    make_room = disks.fill(path, room)
    drill.refused(words)
    make_room()
    drill.run(words)


def _freeze(words: tuple[str, ...], drill: DrilledRound) -> None:
    path = _store(drill)
    drill.afterwards.callback(disks.unmount, path)
    thaw = disks.freeze(path)
    drill.refused(words)
    thaw()
    drill.run(words)


def _small_files(drill: DrilledRound) -> None:
    drill.refused(_CLOSE, file_bytes=_SMALL_FILE)
    drill.run(_CLOSE)


# --- the clock ---


def _move_clock(days: int | None, drill: DrilledRound) -> None:
    """Run a round with the chain's clock where the founding left it, or moved on."""
    if days is None:
        drill.chain.control("evm_setTime", drill.chain.last_block_time() + 1)
    else:
        drill.chain.control("evm_increaseTime", days * _DAY)
    drill.run(*_ROUND)
    skew = drill.chain.last_block_time() - time.time()
    if abs(skew) < 29 * _DAY or (skew > 0) != (days is not None):
        raise DrillFailedError(f"the chain's clock is {skew / _DAY:.1f} days off, not 30")


# --- the endpoint ---


def _behind_proxy(
    make: Callable[[], Fault], commands: tuple[tuple[str, ...], ...], drill: DrilledRound
) -> None:
    fault = make()
    with rpc_proxy.in_front_of(drill.chain.url, fault) as url:
        drill.through(url).run(*commands)
    if not fault.spoilt:
        raise DrillFailedError("no transaction met the fault")


def _reorg_in_flight(drill: DrilledRound) -> None:
    sent, before = drill.hold("sent", "submitUpdate"), drill.chain.last_block()
    process = drill.start(_TRAIN, holds=[sent])
    process.wait_until(sent.flag.exists, "submitUpdate, sent")
    drill.chain.wait_for_block(before)
    drill.chain.control("anvil_reorg", 1, [])
    sent.flag.unlink()
    drill.end(process, _TRAIN)


def _reorg_when_done(drill: DrilledRound) -> None:
    drill.run(_TRAIN)
    drill.chain.control("anvil_reorg", 1, [])
    drill.run(_TRAIN)


def _revert(drill: DrilledRound) -> None:
    before = drill.chain.control("evm_snapshot")
    drill.run(_CLOSE)
    drill.chain.control("evm_revert", before)
    drill.run(_CLOSE)
