"""Files of proven predictions come from strangers: what is not of their form is refused."""

import json
from pathlib import Path

import pytest

from zkfl.inference.errors import PredictionFileError
from zkfl.inference.prediction_file import ProvenPrediction, RecordOpening
from zkfl.private_file import PrivateFileError

PREDICTION = {
    "format": "zkfl.prediction.v1",
    "chain_id": 31_337,
    "registry": "0x5FbDB2315678afecb367f032d93F642f64180aa3",
    "round": 1,
    "circuit": "ab" * 32,
    "logit": "-12",
    "record": ["01" * 32, "02" * 32],
    "proof": "00ff",
}
OPENING = {
    "format": "zkfl.record-opening.v1",
    "features": [1, -2, 3],
    "blinders": ["0a" * 32] * 4,
}


def written(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content))
    path.chmod(0o600)
    return path


def test_a_prediction_comes_back_as_it_was_written(tmp_path: Path) -> None:
    read = ProvenPrediction.load(written(tmp_path / "p.json", PREDICTION))
    assert (read.logit_integer, read.label, read.opening) == (-12, 0, None)
    read.save(tmp_path / "again.json")
    assert ProvenPrediction.load(tmp_path / "again.json") == read
    assert "features" not in (tmp_path / "again.json").read_text()


def test_a_logit_of_zero_is_class_1(tmp_path: Path) -> None:
    assert ProvenPrediction.load(written(tmp_path / "p.json", PREDICTION | {"logit": "0"})).label


def test_the_largest_round_is_read(tmp_path: Path) -> None:
    largest = (1 << 63) - 1
    path = written(tmp_path / "p.json", PREDICTION | {"round": largest})
    assert ProvenPrediction.load(path).round == largest


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"format": "zkfl.prediction.v2"}, "format"),
        ({"note": "trust me"}, "note"),
        ({"chain_id": "1"}, "chain_id"),
        ({"chain_id": 0}, "chain_id"),
        ({"registry": "0x5fbdb2315678afecb367f032d93f642f64180aa3"}, "registry"),
        ({"round": -1}, "round"),
        ({"round": 1 << 63}, "round"),
        ({"round": 1 << 300}, "round"),
        ({"circuit": "AB" * 32}, "circuit"),
        ({"logit": 12}, "logit"),
        ({"logit": "-0"}, "logit"),
        ({"logit": "1e3"}, "logit"),
        ({"logit": "9223372036854775808"}, "more than 64 bits"),
        ({"logit": "-9223372036854775808"}, "more than 64 bits"),
        ({"record": ["01" * 32]}, "record"),
        ({"features": []}, "features"),
        ({"features": [1.5]}, "features"),
        ({"features": [1 << 60]}, "features"),
        ({"proof": "0"}, "proof"),
        ({"proof": ""}, "proof"),
    ],
)
def test_another_form(tmp_path: Path, changes: dict[str, object], named: str) -> None:
    with pytest.raises(PredictionFileError, match=named):
        ProvenPrediction.load(written(tmp_path / "p.json", PREDICTION | changes))


@pytest.mark.parametrize("content", [b"", b"no JSON", b"[]", b"\xff\xfe", b"0" * (1 << 19)])
def test_no_json_or_too_much_of_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(content)
    with pytest.raises(PredictionFileError):
        ProvenPrediction.load(path)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(PredictionFileError, match="cannot be read"):
        ProvenPrediction.load(tmp_path / "none.json")


def test_an_opening_comes_back_and_is_not_shown(tmp_path: Path) -> None:
    opening = RecordOpening.load(written(tmp_path / "o", OPENING))
    opening.save(tmp_path / "again")
    assert RecordOpening.load(tmp_path / "again") == opening
    assert (tmp_path / "again").stat().st_mode & 0o777 == 0o600
    assert "-2" not in repr(opening)
    assert "0a" not in repr(opening)


@pytest.mark.parametrize(
    "changes",
    [{"features": ["secret"]}, {"blinders": ["0a" * 32]}, {"format": "zkfl.prediction.v1"}],
)
def test_an_opening_of_another_form_is_not_repeated(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    with pytest.raises(PredictionFileError) as refused:
        RecordOpening.load(written(tmp_path / "o", OPENING | changes))
    assert "secret" not in str(refused.value)


def test_an_opening_that_others_can_read(tmp_path: Path) -> None:
    path = written(tmp_path / "o", OPENING)
    path.chmod(0o644)
    with pytest.raises(PrivateFileError, match="chmod 600"):
        RecordOpening.load(path)
