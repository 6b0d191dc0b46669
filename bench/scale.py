"""Up to a hundred hospitals in Flower's simulation: what grows with them, and how.

Each is a virtual node with mask key, records and training step of its own; commitments, masks and
ciphertexts are real, a few of them prove, and the server adds, opens and checks every sum against
the commitments. There is no chain here: `rounds` and `gas` say what that costs.
"""

import logging
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

import zkfl.flower  # noqa: F401 - its switches, before Flower is imported
from bench.child import measure_in_child
from bench.clock import Seconds, columns, median_of, timed
from bench.tree_memory import tree_peak
from bench.virtual_hospital import SCHEME, Task, address_of, contribute, ground
from zkfl.commitments import combine, masks_cancel
from zkfl.curve import G1Point
from zkfl.encryption import scheme_named
from zkfl.limbs import MAX_SUMMANDS
from zkfl.masks import MaskKey
from zkfl.next_model import next_model

INSTANCE, QUICK_INSTANCE = "wdbc", "tiny"
HOSPITALS, QUICK_HOSPITALS = (10, 30, 64, 100), (4,)
PROVING = 3
"""Hospitals of each cohort that prove their step, the others only take it."""
_WHOLE = 1 << 16
_STEPS = ("train", "mask", "commit", "encrypt", "prove")
_SERVER_STEPS = ("add", "decrypt", "open")
_DIGITS = 4


class ScaleError(RuntimeError):
    """A virtual hospital failed, or what they made does not fit together."""


def measure(*, quick: bool) -> Iterable[dict[str, object]]:
    """Measure federations of 10, 30, 64 and 100 hospitals; ``quick`` takes 4, of tiny circuits."""
    instance = QUICK_INSTANCE if quick else INSTANCE
    for hospitals in QUICK_HOSPITALS if quick else HOSPITALS:
        print(f"  {hospitals} hospitals …", file=sys.stderr, flush=True)
        yield measure_in_child(run, instance, hospitals)


def run(instance: str, hospitals: int) -> dict[str, object]:
    """Take every hospital through one step, in as few cohorts as the limbs allow."""
    from flwr.simulation import run_simulation  # noqa: PLC0415 - brings Ray, for this part alone

    ground(instance)
    found: dict[str, object] = {}
    backend = {"client_resources": {"num_cpus": 1, "num_gpus": 0.0}}
    logging.getLogger("flwr").setLevel(logging.WARNING)
    with tree_peak() as peak:
        run_simulation(
            _server(instance, hospitals, found.update),
            _client(),
            num_supernodes=hospitals,
            backend_config={"init_args": {"log_to_driver": False}, **backend},
        )
    if not found:
        raise ScaleError(f"the simulation of {hospitals} hospitals gave no result: see its log")
    return {"hospitals": hospitals, **found, "peak_MB": peak.bytes // 1_000_000}


def _client() -> Any:  # noqa: ANN401 - a ClientApp; Flower is imported late
    from flwr.app import ConfigRecord, Context, Message, MetricRecord, RecordDict  # noqa: PLC0415
    from flwr.clientapp import ClientApp  # noqa: PLC0415

    app = ClientApp()

    @app.query("key")
    def show_key(message: Message, context: Context) -> Message:
        key = MaskKey.generate()
        context.state["mask"] = ConfigRecord({"key": key.private_bytes()})
        place = int(context.node_config["partition-id"])
        answer = ConfigRecord({"place": place, "key": key.public_bytes()})
        return Message(RecordDict({"answer": answer}), reply_to=message)

    @app.train("step")
    def take_step(message: Message, context: Context) -> Message:
        key = MaskKey.from_bytes(bytes(context.state["mask"]["key"]))
        asked: Any = message.content["task"]
        task = Task(
            asked["instance"],
            asked["place"],
            dict(message.content["cohort"]),
            asked["weight"],
            asked["context"],
            asked["proves"],
        )
        made = contribute(key, task)
        answer = ConfigRecord(
            {
                "update": _packed(made.update),
                "mask": _packed(made.mask),
                "ciphertext": made.ciphertext,
                "proof": made.proof,
            }
        )
        seconds: dict[str, int | float | list[int] | list[float]] = {
            step: list(value) for step, value in made.seconds.items()
        }
        content = RecordDict({"answer": answer, "seconds": MetricRecord(seconds)})
        return Message(content, reply_to=message)

    return app


def _server(instance: str, hospitals: int, keep: Callable[[dict[str, object]], None]) -> Any:  # noqa: ANN401 - a ServerApp
    from flwr.app import Context  # noqa: PLC0415
    from flwr.serverapp import Grid, ServerApp  # noqa: PLC0415

    app = ServerApp()

    @app.main()
    def main(grid: Grid, _: Context) -> None:
        keep(_Federation(grid, instance, hospitals).run())

    return app


class _Federation:
    """The server's side: keys, cohorts, and the check of every sum."""

    def __init__(self, grid: Any, instance: str, hospitals: int) -> None:  # noqa: ANN401 - a Grid
        self._grid = grid
        self._instance = instance
        self._hospitals = hospitals
        self._scheme = scheme_named(SCHEME)
        self._secret, self._public = self._scheme.generate()
        self._seconds: dict[str, list[Seconds]] = {step: [] for step in (*_STEPS, *_SERVER_STEPS)}
        self._bytes = 0

    def run(self) -> dict[str, object]:
        began = time.perf_counter()
        nodes = self._keys()
        cohorts = -(-self._hospitals // MAX_SUMMANDS)
        places = sorted(nodes)
        for number in range(cohorts):
            self._round({place: nodes[place] for place in places[number::cohorts]})
        seconds = time.perf_counter() - began
        return {
            "cohorts": cohorts,
            "seconds": round(seconds, 1),
            "hospitals_a_second": round(self._hospitals / seconds, 2),
            "received_MB": round(self._bytes / 1e6, 1),
            **{
                name: value
                for step, seconds in self._seconds.items()
                for name, value in columns(step, median_of(seconds), _DIGITS).items()
            },
            "load": round(os.getloadavg()[0], 1),
        }

    def _keys(self) -> dict[int, tuple[int, bytes]]:
        """Return node and mask key of every place."""
        from flwr.app import RecordDict  # noqa: PLC0415

        nodes = list(self._grid.get_node_ids())
        while len(nodes) < self._hospitals:
            time.sleep(0.1)
            nodes = list(self._grid.get_node_ids())
        answers = self._ask("query.key", {node: RecordDict({}) for node in nodes})
        return {
            answer["answer"]["place"]: (node, answer["answer"]["key"])
            for node, answer in answers.items()
        }

    def _round(self, cohort: dict[int, tuple[int, bytes]]) -> None:
        from flwr.app import ConfigRecord, RecordDict  # noqa: PLC0415

        keys = ConfigRecord({address_of(place): key for place, (_, key) in cohort.items()})
        proving = set(sorted(cohort, key=lambda _: secrets.randbits(32))[:PROVING])
        tasks = {}
        for place, (node, _) in cohort.items():
            task = ConfigRecord(
                {
                    "instance": self._instance,
                    "place": place,
                    "weight": _WHOLE // len(cohort),
                    "context": self._public,
                    "proves": place in proving,
                }
            )
            tasks[node] = RecordDict({"task": task, "cohort": keys})
        answers = list(self._ask("train.step", tasks).values())
        self._check(answers, _WHOLE // len(cohort))

    def _check(self, answers: list[Any], weight: int) -> None:
        """Add what came, open the sum, and compare it with the commitments."""
        circuit, committer = ground(self._instance)
        length, parts = circuit.definition.spec.model_length, [one["answer"] for one in answers]
        for answer in answers:
            for step, value in answer["seconds"].items():
                self._seconds[step].append(Seconds(*value))
        self._bytes += sum(len(part["ciphertext"]) + len(part["proof"]) for part in parts)
        if not masks_cancel((_point(part["mask"]) for part in parts), committer.zero):
            raise ScaleError("the masks do not cancel")
        ciphertexts = [part["ciphertext"] for part in parts]
        total = self._time("add", lambda: self._scheme.add(self._public, ciphertexts, length))
        summed = self._time("decrypt", lambda: self._scheme.decrypt(self._secret, total, length))
        updates = [_point(part["update"]) for part in parts]
        proven = combine(committer.zero, [weight] * len(parts), updates, committer.zero)
        self._time("open", lambda: next_model([0] * length, summed, committer, proven))

    def _ask(self, kind: str, contents: dict[int, Any]) -> dict[int, Any]:
        """Return every node's answer."""
        from flwr.app import Message  # noqa: PLC0415

        asked = [Message(content, node, kind) for node, content in contents.items()]
        answers = {}
        for reply in self._grid.send_and_receive(asked):
            if reply.has_error():
                raise ScaleError(f"a virtual hospital failed: {reply.error.reason}")
            answers[reply.metadata.src_node_id] = reply.content
        if len(answers) != len(contents):
            raise ScaleError(f"{len(answers)} of {len(contents)} virtual hospitals answered")
        return answers

    def _time(self, step: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - what it returns
        seconds, value = timed(work)
        self._seconds[step].append(seconds)
        return value


def _packed(point: G1Point) -> bytes:
    return b"".join(coordinate.to_bytes(32, "big") for coordinate in point)


def _point(data: bytes) -> G1Point:
    return G1Point(int.from_bytes(data[:32], "big"), int.from_bytes(data[32:], "big"))
