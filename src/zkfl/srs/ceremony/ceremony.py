"""A ceremony as one party sees it: every step checked against the chain before it is taken."""

import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from zkfl.atomic_file import write_atomically
from zkfl.chain.client import ChainClient
from zkfl.chain.transactions import TxResult
from zkfl.srs.ceremony.agreement import load_agreement
from zkfl.srs.ceremony.conversion import write_srs
from zkfl.srs.ceremony.errors import (
    BeaconError,
    HistoryError,
    ResultError,
    TranscriptFileError,
    TurnError,
)
from zkfl.srs.ceremony.log import CeremonyLog, CeremonyState, Phase
from zkfl.srs.ceremony.phase_one import PhaseOne, read_phase_one, record_hash
from zkfl.srs.ceremony.point_checks import require_valid_points
from zkfl.srs.ceremony.snarkjs import add_beacon, add_contribution, begin, require_verified
from zkfl.srs.ceremony.transcript import Transcript, read_step

StepCallback = Callable[[str], None]
_ENTROPY_BYTES = 64
_PUBLIC_MODE = 0o644
_BEACON_LIFE_BLOCKS = 256


class Ceremony:
    """One party at one ceremony.

    Parameters
    ----------
    client
        Of the agreed chain; with an account where a step is to be recorded.
    root
        The transcript's folder.
    on_step
        Gets the name of each step that begins.

    Raises
    ------
    AgreementError
        ``ceremony.json`` is unusable, or the contract is not the agreed one.
    """

    def __init__(
        self, client: ChainClient, root: Path, on_step: StepCallback | None = None
    ) -> None:
        self.transcript = Transcript(root)
        self.agreement = load_agreement(self.transcript.agreement)
        self.agreement.require_genuine(client)
        self.log = CeremonyLog(client, self.agreement.address)
        self._power = self.agreement.logrows
        self._say = on_step or (lambda _: None)

    def start(self) -> Path:
        """Write the file that the ceremony begins with; anyone gets the same one."""
        self._say("computing the first file")
        with tempfile.TemporaryDirectory() as folder:
            content = self._empty(Path(folder)).content
        write_atomically(self.transcript.step(0), content, _PUBLIC_MODE)
        return self.transcript.step(0)

    def contribute(self, private: Path) -> TxResult:
        """Check what was contributed so far, add a secret, and record it.

        Parameters
        ----------
        private
            A folder of this party's own: a contribution that was made but not yet recorded
            waits there, and is recorded when this is called again.

        Raises
        ------
        TurnError
            It is somebody else's turn, or all turns are over.
        CeremonyError, SrsError
            The contributions so far do not hold.
        """
        state = self.log.state()
        self._require_turn(state)
        position = len(state.contributions)
        waiting = private / f"ceremony-{self.agreement.address}-{position}.ptau"
        made = self._waiting(waiting, state) if waiting.exists() else self._make(state, waiting)
        write_atomically(self.transcript.step(position + 1), made.content, _PUBLIC_MODE)
        self._say("recording the contribution")
        result = self.log.contribute(made.sha256(), record_hash(made.records[-1]))
        waiting.unlink()
        return result

    def check(self, position: int, state: CeremonyState | None = None) -> PhaseOne:
        """Check one contribution, and that it extends exactly those before it on chain.

        Raises
        ------
        TranscriptFileError
            The file is missing, of another form, or not the one on chain.
        HistoryError
            Its history is not the one on chain.
        SrsPointError
            A point is not in its group.
        SnarkjsError
            The contribution does not follow from the one before it.
        """
        state = state or self.log.state()
        if not 0 <= position < len(state.contributions):
            raise HistoryError(f"there is no contribution {position} on chain yet")
        path = self.transcript.step(position + 1)
        self._say(f"checking contribution {position}")
        content = read_step(path, self._power, position + 1)
        file = read_phase_one(content, self._power, _authors(state, position + 1))
        expected = state.contributions[position].file_hash
        if file.sha256() != expected:
            raise TranscriptFileError(
                f"{path} has the SHA-256 {file.sha256().hex()}, on chain is {expected.hex()}: it "
                "was altered on its way, or is not what its contributor recorded"
            )
        _require_history(file, state, position + 1)
        self._require_sound(file)
        return file

    def unverified(self) -> list[int]:
        """Return the contributions that the client's account has still to verify."""
        state = self.log.state()
        own, bit = self.log.client.sender, self._bit(state)
        return [
            position
            for position, entry in enumerate(state.contributions)
            if entry.contributor != own and not entry.verified_by & bit
        ]

    def verify(self, position: int) -> TxResult:
        """Check one contribution and say so on chain; raises as `check`."""
        file = self.check(position)
        return self.log.verify(position, file.sha256(), record_hash(file.records[-1]))

    def object_to(self, position: int) -> TxResult:
        """Say on chain that no valid file was found, which ends the ceremony."""
        return self.log.verify(position, bytes(32), bytes(32))

    def record_beacon(self) -> TxResult | None:
        """Record the beacon's block, or arm another one; None if it was recorded before.

        Raises
        ------
        BeaconError
            The block is not mined yet.
        TurnError
            The contributions have not come to their end.
        """
        state = self.log.state()
        if state.phase in {Phase.CONFIRMING, Phase.COMPLETE}:
            return None
        if state.phase != Phase.BEACON:
            raise TurnError(f"the ceremony is {state.phase.name.lower()}: the beacon comes later")
        number = self.log.client.block_number()
        if number <= state.beacon_block:
            raise BeaconError(
                f"the beacon is block {state.beacon_block}, the chain is at {number}: come back"
            )
        if number >= state.beacon_block + _BEACON_LIFE_BLOCKS:
            self._say("the beacon was missed: choosing another block")
            return self.log.rearm_beacon()
        return self.log.record_beacon()

    def write_final(self) -> PhaseOne:
        """Compute the file after the chain's beacon, and refuse any other in its place.

        Raises
        ------
        BeaconError
            There is no beacon yet, or ``final.ptau`` has another one.
        ResultError
            ``final.ptau`` is not what the contributions and the beacon give.
        """
        state = self.log.state()
        if state.phase not in {Phase.CONFIRMING, Phase.COMPLETE}:
            raise BeaconError(f"the ceremony is {state.phase.name.lower()}: it has no beacon")
        final = self._with_beacon(state)
        path = self.transcript.final
        if path.exists():
            self._require_same_final(final, state)
        else:
            write_atomically(path, final.content, _PUBLIC_MODE)
        return final

    def finish(self, out: Path, *, insist: bool = False) -> tuple[bytes, TxResult | None]:
        """Make the SRS, check all of it, state its hash on chain, and keep it.

        Parameters
        ----------
        out
            Where to; replaced only by an SRS that passed and that is on chain.
        insist
            State a result on chain that others' differs from, which ends the ceremony.

        Returns
        -------
        bytes, TxResult or None
            SHA-256 of the SRS; None if nothing was to be stated.
        """
        final = self.write_final()
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as folder:
            partial = Path(folder) / "partial.srs"
            self._say("computing the Lagrange points and checking the SRS")
            srs_hash = write_srs(final, partial).sha256()
            result = self._state_result(final.sha256(), srs_hash, insist=insist)
            write_atomically(out, partial.read_bytes(), _PUBLIC_MODE)
        return srs_hash, result

    def _state_result(self, ptau: bytes, srs: bytes, *, insist: bool) -> TxResult | None:
        state = self.log.state()
        stated = (state.ptau_hash, state.srs_hash)
        differs = state.confirmed_by != 0 and stated != (ptau, srs)
        if differs and not (insist and state.phase == Phase.CONFIRMING):
            raise ResultError(
                f"the SRS computed here has the SHA-256 {srs.hex()}, on chain is "
                f"{state.srs_hash.hex()}: somebody computed from other files; nothing was kept"
            )
        account = self.log.client.account
        if account is None or state.phase == Phase.COMPLETE:
            return None
        if state.confirmed_by & self._bit(state):
            return None
        result = self.log.confirm(ptau, srs)
        if differs:
            raise ResultError("the other result is stated on chain: this ceremony has ended")
        return result

    def _make(self, state: CeremonyState, waiting: Path) -> PhaseOne:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            before = self._latest(state, folder)
            source, target = folder / "before.ptau", folder / "after.ptau"
            source.write_bytes(before.content)
            self._say("adding this party's secret")
            entropy = secrets.token_hex(_ENTROPY_BYTES)
            add_contribution(source, target, self._power, self.log.client.sender, entropy)
            write_atomically(waiting, target.read_bytes())
        return self._waiting(waiting, state)

    def _waiting(self, waiting: Path, state: CeremonyState) -> PhaseOne:
        count = len(state.contributions)
        authors = [*_authors(state, count), self.log.client.sender]
        made = read_phase_one(read_step(waiting, self._power, count + 1), self._power, authors)
        _require_history(made, state, count)
        self._say("checking the new file")
        self._require_sound(made)
        return made

    def _latest(self, state: CeremonyState, folder: Path) -> PhaseOne:
        count = len(state.contributions)
        return self.check(count - 1, state) if count else self._empty(folder)

    def _empty(self, folder: Path) -> PhaseOne:
        path = folder / "empty.ptau"
        begin(path, self._power)
        return read_phase_one(path.read_bytes(), self._power, [])

    def _with_beacon(self, state: CeremonyState) -> PhaseOne:
        last = self.check(len(state.contributions) - 1, state)
        self._say("adding the beacon")
        with tempfile.TemporaryDirectory() as name:
            source, target = Path(name) / "last.ptau", Path(name) / "final.ptau"
            source.write_bytes(last.content)
            add_beacon(source, target, self._power, state.beacon)
            content = target.read_bytes()
        authors = _authors(state, len(state.contributions))
        final = read_phase_one(content, self._power, authors, state.beacon)
        self._require_sound(final)
        return final

    def _require_same_final(self, final: PhaseOne, state: CeremonyState) -> None:
        path = self.transcript.final
        content = read_step(path, self._power, len(final.records))
        if content == final.content:
            return
        read_phase_one(content, self._power, _authors(state, len(final.records) - 1), state.beacon)
        raise ResultError(
            f"{path} is not what the contributions and the beacon on chain give: remove it"
        )

    def _require_sound(self, file: PhaseOne) -> None:
        require_valid_points(file)
        with tempfile.TemporaryDirectory() as folder:
            # A private copy: the shared one could change between the checks.
            copy = Path(folder) / "checked.ptau"
            copy.write_bytes(file.content)
            require_verified(copy, self._power, len(file.records))

    def _require_turn(self, state: CeremonyState) -> None:
        if state.phase != Phase.CONTRIBUTING:
            raise TurnError(f"the ceremony is {state.phase.name.lower()}: all turns are over")
        expected = state.contributors[state.turn]
        if self.log.client.sender != expected:
            raise TurnError(
                f"it is the turn of {expected}, not of {self.log.client.sender}: wait, or have "
                "the turn skipped after its deadline"
            )

    def _bit(self, state: CeremonyState) -> int:
        sender = self.log.client.sender
        if sender not in state.contributors:
            raise TurnError(f"{sender} is no contributor of this ceremony: only they state things")
        return 1 << state.contributors.index(sender)


def _authors(state: CeremonyState, count: int) -> list[str]:
    return [entry.contributor for entry in state.contributions[:count]]


def _require_history(file: PhaseOne, state: CeremonyState, count: int) -> None:
    for index, entry in enumerate(state.contributions[:count]):
        actual = record_hash(file.records[index])
        if actual != entry.record_hash:
            raise HistoryError(
                f"record {index} of the file has the SHA-256 {actual.hex()}, contribution {index} "
                f"on chain has {entry.record_hash.hex()}: somebody replaced what was contributed"
            )
