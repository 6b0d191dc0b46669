"""What leaves with a model: every figure is the chain's or was checked, and the rest is unknown."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from zkfl.auditor import open_audit
from zkfl.cli.exit_codes import ExitCode
from zkfl.evaluation.confusion import rates_of
from zkfl.model_export import read_model
from zkfl.model_release import release_model
from zkfl.node.model_testing import ModelTester
from zkfl.release_card.content import ReleaseCard
from zkfl.release_card.errors import ReleaseCardError
from zkfl.release_card.intended_use import IntendedUse
from zkfl.release_card.making import make_card
from zkfl.release_card.markdown import as_markdown
from zkfl.release_card.source import Ground, read_source
from zkfl.zk_circuits.evaluation.counts import ConfusionCounts

if TYPE_CHECKING:
    from conftest import Site

Run = Callable[..., SimpleNamespace]
RECORDS = {"ada": 12, "bay": 8, "cay": 5, "dee": 0}


@pytest.fixture(scope="module")
def site(
    committed: "Site",
    borrow: Callable[["Site", Path], Iterator["Site"]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator["Site"]:
    for lent in borrow(committed, tmp_path_factory.mktemp("released")):
        schema = lent.ground.schema
        agreed = lent.consortium.model_copy(update={"schema_sha256": schema.digest()})
        lent.workspace.consortium.write_bytes(agreed.to_json())
        lent.workspace.schema.write_text(schema.to_json())
        yield replace(lent, consortium=agreed)


def exported(run_zkfl: Run, site: "Site", out: Path, *further: object) -> SimpleNamespace:
    words = ("model", "export", site.workspace.root, "--out", out)
    return run_zkfl(*words, "--rpc-url", site.anvil.url, "--json", *further)


def test_a_card_is_written_beside_the_model_which_names_it(
    site: "Site", run_zkfl: Run, tmp_path: Path
) -> None:
    out, use = tmp_path / "m" / "model.onnx", tmp_path / "use.txt"
    use.write_text("Second reading, <b>for research</b>.\n# not a heading\n")
    done = exported(run_zkfl, site, out, "--intended-use", use)
    assert done.status == 0, done.err
    content = (tmp_path / "m" / "model.card.json").read_bytes()
    card: dict[str, Any] = json.loads(content)
    page = (tmp_path / "m" / "model.card.md").read_text()

    stated = read_model(out).provenance
    assert stated["card_sha256"] == hashlib.sha256(content).hexdigest()
    assert json.loads(done.out)["result"]["card_sha256"] == stated["card_sha256"]
    assert stated["card_sha256"] in page
    assert stated["model_commitment"] == "".join(card["lineage"]["model_commitment"])

    _compare_lineage(card, site)
    brought = {part["name"]: part["records_admitted"] for part in card["hospitals"]}
    assert brought == RECORDS
    assert card["data"]["agreed"] is True
    assert card["data"]["label"] == {"name": "ill", "positive": "ill", "negative": "well"}
    assert "- label: name: ill; negative: well; positive: ill\n" in page
    assert card["data"]["features"] == ["width", "height", "depth"]
    assert card["training"]["specification"]["learning_rate"] == 0.5
    assert card["training"]["rate_schedule"] is None
    assert card["training"]["final_rates"] == []
    assert card["training"]["noise_bound"] == str(site.consortium.noise_bound)
    assert card["metrics"] is None
    assert any("nothing is proven of this round's model" in line for line in card["unknown"])
    assert any("INSECURE" in line or "insecure" in line for line in card["known_limits"])

    assert card["intended_use"] == {"text": use.read_text().strip(), "given": True}
    # in a block of code, so that it makes no heading and no markup
    assert "    # not a heading\n" in page
    assert "    Second reading, <b>for research</b>.\n" in page
    assert "**INSECURE demo SRS" in page


def _compare_lineage(card: dict[str, Any], site: "Site") -> None:
    registry, lineage = site.node("ada").registry, card["lineage"]
    state = registry.round(1)
    assert (lineage["chain_id"], lineage["registry"]) == (31_337, registry.address)
    assert lineage["round"] == 1
    assert lineage["model_commitment"] == [f"{part:064x}" for part in state.model_after]
    assert lineage["model_sha256"] == state.model_hash.hex()
    [ended] = registry.events(names=["RoundFinalized"])
    assert lineage["final_transaction"] == ended.tx_hash
    assert lineage["final_block"] == ended.block_number
    assert [part["account"] for part in lineage["contributions"]] == registry.cohort(1)


def test_proven_metrics_are_in_the_card_after_all_of_them_were_verified(
    site: "Site", run_zkfl: Run, tmp_path: Path
) -> None:
    """An auditor writes it, without a key."""
    total = ConfusionCounts(0, 0, 0, 0)
    for shard in ModelTester(site.node("bay")).prove(1):
        total = total.plus(shard.counts)
    for name in ("consortium.json", "schema.json", "deployment.json"):
        (tmp_path / name).write_bytes((site.workspace.root / name).read_bytes())
    words = ("model", "card", tmp_path, "--out", tmp_path / "model.onnx")
    done = run_zkfl(*words, "--rpc-url", site.anvil.url)
    assert done.status == 0, done.err
    card = ReleaseCard.model_validate_json((tmp_path / "model.card.json").read_bytes())
    assert card.metrics is not None
    assert card.metrics.counts.model_dump(exclude={"rates"}) == total._asdict()
    assert card.metrics.counts.rates == rates_of(total).to_dict()
    assert card.metrics.proofs_verified == 4, "three test shards, and one of them counted"
    assert [part.name for part in card.metrics.hospitals] == ["bay"]
    assert card.metrics.came_to_train == []
    page = (tmp_path / "model.card.md").read_text()
    assert f"| all | {total.true_positives} | {total.false_positives} |" in page
    assert not (tmp_path / "model.onnx").exists()
    assert "not for diagnosis" in page, "nobody stated another use"
    assert as_markdown(card) == page


def test_words_of_strangers_become_no_markup(site: "Site", run_zkfl: Run, tmp_path: Path) -> None:
    assert exported(run_zkfl, site, tmp_path / "model.onnx").status == 0
    card = ReleaseCard.model_validate_json((tmp_path / "model.card.json").read_bytes())
    hostile = "a | b\n# c <script> [d](e) `f`"
    data = card.data.model_copy(update={"description": hostile})
    hospitals = [card.hospitals[0].model_copy(update={"name": hostile})]
    page = as_markdown(card.model_copy(update={"data": data, "hospitals": hospitals}))
    shown = r"a \| b # c \<script\> \[d\](e) \`f\`"
    assert f"- what: {shown}\n" in page
    assert f"| 1 {shown} |" in page


def test_only_this_card_of_the_round_is_called_published(site: "Site") -> None:
    """A card can be published, and the model's file be corrected on chain after it."""
    audited = open_audit(site.workspace.root, site.anvil.url, None)
    ground = Ground(
        audited.registry,
        audited.router,
        audited.circuits,
        audited.metrics,
        site.consortium,
        site.ground.schema,
    )
    source = read_source(ground, lambda _: None)
    card = source.final.card
    earlier = replace(card, model_hash=bytes(32)).sha256()
    for published, said in ((None, False), (earlier, False), (card.sha256(), True)):
        final = replace(source.final, published_card=published)
        made = make_card(replace(source, final=final), IntendedUse("Research.", given=True))
        assert made.lineage.round_card_published is said
        shown = "published on chain" if said else "not published"
        assert f"{card.sha256().hex()} ({shown})" in as_markdown(made)


def test_a_card_of_another_round_goes_with_no_model(
    site: "Site", run_zkfl: Run, tmp_path: Path
) -> None:
    assert exported(run_zkfl, site, tmp_path / "model.onnx").status == 0
    card = ReleaseCard.model_validate_json((tmp_path / "model.card.json").read_bytes())
    older = card.model_copy(update={"lineage": card.lineage.model_copy(update={"round": 7})})
    node, out = site.node("ada"), tmp_path / "other.onnx"
    with pytest.raises(ReleaseCardError, match="repeat the command"):
        release_model(site.ground, node.registry, site.deployment, out, older)
    assert not out.exists()


def test_a_use_that_cannot_be_shown_stops_the_export(
    site: "Site", run_zkfl: Run, tmp_path: Path
) -> None:
    use = tmp_path / "use.txt"
    use.write_bytes(b"\x1b[2J")
    done = exported(run_zkfl, site, tmp_path / "model.onnx", "--intended-use", use)
    assert done.status == ExitCode.INPUT
    assert "U+001B" in json.loads(done.out)["error"]["message"]
    assert not list(tmp_path.glob("model.*"))
