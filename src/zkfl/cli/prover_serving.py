"""What ``zkfl prover serve`` does until it is stopped; needs neither torch nor ezkl."""

import asyncio
import signal
from pathlib import Path

from zkfl.cli.output import tell
from zkfl.prover_queue.folder import ProverFolder
from zkfl.prover_queue.server import Listen, serve


def serve_until_stopped(folder: Path, listen: Listen) -> None:
    """Hold the queue until Ctrl-C or the system's request to end."""
    place = ProverFolder.open(folder)

    def ready(port: int) -> None:
        tell(f"listening on https://{listen.host}:{port}", host=listen.host, port=port)

    async def run() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await serve(place, listen, stop, ready)

    asyncio.run(run())
