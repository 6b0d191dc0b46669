"""What a command's checks stand on: which SRS, and whose word for the agreements."""

from zkfl.cli.output import error_console, keep_facts


def tell_ground(*, insecure: bool, agreed: bool) -> None:
    """Keep both as facts, and warn of what weakens everything that was checked.

    Parameters
    ----------
    insecure
        Whether the SRS is the demo's, whose secret is public.
    agreed
        Whether the contracts were compared with ``consortium.json``, too.
    """
    keep_facts(srs_insecure=insecure, agreements_compared=agreed)
    if insecure:
        error_console().print("[bold red]INSECURE demo SRS[/]: anyone can prove anything on it")
    if not agreed:
        error_console().print(
            "no consortium.json: the agreements are those that the chain states; ask for the file"
        )
