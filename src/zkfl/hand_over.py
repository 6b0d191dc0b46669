"""From one owner to all members: the office creates the council and gives up its powers.

Each step is looked up on chain before it is taken, so that a hand-over that stopped halfway
goes on where it stood. The steps that nobody can undo come last, after the new council was
checked.
"""

from collections.abc import Callable
from dataclasses import dataclass

from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_project
from zkfl.chain.council import Council
from zkfl.chain.council_record import (
    CONTRACT,
    CouncilRecord,
    load_council,
    open_council,
    save_council,
)
from zkfl.chain.council_states import CouncilRules
from zkfl.chain.deployment import Deployment, DeployTransaction, load_deployment
from zkfl.chain.registry import Registry
from zkfl.chain.registry_abi import registry_abi
from zkfl.chain.roles import Role, Roles
from zkfl.chain.router import Router
from zkfl.errors import ZkflError
from zkfl.workspace import Workspace

_NOBODY = "0x" + "0" * 40

StepCallback = Callable[[str], None]
"""Gets the name of the step that begins."""


class HandOverError(ZkflError):
    """The powers cannot be handed over, or are not all where they belong."""


def hand_over(
    workspace: Workspace,
    office: ChainClient,
    rules: CouncilRules,
    on_step: StepCallback | None = None,
) -> CouncilRecord:
    """Create the council, give it every power of the owner, and check that it alone has them.

    Parameters
    ----------
    workspace
        Holds ``deployment.json``, and gets ``council.json``.
    office
        The account that owns router and registry; afterwards it owns nothing.
    rules
        Of the council; they never change.

    Raises
    ------
    HandOverError
        The office is not the owner, too few members are active, others hold the owner's
        powers too, or an earlier attempt had other rules.
    NotGenuineError
        The council on chain is not what this checkout compiles to.
    ChainError
        A transaction fails; calling again goes on from there.
    """
    deployment = load_deployment(workspace.deployment)
    deployment.require_on(office)
    run = _HandOver(office, deployment, on_step or _ignore)
    run.require_possible(begun=workspace.council.exists())
    record = _record(workspace, deployment, run, rules)
    run.transfer(open_council(office, record))
    require_handed_over(office, deployment, record)
    return record


def require_handed_over(client: ChainClient, deployment: Deployment, record: CouncilRecord) -> None:
    """Check that the council, and nobody else, has the owner's powers.

    Raises
    ------
    HandOverError
        Somebody else has one, or could take one.
    """
    router = Router(client, deployment.router)
    admins = _roles(client, deployment).holders(Role.ADMIN, deployment.block_number)
    facts = (
        ("owner of the router", router.owner(), record.council),
        ("account that may take the router", router.pending_owner(), _NOBODY),
        ("admins of the registry", admins, {record.council}),
    )
    for what, actual, expected in facts:
        if actual != expected:
            raise HandOverError(
                f"{what}: {actual}, expected {expected}; repeat zkfl council hand-over as the "
                "office"
            )


@dataclass(frozen=True)
class _HandOver:
    """One run of the office."""

    office: ChainClient
    deployment: Deployment
    say: StepCallback

    def require_possible(self, *, begun: bool) -> None:
        """Refuse before anything is created or given away."""
        if not _roles(self.office, self.deployment).holds(Role.ADMIN, self.office.sender):
            # an office that has given everything away may still ask whether all is well
            self._require_owner("the registry", begun, "somebody else")
            return
        registry = Registry(self.office, self.deployment.registry)
        active = sum(registry.member_of(member).active for member in registry.members())
        least = registry.config().min_cohort
        if active < least:
            raise HandOverError(
                f"{active} members are active, a round needs {least}: add the others first, "
                "or they depend on the votes of these"
            )

    def create(self, rules: CouncilRules) -> CouncilRecord:
        """Create the council, which has no power yet."""
        self.say("council")
        artefact = compile_project()[CONTRACT]
        arguments = (self.deployment.registry, rules.as_tuple())
        result = self.office.deploy(artefact.abi, artefact.bytecode(), arguments)
        return CouncilRecord(
            chain_id=self.office.chain_id,
            registry=self.deployment.registry,
            council=str(result.contract_address),
            quorum_bps=rules.quorum_bps,
            delay=rules.delay,
            membership_delay=rules.membership_delay,
            lifetime=rules.lifetime,
            creation=DeployTransaction(
                step="council",
                tx_hash=result.tx_hash,
                gas_used=result.gas_used,
                block_number=result.block_number,
            ),
        )

    def transfer(self, council: Council) -> None:
        """Give the router and the registry to a council that was checked."""
        roles = _roles(self.office, self.deployment)
        admins = roles.holders(Role.ADMIN, self.deployment.block_number)
        strangers = admins - {self.office.sender, council.address}
        if strangers:
            raise HandOverError(
                f"{sorted(strangers)} are admins of the registry too, and could undo every vote: "
                "have them renounce the role first"
            )
        self._transfer_router(council)
        self._transfer_registry(council, roles)

    def _transfer_router(self, council: Council) -> None:
        router = Router(self.office, self.deployment.router)
        owner = router.owner()
        if owner == council.address:
            return
        self._require_owner("the router", owner == self.office.sender, owner)
        if router.pending_owner() != council.address:
            self.say("offer the router to the council")
            router.transfer_ownership(council.address)
        self.say("accept the router")
        council.accept_router()

    def _transfer_registry(self, council: Council, roles: Roles) -> None:
        office = self.office.sender
        if not roles.holds(Role.ADMIN, council.address):
            held = roles.holds(Role.ADMIN, office)
            self._require_owner("the registry", held, "somebody else")
            self.say("make the council the registry's admin")
            roles.grant(Role.ADMIN, council.address)
        if roles.holds(Role.ADMIN, office):
            self.say("renounce the office's own power")
            roles.renounce(Role.ADMIN)

    def _require_owner(self, what: str, held: bool, owner: str) -> None:  # noqa: FBT001 (private)
        if not held:
            raise HandOverError(
                f"{what} belongs to {owner}, not to the office {self.office.sender}: only its "
                "owner can hand it over"
            )


def _record(
    workspace: Workspace, deployment: Deployment, run: _HandOver, rules: CouncilRules
) -> CouncilRecord:
    """Return the council of an earlier attempt, or create one."""
    if not workspace.council.exists():
        record = run.create(rules)
        save_council(workspace.council, record)
        return record
    record = load_council(workspace.council, deployment)
    if record.rules() != rules:
        raise HandOverError(
            f"{workspace.council} has the rules {record.rules()}, asked for {rules}: repeat the "
            "hand-over with its rules; or, if the council has no power yet, remove the file"
        )
    return record


def _roles(client: ChainClient, deployment: Deployment) -> Roles:
    return Roles(client, deployment.registry, registry_abi())


def _ignore(_: str) -> None:
    """Report progress to nobody."""
