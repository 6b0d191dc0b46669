"""A release card for people: Markdown in which nobody's words become markup."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from zkfl.release_card.content import (
    CountsPart,
    MetricsPart,
    RatePart,
    ReleaseCard,
    TrainingPart,
)

_MARKUP = re.compile(r"([\\`*_\[\]<>|~&])")
_PIECE = re.compile(r"[^ \\`|]+|[\\`|]")
"""What can stand in a span of code, in a table too; or one of the characters that cannot."""
_LIVE = re.compile(r"://|www\.|@|\$|#\d", re.IGNORECASE)
"""What GitHub makes links, mentions and formulas of, with a backslash before it or without."""
_RATES = ("accuracy", "sensitivity", "specificity", "f1")
_SPECIFIED = (
    "learning_rate",
    "l2",
    "clip",
    "local_steps",
    "momentum",
    "proximal",
    "class_weights",
    "slots",
    "scale_bits",
    "feature_bound",
    "norm_bound",
)
_NEUTRAL = {"momentum": 0.0, "proximal": 0.0, "class_weights": [1.0, 1.0]}
"""What a specification leaves out where an option does nothing."""


def as_markdown(card: ReleaseCard) -> str:
    """Return the card as a page; the JSON beside it holds all of it, this what people ask for."""
    parts = (
        _heading(card),
        _section("Intended use", _use(card)),
        _section("Model", _model(card)),
        _section("Data", _data(card)),
        _section("Where it comes from", _lineage(card)),
        _section("How good it is, as proven", _metrics(card.metrics)),
        _section("Training", _training(card)),
        _section("Limits", (f"- {_text(limit)}" for limit in card.known_limits)),
        _section("Not known", (f"- {_text(unknown)}" for unknown in card.unknown)),
    )
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from (f"## {title}", "", *lines, "")


def _heading(card: ReleaseCard) -> Iterator[str]:
    lineage = card.lineage
    yield from (f"# Model of {_text(card.model.consortium)}, round {lineage.round}", "")
    if lineage.srs_insecure:
        yield from ("**INSECURE demo SRS: anyone can prove anything on it.**", "")
    yield from (f"SHA-256 of the JSON beside this page: `{card.sha256()}`", "")


def _use(card: ReleaseCard) -> Iterator[str]:
    # a block of code: whatever stands in it stays text
    yield from (f"    {line}".rstrip() for line in card.intended_use.text.split("\n"))
    if card.intended_use.given:
        yield from ("", "As given by whoever wrote this card; nothing here proves it.")


def _model(card: ReleaseCard) -> Iterator[str]:
    model = card.model
    choice = sorted(model.choice.items())
    options = ", ".join(f"{key} {value}" for key, value in choice if key != "family")
    yield from _facts(
        (
            ("family", model.family + (f" ({options})" if options else "")),
            ("parameters", model.parameters),
            ("circuits", model.circuits),
            ("training circuit", f"{model.training_circuit} {model.training_circuit_sha256}"),
            ("what its proofs show", model.statement),
        )
    )


def _data(card: ReleaseCard) -> Iterator[str]:
    data = card.data
    yield from _facts(
        (
            ("schema", f"{data.name}, version {data.version}, {data.sha256}"),
            ("in the agreements", "yes" if data.agreed else "no"),
            ("what", data.description),
            ("from", data.source),
            ("constants from", data.constants_source),
            ("label", _fields(data.label)),
            ("features", f"{len(data.features)}: {', '.join(data.features[:64])}"),
            ("recipe of images", data.image_recipe_sha256 or "none"),
        )
    )
    rows = (
        (
            f"{part.member_id} {part.name}",
            part.shards_admitted,
            part.records_admitted,
            part.shards_in_use,
            part.records_in_use,
        )
        for part in card.hospitals
    )
    yield ""
    yield from _table(("hospital", "shards", "records", "shards in use", "records in use"), rows)


def _lineage(card: ReleaseCard) -> Iterator[str]:
    lineage = card.lineage
    published = "published on chain" if lineage.round_card_published else "not published"
    yield from _facts(
        (
            ("chain", lineage.chain_id),
            ("registry", lineage.registry),
            ("final rounds", ", ".join(map(str, lineage.final_rounds))),
            ("C(G), x", lineage.model_commitment[0]),
            ("C(G), y", lineage.model_commitment[1]),
            ("SHA-256 of the model's vector", lineage.model_sha256),
            ("SHA-256 of the round's card", f"{lineage.round_card_sha256} ({published})"),
            ("final by", f"{lineage.final_transaction} in block {lineage.final_block}"),
            ("SRS", lineage.srs_sha256),
        )
    )
    rows = (
        (part.account, part.shard, part.records, f"{part.share / 2**16:.4f}")
        for part in lineage.contributions
    )
    yield ""
    yield from _table(("in this round", "shard", "records", "share"), rows)
    yield from ("", f"Checked, up to block {lineage.read_to_block}:", "")
    yield from (f"- {_text(check)}" for check in lineage.checks)


def _metrics(metrics: MetricsPart | None) -> Iterator[str]:
    if metrics is None:
        yield "Nothing is proven of this round's model."
        return
    yield from _table(
        ("records", "TP", "FP", "FN", "TN", *_RATES),
        [
            ("all", *_cells(metrics.counts)),
            ("committed to before", *_cells(metrics.committed_before)),
        ],
    )
    yield ""
    yield from _table(
        ("hospital", "test shards", "TP", "FP", "FN", "TN", *_RATES),
        (
            (
                f"{part.member_id} {part.name}",
                f"{part.shards} of {part.admitted_shards}",
                *_cells(part.counts),
            )
            for part in metrics.hospitals
        ),
    )
    yield ""
    yield (
        f"Rates in percent, with 95 % intervals. {metrics.proofs_verified} proofs of metrics were "
        "verified for this card, with EZKL and by the contract. One hospital brings "
        f"{100 * metrics.largest_share:.0f} % of the records."
    )
    if metrics.came_to_train:
        yield from ("", "Counted above, and used for training since:", "")
        yield from (f"- {_text(which)}" for which in metrics.came_to_train)


def _cells(counts: CountsPart) -> Iterator[object]:
    yield from (counts.true_positives, counts.false_positives)
    yield from (counts.false_negatives, counts.true_negatives)
    yield from (_rate(counts.rates[name]) for name in _RATES)


def _rate(rate: dict[str, float] | None) -> str:
    if rate is None:
        return "none"
    value, low, high = (100 * rate[key] for key in ("value", "low", "high"))
    return f"{value:.1f} ({low:.1f} to {high:.1f})"


def _training(card: ReleaseCard) -> Iterator[str]:
    training = card.training
    specification = _NEUTRAL | training.specification
    yield from _facts((name, specification[name]) for name in _SPECIFIED)
    yield from _facts(_rates(training))
    yield from _facts(
        (
            ("rule for shares", training.weight_rule),
            ("noise, at most", f"{training.noise_bound_in_parameters:g} a parameter"),
            ("challenge window, seconds", training.challenge_window),
        )
    )


def _rates(training: TrainingPart) -> Iterator[tuple[str, object]]:
    if training.rate_schedule is None:
        return
    yield ("learning_rate above", "of a whole step; the schedule gives each round its part of it")
    yield ("rate schedule", _fields(training.rate_schedule))
    yield ("learning rate of final rounds", "; ".join(_runs(training.final_rates)))


def _runs(rates: list[RatePart]) -> Iterator[str]:
    """Say the rates, rounds of one rate together."""
    for rate, found in groupby(rates, lambda part: part.learning_rate):
        rounds = [part.round for part in found]
        which = f"{rounds[0]}" if len(rounds) == 1 else f"{rounds[0]} to {rounds[-1]}"
        yield f"{rate:g} in {which}"


def _facts(facts: Iterable[tuple[str, object]]) -> Iterator[str]:
    for name, value in facts:
        yield f"- {_text(name)}: {_text(value)}"


def _table(heading: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heading)} |"
    yield f"|{'---|' * len(heading)}"
    for row in rows:
        yield f"| {' | '.join(map(_text, row))} |"


def _text(value: object) -> str:
    """Return text that stays text: schemas and names are strangers' words."""
    line = " ".join(_shown(value).split())
    return _PIECE.sub(_inert, "".join(filter(str.isprintable, line)))


def _inert(found: re.Match[str]) -> str:
    """Return a piece as code where a renderer would read more than characters, else escaped."""
    piece = found[0]
    return f"`{piece}`" if _LIVE.search(piece) else _MARKUP.sub(r"\\\1", piece)


def _fields(part: dict[str, object]) -> str:
    """Return a part of any fields, in the order that the JSON's canonical form gives them."""
    return "; ".join(f"{key}: {_shown(value)}" for key, value in sorted(part.items()))


def _shown(value: object) -> str:
    """Return a value as text; JSON keeps no difference between 5 and 5.0."""
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
