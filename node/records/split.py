"""Splitting a table of records into training and test records, by patient.

Records of one patient resemble each other: with some of them on both sides, a model is praised for
recognising patients. So patients are split, not records. They are ordered by a keyed hash, and the
first ones of each stratum are tested on; who saw the labels cannot have chosen.
"""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from zkfl.node.records.errors import RecordsError

SPLIT_DOMAIN = b"zkfl.patient-split.v1\n"
"""What the keyed hash of the order is of, before the pseudonym."""
MAX_FRACTION = 0.5


@dataclass(frozen=True)
class Sides:
    """Who is on which side.

    Attributes
    ----------
    train, test : frozenset[str]
        Pseudonyms.
    """

    train: frozenset[str] = field(default_factory=frozenset)
    test: frozenset[str] = field(default_factory=frozenset)


def split_patients(
    patients: Sequence[str],
    labels: Sequence[str],
    fraction: float,
    key: bytes,
    earlier: Sides | None = None,
) -> Sides:
    """Split the patients of a table.

    Parameters
    ----------
    patients, labels
        Of each record. Patients with the same set of labels are one stratum, and each stratum
        gives ``round(fraction * its size)`` patients to the test side.
    fraction
        Share of patients on the test side, in ``(0, 0.5]``.
    key
        Of the hash; the site's key of pseudonyms.
    earlier
        Sides of an earlier split: who is in it stays where they are.

    Returns
    -------
    Sides
        Every patient of the table is on one of them.

    Raises
    ------
    RecordsError
        The fraction is out of range, the columns differ in length, or a side stays empty.
    """
    if not 0 < fraction <= MAX_FRACTION:
        raise RecordsError(f"test fraction {fraction} must lie in (0, {MAX_FRACTION}]")
    before = earlier or Sides()
    test: set[str] = set()
    for stratum in _strata(patients, labels).values():
        test |= _tested(stratum, fraction, key, before)
    sides = Sides(frozenset(patients) - test, frozenset(test))
    if not sides.train or not sides.test:
        raise RecordsError(
            f"{len(set(patients))} patient(s) leave a side empty at a test fraction of {fraction}"
        )
    return sides


def _strata(patients: Sequence[str], labels: Sequence[str]) -> Mapping[frozenset[str], list[str]]:
    of_patient: dict[str, set[str]] = defaultdict(set)
    if len(patients) != len(labels):
        raise RecordsError(f"{len(patients)} patients and {len(labels)} labels of records")
    for patient, label in zip(patients, labels, strict=True):
        of_patient[patient].add(label)
    strata: dict[frozenset[str], list[str]] = defaultdict(list)
    for patient, labels_of_patient in of_patient.items():
        strata[frozenset(labels_of_patient)].append(patient)
    return strata


def _tested(stratum: Sequence[str], fraction: float, key: bytes, before: Sides) -> set[str]:
    held = {patient for patient in stratum if patient in before.test}
    free = [patient for patient in stratum if patient not in before.test | before.train]
    wanted = max(round(fraction * len(stratum)) - len(held), 0)
    return held | set(sorted(free, key=lambda patient: _place(key, patient))[:wanted])


def _place(key: bytes, patient: str) -> bytes:
    return hmac.digest(key, SPLIT_DOMAIN + patient.encode(), hashlib.sha256)
