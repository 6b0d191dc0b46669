"""What members write is shown, and moves no cursor, hides nothing and stops no list."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from eth_abi.abi import encode
from eth_utils.abi import function_abi_to_4byte_selector

from zkfl.chain.raw_text import with_raw_text
from zkfl.foreign_text import foreign_text

Command = Callable[..., SimpleNamespace]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Klinikum Süd, 3. Stock", "Klinikum Süd, 3. Stock"),
        ("a\x1b[2Jb", r"a\u{1b}[2Jb"),
        ("a\r\nproposal  2 READY", r"a\u{d}\u{a}proposal  2 READY"),
        ("abc\u202edef", r"abc\u{202e}def"),
        ("zero\u200bwidth\ufeff", r"zero\u{200b}width\u{feff}"),
        ("\u2028\u0085\u00a0", r"\u{2028}\u{85}\u{a0}"),
        ("\\u{1b}", r"\\u{1b}"),
        (b"\xff\xfe ok \xc3\xbc", r"\xff\xfe ok ü"),
        (b"\xed\xa0\x80", r"\xed\xa0\x80"),
        ("\ud800", r"\u{d800}"),
        ("[bold red]x[/]", "[bold red]x[/]"),
        ("x" * 601, "x" * 600 + "… (1 more characters)"),
        ("", ""),
    ],
)
def test_text_is_fit_for_a_terminal(text: str | bytes, shown: str) -> None:
    assert foreign_text(text) == shown
    assert foreign_text(text).isprintable()


def write_raw(town: SimpleNamespace, name: bytes, description: bytes) -> None:
    """Propose with bytes where strings are expected, as any member can.

    The ABI writes bytes and strings alike, so that only the types' names differ.
    """
    council = town.desk("bay").council
    call = town.desk("bay").calls.add_member(town.address("eve"), "")
    add = call.data[:4] + encode(["address", "bytes"], [town.address("eve"), name])
    proposal = encode(["address", "bytes", "bytes"], [call.target, add, description])
    entry = next(e for e in council.abi if e.get("name") == "propose")
    council.client.send(council.address, function_abi_to_4byte_selector(entry) + proposal)


def test_hostile_text_is_shown_escaped(governed: SimpleNamespace, council_command: Command) -> None:
    write_raw(governed, b'Eve"; remove \xff\x1b[1A', b"fine\x1b[2J\n\xe2\x80\xae[bold]\xff")
    done = council_command("list")
    assert done.status == 0, done.err
    assert r'named "Eve\"; remove \xff\u{1b}[1A"' in done.out
    assert r"because   fine\u{1b}[2J\u{a}\u{202e}[bold]\xff" in done.out
    assert "\x1b" not in done.out + done.err
    assert len(done.out.strip().splitlines()) == 7


def test_a_proposal_that_is_no_text_hides_no_other(
    governed: SimpleNamespace, proposed: int, council_command: Command
) -> None:
    write_raw(governed, b"\xff", b"\xff")
    done = council_command("list")
    assert f"proposal  {proposed} VOTING" in done.out
    vote = council_command(
        "vote", proposed, "--site", "cay", "--digest", digest(governed, proposed)
    )
    assert vote.status == 0, vote.err
    # and can be voted for like any other: bytes are what the vote is bound to
    bad = proposed + 1
    vote = council_command("vote", bad, "--site", "cay", "--digest", digest(governed, bad))
    assert vote.status == 0, vote.err


def digest(town: SimpleNamespace, number: int) -> str:
    return str(town.desk("cay").entry(number).proposal.digest().hex())


def test_a_member_whose_name_is_no_text_is_shown(
    governed: SimpleNamespace, council_command: Command
) -> None:
    write_raw(governed, b"\xff\x1b[2J", b"x")
    governed.decide(1, "ada", "cay")
    governed.desk("ada").council.execute(1)
    governed.desk("eve").propose_removal(governed.address("dee"), "x")
    done = council_command("list", "--last", 1)
    assert done.status == 0, done.err
    assert rf"by        {governed.address('eve')} (\xff\u{{1b}}[2J)" in done.out


def test_raw_text_changes_outputs_alone() -> None:
    text = {"type": "string", "name": "t"}
    nested = {"type": "tuple[]", "name": "n", "components": [text, {"type": "uint8", "name": "u"}]}
    function = {"type": "function", "name": "f", "inputs": [text], "outputs": [text, nested]}
    event = {"type": "event", "name": "e", "inputs": [text]}
    changed, kept = with_raw_text([function, event])
    assert kept == event
    assert changed["inputs"] == [text]
    assert changed["outputs"][0]["type"] == "bytes"
    assert [part["type"] for part in changed["outputs"][1]["components"]] == ["bytes", "uint8"]
    assert function["outputs"] == [text, nested]
