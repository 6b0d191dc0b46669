"""Units and compose.yaml start commands that exist, with options that these take."""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from zkfl.cli.app import app
from zkfl.cli.exit_codes import ExitCode

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "how-to" / "flower"
UNITS = sorted(FOLDER.glob("*.service"))
MENDED_BY_TIME = {
    ExitCode.INTERNAL,
    ExitCode.CHAIN,
    ExitCode.FUNDS,
    ExitCode.PENDING,
    ExitCode.PROOF,
    ExitCode.NOT_NOW,
    ExitCode.FILES,
}
ENDED = {ExitCode.OK, ExitCode.INTERRUPTED}


def services() -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
    return found["services"]  # type: ignore[return-value]


def setting(unit: Path, name: str) -> str:
    [value] = re.findall(rf"^{name}=(.+)$", unit.read_text(), re.MULTILINE)
    return str(value)


def commands() -> list[list[str]]:
    lines = [re.findall(r"^ExecStart=(.+)$", path.read_text(), re.MULTILINE) for path in UNITS]
    found = [shlex.split(line) for [line] in lines]
    return found + [service["command"] for service in services().values()]


def test_there_is_a_service_of_each_kind_both_ways() -> None:
    started = sorted(words[2] for words in commands())
    assert started == ["aggregator", "aggregator", "link", "link", "node", "node"]


@pytest.mark.parametrize("words", commands(), ids=lambda words: " ".join(words[1:3]))
def test_a_service_starts_a_command_that_takes_its_options(words: list[str]) -> None:
    assert Path(words[0]).name == "zkfl"
    command = get_command(app)
    for name in words[1:3]:
        command = command.commands[name]
    with command.make_context(words[2], list(words[3:])) as context:
        assert context.params


def test_the_superlink_does_not_reach_the_aggregators_keys() -> None:
    unit = (FOLDER / "zkfl-flower-link.service").read_text()
    assert "User=zkfl-link\n" in unit
    assert "InaccessiblePaths=-/srv/zkfl\n" in unit
    services = yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]
    assert services["link"]["volumes"] == ["${LINK_FOLDER}:/link:ro"]
    assert services["link"]["user"] == "10002:10002"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_keep_files_private_and_privileges_few(unit: Path) -> None:
    text = unit.read_text()
    for setting in ("UMask=0077", "NoNewPrivileges=true", "ProtectSystem=strict", "User=zkfl"):
        assert setting in text


# --- what is started again, and after what ---


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_party_is_not_started_again_after_what_time_does_not_mend(unit: Path) -> None:
    kept_down = {int(status) for status in setting(unit, "RestartPreventExitStatus").split()}
    assert kept_down == set(ExitCode) - MENDED_BY_TIME - ENDED


def test_the_page_names_the_statuses_after_which_a_party_may_be_started_again() -> None:
    page = (ROOT / "docs" / "how-to" / "join-a-consortium.md").read_text()
    [said] = re.findall(r"start them again\s+after ([\d, and]+), which time can mend", page)
    assert {int(status) for status in re.findall(r"\d+", said)} == MENDED_BY_TIME


def test_containers_of_parties_are_not_started_again_by_docker() -> None:
    policies = {name: service["restart"] for name, service in services().items()}
    assert policies == {"link": "unless-stopped", "aggregator": "no", "node": "no"}


# --- what a service can write ---


@pytest.mark.parametrize("unit", [one for one in UNITS if "link" not in one.name], ids=str)
def test_a_unit_that_cannot_see_its_home_has_a_cache_that_it_can_write(unit: Path) -> None:
    assert setting(unit, "ProtectHome") == "true"
    variable, cache = setting(unit, "Environment").split("=")
    assert variable == "ZKFL_CACHE"
    assert Path(cache).is_relative_to(setting(unit, "ReadWritePaths"))


def test_the_user_of_a_container_owns_its_cache() -> None:
    recipe = yaml.safe_load((FOLDER / "compose.yaml").read_text())["x-zkfl"]
    assert recipe["environment"]["ZKFL_CACHE"] == "/cache"
    steps = recipe["build"]["dockerfile_inline"]
    assert steps.index("useradd") < steps.index("install -d -o zkfl /cache")
    assert steps.index("install -d") < steps.index("USER zkfl")


# --- what gets into the image ---


def let_in() -> list[Path]:
    """Return what .dockerignore lets in, which keeps out everything first."""
    context = (
        FOLDER / yaml.safe_load((FOLDER / "compose.yaml").read_text())["x-zkfl"]["build"]["context"]
    )
    lines = (context / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert rules[-2:] == ["**/__pycache__", "**/*.egg-info"]
    assert all(rule.startswith("!") for rule in rules[1:-2])
    return [ROOT / rule[1:] for rule in rules[1:-2]]


def test_all_that_setup_reads_gets_into_the_image() -> None:
    [stamped] = re.findall(r"stamp\(\) \{ cat (.+?) \|", (ROOT / "scripts" / "setup").read_text())
    needed = [*stamped.split(), "package.json", "README.md", "src", "bin/solc", "contracts/src"]
    assert all(ROOT / name in let_in() for name in needed)
    links = [path for path in (ROOT / "src" / "zkfl").iterdir() if path.is_symlink()]
    assert links
    assert all(link.resolve() in let_in() for link in links)


def test_nothing_but_sources_gets_into_the_image() -> None:
    sources = {"src", "aggregator", "node", "zk_circuits", "contracts/src"}
    for path in let_in():
        name = path.relative_to(ROOT).as_posix()
        assert path.is_dir() if name in sources else path.is_file()
