"""A hospital's turns: everything that the chain asks of it, and what anybody owes a stuck round."""

import hashlib

from zkfl.chain.registry_abi import registry_abi
from zkfl.chain.roles import Role, Roles
from zkfl.chain.states import UNSTATED, Participation, Round, RoundStatus, WeightRule
from zkfl.final_rounds import FinalRounds
from zkfl.late_round import is_late, move_late_round
from zkfl.least_records import TooFewRecordsError
from zkfl.masks import MaskError
from zkfl.member_names import hospital_names
from zkfl.model_vector import model_hash_before
from zkfl.needed_artifacts import lacking, lacking_models, lacking_to_sum, lacking_to_train
from zkfl.node.benefit import BenefitError
from zkfl.node.errors import ChainChangedError, OvertakenError, SitOutError
from zkfl.node.held_out_home import HeldOutRecordsError
from zkfl.node.hospital import HospitalNode
from zkfl.node.key_holder import (
    SumRefusedError,
    acknowledge_encryption_context,
    announce_encryption_context,
)
from zkfl.node.key_store import load_mask_key
from zkfl.node.known_disputes import UnknownDisputeError
from zkfl.node.model_testing import ModelTester, ModelTestingError, StuckShardError
from zkfl.node.pinned_keys import PinnedKeyError
from zkfl.node.proof_checks import ChallengeTooLateError, ProofDisputedError
from zkfl.node.round_journal import RoundChangedError
from zkfl.node.signed_statements import UnsignedKeyError
from zkfl.node.training import UpdateMismatchError
from zkfl.posted_proofs import ProofNotShownError
from zkfl.turns import FAULTS_OF_OTHERS, Look, Refusals, StepCount, Turn, Watch, take_turn

_REFUSALS = Refusals(
    of_others=(
        *FAULTS_OF_OTHERS,
        ChallengeTooLateError,
        MaskError,
        PinnedKeyError,
        ProofDisputedError,
        ProofNotShownError,
        RoundChangedError,
        SumRefusedError,
        UnknownDisputeError,
        UnsignedKeyError,
    ),
    of_operator=(
        BenefitError,
        ChainChangedError,
        HeldOutRecordsError,
        ModelTestingError,
        SitOutError,
        StuckShardError,
        TooFewRecordsError,
        UpdateMismatchError,
    ),
    passing=(OvertakenError,),
)
"""A node acts on none of these; it goes on with what else it owes, and with the next round."""


class HospitalTurns:
    """Takes a hospital's steps as the chain asks for them, the key holder's among them.

    Parameters
    ----------
    node
        The hospital.
    final_rounds
        `is_finished` once so many rounds are final, counted from the consortium's first; None for
        never.
    watch
        Who follows the turns; nobody if None.
    """

    def __init__(
        self, node: HospitalNode, final_rounds: int | None = None, watch: Watch | None = None
    ) -> None:
        self._node = node
        self._registry = node.registry
        self._ground = node.ground
        self._wanted = final_rounds
        self._watch = watch
        self._steps = StepCount()
        self._tester = ModelTester(node) if node.ground.metrics else None
        self._final = FinalRounds(node.registry)
        self._roles = Roles(node.registry.client, node.registry.address, registry_abi())

    def take(self) -> Turn:
        """Do what the hospital owes now; raises as `zkfl.turns.take_turn`."""
        return take_turn(self._registry, self._look, _REFUSALS, self._watch, self._steps)

    def is_finished(self) -> bool:
        """Tell whether as many rounds are final as were wanted."""
        return self._final.reached(self._wanted)

    def _look(self) -> Look:
        member = self._registry.member_of(self._node.address)
        if not member.active:
            why = f"excluded ({member.blame.name})" if member.blame else "no active member"
            return Look(None, f"the consortium: {self._node.address} is {why}")
        round_id = self._registry.current_round()
        state = self._registry.round(round_id)
        if not state.status.in_progress:
            return self._between(round_id)
        try:
            look = self._in_round(round_id, state)
        except _REFUSALS.waited_on:
            moved = move_late_round(self._registry, self._ground, round_id, state)
            if moved is None:
                raise
            return moved
        if look.taken is not None:
            return look
        moved = move_late_round(self._registry, self._ground, round_id, state)
        return moved or self._tested() or look

    # --- between rounds ---

    def _between(self, round_id: int) -> Look:
        look = self._introduced() or self._benefit_proven() or self._tested()
        if look is not None:
            return look
        missing = lacking_to_train(self._registry, self._ground)
        return Look(None, f"the aggregator to open round {round_id + 1}", missing)

    def _introduced(self) -> Look | None:
        """Announce keys and admit records; None if the chain has them."""
        announced = self._registry.member_of(self._node.address).mask_key
        if announced not in {UNSTATED, load_mask_key(self._node.home).public_bytes()}:
            # one that differs is changed by people only: this folder's file may not be the node's
            return Look(
                None,
                f"its operator: the chain holds the mask key {announced.hex()} of this member, and "
                "the folder another; restore the folder's latest copy, or change the key (zkfl "
                "rotate-mask-key)",
            )
        if self._node.announce_mask_key() is not None:
            return Look("mask key announced")
        look = self._context_announced()
        if look is not None or not self._node.owes_admission():
            return look
        admitted = len(self._node.admit())
        return Look(f"{admitted} shards admitted") if admitted else None

    def _context_announced(self) -> Look | None:
        """As a key holder: announce the context, store it again, or state that one has its key."""
        home, store = self._node.home, self._ground.store
        if not home.he_public.exists() or not self._is_key_holder():
            return None
        announced = self._registry.encryption_context()
        # one that differs is changed by people only: nodes know the one before
        if announced not in {UNSTATED, hashlib.sha256(home.he_public.read_bytes()).digest()}:
            return None
        if not store.holds(announced):
            announce_encryption_context(home, self._registry, store)
            return Look("encryption context announced")
        done = acknowledge_encryption_context(home, self._registry, self._ground.scheme)
        return Look("encryption context acknowledged") if done else None

    def _is_key_holder(self) -> bool:
        holds_key = self._node.home.he_secret.exists()
        return holds_key and self._roles.holds(Role.KEY_HOLDER, self._node.address)

    def _benefit_proven(self) -> Look | None:
        """Prove the benefit of the last final round, where the rule wants it and time is left."""
        registry, address, last = self._registry, self._node.address, self._registry.final_round()
        if not last or registry.config().weight_rule is not WeightRule.BENEFIT:
            return None
        state = registry.round(last)
        if address not in registry.cohort(last) or is_late(registry, state):
            return None
        if registry.benefit_of(last, address).proven:
            return None
        models = [model_hash_before(registry, last), state.model_hash]
        missing = lacking_models(registry, self._ground.store, models)
        if missing:
            return Look(None, f"models to prove the benefit of round {last}", missing)
        self._node.prove_benefit(last)
        return Look(f"benefit proven (round {last})")

    def _tested(self) -> Look | None:
        """Admit a test shard, or prove the last final model's counts on one; None if none is owed.

        A round that goes on meanwhile does not wait for it: what the node owes that comes first,
        and a look takes one proof at most.
        """
        tester, last = self._tester, self._registry.final_round()
        if tester is None or not tester.is_open():
            return None
        if tester.owes_admission():
            return Look(f"test shard {tester.admit_next()} admitted")
        if not last or not tester.provable(last):
            return None
        if lacking_models(self._registry, self._ground.store, [self._registry.model_hash()]):
            return None
        return Look(f"metrics on test shard {tester.prove_next(last)} proven (round {last})")

    # --- in a round ---

    def _in_round(self, round_id: int, state: Round) -> Look:
        challenged = self._node.check_proofs(round_id)
        if challenged:
            names = hospital_names(self._registry, challenged)
            return Look(f"invalid proof of {names} challenged (round {round_id})")
        if is_late(self._registry, state):
            return Look(None, f"round {round_id} to be moved on: its deadline has passed")
        if state.status is RoundStatus.CLOSED:
            return self._sum_opened(round_id, state)
        return self._in_cohort(round_id, state)

    def _in_cohort(self, round_id: int, state: Round) -> Look:
        part = self._registry.participation(round_id, self._node.address)
        if part.weight == 0:
            return Look(None, f"the end of round {round_id}, in which it takes no part")
        if state.status is RoundStatus.OPEN:
            return self._submitted(round_id, state, part)
        if state.status is RoundStatus.PUBLISHED:
            return self._acknowledged(round_id, state, part)
        return self._answered(round_id, state, part)

    def _submitted(self, round_id: int, state: Round, part: Participation) -> Look:
        if part.submitted:
            return Look(None, f"others to submit to round {round_id}, and its close")
        missing = lacking(self._ground.store, [state.encryption_context])
        if state.attempt == 1:
            missing |= lacking_to_train(self._registry, self._ground)
        if missing:
            return Look(None, f"{len(missing)} files for round {round_id}", missing)
        if state.attempt > 1:
            self._node.remask(round_id)
            return Look(f"update masked again (round {round_id}, attempt {state.attempt})")
        self._node.submit(round_id)
        return Look(f"update submitted (round {round_id})")

    def _sum_opened(self, round_id: int, state: Round) -> Look:
        """As the key holder: open the announced sum, or refuse it."""
        if state.sum_hash != UNSTATED:
            return Look(None, f"the aggregator to publish the model of round {round_id}")
        if state.encrypted_sum_hash == UNSTATED:
            return Look(None, f"the aggregator to announce the sum of round {round_id}")
        if not self._is_key_holder():
            return Look(None, f"the key holder to open the sum of round {round_id}")
        store = self._ground.store
        missing = lacking_to_sum(self._registry, self._ground, round_id)
        missing |= lacking_models(self._registry, store, [self._registry.model_hash()])
        if missing:
            return Look(None, f"{len(missing)} files of round {round_id}", missing)
        self._node.open_sum(round_id)
        opened = self._registry.round(round_id).status is RoundStatus.CLOSED
        return Look(f"sum {'opened' if opened else 'refused'} (round {round_id})")

    def _acknowledged(self, round_id: int, state: Round, part: Participation) -> Look:
        if part.acknowledged != UNSTATED:
            return Look(None, f"others to acknowledge the model of round {round_id}")
        if self._registry.challenge_deadline(round_id) >= self._registry.client.block_timestamp():
            return Look(
                None, f"the end of the time in which proofs of round {round_id} can be challenged"
            )
        missing = lacking_models(self._registry, self._ground.store, [state.model_hash])
        if missing:
            return Look(None, f"the model of round {round_id}", missing)
        self._node.acknowledge(round_id)
        return Look(f"model acknowledged (round {round_id})")

    def _answered(self, round_id: int, state: Round, part: Participation) -> Look:
        if part.answered:
            return Look(None, f"others to answer in round {round_id}")
        if state.status is RoundStatus.DISPUTED:
            self._node.split_mask(round_id)
            return Look(f"mask split (round {round_id}, attempt {state.attempt})")
        self._node.reveal(round_id)
        return Look(f"masked update revealed (round {round_id})")
