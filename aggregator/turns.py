"""The aggregator's turns: opens rounds, brings them to their end, publishes what they made."""

import math
import time

from zkfl.aggregator.card_turns import CardTurns
from zkfl.aggregator.coordinator import Coordinator, CoordinatorError
from zkfl.chain.errors import ContractRevertError
from zkfl.chain.states import UNSTATED, Member, Round, RoundStatus
from zkfl.final_rounds import FinalRounds
from zkfl.late_round import is_late, move_late_round, show_known_model
from zkfl.member_names import hospital_name, hospital_names
from zkfl.needed_artifacts import lacking, lacking_models, lacking_to_sum, lacking_to_train
from zkfl.turns import Look, Refusals, StepCount, Turn, Watch, take_turn

_REFUSALS = Refusals(passing=(CoordinatorError,))


class AggregatorTurns:
    """Takes the aggregator's steps as the chain asks for them.

    Parameters
    ----------
    coordinator
        The aggregator.
    final_rounds
        Open no further round once so many are final, counted from the consortium's first; None
        for no end.
    least_members
        Open a round once so many hospitals have announced a key and admitted records; None for
        every active member.
    quiet_seconds
        Open a round once nobody has admitted records for so long: a hospital admits one shard
        after another, and none while a round is open.
    watch
        Who follows the turns; nobody if None.
    """

    def __init__(
        self,
        coordinator: Coordinator,
        final_rounds: int | None = None,
        least_members: int | None = None,
        quiet_seconds: float = 0.0,
        watch: Watch | None = None,
    ) -> None:
        self._coordinator = coordinator
        self._registry = coordinator.registry
        self._ground = coordinator.ground
        self._wanted = final_rounds
        self._least = least_members
        self._admissions = _Admissions(quiet_seconds)
        self._watch = watch
        self._steps = StepCount()
        self._final = FinalRounds(coordinator.registry)
        self._cards = CardTurns(coordinator)

    def take(self) -> Turn:
        """Do what the aggregator owes now; raises as `zkfl.turns.take_turn`."""
        turn = take_turn(self._registry, self._look, _REFUSALS, self._watch, self._steps)
        return self._cards.warn(turn)

    def is_finished(self) -> bool:
        """Tell whether as many rounds are final as were wanted, with their cards."""
        return self._final.reached(self._wanted) and not self._cards.is_owed()

    def _look(self) -> Look:
        round_id = self._registry.current_round()
        state = self._registry.round(round_id)
        if not state.status.in_progress:
            return self._between(round_id)
        look = self._in_round(round_id, state)
        if look.taken is not None:
            return look
        moved = move_late_round(self._registry, self._ground, round_id, state)
        return moved or self._cards.publish() or look

    # --- between rounds ---

    def _between(self, round_id: int) -> Look:
        published = self._cards.publish()
        if published is not None:
            return published
        missing = lacking_to_train(self._registry, self._ground)
        if self._final.reached(self._wanted):
            self._cards.require_hope()
            return Look(None, f"nothing: {self._final.count()} rounds are final", missing)
        unready = self._unready()
        if unready is not None:
            return Look(None, unready, missing)
        return self._opened(round_id, missing)

    def _unready(self) -> str | None:
        """Return what the next round waits for, None for nothing."""
        registry = self._registry
        found = {address: registry.member_of(address) for address in registry.members()}
        active = {address: member for address, member in found.items() if member.active}
        idle = [address for address, member in active.items() if not _is_ready(member)]
        records = {address: member.records for address, member in active.items()}
        quiet = self._admissions.are_over(records)
        if len(active) - len(idle) < (len(active) if self._least is None else self._least):
            return f"{hospital_names(registry, idle)} to announce a mask key and to admit records"
        return None if quiet else "hospitals that admit records now"

    def _opened(self, round_id: int, missing: frozenset[bytes]) -> Look:
        try:
            opened, _ = self._coordinator.open_round()
        except ContractRevertError as error:
            waits_for = self._reason_to_wait(error)
            if waits_for is None:
                raise
            return Look(None, f"{waits_for}, before round {round_id + 1}", missing)
        return Look(f"round {opened} opened")

    def _reason_to_wait(self, error: ContractRevertError) -> str | None:
        values = error.values
        if error.name == "NoEncryptionContext":
            return "the key holder to announce the encryption context"
        if error.name == "TooFewMembers":
            return f"{values['minimum']} hospitals that can take part ({values['cohort']} can)"
        if error.name == "BenefitMissing":
            name = hospital_name(self._registry, str(values["member"]))
            return f"{name} to prove its benefit"
        return None

    # --- in a round ---

    def _in_round(self, round_id: int, state: Round) -> Look:
        if state.status is RoundStatus.OPEN:
            return self._open(round_id, state)
        if is_late(self._registry, state):
            return Look(None, f"round {round_id} to be moved on: its deadline has passed")
        if state.status is RoundStatus.CLOSED:
            return self._closed(round_id, state)
        if state.status is RoundStatus.PUBLISHED:
            return Look(None, f"hospitals to acknowledge the model of round {round_id}")
        return self._answered(round_id, state)

    def _open(self, round_id: int, state: Round) -> Look:
        cohort = self._registry.cohort(round_id)
        if state.submissions == len(cohort):
            self._coordinator.close_round(round_id)
            return Look(f"round {round_id} closed")
        parts = {member: self._registry.participation(round_id, member) for member in cohort}
        late = [member for member, part in parts.items() if not part.submitted]
        names = hospital_names(self._registry, late)
        missing = lacking_to_train(self._registry, self._ground)
        return Look(None, f"{names} to submit to round {round_id}", missing)

    def _closed(self, round_id: int, state: Round) -> Look:
        if state.sum_hash != UNSTATED:
            return self._published(round_id, state)
        if state.encrypted_sum_hash != UNSTATED:
            return Look(None, f"the key holder to open the sum of round {round_id}")
        missing = lacking_to_sum(self._registry, self._ground, round_id)
        if missing:
            return Look(None, f"{len(missing)} files of round {round_id}", missing)
        self._coordinator.announce_sum(round_id)
        return Look(f"sum announced (round {round_id})")

    def _published(self, round_id: int, state: Round) -> Look:
        store = self._ground.store
        model = lacking_models(self._registry, store, [self._registry.model_hash()])
        missing = model | lacking(store, [state.sum_hash])
        if missing:
            return Look(None, f"{len(missing)} files of round {round_id}", missing)
        self._coordinator.publish_model(round_id)
        return Look(f"model published (round {round_id})")

    def _answered(self, round_id: int, state: Round) -> Look:
        """Show the model once everybody has revealed; wait for answers until then."""
        cohort = self._registry.cohort(round_id)
        if state.status is RoundStatus.REVEALING and state.answers == len(cohort):
            shown = show_known_model(self._registry, self._ground, round_id, state)
            if shown is not None:
                return shown
        asked = "reveal their updates" if state.status is RoundStatus.REVEALING else "split masks"
        return Look(None, f"hospitals to {asked} in round {round_id}")


class _Admissions:
    """Watches admitted records, to tell when nobody has admitted any for a while."""

    def __init__(self, quiet_seconds: float) -> None:
        self._quiet_seconds = quiet_seconds
        self._seen: dict[str, int] = {}
        self._since = -math.inf

    def are_over(self, records: dict[str, int]) -> bool:
        """Tell whether admitted records by member have been the same for long enough."""
        now = time.monotonic()
        if records != self._seen:
            self._seen, self._since = records, now
        return now - self._since >= self._quiet_seconds


def _is_ready(member: Member) -> bool:
    return member.mask_key != UNSTATED and member.records > 0
