"""The council contract: every function of ``IMemberCouncil``, typed."""

from collections.abc import Iterable

from zkfl.chain.bound_contract import BoundContract
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_project
from zkfl.chain.council_calls import Call
from zkfl.chain.council_states import CouncilRules, Proposal, ProposalStatus, Tally
from zkfl.chain.events import ChainEvent, EventReader
from zkfl.chain.raw_text import with_raw_text
from zkfl.chain.transactions import TxResult


class Council(BoundContract):
    """The registry's members, who decide together.

    Parameters and exceptions are those of `BoundContract`, but for the ABI.
    """

    def __init__(self, client: ChainClient, address: str) -> None:
        super().__init__(client, address, with_raw_text(compile_project()["MemberCouncil"].abi))
        self._events = EventReader(client, address, self.abi)

    # --- by members ---

    def propose(self, call: Call, description: str) -> tuple[int, TxResult]:
        """Propose a call, vote for it, and return its number."""
        result = self._write("propose", call.target, call.data, description)
        made = [event for event in self._events.decode(result.logs) if event.name == "Proposed"]
        return int(made[0].values["proposalId"]), result

    def vote(self, proposal_id: int, digest: bytes) -> TxResult:
        """Vote for the proposal of this number, if it is the one of this digest."""
        return self._write("vote", proposal_id, digest)

    def withdraw_vote(self, proposal_id: int) -> TxResult:
        """Take the sender's vote back."""
        return self._write("withdrawVote", proposal_id)

    # --- by anyone ---

    def recount(self, proposal_id: int) -> TxResult:
        """Record whether the quorum holds among today's members."""
        return self._write("recount", proposal_id)

    def execute(self, proposal_id: int) -> TxResult:
        """Make the call of a proposal that has its quorum and has waited."""
        return self._write("execute", proposal_id)

    def accept_router(self) -> TxResult:
        """Complete the transfer of the router to the council."""
        return self._write("acceptRouter")

    # --- views ---

    def registry_address(self) -> str:
        """Return the registry, set once by the constructor."""
        return str(self._read("REGISTRY"))

    def router_address(self) -> str:
        """Return the router, set once by the constructor."""
        return str(self._read("ROUTER"))

    def rules(self) -> CouncilRules:
        """Return quorum, delays and lifetime, set once by the constructor."""
        return CouncilRules(*self._read("rules"))

    def proposal_count(self) -> int:
        """Return the number of the latest proposal, 0 before the first."""
        return int(self._read("proposalCount"))

    def proposal(self, proposal_id: int) -> Proposal:
        """Return a proposal; of an empty one, `status` is NONE."""
        return Proposal.from_tuple(self._read("proposal", proposal_id))

    def status(self, proposal_id: int) -> ProposalStatus:
        """Return where a proposal stands."""
        return ProposalStatus(self._read("status", proposal_id))

    def tally(self, proposal_id: int) -> Tally:
        """Return votes, active members, and votes needed."""
        return Tally(*self._read("tally", proposal_id))

    def voted(self, proposal_id: int, member: str) -> bool:
        """Tell whether a member's vote stands."""
        return bool(self._read("voted", proposal_id, member))

    def events(
        self, from_block: int = 0, to_block: int | None = None, names: Iterable[str] = ()
    ) -> list[ChainEvent]:
        """Return the council's events in chain order; see `EventReader.read`."""
        return self._events.read(from_block, to_block, names)
