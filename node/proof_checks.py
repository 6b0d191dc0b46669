"""A party's own look at every proof of a round, where proofs are posted and not verified."""

from collections.abc import Callable, Sequence

from zkfl.chain.errors import ContractRevertError
from zkfl.chain.protocol import training_context
from zkfl.chain.registry import Registry
from zkfl.chain.states import Round
from zkfl.common_ground import CommonGround
from zkfl.curve import multiply, subtract, total
from zkfl.errors import ZkflError
from zkfl.posted_proofs import PostedProof, ProofNotShownError, posted_proofs
from zkfl.zk_circuits.layout import pack_public
from zkfl.zk_circuits.proof_check import valid_proofs
from zkfl.zk_circuits.prover import InvalidProofError, read_points

_SETTLED = frozenset({"WrongRoundStatus", "NotInCohort"})
"""Somebody else challenged first."""
StepCallback = Callable[[str], None]
_Known = tuple[int, str, bytes]
"""Round, member and hash of a proof that was checked."""


class ProofDisputedError(ZkflError):
    """A proof that the chain finds valid does not verify here."""


class ChallengeTooLateError(ZkflError):
    """A round ended with a proof that is invalid."""


class ProofChecks:
    """Checks posted proofs with EZKL, each once, and challenges those that are invalid.

    Parameters
    ----------
    registry
        Over a client that signs with the party's chain key, which pays for challenges.
    ground
        What every party uses alike.
    on_step
        Progress.
    """

    def __init__(
        self, registry: Registry, ground: CommonGround, on_step: StepCallback | None = None
    ) -> None:
        self._registry = registry
        self._ground = ground
        self._on_step = on_step or (lambda _: None)
        self._valid: set[_Known] = set()
        self._disputed: set[_Known] = set()

    def challenge_invalid(self, round_id: int) -> list[str]:
        """Check every posted proof of the cohort; return the members that were challenged.

        Raises
        ------
        ProofNotShownError
            The endpoint hides a proof, or shows one of something else.
        ProofDisputedError
            The chain finds a proof valid that this party finds invalid, and there is nothing to
            challenge beside it.
        ChallengeTooLateError
            The round has ended.
        ProverError
            Nothing can be checked here.
        ChainError
            A challenge could not be sent.
        """
        state = self._registry.round(round_id)
        posted = posted_proofs(self._registry, round_id)
        self._require_whole(round_id, state, posted)
        invalid = self._invalid(round_id, state, posted)
        if invalid and not state.status.in_progress:
            raise _too_late(round_id, state, invalid)
        challenged = [proof.member for proof in invalid if self._challenge(round_id, proof)]
        disputed = [p.member for p in posted if _known(round_id, p) in self._disputed]
        if disputed and not challenged:
            raise _disputed(", ".join(disputed))
        return challenged

    def _invalid(
        self, round_id: int, state: Round, posted: Sequence[PostedProof]
    ) -> list[PostedProof]:
        """Return the proofs that do not verify here, and of which the chain has not decided."""
        decided = self._valid | self._disputed
        proofs = [proof for proof in posted if _known(round_id, proof) not in decided]
        if not proofs:
            return []
        self._on_step(f"verifying {len(proofs)} proofs of others and its own")
        noise_bound = self._ground.noise_bound
        for proof in proofs:
            self._require_statement(round_id, state, proof, noise_bound)
        valid = valid_proofs(self._ground.circuits.training, [proof.data for proof in proofs])
        good = [proof for proof, holds in zip(proofs, valid, strict=True) if holds]
        self._valid.update(_known(round_id, proof) for proof in good)
        return [proof for proof in proofs if proof not in good]

    def _require_whole(self, round_id: int, state: Round, posted: Sequence[PostedProof]) -> None:
        """Check that C(G') is the sum over these proofs, so that no further one is hidden."""
        if not any(state.model_after):
            return
        zero = self._ground.committer.zero
        steps = [multiply(subtract(p.part.update, zero), p.part.weight) for p in posted]
        if total([state.model_before, *steps]) != state.model_after:
            raise ProofNotShownError(
                f"the {len(posted)} proofs that the endpoint shows of round {round_id} do not lead "
                "to its C(G'): it hides a member of the cohort or a proof; ask another one"
            )

    def _require_statement(
        self, round_id: int, state: Round, proof: PostedProof, noise_bound: int
    ) -> None:
        """Compare what a proof is about with what the chain says it is about.

        The contract refused everything else, so a difference is the endpoint's lie.
        """
        try:
            points = read_points(self._ground.circuits.training.definition, proof.data)
        except InvalidProofError as error:
            raise _of_something_else(proof.member, ("anything",)) from error
        registry, committer, part = self._registry, self._ground.committer, proof.part
        chain_id = registry.client.chain_id
        context = training_context(chain_id, registry.address, proof.member, round_id)
        expected = {
            "data": registry.shard_of(proof.member, part.shard_index).commitment,
            "model": state.model_before,
            "public": committer.commit(pack_public(noise_bound, context)),
            "update": part.update,
            "zeros": committer.zero,
        }
        if self._ground.spec.rate_bits:
            expected["rate"] = committer.commit([state.rate])
        wrong = [name for name, point in expected.items() if points[name] != tuple(point)]
        if wrong:
            raise _of_something_else(proof.member, wrong)

    def _challenge(self, round_id: int, proof: PostedProof) -> bool:
        """Challenge a proof; False if the chain finds it valid."""
        self._on_step(f"challenging the proof of {proof.member}")
        try:
            self._registry.challenge_update(round_id, proof.member, proof.data)
        except ContractRevertError as error:
            if error.name == "ProofIsValid":
                # kept, or every turn would verify it again
                self._disputed.add(_known(round_id, proof))
                return False
            if error.name not in _SETTLED:
                raise
        return True


def _known(round_id: int, proof: PostedProof) -> _Known:
    return round_id, proof.member, proof.digest


def _of_something_else(member: str, wrong: Sequence[str]) -> ProofNotShownError:
    return ProofNotShownError(
        f"the proof of {member} that the endpoint shows commits to another {', '.join(wrong)} than "
        "the chain's: the contract takes no such proof, so the endpoint lies; ask another one"
    )


def _too_late(round_id: int, state: Round, invalid: Sequence[PostedProof]) -> ChallengeTooLateError:
    members = ", ".join(proof.member for proof in invalid)
    return ChallengeTooLateError(
        f"{members} posted invalid proofs in round {round_id}, which is {state.status.name}: it is "
        "too late to challenge them. If the round is final, its model holds what nobody proved: "
        "have the guardian pause, and found the consortium anew from the model before"
    )


def _disputed(member: str) -> ProofDisputedError:
    return ProofDisputedError(
        f"EZKL refuses the proof of {member} here, and the contract's verifier accepts it: build "
        "the circuits anew, and if that changes nothing, have the guardian pause: one of the two "
        "verifiers is wrong. This party vouches for nothing until then"
    )
