"""``council.json``: another one's, or a damaged one, is not used."""

import json
from types import SimpleNamespace

import pytest

from zkfl.chain.council_record import CouncilFileError, load_council


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", "zkfl-council-v2"),
        ("chain_id", 0),
        ("chain_id", "31777"),
        ("registry", "0x" + "ab" * 20),
        ("council", "0x" + "ab" * 20),
        ("council", "council.json"),
        ("quorum_bps", 5_000),
        ("quorum_bps", 10_001),
        ("delay", -1),
        ("membership_delay", 1 << 32),
        ("lifetime", 1.5),
        ("creation", {}),
        ("owner", "me"),
    ],
)
def test_a_value_that_cannot_be(governed: SimpleNamespace, key: str, value: object) -> None:
    path = governed.workspace.council
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    with pytest.raises(CouncilFileError, match=key):
        load_council(path, governed.deployment)


@pytest.mark.parametrize("key", ["chain_id", "council", "creation", "lifetime", "registry"])
def test_a_value_that_is_missing(governed: SimpleNamespace, key: str) -> None:
    path = governed.workspace.council
    content = json.loads(path.read_text())
    del content[key]
    path.write_text(json.dumps(content))
    with pytest.raises(CouncilFileError, match=key):
        load_council(path, governed.deployment)


@pytest.mark.parametrize(
    ("key", "value"), [("chain_id", 1), ("registry", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
)
def test_another_consortiums_council(governed: SimpleNamespace, key: str, value: object) -> None:
    path = governed.workspace.council
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    with pytest.raises(
        CouncilFileError, match=f"this consortium's is {governed.deployment.registry}"
    ):
        load_council(path, governed.deployment)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b" " * 65_537])
def test_a_file_that_is_none(governed: SimpleNamespace, content: bytes) -> None:
    path = governed.workspace.council
    path.write_bytes(content)
    with pytest.raises(CouncilFileError):
        load_council(path, governed.deployment)


def test_before_the_hand_over_the_message_says_what_to_do(town: SimpleNamespace) -> None:
    with pytest.raises(CouncilFileError, match="zkfl council hand-over"):
        town.desk("ada")
