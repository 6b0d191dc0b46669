"""What a log shows of a value: its kind where it may be secret, itself where it may not."""

import base64
import json
import logging
import secrets
from pathlib import Path

import numpy as np
import pytest

from zkfl.logs import logger
from zkfl.logs.events import Event, Sink, set_sinks
from zkfl.logs.redaction import HIDDEN, redacted
from zkfl.logs.setup import LogFileError, LogFormat, LogLevel, LogSettings, set_up_logs

SECRET = secrets.token_bytes(32)


@pytest.mark.parametrize(
    "name",
    [
        *("secret", "he_secret", "password", "chain_password", "passphrase", "key", "mask_key"),
        *("private_key", "keys", "mask", "masks", "blinder", "blinders", "record", "records"),
        *("witness", "seed", "token", "noise", "plaintext", "Secret", "PASSWORD"),
    ],
)
@pytest.mark.parametrize("value", ["short", 7, 0.5, [1], {"a": 1}, None])
def test_a_field_named_like_a_secret_is_hidden(name: str, value: object) -> None:
    assert redacted(name, value) == HIDDEN
    assert redacted("inside", {name: value}) == {name: HIDDEN}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (SECRET, "[32 bytes]"),
        (bytearray(SECRET), "[32 bytes]"),
        (int.from_bytes(SECRET, "big") | 1 << 255, "[integer of 256 bits]"),
        (-(1 << 64), "[integer of 65 bits]"),
        (list(range(17)), "[17 values]"),
        (np.arange(3), "[ndarray]"),
        (object(), "[object]"),
        ([SECRET, 1], ["[32 bytes]", 1]),
    ],
    ids=["bytes", "bytearray", "integer", "negative", "list", "array", "object", "nested"],
)
def test_what_could_be_a_secret_is_shown_by_its_kind(value: object, shown: object) -> None:
    assert redacted("value", value) == shown


@pytest.mark.parametrize(
    "text",
    [
        SECRET.hex(),
        "0x" + SECRET.hex(),
        SECRET.hex().upper(),
        str(int.from_bytes(SECRET, "big")),
        "aZ3" + secrets.token_urlsafe(24),
        "aZ3" + base64.b64encode(SECRET).decode().replace("/", "_"),
    ],
    ids=["hex", "0x", "capitals", "decimal", "urlsafe", "base64"],
)
def test_a_text_that_holds_a_secret_is_cut(text: str) -> None:
    shown = str(redacted("event", f"the value is {text}, in the middle"))
    assert text not in shown
    assert text[10:] not in shown
    assert shown.startswith("the value is ")
    assert shown.endswith(", in the middle")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tx_hash", "0x" + SECRET.hex()),
        ("manifest_hash", SECRET.hex()),
        ("address", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
        ("gas", 12_345_678),
        ("event", "round 3 is OPEN: nothing is asked of hospital-02"),
        ("file", "/srv/zkfl/sites/hospital-01/keys/chain.json"),
        ("circuit", "logistic_training_wdbc-0d80167312345678"),
        ("seconds", 1.5),
        ("command", "srs ceremony contribute"),
    ],
    ids=["tx", "manifest", "address", "gas", "event", "file", "circuit", "seconds", "command"],
)
def test_what_helps_and_harms_nobody_is_shown(name: str, value: object) -> None:
    assert redacted(name, value) == value


def test_a_hash_is_shown_only_where_it_is_called_one_and_looks_like_one() -> None:
    assert redacted("value", "0x" + "ab" * 32) == "0xabababab…"
    assert redacted("tx_hash", "0x" + "ab" * 33) == "0xabababab…"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pw@rpc.example.org:8545/v3/aabbcc?k=1", "https://rpc.example.org:8545"),
        ("http://127.0.0.1:8545/", "http://127.0.0.1:8545"),
        ("http://[::1", HIDDEN),
    ],
)
def test_of_a_url_only_the_place_is_shown(url: str, shown: str) -> None:
    assert redacted("endpoint", f"asked {url} twice") == f"asked {shown} twice"


def test_a_traceback_shows_no_values() -> None:
    events: list[Event] = []
    set_sinks([Sink(logging.DEBUG, events.append)])
    password = "aZ3" + secrets.token_urlsafe(24)
    try:
        raise ValueError(f"cannot open with {password}")  # noqa: TRY301 - the thing tested
    except ValueError:
        logger("test").exception("failed")
    finally:
        set_sinks([])
    shown = str(events)
    assert "ValueError" in shown
    assert password not in shown


def test_nothing_is_written_before_the_set_up(capsys: pytest.CaptureFixture[str]) -> None:
    set_sinks([])
    logger("test").error("nobody listens")
    assert capsys.readouterr() == ("", "")


def test_levels_and_places(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "zkfl.log"
    set_up_logs(LogSettings(None, LogFormat.JSON, file))
    log = logger("test")
    log.debug("first")
    log.info("second", value=SECRET)
    set_up_logs(LogSettings(LogLevel.DEBUG, LogFormat.HUMAN, file))
    log.debug("third")
    logging.getLogger("somebody").warning("fourth")
    logging.getLogger("somebody").info("fifth")
    set_sinks([])
    written = capsys.readouterr()
    assert written.out == ""
    first, *rest = written.err.splitlines()
    assert json.loads(first)["event"] == "second"
    assert ["third" in rest[0], "fourth" in rest[1], len(rest)] == [True, True, 2]
    events = [json.loads(line) for line in file.read_text().splitlines()]
    assert [event["event"] for event in events] == ["second", "third", "fourth"]
    assert events[0]["value"] == "[32 bytes]"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_log_file_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LogFileError, match="cannot be written"):
        set_up_logs(LogSettings(file=tmp_path / "link"))
    assert not (tmp_path / "elsewhere").exists()
