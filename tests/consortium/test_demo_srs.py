"""Only a demonstration runs on the SRS whose secret everybody knows."""

from pathlib import Path

import pytest

from zkfl.consortium import Consortium
from zkfl.founding import FoundingError, found
from zkfl.srs.demo import cached_demo_srs
from zkfl.zk_circuits.instances import TINY

REAL = Consortium(name="real", dataset="wdbc", circuits="tiny", hospitals=("ada", "bay", "cay"))


def test_a_consortium_is_no_demonstration_unless_it_says_so() -> None:
    assert REAL.demo is False


def test_no_srs_is_not_the_demo_srs() -> None:
    with pytest.raises(FoundingError, match="no SRS was given, and this consortium is no demon"):
        found(REAL, None)


def test_the_demo_srs_under_another_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ceremony.srs"
    path.write_bytes(cached_demo_srs(TINY.logrows).path.read_bytes())
    with pytest.raises(FoundingError, match=r"ceremony\.srs is the demo SRS"):
        found(REAL, path)


def test_a_demonstration_may() -> None:
    assert found(REAL.model_copy(update={"demo": True}), None).srs.logrows == TINY.logrows
