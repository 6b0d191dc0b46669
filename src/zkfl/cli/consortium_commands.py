"""A consortium step by step, against any RPC endpoint: names, options and help.

Each command imports its work when it is called: help must not wait for torch and web3.
"""
# ruff: noqa: PLC0415

from pathlib import Path
from typing import Annotated

import typer

from zkfl.cli.completion import hospital_names, training_circuit_names
from zkfl.cli.options import (
    DEFAULT_RPC,
    Cards,
    Folder,
    OneSite,
    RateScheduleOption,
    RpcUrl,
    Site,
    Srs,
)
from zkfl.datasets.names import DATASETS, DEFAULT_HOSPITALS, usual_hospitals

_NAMES = f"{', '.join(DATASETS[:-1])} or {DATASETS[-1]}"


def init(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    folder: Annotated[Path, typer.Argument(help="A new folder for the consortium.")],
    dataset: Annotated[str | None, typer.Option(help=f"{_NAMES}; default wdbc.")] = None,
    circuits: Annotated[
        str | None,
        typer.Option(
            help="Circuits, and with them the model (zkfl circuits list); default: the data's.",
        ),
    ] = None,
    hospitals: Annotated[
        int | None,
        typer.Option(help="Sites, 3 to 16; default 4. heart has 4 and tcga-brca 6, no other."),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of the partition; default 0.")] = None,
    scheme: Annotated[str, typer.Option(help="bfv or ckks.")] = "bfv",
    weights: Annotated[str, typer.Option(help="records, capped, square-root, equal, benefit.")] = (
        "records"
    ),
    data_dir: Annotated[Path | None, typer.Option(envvar="ZKFL_DATA_DIR")] = None,
    challenge_window: Annotated[
        int,
        typer.Option(
            help="Seconds to challenge posted proofs; 0: the chain verifies each as it comes.",
            min=0,
            max=2_592_000,
        ),
    ] = 0,
    schema: Annotated[
        Path | None,
        typer.Option(
            help="A schema of one's own, with --circuits and --no-keys; no --dataset, --seed or "
            "--data-dir."
        ),
    ] = None,
    rate_schedule: RateScheduleOption = None,
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="A rehearsal: may run on the INSECURE demo SRS.")
    ] = False,
    metrics: Annotated[
        bool,
        typer.Option("--metrics", help="Hospitals prove how good each model is on test records."),
    ] = False,
    no_keys: Annotated[
        bool,
        typer.Option("--no-keys", help="Write consortium.json alone: each party joins by itself."),
    ] = False,
) -> None:
    """Make a consortium's folder: agreements, keys of every party, records of every hospital.

    All keys in one folder are for a rehearsal. With --no-keys, the office gets the file of
    agreements, consortium.json, which every party joins on its own machine (zkfl join). Without
    --demo, every command that loads circuits needs --srs and refuses the demo SRS.

    Examples:  zkfl init consortium --demo --hospitals 5  |  zkfl init office --no-keys  |
    zkfl init office --no-keys --schema schema.json --circuits busi
    """
    if schema is not None:
        from zkfl.cli.own_schema_steps import init_with_schema, refuse_data_options

        refuse_data_options(dataset, seed, data_dir)
        return init_with_schema(
            folder,
            schema,
            circuits=circuits,
            hospitals=DEFAULT_HOSPITALS if hospitals is None else hospitals,
            scheme=scheme,
            weights=weights,
            challenge_window=challenge_window,
            demo=demo,
            keys=not no_keys,
            metrics=metrics,
            rates=rate_schedule,
        )
    from zkfl.cli import founding_steps

    name = dataset or "wdbc"
    return founding_steps.init(
        folder,
        name,
        usual_hospitals(name) if hospitals is None else hospitals,
        seed or 0,
        scheme,
        weights,
        data_dir,
        demo=demo,
        challenge_window=challenge_window,
        keys=not no_keys,
        circuits=circuits,
        metrics=metrics,
        rates=rate_schedule,
    )


def fund(
    folder: Folder,
    rpc_url: RpcUrl = DEFAULT_RPC,
    ether: Annotated[
        int, typer.Option(help="Balance of each party, in ether.", min=1, max=1_000_000)
    ] = 100,
    cards: Cards = None,
) -> None:
    """On a local chain (anvil or Hardhat): set the balance of every party.

    Example:  zkfl fund consortium --rpc-url http://127.0.0.1:8545
    """
    from zkfl.cli import founding_steps

    founding_steps.fund(folder, rpc_url, ether, cards)


def deploy(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    folder: Folder,
    rpc_url: RpcUrl = DEFAULT_RPC,
    chain_id: Annotated[int, typer.Option(help="Of the chain; a wrong one is refused.")] = 31_337,
    srs: Srs = None,
    cards: Cards = None,
    key_holder: Annotated[
        list[str] | None,
        typer.Option(
            help="A further hospital that may open sums, repeatable; default: the first alone.",
            autocompletion=hospital_names,
        ),
    ] = None,
) -> None:
    """Build the circuits and deploy verifiers, router and registry; announce the keys here.

    Parties whose folders are elsewhere are taken from their cards. Repeated, the command goes on
    where it stopped; a further key holder can be named then, too.

    Example:  zkfl deploy consortium --rpc-url http://127.0.0.1:8545 --chain-id 31337
    """
    from zkfl.cli import founding_steps

    founding_steps.deploy(folder, rpc_url, chain_id, srs, cards, key_holder or ())


def admit(  # noqa: PLR0913 - each parameter is an option of the command
    folder: Folder,
    site: Site = None,
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
    records: Annotated[
        Path | None, typer.Option(help="A further file of records of one site, CSV or Parquet.")
    ] = None,
    *,
    test: Annotated[
        bool,
        typer.Option(
            "--test", help="Records to test models on, which train none (init --metrics)."
        ),
    ] = False,
) -> None:
    """Prove and admit the shards of hospitals.

    With --test, those of test-records.csv in the hospital's folder, or of the file that is given:
    models of later rounds are tested on them, and how often they are right is proven.

    Examples:  zkfl admit consortium --site hospital-01 --records 2027.csv  |  zkfl admit consortium --site hospital-01 --test --records held-out.csv
    """  # noqa: E501 - an example is one line
    from zkfl.cli import founding_steps, metrics_steps

    if test:
        metrics_steps.admit_test(folder, site, rpc_url, srs, records)
        return
    founding_steps.admit(folder, site, rpc_url, srs, records)


def retire_shards(  # noqa: PLR0913 - each parameter is an option of the command
    folder: Folder,
    site: OneSite,
    below: Annotated[
        int | None,
        typer.Option(
            min=1, help="Shards before this one; all before the newest version's if unset."
        ),
    ] = None,
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Even if no shard is left.")] = False,
) -> None:
    """Take a hospital's older shards out of all further rounds, for good; between rounds.

    Example:  zkfl retire-shards consortium --site hospital-01
    """
    from zkfl.cli import founding_steps

    founding_steps.retire_shards(folder, site, below, rpc_url, srs, yes=yes)


def leave(
    folder: Folder,
    site: OneSite,
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Really leave: only the council can take it back.")
    ] = False,
) -> None:
    """Let a hospital leave the consortium; between rounds.

    It takes part in no further round unless the council takes it back. Models that it helped to
    make stay as they are. Its bond stays its own: zkfl bond withdraw.

    Example:  zkfl leave consortium --site hospital-04 --yes
    """
    from zkfl.cli import leaving_steps

    leaving_steps.leave(folder, site, rpc_url, srs, yes=yes)


def open_(folder: Folder, rpc_url: RpcUrl = DEFAULT_RPC, srs: Srs = None) -> None:
    """Open a round, as the aggregator.

    Example:  zkfl open consortium
    """
    from zkfl.cli import round_steps

    round_steps.open_(folder, rpc_url, srs)


def train(  # noqa: PLR0913 - each parameter is an option of the command
    folder: Folder,
    site: Site = None,
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
    *,
    model: Annotated[
        str | None,
        typer.Option(
            help="The training circuit, from zkfl circuits list; another is refused.",
            autocompletion=training_circuit_names,
        ),
    ] = None,
    rounds: Annotated[
        int | None,
        typer.Option(min=1, max=10_000, help="Whole rounds, where all parties are in the folder."),
    ] = None,
    zk_prove: Annotated[
        bool,
        typer.Option(
            "--zk-prove/--no-zk-prove",
            help="Prove updates and send them; or rehearse in integers, of which nothing is sent.",
        ),
    ] = True,
) -> None:
    """Train, prove and submit the current round's updates of hospitals; or run whole rounds.

    In a further attempt, updates are masked again and not proven again. With --rounds, each round
    is opened, trained, closed and acknowledged until it is final.

    Examples:  zkfl train consortium --site hospital-02  |  zkfl train consortium --model logistic-training-wdbc --rounds 5  |  zkfl train consortium --rounds 20 --no-zk-prove
    """  # noqa: E501 - an example is one line
    from zkfl.cli import rehearsal_steps, round_steps, whole_rounds

    whole_rounds.require_model(folder, model)
    if not zk_prove:
        rehearsal_steps.rehearse_rounds(folder, site, rpc_url, srs, rounds or 1)
    elif rounds is None:
        round_steps.train(folder, site, rpc_url, srs)
    else:
        whole_rounds.train_rounds(folder, site, rpc_url, srs, rounds)


def prove(
    folder: Folder,
    round_: Annotated[
        int | None, typer.Option("--round", min=1, help="The round; default: the one in progress.")
    ] = None,
    site: Site = None,
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
) -> None:
    """Train and prove the open round's updates of hospitals; nothing is sent.

    zkfl train sends the proof that this left, and makes no second one.

    Example:  zkfl prove consortium --round 3 --site hospital-02
    """
    from zkfl.cli import proving_steps

    proving_steps.prove(folder, round_, site, rpc_url, srs)


def close(folder: Folder, rpc_url: RpcUrl = DEFAULT_RPC, srs: Srs = None) -> None:
    """Close the current round: the contract computes C(G'), the sum is opened, G' published.

    Example:  zkfl close consortium
    """
    from zkfl.cli import round_steps

    round_steps.close(folder, rpc_url, srs)


def acknowledge(
    folder: Folder, site: Site = None, rpc_url: RpcUrl = DEFAULT_RPC, srs: Srs = None
) -> None:
    """Check the published model against the chain and acknowledge it, until it is final.

    Example:  zkfl acknowledge consortium
    """
    from zkfl.cli import round_steps

    round_steps.acknowledge(folder, site, rpc_url, srs)


def prove_benefit(
    folder: Folder, site: Site = None, rpc_url: RpcUrl = DEFAULT_RPC, srs: Srs = None
) -> None:
    """Under --weights benefit: prove how far the last final round's updates helped the others.

    Example:  zkfl prove-benefit consortium --site hospital-02
    """
    from zkfl.cli import round_steps

    round_steps.prove_benefit(folder, site, rpc_url, srs)


def status(
    folder: Folder,
    rpc_url: RpcUrl = DEFAULT_RPC,
    *,
    watch: Annotated[
        bool, typer.Option("--watch", help="Show each change until the round has ended.")
    ] = False,
) -> None:
    """Show where the current round stands.

    Examples:  zkfl status consortium  |  zkfl status consortium --watch
    """
    from zkfl.cli import round_steps

    round_steps.status(folder, rpc_url, watch=watch)
