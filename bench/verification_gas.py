"""What a chain charges for a verifier and for one proof."""

import hashlib
from pathlib import Path

from zkfl.chain.anvil import running_anvil
from zkfl.chain.artefacts import OversizeContractError
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_project, compile_verifier, error_decoder
from zkfl.chain.router import Router
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.circuit_files import CircuitFiles
from zkfl.zk_circuits.prover import proof_bytes

_CHAIN_ID = 31_337


def verification_gas(
    definition: CircuitDefinition, files: CircuitFiles, folder: Path
) -> dict[str, object]:
    """Deploy verifier and router on a chain of their own, and send the folder's proof.

    ``verify_gas`` is the whole transaction to the verifier alone, ``routed_gas`` to the
    router, which encodes the proof anew.
    """
    try:
        verifier = compile_verifier(files.verifier)
    except OversizeContractError as error:
        return {"verifier_B": str(error), "deploy_gas": 0, "verify_gas": 0, "routed_gas": 0}
    proof = proof_bytes(folder / "proof.json")
    with running_anvil(folder / "anvil.log", chain_id=_CHAIN_ID) as anvil:
        client = ChainClient(anvil.url, anvil.new_account(), _CHAIN_ID, decoder=error_decoder())
        deployed = client.deploy(verifier.abi, verifier.bytecode())
        address = str(deployed.contract_address)
        direct = client.transact(address, verifier.abi, "verifyProof", proof, [])
        router, circuit = _router(client), hashlib.sha256(definition.name.encode()).digest()
        router.register(circuit, address, len(proof), definition.commitments)
        routed = client.transact(router.address, router.abi, "requireValid", circuit, proof)
    return {
        "verifier_B": verifier.runtime_size,
        "deploy_gas": deployed.gas_used,
        "verify_gas": direct.gas_used,
        "routed_gas": routed.gas_used,
    }


def _router(client: ChainClient) -> Router:
    artefact = compile_project()["VerifierRouter"]
    deployed = client.deploy(artefact.abi, artefact.bytecode(), (client.sender,))
    return Router(client, str(deployed.contract_address))
