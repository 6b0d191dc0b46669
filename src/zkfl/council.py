"""A member's desk at the council: proposals that make sense, and what there is to vote on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from web3 import Web3

from zkfl.chain.client import ChainClient
from zkfl.chain.council import Council
from zkfl.chain.council_calls import Call, CouncilCalls, UnreadableCallError
from zkfl.chain.council_record import load_council, open_council
from zkfl.chain.council_states import Proposal, ProposalStatus, Tally
from zkfl.chain.deployment import Deployment, load_deployment
from zkfl.chain.raw_text import with_raw_text
from zkfl.chain.registry import Registry
from zkfl.chain.roles import Role, Roles
from zkfl.chain.router import Router
from zkfl.chain.transactions import TxResult
from zkfl.errors import ZkflError
from zkfl.foreign_text import foreign_text
from zkfl.node.home import NodeHome
from zkfl.party_accounts import open_client, open_reading_client
from zkfl.workspace import Workspace

_MAX_NAME_BYTES = 64
_HASH = re.compile(r"[0-9a-fA-F]{64}")
_LEAST_DIGEST_DIGITS = 16
_NOBODY = "0x" + "0" * 40


class CouncilError(ZkflError):
    """A proposal or a vote that cannot do what was meant."""


@dataclass(frozen=True)
class Entry:
    """A proposal as a member sees it; everything in it is fit for a terminal.

    Attributes
    ----------
    number, status, tally
        As the council counts now.
    proposal
        As the council stores it.
    sentence
        What the call does, read from the call itself.
    proposer
        Address and name.
    description
        What the proposer says that it does.
    ready_at
        Seconds since 1970; 0 while no quorum is recorded.
    """

    number: int
    status: ProposalStatus
    tally: Tally
    proposal: Proposal
    sentence: str
    proposer: str
    description: str
    ready_at: int

    @property
    def quorum_unrecorded(self) -> bool:
        """Tell whether a recount would start the delay."""
        voting = self.status is ProposalStatus.VOTING
        return voting and self.tally.votes >= self.tally.needed


def open_desk(workspace: Workspace, home: NodeHome, rpc_url: str) -> "CouncilDesk":
    """Return the desk of a party that signs with its own chain key, at a genuine council.

    Raises
    ------
    DeploymentFileError, CouncilFileError
        A file is missing, malformed or another consortium's.
    NotGenuineError
        The council is not what this checkout compiles to.
    ChainError
        The chain cannot be used.
    """
    deployment = load_deployment(workspace.deployment)
    return _desk_of(workspace, deployment, open_client(home, rpc_url, deployment.chain_id))


def open_reading_desk(workspace: Workspace, home: NodeHome, rpc_url: str) -> "CouncilDesk":
    """Return a desk that can only read, at a party's endpoint; no key is unlocked.

    Raises
    ------
    DeploymentFileError, CouncilFileError, NotGenuineError, ChainError
        As `open_desk` does.
    """
    deployment = load_deployment(workspace.deployment)
    client = open_reading_client(home, rpc_url, deployment.chain_id)
    return _desk_of(workspace, deployment, client)


def _desk_of(workspace: Workspace, deployment: Deployment, client: ChainClient) -> "CouncilDesk":
    record = load_council(workspace.council, deployment)
    deployment.require_on(client)
    council = open_council(client, record)
    return CouncilDesk(council, CouncilCalls(deployment.registry, deployment.router))


class CouncilDesk:
    """Proposes, votes and reads as one party.

    Parameters
    ----------
    council
        Checked against the party's own sources.
    calls
        Of the consortium's registry and router.

    Raises
    ------
    NoCodeError
        Registry or router are no contracts.
    """

    def __init__(self, council: Council, calls: CouncilCalls) -> None:
        self.council = council
        self.calls = calls
        self._client: ChainClient = council.client
        self._registry = Registry(self._client, calls.registry)
        self._router = Router(self._client, calls.router)
        self._roles = Roles(self._client, calls.registry, self._registry.abi)

    # --- proposals ---

    def propose_member(self, account: str, name: str, why: str) -> tuple[int, TxResult]:
        """Propose to add a hospital; `CouncilError` if it is one, or has no proper name."""
        _require_address(account)
        if not name.isprintable() or not 0 < len(name.encode()) <= _MAX_NAME_BYTES:
            raise CouncilError(
                f"{name[:80]!r} is no name of a hospital: 1 to {_MAX_NAME_BYTES} bytes that print"
            )
        if self._active(account):
            raise CouncilError(f"{account} is an active member already")
        return self._propose(self.calls.add_member(account, name), why)

    def propose_removal(self, account: str, why: str) -> tuple[int, TxResult]:
        """Propose to remove a hospital; `CouncilError` if it is no active member."""
        _require_address(account)
        if not self._active(account):
            raise CouncilError(f"{account} is no active member, so there is nobody to remove")
        return self._propose(self.calls.remove_member(account), why)

    def propose_account(self, account: str, new_account: str, why: str) -> tuple[int, TxResult]:
        """Propose another account for a hospital; `CouncilError` if it cannot take it over."""
        _require_address(account)
        _require_address(new_account)
        if not self._registry.member_id_of(account):
            raise CouncilError(f"{account} is no member's account, so nobody goes on from there")
        if self._registry.member_id_of(new_account):
            raise CouncilError(f"{new_account} is a member's account already: name a fresh one")
        return self._propose(self.calls.nominate_account(account, new_account), why)

    def propose_role(self, role: Role, account: str, why: str) -> tuple[int, TxResult]:
        """Propose to give an account a role; `CouncilError` if it holds it."""
        _require_address(account)
        if self._roles.holds(role, account):
            raise CouncilError(f"{account} is {role.name} already")
        return self._propose(self.calls.grant_role(role, account), why)

    def propose_role_removal(self, role: Role, account: str, why: str) -> tuple[int, TxResult]:
        """Propose to take a role from an account; `CouncilError` if it does not hold it."""
        _require_address(account)
        if not self._roles.holds(role, account):
            raise CouncilError(f"{account} is not {role.name}, so there is nothing to take away")
        return self._propose(self.calls.revoke_role(role, account), why)

    def propose_circuit(
        self, circuit: str, verifier: str, proof_length: int, commitments: int, why: str
    ) -> tuple[int, TxResult]:
        """Propose to register a circuit; `CouncilError` if its route exists or cannot be."""
        _require_address(verifier)
        circuit_hash = _hash(circuit)
        self._client.require_code(verifier)
        if self._router.route(circuit_hash).verifier != _NOBODY:
            raise CouncilError(
                f"circuit {circuit} is registered already, and a route never changes"
            )
        if not 0 < commitments < 1 << 8 or not 64 * commitments <= proof_length < 1 << 32:
            raise CouncilError(
                f"a proof of {proof_length} bytes with {commitments} points cannot be: 1 to 255 "
                "points of 64 bytes each"
            )
        call = self.calls.register_circuit(circuit_hash, verifier, proof_length, commitments)
        return self._propose(call, why)

    def propose_circuit_removal(self, circuit: str, why: str) -> tuple[int, TxResult]:
        """Propose a tombstone for a circuit; `CouncilError` if it is not in use."""
        circuit_hash = _hash(circuit)
        route = self._router.route(circuit_hash)
        if route.verifier == _NOBODY or route.removed:
            state = "removed already" if route.removed else "not registered"
            raise CouncilError(f"circuit {circuit} is {state}")
        return self._propose(self.calls.remove_circuit(circuit_hash), why)

    # --- reading and voting ---

    def entry(self, number: int) -> Entry:
        """Return a proposal; `CouncilError` if there is none, or its call cannot be read."""
        status = self.council.status(number)
        if status is ProposalStatus.NONE:
            raise CouncilError(f"there is no proposal {number}: see zkfl council list")
        proposal = self.council.proposal(number)
        since = proposal.quorum_since
        return Entry(
            number=number,
            status=status,
            tally=self.council.tally(number),
            proposal=proposal,
            sentence=self._sentence(proposal),
            proposer=self._named(proposal.proposer),
            description=foreign_text(proposal.description),
            ready_at=since + self.council.rules().delay_of(proposal.action) if since else 0,
        )

    def entries(self, last: int) -> Iterator[Entry]:
        """Return the latest proposals, the latest one first."""
        newest = self.council.proposal_count()
        for number in range(newest, max(0, newest - last), -1):
            yield self.entry(number)

    def vote(self, entry: Entry) -> TxResult:
        """Vote for what the entry says; the council refuses if it holds anything else."""
        # what is no call of a council is never voted for, whatever it is called
        self.calls.in_words(Call(entry.proposal.target, entry.proposal.data))
        return self.council.vote(entry.number, entry.proposal.digest())

    def require_digest(self, entry: Entry, digits: str) -> None:
        """Check that an entry is the one whose digest a person noted.

        Raises
        ------
        CouncilError
            It is another one, or there are too few digits to tell.
        """
        digest = entry.proposal.digest().hex()
        if len(digits) < _LEAST_DIGEST_DIGITS or not digest.startswith(digits.lower()):
            raise CouncilError(
                f"proposal {entry.number} has the digest {digest}, not {digits[:80]!r}: it is not "
                f"what you read, or fewer than {_LEAST_DIGEST_DIGITS} digits are given; look at "
                "zkfl council list again"
            )

    def _sentence(self, proposal: Proposal) -> str:
        try:
            return self.calls.in_words(Call(proposal.target, proposal.data))
        except UnreadableCallError as error:
            return f"UNREADABLE: {error}"

    def _named(self, account: str) -> str:
        # a member may hold a name that is no text at all
        abi = with_raw_text(self._registry.abi)
        name: bytes = self._client.call(self.calls.registry, abi, "memberOf", account)[-1]
        return f"{account} ({foreign_text(name)})"

    def _active(self, account: str) -> bool:
        abi = with_raw_text(self._registry.abi)
        return bool(self._client.call(self.calls.registry, abi, "memberOf", account)[0])

    def _propose(self, call: Call, why: str) -> tuple[int, TxResult]:
        return self.council.propose(call, why)


def _require_address(text: str) -> None:
    # web3 takes any case; a typing error is only found by the checksum
    if not Web3.is_checksum_address(text):
        raise CouncilError(
            f"{text[:80]!r} is no checksummed address: copy it, with its capitals, from its owner"
        )


def _hash(text: str) -> bytes:
    digits = text.removeprefix("0x")
    if not _HASH.fullmatch(digits):
        raise CouncilError(f"{text[:80]!r} is no hash of a manifest: it has 64 hexadecimal digits")
    return bytes.fromhex(digits)
