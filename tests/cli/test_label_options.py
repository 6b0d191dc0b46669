"""``zkfl features schema`` takes a label of two classes, or of several."""

import pytest

from zkfl.cli.label_options import LabelOptions
from zkfl.features.errors import FeatureError
from zkfl.node.records.schema import ClassLabel, Label

CLASSES = ["normal", "benign", "malignant"]


def test_two_classes() -> None:
    options = LabelOptions("ill", "ill", "well", [], None)
    assert options.column() == Label(name="ill", positive="ill", negative="well")


def test_several_classes() -> None:
    found = LabelOptions("finding", None, None, CLASSES, "benign").column()
    assert found == ClassLabel(name="finding", classes=tuple(CLASSES), of_interest="benign")


@pytest.mark.parametrize(
    "said",
    [
        (None, None, [], None),
        ("ill", None, [], None),
        ("ill", "well", CLASSES, "benign"),
        (None, None, CLASSES, None),
        ("ill", "well", [], "ill"),
    ],
)
def test_too_much_or_too_little_is_refused(
    said: tuple[str | None, str | None, list[str], str | None],
) -> None:
    with pytest.raises(FeatureError, match="say either --positive and --negative"):
        LabelOptions("ill", *said).column()


@pytest.mark.parametrize(
    ("classes", "interest", "message"),
    [
        (CLASSES, "fatal", "fatal is of interest and not among"),
        (CLASSES[:2], "benign", "at least 3 items"),
        (["normal", "benign", "Malignant!"], "benign", "should match pattern"),
    ],
)
def test_classes_that_cannot_be_are_refused(
    classes: list[str], interest: str, message: str
) -> None:
    with pytest.raises(FeatureError, match=message):
        LabelOptions("finding", None, None, classes, interest).column()
