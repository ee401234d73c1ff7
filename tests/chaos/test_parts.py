"""The parts that a scenario is made of do what they say: the same seed the same scenario, a COMMIT is known as one."""

import asyncio
import struct
from decimal import Decimal
from email.message import EmailMessage

import aiosmtplib
import pytest

from tests.chaos.fault_kinds import KINDS, FaultKind
from tests.chaos.faults import STRIKES
from tests.chaos.frontend import FrontendReader
from tests.chaos.proxy import AtCommit, CommitTrap
from tests.chaos.rating import BY_MINUTE, BY_SECOND, IN_PARTS, Row
from tests.chaos.scenario import draw
from tests.chaos.smtp import Mood, mail_server

STARTUP = struct.pack("!II", 8, 196608)
TLS = struct.pack("!II", 8, 80877103)


def query(text: bytes) -> bytes:
    return b"Q" + struct.pack("!I", 4 + len(text) + 1) + text + b"\0"


def parse(text: bytes) -> bytes:
    body = b"name\0" + text + b"\0\0\0"
    return b"P" + struct.pack("!I", 4 + len(body)) + body


def test_a_seed_is_always_the_same_scenario() -> None:
    assert draw(7) == draw(7)
    assert draw(7).calls != draw(8).calls


def test_neighbouring_seeds_meet_every_kind_of_fault() -> None:
    assert {draw(seed).faults[0].kind for seed in range(len(KINDS))} == set(KINDS)


def test_every_kind_of_fault_can_be_had() -> None:
    assert set(STRIKES) == set(FaultKind)


@pytest.mark.parametrize("commit", [query(b"COMMIT"), query(b"commit and chain"), parse(b"COMMIT;")])
def test_a_commit_is_known_wherever_its_pieces_are_cut(commit: bytes) -> None:
    sent = TLS + STARTUP + query(b"BEGIN") + commit
    for cut in range(1, len(sent)):
        reader = FrontendReader()

        assert [reader.holds_commit(sent[:cut]), reader.holds_commit(sent[cut:])] == [False, True]


def test_what_only_speaks_of_a_commit_is_none() -> None:
    reader = FrontendReader()

    assert not reader.holds_commit(STARTUP + query(b"SELECT 'COMMIT'") + parse(b"ROLLBACK"))


def test_a_trap_lets_some_commits_through_and_meets_some() -> None:
    trap = CommitTrap(AtCommit.LOST_BEFORE, passed=1, left=2)

    assert [trap.springs() for _ in range(5)] == [False, True, True, False, False]


@pytest.mark.parametrize(
    ("row", "seconds", "price"),
    [
        (BY_SECOND, 0, "0"),
        (BY_SECOND, 61, "0.61"),
        (BY_MINUTE, 1, "0.027"),
        (BY_MINUTE, 61, "0.054"),
        (IN_PARTS, 30, "0.05825"),
        (IN_PARTS, 31, "0.0673"),
    ],
)
def test_a_price_is_reckoned_as_the_deck_says(row: Row, seconds: int, price: str) -> None:
    assert row.price(seconds) == Decimal(price)


async def test_the_mail_server_counts_what_it_takes_and_what_it_does_not_answer() -> None:
    async with mail_server() as server:
        await _send(server.port)
        server.mood = Mood.SILENT
        with pytest.raises(aiosmtplib.SMTPException):
            await _send(server.port)
        server.mood = Mood.DEFERS
        with pytest.raises(aiosmtplib.SMTPException):
            await _send(server.port)

        assert (server.taken["<1@x>"], server.unanswered["<1@x>"]) == (2, 1)


async def _send(port: int) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = "a@x", "b@x", "<1@x>"
    mail.set_content("Hello")
    async with asyncio.timeout(5), aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as smtp:
        await smtp.send_message(mail)
