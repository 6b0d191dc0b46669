"""Points at which a party's process stops and waits, so that a drill can kill it there.

They are set in the drill's own processes, by the class and method of the product that they
lie in; the product knows nothing of them.
"""

import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from zkfl.aggregator.coordinator import Coordinator
from zkfl.chain.registry import Registry
from zkfl.chain.sender import TransactionSender
from zkfl.node.hospital import HospitalNode

Moment = Literal["opened", "signed", "sent"]
"""Opened: keys unlocked, contracts checked, nothing done yet. Signed: the transaction is in the
journal, not broadcast. Sent: it was broadcast and mined, its receipt not looked at."""
_SENDER_STEPS = {"signed": "_first_broadcast", "sent": "_wait"}
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Hold:
    """Where a process waits.

    Attributes
    ----------
    moment
        Before or within the transaction.
    flag
        A file that does not exist; the process makes it when it holds and goes on when it is
        gone again.
    function
        The registry's function whose transaction is meant; none for ``opened``.
    """

    moment: Moment
    flag: Path
    function: str = ""

    def wait(self) -> None:
        """Hold until the flag is taken away; end with the drill, however it ends."""
        self.flag.touch()
        drill = multiprocessing.parent_process()
        while self.flag.exists():
            if drill is not None and not drill.is_alive():
                os._exit(1)
            time.sleep(_POLL_SECONDS)


def install(holds: list[Hold]) -> None:
    """Let this process stop once at each of these points."""
    asked: list[str] = []
    left = list(holds)

    def reach(moment: str) -> None:
        for hold in list(left):
            if hold.moment == moment and hold.function in {"", *asked[-1:]}:
                left.remove(hold)
                hold.wait()

    _before(Registry, "_write", lambda _, function: asked.append(str(function)))
    for moment, step in _SENDER_STEPS.items():
        _before(TransactionSender, step, lambda *_, moment=moment: reach(moment))
    for party in (HospitalNode, Coordinator):
        _after(party, "__init__", lambda *_: reach("opened"))


def _before(owner: type, method: str, act: Callable[..., None]) -> None:
    original = vars(owner)[method]

    def held(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the method that it stands for
        act(*arguments[:2])
        return original(*arguments, **named)

    setattr(owner, method, held)


def _after(owner: type, method: str, act: Callable[..., None]) -> None:
    original = vars(owner)[method]

    def held(*arguments: Any, **named: Any) -> None:  # noqa: ANN401 - as the method that it stands for
        original(*arguments, **named)
        act()

    setattr(owner, method, held)
