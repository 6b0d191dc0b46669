"""Sizes are the compiler's, and what is too large is refused."""

from pathlib import Path

import pytest

from zkfl.audit.errors import AuditError
from zkfl.audit.sizes import PAGE, Size, pages, require_deployable, sizes_of

ROOT = Path(__file__).parents[2]


def test_the_page_shows_the_compilers_sizes() -> None:
    assert (ROOT / PAGE).read_text() == pages(ROOT)[PAGE]


def test_everything_deployed_is_there_and_small_enough() -> None:
    sizes = sizes_of(ROOT)
    names = {size.name for size in sizes}
    assert {"ConsortiumRegistry", "VectorOpening", "VerifierRouter", "Weights"} <= names
    generated = {path.name for path in (ROOT / "contracts/src/generated").iterdir()}
    assert {f"Halo2Verifier of {name}" for name in generated} <= names
    require_deployable(sizes)


@pytest.mark.parametrize(("runtime", "creation"), [(24_576, 49_152), (1, 1)])
def test_the_limits_themselves_are_accepted(runtime: int, creation: int) -> None:
    require_deployable([Size("Large", runtime, creation)])


@pytest.mark.parametrize(
    ("runtime", "creation", "message"),
    [(24_577, 30_000, "Large has 24,577 bytes"), (24_576, 49_153, "Large needs 49,153 bytes")],
)
def test_a_byte_more_is_refused(runtime: int, creation: int, message: str) -> None:
    with pytest.raises(AuditError, match=message):
        require_deployable([Size("Large", runtime, creation)])
