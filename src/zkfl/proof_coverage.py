"""Whether all that final models are made of is proven: each part by one proof that holds.

The proofs come from events, and so does what an event says of them. Here the question is asked from
the other end: the recomputed lineage names the parts, and each of them wants its proof.
"""

from collections.abc import Iterator, Sequence

from zkfl.curve import G1Point
from zkfl.lineage import FinalRound, Lineage
from zkfl.model_card import Contribution
from zkfl.proof_verdicts import ProofAuditError, ProofVerdict
from zkfl.signed_history import LineageError, point_of

_DATA, _BENEFIT_UPDATE, _TRAINING_UPDATE = 0, 0, 4


class UnprovenError(ProofAuditError):
    """A final model counts on something that no proof shows."""


def unproven(
    lineage: Lineage, verdicts: Sequence[ProofVerdict], round_id: int | None = None
) -> list[UnprovenError]:
    """Return what the lineage counts on and exactly one sound proof does not show.

    Parameters
    ----------
    lineage
        Recomputed from the same events as the proofs.
    verdicts
        Of all proofs; of those of a round, if one is chosen.
    round_id
        Only this round, the shards that it trained on and the benefit that was proven of it;
        None for all rounds and all shards, since shares follow from those as well.
    """
    return list(_Coverage(lineage, verdicts).missing(round_id))


class _Coverage:
    def __init__(self, lineage: Lineage, verdicts: Sequence[ProofVerdict]) -> None:
        self._lineage = lineage
        self._admissions: dict[tuple[int, int | None], list[ProofVerdict]] = {}
        self._others: dict[tuple[str, int, str], list[ProofVerdict]] = {}
        for verdict in verdicts:
            proof = verdict.proof
            if proof.circuit == "admission":
                place = (proof.hospital, proof.shard)
                self._admissions.setdefault(place, []).append(verdict)
            else:
                of = (proof.circuit, proof.round_id, proof.member)
                self._others.setdefault(of, []).append(verdict)

    def missing(self, round_id: int | None) -> Iterator[UnprovenError]:
        if round_id is None:
            for holding in self._lineage.holdings:
                for shard in range(len(holding.shards)):
                    yield from self._shard(holding.member_id, shard)
        for final in self._lineage.finals:
            if round_id in (None, final.card.round_id):
                yield from self._round(final, shards=round_id is not None)

    def _round(self, final: FinalRound, *, shards: bool) -> Iterator[UnprovenError]:
        number = final.card.round_id
        for part in final.card.contributions:
            if shards:
                yield from self._shard(self._lineage.accounts[part.member], part.shard)
            yield from self._one("training", number, part, _TRAINING_UPDATE)
            if part.member in final.levels:
                yield from self._one("benefit", number, part, _BENEFIT_UPDATE)

    def _one(
        self, circuit: str, number: int, part: Contribution, place: int
    ) -> Iterator[UnprovenError]:
        found = self._others.get((circuit, number, part.member), [])
        what = "update" if circuit == "training" else "benefit"
        yield from _unless_shown(
            found, place, part.update, f"the {what} of {part.member} in final round {number}"
        )

    def _shard(self, member_id: int, shard: int) -> Iterator[UnprovenError]:
        holding = self._lineage.holdings[member_id - 1]
        found = self._admissions.get((member_id, shard), [])
        what = f"shard {shard} of {holding.account}"
        yield from _unless_shown(found, _DATA, holding.shards[shard][0], what)


def _unless_shown(
    found: Sequence[ProofVerdict], place: int, point: G1Point, what: str
) -> Iterator[UnprovenError]:
    if len(found) != 1:
        yield UnprovenError(
            f"{what} counts, and the endpoint shows {len(found)} proofs of it where there is one: "
            "ask another endpoint"
        )
    elif not (_sound(found[0]) and _point(found[0], place) == point):
        yield UnprovenError(
            f"{what} counts, and the proof of it does not hold or is shown as challenged: models "
            "from there on hold what nobody proved, or the endpoint lies; ask another one"
        )


def _sound(verdict: ProofVerdict) -> bool:
    proved = verdict.native is True and verdict.refusal == "" and not verdict.wrong
    return proved and not verdict.proof.challenged


def _point(verdict: ProofVerdict, place: int) -> G1Point | None:
    try:
        return point_of(verdict.proof.data or b"", place, "")
    except LineageError:
        return None
