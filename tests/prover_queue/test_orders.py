"""What the queue takes from nodes and workers: messages of one form and size, and no other."""

import json
import time
from typing import Any

import pytest

from zkfl.drills.small_hospital import SmallHospital
from zkfl.prover_queue import server
from zkfl.prover_queue.errors import QueueRefusedError
from zkfl.prover_queue.messages import Order, Task, parsed

JOB = "/v1/jobs/" + "1" * 32
SECRET = "5ec7e7" * 8
ORDER: dict[str, Any] = {
    "format": "zkfl.proof-order.v1",
    "circuit": "admission-tiny",
    "manifest_hash": "0" * 64,
    "seconds": 600.0,
    "inputs": {"data": SECRET},
}


def encoded(**changes: object) -> bytes:
    return json.dumps(ORDER | changes).encode()


def taken(hospital: SmallHospital) -> Task:
    answer = hospital.connection("worker").ask("POST", "/v1/leases?wait=20")
    return parsed(Task, answer.body)


def test_an_order_comes_to_a_worker_as_it_was_given(running: SmallHospital) -> None:
    running.connection("node").ask("PUT", JOB, encoded())
    order = taken(running).order
    assert order.model_copy(update={"seconds": 600.0}) == Order.model_validate(ORDER)
    assert SECRET not in repr(order)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "json_invalid"),
        (b"\x00\xff garbage", "json_invalid"),
        (b"[]", "model_type"),
        (encoded()[:-20], "json_invalid"),
        (encoded(format="zkfl.proof-order.v2"), "literal_error"),
        (encoded(circuit="../../etc/" + SECRET), "string_pattern_mismatch"),
        (encoded(manifest_hash=SECRET), "string_pattern_mismatch"),
        (encoded(seconds=0), "greater_than"),
        (encoded(seconds=86_401), "less_than_equal"),
        (encoded(seconds=float("nan")), "less_than_equal"),
        (encoded(inputs={}), "too_short"),
        (encoded(inputs={f"v_{'a' * n}": "00" for n in range(17)}), "too_long"),
        (encoded(inputs={"data": SECRET + "0"}), "string_pattern_mismatch"),
        (encoded(inputs={"data": SECRET + "zz"}), "string_pattern_mismatch"),
        (encoded(inputs={"../data": SECRET}), "string_pattern_mismatch"),
        (encoded(inputs={"data": [1, 2]}), "string_type"),
        (encoded(**{SECRET: 1}), "extra_forbidden"),
    ],
)
def test_what_is_no_order_is_refused_and_not_quoted(
    running: SmallHospital, body: bytes, said: str
) -> None:
    with pytest.raises(QueueRefusedError, match=f"this is no Order: .*{said}") as caught:
        running.connection("node").ask("PUT", JOB, body)
    assert caught.value.status == 400
    assert SECRET not in str(caught.value)
    assert list(running.folder("queue").jobs.iterdir()) == []


def test_an_order_that_is_too_large_is_refused(
    hospital: SmallHospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits = encoded()
    monkeypatch.setattr(server, "LARGEST_BODY", len(fits))
    with hospital.open():
        connection = hospital.connection("node")
        connection.ask("PUT", JOB, fits)
        with pytest.raises(QueueRefusedError, match="too large") as caught:
            connection.ask("PUT", "/v1/jobs/" + "2" * 32, fits + b" ")
    assert caught.value.status == 413
    assert [path.name for path in hospital.folder("queue").jobs.iterdir()] == ["1" * 32]


def test_an_order_that_nobody_asks_about_any_more_is_deleted(running: SmallHospital) -> None:
    running.connection("node").ask("PUT", JOB, encoded(seconds=0.1))
    while any(running.folder("queue").jobs.iterdir()):
        time.sleep(0.01)


@pytest.mark.parametrize("job", ["..%2f..%2fkey.pem", "1" * 31, "1" * 33, "G" * 32, "%00"])
def test_what_is_no_id_is_refused(running: SmallHospital, job: str) -> None:
    with pytest.raises(QueueRefusedError, match="32 hexadecimal digits"):
        running.connection("node").ask("PUT", f"/v1/jobs/{job}", encoded())


@pytest.mark.parametrize("wait", ["-1", "1.5", "soon", "²"])
def test_what_is_no_time_is_refused(running: SmallHospital, wait: str) -> None:
    with pytest.raises(QueueRefusedError, match="whole seconds"):
        running.connection("worker").ask("POST", f"/v1/leases?wait={wait}")


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("proof", b'{"proof": "0"}', "this is no ProofReply"),
        ("proof", b'{"proof": "00", "outputs": []}', "this is no ProofReply"),
        ("proof", b"{" * 10_000, "this is no ProofReply"),
        ("proof", json.dumps({"proof": "00" * (2**20 + 1)}).encode(), "this is no ProofReply"),
        ("refusal", json.dumps({"reason": "r" * 401}).encode(), "this is no Refusal"),
    ],
)
def test_what_is_no_answer_of_a_worker_is_refused(
    running: SmallHospital, path: str, body: bytes, said: str
) -> None:
    running.connection("node").ask("PUT", JOB, encoded())
    place = f"/v1/leases/{taken(running).lease}"
    with pytest.raises(QueueRefusedError, match=said):
        running.connection("worker").ask("POST", f"{place}/{path}", body)
    # the job is still the worker's
    running.connection("worker").ask("PUT", place)


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        json.dumps({"proof": "0" * 63, "reason": ""}).encode(),
        json.dumps({"proof": "0" * 64, "reason": "r" * 401}).encode(),
        json.dumps({"proof": "0" * 64, "reason": "", "worker": "0" * 64}).encode(),
    ],
)
def test_what_is_no_rejection_of_a_proof_is_refused(running: SmallHospital, body: bytes) -> None:
    running.connection("node").ask("PUT", JOB, encoded())
    place = f"/v1/leases/{taken(running).lease}/proof"
    running.connection("worker").ask("POST", place, b'{"proof": "00"}')
    with pytest.raises(QueueRefusedError, match="this is no Rejection"):
        running.connection("node").ask("POST", f"{JOB}/rejection", body)
    assert b'"state":"proven"' in running.connection("node").ask("GET", JOB).body
