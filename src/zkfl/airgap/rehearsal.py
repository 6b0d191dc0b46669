"""What a member's node may ask at a block, asked by somebody who holds none of its secrets.

Views are taken from the registry's own ABI, for every member and the rounds that a step can be
about, so that a step which looks at one more of them needs no change here. Whatever else a node
asks goes to the relay with its next bundle.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import product
from typing import Any

from hexbytes import HexBytes

from zkfl.chain.asking import asking
from zkfl.chain.client import ChainClient
from zkfl.chain.deployment import Deployment
from zkfl.chain.errors import ContractRevertError
from zkfl.chain.fees import estimate_fees
from zkfl.chain.registry import Registry
from zkfl.chain.reverts import Abi
from zkfl.chain.router import Router
from zkfl.chain.states import RoundStatus

_STATEMENTS = frozenset({"MaskKeyAnnounced", "AccountNominated"})
"""Events whose transactions a node reads, since their signatures count."""
_POSTED = "UpdateSubmitted"
_SPLIT = "MaskSplit"
_ROUNDS_BACK = 64
"""How far back the model before the current one is looked for; failed rounds lie between."""


@dataclass(frozen=True)
class Scope:
    """What the arguments of views are taken from.

    Attributes
    ----------
    own
        Account of the member whose node asks.
    members
        Accounts, the own one included.
    rounds
        Ids.
    shards
        Indices by account: all of the own ones, of others those that they train on.
    roles
        Hashes.
    """

    own: str
    members: Sequence[str]
    rounds: Sequence[int]
    shards: dict[str, Sequence[int]]
    roles: Sequence[bytes]

    def arguments(self, names: tuple[str, ...]) -> Iterable[tuple[Any, ...]]:
        """Return the arguments with which a view is asked, by the names of its parameters."""
        shards = ((m, index) for m, indices in self.shards.items() for index in indices)
        known: dict[tuple[str, ...], Iterable[tuple[Any, ...]]] = {
            (): [()],
            ("roundId",): product(self.rounds),
            ("member",): product(self.members),
            ("account",): product(self.members),
            ("roundId", "member"): product(self.rounds, self.members),
            ("member", "roundId"): product(self.members, self.rounds),
            ("member", "shardIndex"): shards,
            ("first", "second"): product([self.own], self.members),
            ("role",): product(self.roles),
            ("role", "account"): product(self.roles, [self.own]),
        }
        return known.get(names, ())


def rehearse(registry: Registry, deployment: Deployment, member: str) -> None:
    """Ask all that a member's node may ask; the registry's client keeps the answers.

    Raises
    ------
    RpcError
        The endpoint is not in order.
    """
    _ask_for_sending(registry.client, member)
    _ask_for_contracts(registry.client, deployment)
    # before the first round, a node looks at number 0
    rounds = relevant_rounds(registry) or [0]
    scope = scope_of(registry, member, rounds)
    for name, arguments in questions(registry.abi, scope):
        with suppress(ContractRevertError):
            registry.client.call(registry.address, registry.abi, name, *arguments)
    _ask_for_signatures(registry, rounds)


def questions(abi: Abi, scope: Scope) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield the views of an ABI with the arguments that a scope has for them."""
    for entry in abi:
        if entry.get("type") == "function" and entry["stateMutability"] in {"view", "pure"}:
            names = tuple(str(item["name"]) for item in entry["inputs"])
            for arguments in scope.arguments(names):
                yield str(entry["name"]), arguments


def relevant_rounds(registry: Registry) -> list[int]:
    """Return the rounds that a step can be about, the latest first.

    From the current one back to the final one before the one that made the model: a proof of
    benefit compares two models.
    """
    rounds, finals = [], 0
    current = registry.current_round()
    for number in range(current, max(0, current - _ROUNDS_BACK), -1):
        rounds.append(number)
        finals += registry.round(number).status is RoundStatus.FINAL
        if finals > 1:
            break
    final = registry.final_round()
    return rounds if final in (0, *rounds) else [*rounds, final]


def scope_of(registry: Registry, member: str, rounds: Sequence[int]) -> Scope:
    """Return what views are to be asked about."""
    cohorts = [account for number in rounds[:1] for account in registry.cohort(number)]
    members = list(dict.fromkeys([member, *registry.members(), *cohorts]))
    shards: dict[str, Sequence[int]] = {
        account: [registry.participation(number, account).shard_index for number in rounds[:1]]
        for account in members
    }
    shards[member] = range(registry.shard_count(member))
    client, address, abi = registry.client, registry.address, registry.abi
    roles = [
        bytes(client.call(address, abi, str(entry["name"])))
        for entry in abi
        if str(entry.get("name")).endswith("_ROLE")
    ]
    return Scope(member, members, rounds, shards, roles)


def _ask_for_sending(client: ChainClient, member: str) -> None:
    client.check_connection()
    client.genesis_hash()
    client.block_timestamp()
    client.balance(member)
    client.transaction_count(member, "latest")
    client.transaction_count(member, "pending")
    with asking("the fee estimate", client.decoder):
        estimate_fees(client.w3)


def _ask_for_contracts(client: ChainClient, deployment: Deployment) -> None:
    """Ask for code and creations; creation code is run again, as a node does with its own.

    A node that compiles to other creation code finds no answer here: the contracts are not
    what it agreed to.
    """
    for address in deployment.contract_addresses():
        client.code_size(address)
    router = Router(client, deployment.router)
    for circuit in deployment.circuits().values():
        router.route(bytes.fromhex(circuit.manifest_hash))
    for step in deployment.transactions:
        transaction = client.transaction(step.tx_hash)
        client.receipt(step.tx_hash)
        if transaction is not None and transaction.get("to") is None:
            with suppress(ContractRevertError), asking("the code of a creation", client.decoder):
                client.w3.eth.call({"data": HexBytes(transaction["input"])})


def _ask_for_signatures(registry: Registry, rounds: Sequence[int]) -> None:
    posts = registry.config().challenge_window > 0
    for event in registry.events():
        posted = posts and event.name == _POSTED and event.values["roundId"] == rounds[0]
        # of older rounds too: the split is looked at in the first attempt after it
        split = event.name == _SPLIT and event.values["roundId"] in rounds
        if posted or split or event.name in _STATEMENTS:
            registry.client.transaction(event.tx_hash)
