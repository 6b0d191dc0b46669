"""What fixed point costs in AUC and in proving, scale by scale."""

import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from sklearn.metrics import roc_auc_score

from zkfl.cache import cache_folder
from zkfl.srs.demo import cached_demo_srs
from zkfl.studies.comparison import NOISE_BOUND, Models, Row, Setting, make_setting
from zkfl.studies.errors import StudyError
from zkfl.studies.intervals import mean_interval
from zkfl.studies.study import Study
from zkfl.studies.verified_run import uniform_secrets
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.layout import pack_model, pack_public
from zkfl.zk_circuits.prover import prove
from zkfl.zk_circuits.spec import (
    LARGEST_PARAMETER,
    MODEL_DROPPED_BITS,
    MODEL_GUARD_BITS,
    CircuitSpec,
    SpecError,
)
from zkfl.zk_circuits.training_circuit import define
from zkfl.zk_circuits.training_reference import training_update

SCALES = tuple(range(4, 14))
"""Those that a `CircuitSpec` allows."""
_LARGEST_LOGROWS = 20
_LARGEST_PROVEN_LOGROWS = 15
"""Beyond, keys alone take minutes and gigabytes; bench/README.md has seconds of such proofs."""
_DEADLINE = 1800.0


def measure(
    study: Study,
    seeds: Sequence[int],
    data_dir: Path | None = None,
    *,
    proofs: bool = False,
) -> Iterator[Row]:
    """Yield a row a scale: AUC less plain FedAvg's, the rows of a proof, and its seconds.

    Parameters
    ----------
    study
        What is trained.
    seeds
        Over which differences are averaged.
    data_dir
        A local copy of the data, where the data set needs one.
    proofs
        Whether to build the training circuit and prove one step of the first site, where it
        has no more than 2^15 rows.
    """
    federations = {seed: study.federation(seed, data_dir) for seed in seeds}
    for scale_bits in SCALES[: SCALES.index(study.largest_scale) + 1]:
        spec = spec_at(study.spec, scale_bits)
        settings = [
            make_setting(federation, spec, study.rounds, seed)
            for seed, federation in federations.items()
        ]
        row = {"scale_bits": scale_bits, "logrows": spec.logrows, "rows": 1 << spec.logrows}
        proven = proofs and spec.logrows <= _LARGEST_PROVEN_LOGROWS
        yield {**row, **_costs(settings), **(_proof(settings[0]) if proven else {})}


def spec_at(spec: CircuitSpec, scale_bits: int) -> CircuitSpec:
    """Return circuits at another scale, with as many rows and digits as that scale needs.

    Raises
    ------
    StudyError
        No number of rows is enough.
    """
    changes: dict[str, str | int] = {"scale_bits": scale_bits, "name": f"{spec.name}-s{scale_bits}"}
    for logrows in range(spec.logrows, _LARGEST_LOGROWS + 1):
        try:
            return _with_digits(spec, {**changes, "logrows": logrows})
        except SpecError:
            continue
    raise StudyError(f"no circuit of up to 2^{_LARGEST_LOGROWS} rows holds scale {scale_bits}")


def _with_digits(spec: CircuitSpec, changes: dict[str, str | int]) -> CircuitSpec:
    s = int(changes["scale_bits"])
    largest = max(LARGEST_PARAMETER << (s + MODEL_GUARD_BITS), 1 << MODEL_DROPPED_BITS)
    table = 2 * round(spec.feature_bound * 2**s)
    bases = {
        "training_base": max(spec.training_base, _base(largest, spec.training_legs)),
        "admission_base": max(
            spec.admission_base, _base(spec.features * table**2, spec.admission_legs)
        ),
    }
    made = CircuitSpec.model_validate(spec.model_dump() | changes | bases)
    if made.training_base > made.usable_rows:
        raise SpecError(f"digits of {made.training_base} need more rows than {made.usable_rows}")
    return made


def _base(largest: int, legs: int) -> int:
    return math.ceil(math.pow(largest + 1, 1 / legs)) + 1


def _costs(settings: Sequence[Setting]) -> Row:
    rounding, noised = [], []
    for setting in settings:
        plain = _auc(setting, setting.plain())
        rounding.append(_auc(setting, setting.verified(0)) - plain)
        noised.append(_auc(setting, setting.verified(NOISE_BOUND)) - plain)
    return {
        "rounding_alone": mean_interval(rounding).to_dict(),
        "verified_less_plain": mean_interval(noised).to_dict(),
        "largest_gap": max(abs(gap) for gap in noised),
    }


def _auc(setting: Setting, models: Models) -> float:
    return float(roc_auc_score(setting.test.labels, setting.scored(models[-1])))


def _proof(setting: Setting) -> Row:
    """Prove the first site's first step; its update must be the one that AUCs came from."""
    spec = setting.spec
    definition = define(spec, committed=False)
    built = build_circuit(
        definition, cached_demo_srs(spec.logrows).path, cache_folder() / "circuits"
    )
    data = setting.sites[0].vectors[setting.schedule[0][0].shard]
    secrets = uniform_secrets(spec, NOISE_BOUND, setting.seed)(1, 0)
    vectors = (data, pack_model(spec, [0] * spec.parameters), secrets, pack_public(NOISE_BOUND, 0))
    names = [tensor.name for tensor in definition.inputs]
    start = time.perf_counter()
    proof = prove(built, dict(zip(names, vectors, strict=True)), _DEADLINE)
    seconds = time.perf_counter() - start
    if proof.outputs["update"] != training_update(spec, *vectors)[0]:
        raise StudyError(f"{spec.name}: the proven update is not the integer run's")
    return {"prove_seconds": round(seconds, 2), "proof_bytes": len(proof.data)}
