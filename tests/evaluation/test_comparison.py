import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from zkfl.evaluation.baselines import Selection, ShardRecords, alone
from zkfl.evaluation.comparison import Comparison, compare, score
from zkfl.evaluation.errors import EvaluationError
from zkfl.evaluation.plot import plot_comparison
from zkfl.evaluation.report import comparison_json, comparison_table
from zkfl.evaluation.training import TrainingStep
from zkfl.zk_circuits.model_choice import LOGISTIC


def test_every_way_to_train_is_scored_after_every_round(comparison: Comparison) -> None:
    assert comparison.rounds == 6
    assert list(comparison.alone) == ["north", "south", "west"]
    for history in (comparison.fedavg, comparison.pooled, *comparison.alone.values()):
        assert len(history) == 7
        assert history[0].auc == 0.5
        assert history[-1].auc is not None
        assert history[-1].auc > 0.8


def test_alone_skips_the_rounds_a_hospital_missed(
    hospitals: dict[str, list[ShardRecords]], step: TrainingStep
) -> None:
    schedule = [[Selection(1, 65536), None, None], [None, Selection(0, 30000), Selection(2, 35536)]]
    test = hospitals["west"][0]
    result = compare(
        "toy",
        verified=np.zeros((3, 4)),
        hospitals=hospitals,
        schedule=schedule,
        step=step,
        test=test,
    )
    assert result.alone["north"] == score(alone(hospitals["north"], [1], step), test, LOGISTIC)
    assert result.alone["west"] == score(alone(hospitals["west"], [2], step), test, LOGISTIC)


def test_missing_models_are_refused(
    hospitals: dict[str, list[ShardRecords]], step: TrainingStep
) -> None:
    with pytest.raises(EvaluationError, match="1 verified models for 1 rounds"):
        compare(
            "toy",
            verified=np.zeros((1, 4)),
            hospitals=hospitals,
            schedule=[[Selection(0, 65536), None, None]],
            step=step,
            test=hospitals["west"][0],
        )


def test_the_plot_is_a_picture(comparison: Comparison, tmp_path: Path) -> None:
    path = plot_comparison(comparison, tmp_path / "plots" / "toy.png")
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert min(image.size) > 500


def test_a_site_of_one_class_still_plots(tmp_path: Path) -> None:
    features = np.ones((4, 3))
    one_class = ShardRecords(features, np.ones(4, np.int64))
    history = score(np.zeros((3, 4)), one_class, LOGISTIC)
    bare = Comparison("toy", history, history, history, {"north": history})
    assert plot_comparison(bare, tmp_path / "toy.png").stat().st_size > 0


def test_the_table_shows_every_model(comparison: Comparison) -> None:
    console = Console(width=120)
    with console.capture() as capture:
        console.print(comparison_table(comparison))
    text = capture.get()
    for name in ("verified", "plain FedAvg", "pooled", "north alone", "south alone", "west alone"):
        assert name in text
    assert "after 6 rounds, on 80 held-out records" in text


def test_the_json_holds_the_whole_history(comparison: Comparison) -> None:
    value = json.loads(json.dumps(comparison_json(comparison), allow_nan=False))
    assert value["rounds"] == 6
    assert len(value["verified"]) == 7
    assert value["alone"]["west"][-1] == comparison.alone["west"][-1].to_dict()
