"""What one proof of training costs, by model and by the records of a step."""

from collections.abc import Iterator

from bench.batches import BATCHES
from bench.circuits import REPEATS
from bench.definitions import definition_of
from bench.proof_costs import proof_costs
from zkfl.zk_circuits.instances import instance_names

QUICK = ("tiny",)
KIND = "training"


def measure(*, quick: bool) -> Iterator[dict[str, object]]:
    """Measure every instance and every batch; ``quick`` takes only ``tiny``, once."""
    for name in QUICK if quick else ordered_names():
        said = {
            "model": BATCHES[name].instance if name in BATCHES else name,
            "can_be_chosen": name not in BATCHES,
        }
        yield said | proof_costs(name, KIND, 1 if quick else REPEATS)


def ordered_names() -> list[str]:
    """Return instances and batches, those of one model together, small batches first."""
    models = list(instance_names())
    places = {name: (models.index(name), definition_of(name, KIND).spec.slots) for name in models}
    places |= {name: (models.index(batch.instance), batch.slots) for name, batch in BATCHES.items()}
    return sorted(places, key=lambda name: places[name])
