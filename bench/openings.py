"""Finality without a quorum: gas and seconds of opening a vector on chain, by its length."""

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from zkfl.chain.anvil import running_anvil
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_project, error_decoder
from zkfl.commitments import Committer
from zkfl.curve import subtract
from zkfl.field import random_elements
from zkfl.srs.demo import cached_demo_srs
from zkfl.vector_opening import open_vector
from zkfl.zk_circuits.instances import get_instance

_CHAIN_ID = 31_337
_LOGROWS = 14
_WDBC = get_instance("wdbc").spec.model_length
_LENGTHS = (8, _WDBC, 128, 512, 2_048)
_QUICK_LENGTHS = (8, _WDBC)
_ENTRY_MULTIPLICATION_GAS = 6_150
"""ecMul and ecAdd of EIP-1108, what computing C(v) itself would take an entry."""


def measure(*, quick: bool) -> Iterator[dict[str, object]]:
    """Yield a row a length: of the transaction to the contract that checks openings."""
    srs = cached_demo_srs(_LOGROWS)
    committer = Committer(srs.path)
    artefact = compile_project()["VectorOpening"]
    tau = srs.s_g2
    arguments = (_LOGROWS, (tau.x_c1, tau.x_c0, tau.y_c1, tau.y_c0))
    with (
        TemporaryDirectory() as folder,
        running_anvil(Path(folder) / "anvil.log", chain_id=_CHAIN_ID) as anvil,
    ):
        client = ChainClient(anvil.url, anvil.new_account(), _CHAIN_ID, decoder=error_decoder())
        address = str(client.deploy(artefact.abi, artefact.bytecode(), arguments).contract_address)
        for length in _QUICK_LENGTHS if quick else _LENGTHS:
            vector = random_elements(length)
            commitment = subtract(committer.commit(vector), committer.zero)
            start = time.perf_counter()
            quotient = open_vector(srs, commitment, vector)
            seconds = time.perf_counter() - start
            call = (tuple(commitment), vector, tuple(quotient))
            sent = client.transact(address, artefact.abi, "requireOpens", *call)
            yield {
                "entries": length,
                "gas": sent.gas_used,
                "commitment_on_chain_gas": _ENTRY_MULTIPLICATION_GAS * length,
                "prove_s": round(seconds, 2),
            }
