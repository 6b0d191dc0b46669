"""A real chain, three hospitals' accounts, and a ceremony of theirs with two contributions."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from eth_account.signers.local import LocalAccount

from zkfl.chain.anvil import Anvil, running_anvil
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.transactions import ReceiptLimits
from zkfl.srs.ceremony import Agreement, Ceremony, deploy_log, save_agreement
from zkfl.srs.ceremony.phase_one import PhaseOne, read_phase_one, record_hash
from zkfl.srs.ceremony.snarkjs import add_contribution

CHAIN_ID = 31_998
POWER = 8
DISTANCE = 4
STEP_SECONDS = 3600


@dataclass
class Hospitals:
    """Three hospitals at one chain."""

    anvil: Anvil
    accounts: list[LocalAccount]

    def client(self, who: int | None) -> ChainClient:
        account = None if who is None else self.accounts[who]
        limits = ReceiptLimits(30, 0.01)
        return ChainClient(
            self.anvil.url, account, CHAIN_ID, decoder=error_decoder(), receipt_limits=limits
        )

    @property
    def addresses(self) -> list[str]:
        return [str(account.address) for account in self.accounts]

    def begin(self, folder: Path, power: int = POWER) -> Path:
        """Deploy a ceremony of all three."""
        client = self.client(0)
        made = deploy_log(client, power, self.addresses, DISTANCE, STEP_SECONDS)
        agreement = Agreement(
            chain_id=CHAIN_ID,
            address=str(made.contract_address),
            tx_hash=made.tx_hash,
            logrows=power,
            contributors=self.addresses,
            beacon_distance=DISTANCE,
            step_seconds=STEP_SECONDS,
        )
        save_agreement(folder / "ceremony.json", agreement)
        return folder

    def at(self, folder: Path, who: int | None) -> Ceremony:
        return Ceremony(self.client(who), folder)

    def record(self, folder: Path, who: int, content: bytes, names: list[str]) -> None:
        """Record a file as this hospital's contribution without any of the checks."""
        party = self.at(folder, who)
        position = len(party.log.state().contributions)
        party.transcript.step(position + 1).write_bytes(content)
        file = read_phase_one(content, POWER, names)
        party.log.contribute(file.sha256(), record_hash(file.records[-1]))

    def private(self, folder: Path, who: int) -> Path:
        path = folder.parent / f"{folder.name}-private-{who}"
        path.mkdir(exist_ok=True)
        return path

    def contribution(self, before: Path, who: int, name: str | None = None) -> bytes:
        """Make a contribution with snarkjs alone."""
        after = before.with_suffix(".next")
        add_contribution(before, after, POWER, name or self.addresses[who], "entropy")
        content = after.read_bytes()
        after.unlink()
        return content


@pytest.fixture(scope="session")
def hospitals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospitals]:
    log = tmp_path_factory.mktemp("anvil") / "anvil.log"
    with running_anvil(log, chain_id=CHAIN_ID) as anvil:
        yield Hospitals(anvil, [anvil.new_account() for _ in range(3)])


@pytest.fixture(scope="session")
def original(hospitals: Hospitals, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = hospitals.begin(tmp_path_factory.mktemp("ceremony") / "original")
    hospitals.at(folder, None).start()
    for who in range(2):
        hospitals.at(folder, who).contribute(hospitals.private(folder, who))
    return folder


@pytest.fixture
def half_way(original: Path, tmp_path: Path) -> Path:
    """Return a copy of a transcript with two contributions; the third's turn it is."""
    return Path(shutil.copytree(original, tmp_path / "transcript"))


@pytest.fixture
def honest_first(hospitals: Hospitals, original: Path, tmp_path: Path) -> Path:
    """Return a new ceremony whose first contribution is honest and recorded."""
    folder = hospitals.begin(tmp_path / "fresh")
    shutil.copy(original / "0000.ptau", folder)
    first = (original / "0001.ptau").read_bytes()
    hospitals.record(folder, 0, first, hospitals.addresses[:1])
    return folder


@pytest.fixture
def as_file(hospitals: Hospitals) -> Callable[[Path, int], PhaseOne]:
    return lambda path, count: read_phase_one(path.read_bytes(), POWER, hospitals.addresses[:count])
