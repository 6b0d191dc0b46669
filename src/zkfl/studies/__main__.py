"""``scripts/case-study``: from raw data to tables and plots, in one command."""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from zkfl.atomic_file import write_atomically
from zkfl.cli.exit_codes import exit_code_of
from zkfl.errors import ZkflError
from zkfl.studies import end_points, heterogeneity, integer_heterogeneity, scales
from zkfl.studies.comparison import compare_seed
from zkfl.studies.errors import StudyError
from zkfl.studies.page import fill
from zkfl.studies.plots import write_plots
from zkfl.studies.proven_run import prove_study
from zkfl.studies.results import (
    PARTS,
    Results,
    empty_results,
    rounded,
    with_earlier_parts,
    write_results,
)
from zkfl.studies.study import STUDIES, Study
from zkfl.studies.tables import tables

_DEFAULT_OUT = Path("zkfl-runs") / "case-studies"
_MODE = 0o644
_EXAMPLES = """parts:
  comparison     verified, plain, pooled and each site alone, over all seeds
  heterogeneity  FedAvg, FedProx and own heads on sites made unlike each other
  scales         AUC against the fraction bits of fixed point; with --proofs, seconds too
  integers       the same, FedProx and own heads in the integers that circuits prove
  proven         rounds of the first seed with real proofs on a chain, compared bit for bit
  endpoints      tcga-brca: how many patients have a label, by the years one could choose

examples:
  scripts/case-study wdbc                            all but proven, some minutes
  scripts/case-study heart --only comparison
  scripts/case-study tcga-brca --data-dir data --only proven --prove 2
  scripts/case-study wdbc --out docs/case-studies/results --page docs/case-studies/wdbc.md

Parts that are not run are kept from an earlier run of the same study.
"""


def main(words: list[str] | None = None) -> int:
    """Run a study; return the exit status."""
    arguments = _arguments(words)
    try:
        _run(STUDIES[arguments.name], arguments)
    except (ZkflError, OSError) as error:
        _say(f"error ({type(error).__name__}): {error}")
        return int(exit_code_of(error))
    return 0


def _run(study: Study, arguments: argparse.Namespace) -> None:
    path = arguments.out / f"{study.name}.json"
    results = with_earlier_parts(empty_results(study, arguments.seeds), path)
    page = arguments.page.read_text(encoding="utf-8") if arguments.page else None
    for part in arguments.only or study.parts:
        _say(f"{study.name}: {part} …")
        results[part] = rounded(_MAKERS[part](study, arguments))
        write_results(results, path)
    _show(results, page, arguments)


def _show(results: Results, page: str | None, arguments: argparse.Namespace) -> None:
    made = tables(results)
    for name, text in made.items():
        sys.stdout.write(f"\n{name}\n\n{text}\n")
    for plot in write_plots(results, arguments.out):
        _say(f"wrote {plot}")
    if page is not None:
        write_atomically(arguments.page, fill(page, made).encode(), _MODE)
        _say(f"wrote {arguments.page}")


def _comparison(study: Study, arguments: argparse.Namespace) -> object:
    rows = []
    for seed in range(arguments.seeds):
        rows.append(compare_seed(study, seed, arguments.data_dir))
        _say(f"  seed {seed + 1} of {arguments.seeds}")
    return rows


def _heterogeneity(study: Study, arguments: argparse.Namespace) -> object:
    rows = []
    for row in heterogeneity.measure(study, range(arguments.seeds), arguments.data_dir):
        rows.append(row)
        _say(f"  {row['skew']} {row['level']}: {row['way']}")
    return rows


def _integers(study: Study, arguments: argparse.Namespace) -> object:
    rows = []
    for row in integer_heterogeneity.measure(study, range(arguments.seeds), arguments.data_dir):
        rows.append(row)
        _say(f"  {row['skew']} {row['level']}: {row['way']}")
    return rows


def _scales(study: Study, arguments: argparse.Namespace) -> object:
    rows = []
    found = scales.measure(
        study, range(arguments.seeds), arguments.data_dir, proofs=arguments.proofs
    )
    for row in found:
        rows.append(row)
        _say(f"  {row['scale_bits']} fraction bits")
    return rows


def _proven(study: Study, arguments: argparse.Namespace) -> object:
    with tempfile.TemporaryDirectory(prefix="zkfl-case-study-") as name:
        return prove_study(study, arguments.prove, Path(name) / "run", arguments.data_dir)


def _end_points(study: Study, arguments: argparse.Namespace) -> object:
    if "endpoints" not in study.parts:
        raise StudyError(f"{study.name} has no end point to choose: leave out --only endpoints")
    return list(end_points.measure(arguments.data_dir))


_MAKERS: dict[str, Callable[[Study, argparse.Namespace], object]] = {
    "comparison": _comparison,
    "heterogeneity": _heterogeneity,
    "scales": _scales,
    "integers": _integers,
    "proven": _proven,
    "endpoints": _end_points,
}


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/case-study",
        description="Train every way on real records and write JSON, tables and plots.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=sorted(STUDIES), help="%(choices)s")
    parser.add_argument("--only", action="append", choices=PARTS, help="a part; repeat for more")
    parser.add_argument("--seeds", type=_at_least(2), default=10, help="default: %(default)s")
    parser.add_argument("--data-dir", type=Path, help="local copy of the data, or ZKFL_DATA_DIR")
    parser.add_argument("--out", type=Path, default=_DEFAULT_OUT, help="default: %(default)s")
    parser.add_argument("--page", type=Path, help="Markdown page whose tables are written anew")
    parser.add_argument(
        "--prove", type=_at_least(1), default=2, help="rounds of the part proven; default: 2"
    )
    parser.add_argument(
        "--proofs", action="store_true", help="prove a step at each scale of up to 2^15 rows"
    )
    return parser.parse_args(words)


def _at_least(smallest: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdigit() or int(text) < smallest:
            raise argparse.ArgumentTypeError(f"{text!r} is no number from {smallest} on")
        return int(text)

    return number


if __name__ == "__main__":
    sys.exit(main())
