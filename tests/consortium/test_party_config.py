"""``party.toml``: what counts, where it comes from, and what is refused by name."""

from decimal import Decimal
from pathlib import Path

import pytest

from zkfl.party_config import PartyConfig, PartyConfigError, load_settings

ORDER = ("rpc_url", "http://file:1", "http://env:2", "http://flag:3")


def write(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "party.toml"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_without_a_file_everything_is_default(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, environment={})
    assert settings.config == PartyConfig()
    assert set(settings.origins.values()) == {"default"}
    assert settings.is_default("rpc_url")


@pytest.mark.parametrize(
    ("key", "line", "value"),
    [
        ("rpc_url", 'rpc_url = "https://rpc.example.org"', "https://rpc.example.org"),
        ("confirmations", "confirmations = 6", 6),
        ("max_fee_gwei", "max_fee_gwei = 0.5", Decimal("0.5")),
        ("password_source", 'password_source = "prompt"', "prompt"),
        ("password_file", 'password_file = "/run/secrets/chain"', Path("/run/secrets/chain")),
        ("password_environment", 'password_environment = "CHAIN_PW"', "CHAIN_PW"),
        ("store", 'store = "/mnt/zkfl/store"', Path("/mnt/zkfl/store")),
        ("prover_deadline_seconds", "prover_deadline_seconds = 1200", 1200.0),
        ("prover", 'prover = "https://queue.lan:8443"', "https://queue.lan:8443"),
        ("log_level", 'log_level = "debug"', "debug"),
        ("log_format", 'log_format = "json"', "json"),
        ("log_file", 'log_file = "zkfl.log"', Path("zkfl.log")),
    ],
)
def test_each_key_is_read_with_its_line(tmp_path: Path, key: str, line: str, value: object) -> None:
    path = write(tmp_path, f"# ours\n\n  {line}\n")
    settings = load_settings(tmp_path, environment={})
    assert getattr(settings.config, key) == value
    assert settings.origins[key] == f"{path}:3"
    assert {k for k, origin in settings.origins.items() if origin != "default"} == {key}


def test_every_key_is_covered_here() -> None:
    (marker,) = test_each_key_is_read_with_its_line.pytestmark  # type: ignore[attr-defined]
    assert [case[0] for case in marker.args[1]] == list(PartyConfig.model_fields)


@pytest.mark.parametrize("places", range(1, 8))
def test_flag_before_environment_before_file(tmp_path: Path, places: int) -> None:
    key, in_file, in_environment, in_flag = ORDER
    path = tmp_path / "party.toml"
    if places & 1:
        write(tmp_path, f'{key} = "{in_file}"')
    environment = {"ZKFL_RPC_URL": in_environment} if places & 2 else {}
    flags = {key: in_flag} if places & 4 else {}
    settings = load_settings(tmp_path, flags, environment)
    expected = {1: (in_file, f"{path}:1"), 2: (in_environment, "env ZKFL_RPC_URL")}
    assert (settings.config.rpc_url, settings.origins[key]) == expected.get(
        places, (in_flag, "flag") if places & 4 else expected[2]
    )


def test_an_empty_variable_and_a_flag_not_given_count_as_nothing(tmp_path: Path) -> None:
    settings = load_settings(tmp_path, {"rpc_url": None}, {"ZKFL_RPC_URL": ""})
    assert settings.is_default("rpc_url")


def test_the_environment_is_checked_too(tmp_path: Path) -> None:
    with pytest.raises(PartyConfigError, match=r"^env ZKFL_CONFIRMATIONS: confirmations: "):
        load_settings(tmp_path, environment={"ZKFL_CONFIRMATIONS": "some"})
    settings = load_settings(tmp_path, environment={"ZKFL_CONFIRMATIONS": "12"})
    assert settings.config.confirmations == 12


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('\nrcp_url = "x"', r"party.toml:2: there is no key 'rcp_url'; did you mean 'rpc_url'\?"),
        ("confirmation = 2", r":1: there is no key 'confirmation'; did you mean 'confirmations'\?"),
        ("[chain]\nrpc_url = 1", r":1: there is no key 'chain'"),
        ('password = "hunter2"', r":1: there is no key 'password'; .* This file holds no secrets"),
        ('chain_key = "0xabc"', r":1: there is no key 'chain_key'; .* This file holds no secrets"),
        ("confirmations = 0", r":1: confirmations: Input should be greater than or equal to 1"),
        ("confirmations = 1.5", r":1: confirmations: "),
        ("max_fee_gwei = -1", r":1: max_fee_gwei: "),
        ("max_fee_gwei = nan", r":1: max_fee_gwei: "),
        ('password_source = "keyring"', r":1: password_source: Input should be 'file', 'prompt'"),
        ('password_source = "environment"', r"name the variable with password_environment"),
        ('password_environment = "no name"', r":1: password_environment: "),
        ("prover_deadline_seconds = 0", r":1: prover_deadline_seconds: "),
        ("prover_deadline_seconds = inf", r":1: prover_deadline_seconds: "),
        ('prover = "remote"', r":1: prover: .*takes local, or the https://host:port"),
        ('prover = "http://queue.lan:8443"', r":1: prover: .*takes local"),
        ('prover = "https://"', r":1: prover: .*takes local"),
        ('prover = "https://me:hunter2@queue.lan"', r":1: prover: .*takes local"),
        ('prover = "https://queue.lan/0xabc"', r":1: prover: .*takes local"),
        ('prover = "https://queue.lan?0xabc"', r":1: prover: .*takes local"),
        ('log_level = "loud"', r":1: log_level: Input should be 'debug', 'info'"),
        ("rpc_url = ", r"party.toml is no TOML: "),
        ('rpc_url = "a"\nrpc_url = "b"', r"party.toml is no TOML: "),
    ],
)
def test_what_is_wrong_is_named_and_its_value_is_not_shown(
    tmp_path: Path, text: str, message: str
) -> None:
    write(tmp_path, text)
    with pytest.raises(PartyConfigError, match=message) as refused:
        load_settings(tmp_path, environment={})
    assert "hunter2" not in str(refused.value)
    assert "0xabc" not in str(refused.value)


def test_a_file_that_others_can_change_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "", 0o644)
    with pytest.raises(PartyConfigError, match="has mode 0644: others can reach it"):
        load_settings(tmp_path, environment={})


def test_a_link_is_refused_also_to_nowhere(tmp_path: Path) -> None:
    (tmp_path / "party.toml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(PartyConfigError, match="it is a symbolic link"):
        load_settings(tmp_path, environment={})


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "party.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "party.toml").chmod(0o600)
    with pytest.raises(PartyConfigError, match="is no TOML"):
        load_settings(tmp_path, environment={})


def test_the_page_lists_every_key_with_its_default() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "files.md"
    rows = [line.split("|")[1:3] for line in page.read_text().splitlines() if "|" in line]
    listed = {key.strip(" `"): default.strip(" `") for key, default in rows}
    defaults = {key: field.default for key, field in PartyConfig.model_fields.items()}
    assert {key: listed[key] for key in defaults} == {
        key: "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
        for key, value in defaults.items()
    }
