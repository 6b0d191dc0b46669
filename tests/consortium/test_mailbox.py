"""Pointers of a round: whoever follows one gets a digest or a clear refusal."""

import os
from pathlib import Path

import pytest

from zkfl.mailbox import ENCRYPTED_SUM, OPENED_SUM, Mailbox, MailboxError

DIGEST = bytes(range(32))


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "mailbox")


def test_a_pointer_is_read_as_it_was_put_and_the_last_one_counts(mailbox: Mailbox) -> None:
    mailbox.put(1, ENCRYPTED_SUM, DIGEST)
    mailbox.put(1, OPENED_SUM, bytes(32))
    mailbox.put(2, ENCRYPTED_SUM, bytes(32))
    assert mailbox.get(1, ENCRYPTED_SUM) == DIGEST
    mailbox.put(1, ENCRYPTED_SUM, DIGEST[::-1])
    assert mailbox.get(1, ENCRYPTED_SUM) == DIGEST[::-1]


def test_a_pointer_that_nobody_put_says_who_is_late(mailbox: Mailbox) -> None:
    with pytest.raises(MailboxError, match=r"round 3 has no opened-sum yet .* has not come to"):
        mailbox.get(3, OPENED_SUM)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"00" * 31,
        b"00" * 33,
        b"0" * 63 + b"g",
        b"AB" * 32,
        b"00" * 32 + b"\n",
        b"\xff" * 64,
        b"../../etc/passwd",
    ],
)
def test_what_is_no_digest_is_refused(mailbox: Mailbox, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mailbox" / "1" / ENCRYPTED_SUM
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(MailboxError, match="not the 64 hex digits"):
        mailbox.get(1, ENCRYPTED_SUM)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_only_a_digest_can_be_put(mailbox: Mailbox, length: int) -> None:
    with pytest.raises(MailboxError, match=f"has 32 bytes, got {length}"):
        mailbox.put(1, ENCRYPTED_SUM, bytes(length))


@pytest.mark.parametrize("name", ["", "..", "../up", "/abs", "Upper", "a" * 33, "a\n", "a.b"])
def test_a_name_leads_out_of_no_folder(mailbox: Mailbox, name: str) -> None:
    with pytest.raises(MailboxError, match="no such pointer"):
        mailbox.put(1, name, DIGEST)
    with pytest.raises(MailboxError, match="no such pointer"):
        mailbox.get(1, name)


@pytest.mark.parametrize("round_id", [0, -1])
def test_rounds_begin_with_one(mailbox: Mailbox, round_id: int) -> None:
    with pytest.raises(MailboxError, match="no such pointer"):
        mailbox.put(round_id, ENCRYPTED_SUM, DIGEST)


@pytest.mark.timeout(20)
def test_a_pipe_in_a_pointers_place_is_not_waited_for(mailbox: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "mailbox" / "1").mkdir(parents=True)
    os.mkfifo(tmp_path / "mailbox" / "1" / ENCRYPTED_SUM)
    with pytest.raises(MailboxError, match="it is not a regular file"):
        mailbox.get(1, ENCRYPTED_SUM)


def test_a_folder_in_a_pointers_place_is_named(mailbox: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "mailbox" / "1" / ENCRYPTED_SUM).mkdir(parents=True)
    with pytest.raises(MailboxError, match="Is a directory"):
        mailbox.get(1, ENCRYPTED_SUM)
    with pytest.raises(MailboxError, match="cannot be written: Is a directory"):
        mailbox.put(1, ENCRYPTED_SUM, DIGEST)
