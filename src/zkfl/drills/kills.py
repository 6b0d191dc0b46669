"""SIGKILL at every step: the party that acts, a party that waits, and the chain."""

from collections.abc import Iterator
from functools import partial

from zkfl.drills.cells import Cell
from zkfl.drills.drilled_round import DrilledRound
from zkfl.drills.holds import Moment
from zkfl.drills.small_consortium import HOSPITAL, KEY_HOLDER
from zkfl.drills.steps import HOLDER, PARTIES, STEPS, Step
from zkfl.node.home import NodeHome

CHAIN = "anvil"
_NOTHING = "nothing"
_OWN_BLOCK = "the step's block; its signer still has it signed"
_WHOLE_STEP = "every block of the command; its signer holds it for done"


def kill_cells() -> Iterator[Cell]:
    """Return the cells of every step and victim."""
    for step in STEPS:
        for party in PARTIES:
            yield from (
                _party_cells(step, party) if party in step.actors else [_standby_cell(step, party)]
            )
        yield from _chain_cells(step)


# --- the party that acts ---


def _party_cells(step: Step, party: str) -> Iterator[Cell]:
    if not step.function:
        disturb = partial(_kill_while_proving, step, party)
        yield Cell(step.name, party, "while it proves", "the proof", step.checkpoint, disturb)
        return
    moments: tuple[tuple[Moment, str], ...] = (
        ("signed", "signed, not sent"),
        ("sent", "sent, receipt not seen"),
    )
    for moment, shown in moments:
        disturb = partial(_kill_actor, step, party, moment)
        yield Cell(step.name, party, shown, _NOTHING, step.checkpoint, disturb)


def _kill_actor(step: Step, party: str, moment: Moment, drill: DrilledRound) -> None:
    hold = drill.hold(moment, step.function)
    process = drill.start(step.command(party), holds=[hold])
    process.wait_until(hold.flag.exists, f"{step.name}, {moment}")
    process.kill()
    drill.run(step.command(party))


def _kill_while_proving(step: Step, party: str, drill: DrilledRound) -> None:
    site = KEY_HOLDER if party == HOLDER else HOSPITAL
    process = drill.start(step.command(party))
    process.wait_until(partial(_proves, drill, site), "its witness")
    process.kill()
    drill.run(step.command(party))


def _proves(drill: DrilledRound, site: str) -> bool:
    return any((NodeHome(drill.workspace.site(site)).root / "state").rglob("witness.json"))


# --- a party that waits ---


def _standby_cell(step: Step, party: str) -> Cell:
    shown = f"at zkfl {step.waiting[party]}, not its turn"
    return Cell(
        step.name, party, shown, _NOTHING, step.checkpoint, partial(_kill_standby, step, party)
    )


def _kill_standby(step: Step, party: str, drill: DrilledRound) -> None:
    """Kill a party in the middle of another's step; it comes back when its turn does."""
    opened = drill.hold("opened")
    standby = drill.start(step.standby(party), holds=[opened])
    standby.wait_until(opened.flag.exists, "its own command")
    command = step.command(step.actors[0])
    if step.function:
        signed = drill.hold("signed", step.function)
        actor = drill.start(command, holds=[signed])
        actor.wait_until(signed.flag.exists, step.name)
        standby.kill()
        signed.flag.unlink()
    else:
        actor = drill.start(command)
        site = KEY_HOLDER if step.actors[0] == HOLDER else HOSPITAL
        actor.wait_until(partial(_proves, drill, site), "its witness")
        standby.kill()
    drill.end(actor, command)


# --- the chain ---


def _chain_cells(step: Step) -> Iterator[Cell]:
    if not step.function:
        disturb = partial(_kill_chain_while_proving, step)
        yield Cell(step.name, CHAIN, "while a hospital proves", _NOTHING, step.checkpoint, disturb)
        return
    kept, lost = partial(_kill_chain, step, saved=True), partial(_kill_chain, step, saved=False)
    yield Cell(step.name, CHAIN, "mined and saved", _NOTHING, step.checkpoint, kept)
    yield Cell(step.name, CHAIN, "mined, not saved", _OWN_BLOCK, step.checkpoint, lost)
    if step.name not in {"announce sum", "open sum", "publish"}:
        forgotten = partial(_forget_whole_step, step)
        yield Cell(
            step.name, CHAIN, "command done, not saved", _WHOLE_STEP, step.checkpoint, forgotten
        )


def _kill_chain(step: Step, drill: DrilledRound, *, saved: bool) -> None:
    """Kill anvil while the actor waits for its receipt; what came before the step is saved."""
    command = step.command(step.actors[0])
    signed, sent = drill.hold("signed", step.function), drill.hold("sent", step.function)
    actor = drill.start(command, holds=[signed, sent])
    actor.wait_until(signed.flag.exists, f"{step.name}, signed")
    drill.chain.save()
    before = drill.chain.last_block()
    signed.flag.unlink()
    actor.wait_until(sent.flag.exists, f"{step.name}, sent")
    drill.chain.wait_for_block(before)
    if saved:
        drill.chain.save()
    drill.chain.kill()
    drill.chain.start()
    sent.flag.unlink()
    drill.end(actor, command)


def _kill_chain_while_proving(step: Step, drill: DrilledRound) -> None:
    command = step.command(step.actors[0])
    process = drill.start(command)
    process.wait_until(partial(_proves, drill, HOSPITAL), "its witness")
    drill.chain.kill()
    drill.chain.start()
    drill.end(process, command)


def _forget_whole_step(step: Step, drill: DrilledRound) -> None:
    """Let everyone take the step, then let the chain forget it, and everyone repeat it."""
    drill.chain.save()
    drill.run([step.verb])
    drill.chain.kill()
    drill.chain.start()
    drill.run([step.verb])
