"""Fixtures of more than one folder."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
import requests
from eth_account import Account

import zkfl.flower  # noqa: F401 - its switches, before any test imports Flower
from zkfl.chain.anvil import Anvil
from zkfl.chain.deploy import CircuitConfig, DeployConfig
from zkfl.chain.states import ConsortiumConfig, WeightRule
from zkfl.cli.app import main
from zkfl.curve import G1, multiply
from zkfl.party_config import set_flags
from zkfl.srs.demo import demo_s_g2

ACCEPTS = """
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;
contract Halo2Verifier {
    function verifyProof(bytes calldata, uint256[] calldata) external pure returns (bool) {
        return true;
    }
}
"""


@pytest.fixture
def proxy(anvil: Anvil) -> Iterator[SimpleNamespace]:
    # answer gets a request and a function that forwards it; None closes the connection
    settings = SimpleNamespace(url="", answer=lambda _, forward: forward())

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = settings.answer(json.loads(body), lambda: forward_to(anvil.url, body))
            if answer is None:
                self.close_connection = True
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    settings.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield settings
    finally:
        server.shutdown()
        server.server_close()


def forward_to(url: str, body: bytes) -> bytes:
    headers = {"Content-Type": "application/json"}
    with requests.Session() as session:
        session.trust_env = False
        return session.post(url, data=body, headers=headers, timeout=30).content


@pytest.fixture
def run_zkfl(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., SimpleNamespace]:
    """Run ``zkfl`` with these words; return its exit status, its output and its messages."""

    def run(*words: object) -> SimpleNamespace:
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setattr("sys.argv", ["zkfl", *map(str, words)])
        capfd.readouterr()
        try:
            main()
            status = 0
        except SystemExit as ended:
            status = int(ended.code or 0)
        finally:
            # a process has one command line; tests share this one
            set_flags({})
        written = capfd.readouterr()
        return SimpleNamespace(status=status, out=written.out, err=written.err)

    return run


@pytest.fixture(scope="session")
def sample_config() -> ConsortiumConfig:
    """Return a configuration that a registry accepts; tests replace what they are about."""
    return ConsortiumConfig(
        srs_hash=b"\x01" * 32,
        srs_insecure=True,
        logrows=15,
        zero_commitment=multiply(G1, 11),
        lagrange0=multiply(G1, 12),
        lagrange1=multiply(G1, 13),
        admission_circuit=b"\x02" * 32,
        training_circuit=b"\x03" * 32,
        model_length=8,
        shard_slots=128,
        minimum_records=1,
        max_openings=20,
        noise_bound=64,
        min_cohort=3,
        max_cohort=10,
        quorum_bps=6_667,
        cap_share=32_768,
        weight_rule=WeightRule.RECORDS,
        submission_window=3_600,
        remask_window=3_600,
        publication_window=3_600,
        acknowledgement_window=3_600,
        reveal_window=3_600,
    )


@pytest.fixture(scope="session")
def sample_deployment(sample_config: ConsortiumConfig) -> DeployConfig:
    """Return a deployment of that configuration, without members, over verifiers that accept."""
    hashes = sample_config.admission_circuit, sample_config.training_circuit
    admission, training = (
        CircuitConfig(circuit, ACCEPTS, points * 64, points)
        for circuit, points in zip(hashes, (3, 6), strict=True)
    )
    roles = (Account.create().address for _ in range(3))
    return DeployConfig(sample_config, demo_s_g2(), admission, training, *roles)
