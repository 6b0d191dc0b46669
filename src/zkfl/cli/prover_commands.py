"""``zkfl prover``: proofs made on other machines of the same hospital.

The work is imported when a command is called: help must not wait for torch and ezkl.
"""
# ruff: noqa: PLC0415

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from zkfl.cli.options import Srs
from zkfl.cli.output import keep_facts, tell

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

prover = typer.Typer(
    help="Proofs made on other machines of the same hospital.", no_args_is_help=True
)
Folder = Annotated[Path, typer.Argument(help="This machine's own, from zkfl prover certificate.")]


@prover.command()
def certificate(
    folder: Annotated[Path, typer.Argument(help="Of this machine; made if missing.")],
    name: Annotated[str, typer.Option(help="For people who compare certificates.")],
    host: Annotated[
        list[str] | None,
        typer.Option(help="Name or address that others reach this machine by; repeatable."),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3_650, help="It is refused afterwards.")] = 730,
) -> None:
    """Draw this machine's key, and sign a certificate to be given to the others.

    The key stays here. What is there already is kept, and shown again.

    Example:  zkfl prover certificate /srv/zkfl-queue --name queue --host queue.hospital.lan
    """
    from zkfl.prover_queue.certificates import create_certificate
    from zkfl.prover_queue.folder import ProverFolder

    place = ProverFolder.create(folder)
    _show(create_certificate(place, name, host or [], days))
    tell(f"file         {place.certificate}", file=str(place.certificate))


@prover.command()
def trust(
    folder: Folder,
    file: Annotated[Path, typer.Argument(help="The other machine's certificate.pem.")],
    machine: Annotated[
        Literal["node", "worker", "server"],
        typer.Option("--as", help="At the queue: node or worker; at those: server."),
    ],
) -> None:
    """Take another machine's certificate as that of a node, a worker or the queue.

    Compare the fingerprint with what that machine showed. A queue that is running has to be
    started again.

    Example:  zkfl prover trust /srv/zkfl-queue gpu-box.pem --as worker
    """
    from zkfl.prover_queue import certificates
    from zkfl.prover_queue.folder import ProverFolder, Role

    _show(certificates.trust(ProverFolder.open(folder), file, Role(machine)))
    tell(f"trusted as   {machine}", role=machine)


@prover.command()
def serve(
    folder: Folder,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 for a free one.")] = 8_443,
    lease_seconds: Annotated[
        float, typer.Option(min=1, max=3_600, help="A silent worker loses its job after these.")
    ] = 60.0,
) -> None:
    """Hold the hospital's queue of proofs, until Ctrl-C; jobs outlast that.

    Listens with TLS, to trusted certificates only.

    Example:  zkfl prover serve /srv/zkfl-queue --host 0.0.0.0 --port 8443
    """
    from zkfl.cli.prover_serving import serve_until_stopped
    from zkfl.prover_queue.server import Listen

    serve_until_stopped(folder, Listen(host, port, lease_seconds))


@prover.command()
def work(
    folder: Folder,
    server: Annotated[str, typer.Option(help="The queue: https://host:port.")],
    srs: Srs = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="End after so many jobs.")] = None,
) -> None:
    """Prove what the hospital's queue hands out, until Ctrl-C; on as many machines as there are.

    Circuits are built here, from this machine's zkfl and SRS, and must be the node's to the byte.

    Example:  zkfl prover work /srv/zkfl-worker --server https://queue.hospital.lan:8443
    """
    from zkfl.cli.prover_working import work_until_stopped

    keep_facts(proven=work_until_stopped(folder, server, srs, jobs))


def _show(shown: "Certificate") -> None:
    from zkfl.prover_queue.certificates import fingerprint, name_of

    digest, until = fingerprint(shown), shown.not_valid_after_utc.date().isoformat()
    tell(f"certificate  {name_of(shown)}", name=name_of(shown))
    tell(f"fingerprint  {digest}", fingerprint=digest)
    tell(f"valid until  {until}", valid_until=until)
