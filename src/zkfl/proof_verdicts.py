"""What is to be said of every proof that a consortium's chain took: checked anew, twice.

Once with EZKL in a process of its own, once by the deployed verifier through the router; and each
proof's points are compared with what the chain says that it is about.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from zkfl.chain.router import Router
from zkfl.common_ground import Circuits
from zkfl.errors import ZkflError
from zkfl.stated_proofs import StatedProof
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.proof_check import valid_proofs
from zkfl.zk_circuits.prover import InvalidProofError, read_points

_BATCH = 16
"""Proofs of one verifying process: starting it takes longer than a hundred of them."""
_FREE = frozenset({"secrets"})
"""Points of what only the prover knows: the chain names none."""
ProgressCallback = Callable[[int, int], None]
"""Gets the checks done and the checks in all."""


class ProofAuditError(ZkflError):
    """Not every proof of a consortium holds."""


class ProofMissingError(ProofAuditError):
    """A proof that the chain says it took is nowhere to be seen."""


class ProofLinksError(ProofAuditError):
    """A proof is about something else than the chain says."""


class ProofInvalidError(ProofAuditError):
    """A proof does not verify."""


class VerifiersDisagreeError(ProofAuditError):
    """One verifier accepts a proof that the other refuses."""


@dataclass(frozen=True)
class ProofVerdict:
    """What is to be said of one proof.

    Attributes
    ----------
    proof
        Which.
    native
        Whether EZKL accepts it; None if it is not shown.
    refusal
        Name of the router's error; empty where it accepts the proof; None if it is not shown. Of
        the circuit of metrics, where it was removed, its verifier's: that one took the proof.
    wrong
        Names of the points that are not the chain's.
    """

    proof: StatedProof
    native: bool | None = None
    refusal: str | None = None
    wrong: tuple[str, ...] = ()

    @property
    def fault(self) -> ProofAuditError | None:
        """What is wrong, None if nothing is.

        An invalid proof that was challenged does no harm, unless a model counts on it: that is
        for `zkfl.proof_coverage` to say.
        """
        who = f"the {self.proof.circuit} proof of {self.proof.member} {_place(self.proof)}"
        if self.native is None:
            return ProofMissingError(
                f"{who} cannot be checked: {self.proof.problem}. Ask an endpoint that keeps whole "
                "transactions"
            )
        if self.native != (self.refusal == ""):
            ours, theirs = _said(self.native), self.refusal or "accepts it"
            return VerifiersDisagreeError(
                f"EZKL {ours} {who}, and the router says {theirs}: build the circuits anew, and "
                "if that changes nothing, have the guardian pause"
            )
        if self.proof.closed_with:
            return ProofInvalidError(
                f"{who} is shown as challenged, and its round as closed with its member all the "
                "same: no chain does both, so the endpoint lies; ask another one"
            )
        if self.native == self.proof.challenged:
            return _invalid(who, challenged=self.proof.challenged)
        if self.wrong:
            return ProofLinksError(
                f"{who} commits to another {', '.join(self.wrong)} than the chain says: the "
                "contract takes no such proof, so the endpoint lies; ask another one"
            )
        return None


def _place(proof: StatedProof) -> str:
    return f"in round {proof.round_id}" if proof.round_id else f"of shard {proof.shard}"


def _said(accepted: bool) -> str:  # noqa: FBT001 - a verdict, not a switch
    return "accepts" if accepted else "refuses"


def _invalid(who: str, *, challenged: bool) -> ProofInvalidError:
    if challenged:
        return ProofInvalidError(
            f"{who} is valid here, and the chain excluded its member for it: ask another endpoint"
        )
    return ProofInvalidError(
        f"{who} is invalid: nobody proved what it says. Challenge it while that is possible (zkfl "
        "challenge); if its round is final, its model holds what nobody proved"
    )


def check_proofs(
    proofs: Sequence[StatedProof],
    circuits: Circuits,
    router: Router,
    on_progress: ProgressCallback | None = None,
) -> list[ProofVerdict]:
    """Check proofs with EZKL and on chain, and what they are about.

    Parameters
    ----------
    proofs
        As `zkfl.stated_proofs.read_proofs` found them.
    circuits
        The consortium's, as built here.
    router
        On whose routes the consortium stands; its code must have been compared before.

    Returns
    -------
    list[ProofVerdict]
        In the order of the proofs.

    Raises
    ------
    ProverError
        A file of a circuit is missing here.
    RpcError
        The endpoint is not in order.
    """
    return _Checks(circuits, router, on_progress or (lambda _done, _all: None)).run(proofs)


class _Checks:
    def __init__(self, circuits: Circuits, router: Router, on_progress: ProgressCallback) -> None:
        self._circuits = {name: built for name, built in vars(circuits).items() if built}
        self._router = router
        self._on_progress = on_progress

    def run(self, proofs: Sequence[StatedProof]) -> list[ProofVerdict]:
        """Check natively by circuit, since a process loads one key; then one by one on chain."""
        self._done, self._all = 0, 2 * sum(proof.data is not None for proof in proofs)
        native: dict[int, bool] = {}
        for name, circuit in self._circuits.items():
            places = [i for i, p in enumerate(proofs) if p.circuit == name and p.data is not None]
            native |= self._native(circuit, proofs, places)
        return [self._verdict(proof, native.get(place)) for place, proof in enumerate(proofs)]

    def _native(
        self, circuit: BuiltCircuit, proofs: Sequence[StatedProof], places: Sequence[int]
    ) -> dict[int, bool]:
        told: dict[int, bool] = {}
        for start in range(0, len(places), _BATCH):
            batch = places[start : start + _BATCH]
            valid = valid_proofs(circuit, [proofs[place].data or b"" for place in batch])
            told |= dict(zip(batch, valid, strict=True))
            self._report(len(batch))
        return told

    def _verdict(self, proof: StatedProof, native: bool | None) -> ProofVerdict:  # noqa: FBT001
        circuit = self._circuits.get(proof.circuit)
        if proof.data is None or circuit is None:
            return ProofVerdict(proof)
        removable = proof.circuit == "evaluation"
        named = circuit.manifest.manifest_hash()
        refusal = self._router.refusal_of(named, proof.data, removable=removable)
        self._report(1)
        return ProofVerdict(proof, native, refusal, _wrong_points(circuit, proof, proof.data))

    def _report(self, checks: int) -> None:
        self._done += checks
        self._on_progress(self._done, self._all)


def _wrong_points(circuit: BuiltCircuit, proof: StatedProof, data: bytes) -> tuple[str, ...]:
    """Name the points that are none of those that the chain allows."""
    try:
        points = read_points(circuit.definition, data)
    except InvalidProofError:
        return ("everything",)
    return tuple(
        name
        for name, point in points.items()
        if name not in _FREE and point not in proof.allowed.get(name, frozenset())
    )
