"""Prove that the books are right (R2): money, holds and live calls agree, in one snapshot of the database.

What was booked since the last proof of each account is enough from day to day, and its time does not grow with the
years; all of it, from the first entry, is proved by night and by hand.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from gateway.clock import APART_MAX, Clock
from gateway.domain.calls.months import what_is_wrong
from gateway.postgres.accounts import proofs, proven
from gateway.postgres.accounts.proofs import Finding
from gateway.postgres.accounts.proven import Proof
from gateway.postgres.calls import months
from gateway.postgres.clock import ask_time
from gateway.postgres.types import PgConnection
from gateway.words.speech import say
from gateway.words.vocabulary import HEALTH

# Of each kind; whoever finds so many will look into the database.
FINDINGS_MAX = 100
# Accounts that are proved by one statement.
AT_ONCE = 1000

# The calendar looks at a line within a second of its time, an account that failed within minutes.
WAITING_MAX = timedelta(hours=1)

Kind = Literal[
    "balance",
    "chain",
    "held",
    "owed",
    "charge",
    "open_call",
    "live_call",
    "rent",
    "line",
    "closed_line",
    "waiting_line",
    "spent",
    "proof",
    "month",
    "clock",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is wrong, in words, and whose it is."""

    kind: Kind
    account_id: int | None
    call_id: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCheck:
    """What was found, and what was proved: so many entries, booked since an instant (None: from the first)."""

    ok: bool
    accounts: int
    entries: int
    since: datetime | None
    differences: list[Difference]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Books:
    """How many entries were added up, since when, what is wrong with them, and what accounts are not as proved."""

    entries: int
    since: datetime | None
    findings: list[tuple[Kind, Finding]]
    wrong: Sequence[int] = ()


async def check_ledger(conn: PgConnection, *, full: bool = True, now: datetime | None = None) -> LedgerCheck:
    """Compare balances, holds, charges and paid months with entries and live calls; with `now`, see to the calendar.

    `full` begins with the first entries; otherwise each account's proof goes on from its last one.
    """
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        await proofs.begin(conn)
        accounts = await proofs.count_accounts(conn)
        books = await _prove_all(conn) if full else await _prove_the_rest(conn)
        findings = [*await _what_is_live(conn, now), *books.findings]
        otherwise = await _what_is_wrong_with_months(conn, now)
    findings += _otherwise_wrong(books.wrong, findings)
    differences = [*[_difference(kind, finding) for kind, finding in findings], *otherwise]
    return LedgerCheck(
        ok=not differences, accounts=accounts, entries=books.entries, since=books.since, differences=differences
    )


async def check_live(conn: PgConnection, *, now: datetime) -> list[Difference]:
    """The part of it that takes no longer as the books grow: what is held, owed, spent and due now."""
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        await proofs.begin(conn)
        return [_difference(kind, finding) for kind, finding in await _what_is_live(conn, now)]


async def _prove_all(conn: PgConnection) -> _Books:
    return _Books(
        entries=await proofs.count_entries(conn), since=None, findings=await _what_is_booked(conn, account_ids=None)
    )


async def _prove_the_rest(conn: PgConnection) -> _Books:
    """Accounts whose rest is right are right. Of others, all that is wrong with them is looked for."""
    entries, since, wrong = 0, list[datetime | None](), list[int]()
    async for proof in _proofs(conn):
        entries += proof.entries
        since.append(proof.since)
        if not proof.is_right:
            wrong.append(proof.account_id)
    findings = await _what_is_booked(conn, account_ids=wrong[:FINDINGS_MAX]) if wrong else []
    oldest = None if None in since else min((each for each in since if each is not None), default=None)
    return _Books(entries=entries, since=oldest, findings=findings, wrong=wrong[:FINDINGS_MAX])


async def _proofs(conn: PgConnection) -> AsyncIterator[Proof]:
    account_ids = await proven.accounts_after(conn, 0, limit=AT_ONCE)
    while account_ids:
        for proof in await proven.prove(conn, account_ids, whole=False):
            yield proof
        account_ids = await proven.accounts_after(conn, account_ids[-1], limit=AT_ONCE)


def _otherwise_wrong(
    account_ids: Sequence[int], findings: Sequence[tuple[Kind, Finding]]
) -> list[tuple[Kind, Finding]]:
    """Accounts that are not as proved though nothing else is wrong with them: what was proved of them has changed."""
    named = {finding.account_id for _, finding in findings}
    return [("proof", Finding(account_id=each, call_id=None)) for each in account_ids if each not in named]


async def _what_is_booked(conn: PgConnection, *, account_ids: Sequence[int] | None) -> list[tuple[Kind, Finding]]:
    limit, of = FINDINGS_MAX, account_ids
    return [
        *[("balance", each) for each in await proofs.wrong_balances(conn, limit=limit, of=of)],
        *[("chain", each) for each in await proofs.broken_chains(conn, limit=limit, of=of)],
        *[("charge", each) for each in await proofs.wrong_charges(conn, limit=limit, of=of)],
        *[("open_call", each) for each in await proofs.unattended_calls(conn, limit=limit, of=of)],
        *[("rent", each) for each in await proofs.strange_rents(conn, limit=limit, of=of)],
        *[("line", each) for each in await proofs.unpaid_lines(conn, limit=limit, of=of)],
    ]


async def _what_is_live(conn: PgConnection, now: datetime | None) -> list[tuple[Kind, Finding]]:
    """What is held, owed and spent now: as much as there is, however old the books are; and due, with `now`."""
    before = None if now is None else now - WAITING_MAX
    return [
        *[("held", each) for each in await proofs.wrong_holds(conn, limit=FINDINGS_MAX)],
        *[("owed", each) for each in await proofs.wrong_owed(conn, limit=FINDINGS_MAX)],
        *[("live_call", each) for each in await proofs.ghost_calls(conn, limit=FINDINGS_MAX)],
        *[("closed_line", each) for each in await proofs.closed_lines(conn, limit=FINDINGS_MAX)],
        *[("spent", each) for each in await proofs.wrong_spent(conn, limit=FINDINGS_MAX)],
        *[("waiting_line", each) for each in await proofs.waiting_lines(conn, limit=FINDINGS_MAX, before=before)],
    ]


async def _what_is_wrong_with_months(conn: PgConnection, now: datetime | None) -> list[Difference]:
    fact = None if now is None else what_is_wrong(await months.look(conn), now=now)
    if fact is None:
        return []
    return [Difference(kind="month", account_id=None, call_id=None, text=say(fact, subject=HEALTH))]


async def clocks_apart(conn: PgConnection, *, machine: Clock) -> timedelta | None:
    """How far the database's clock is ahead of this machine's; None where they agree.

    As far as the time that an answer takes lets one see.
    """
    asked_at = machine.now()
    said = await ask_time(conn)
    apart = said - min(max(said, asked_at), machine.now())
    return None if abs(apart) <= APART_MAX else apart


async def compare_clocks(conn: PgConnection, *, machine: Clock) -> list[Difference]:
    """Whether this machine's clock and the database's agree."""
    apart = await clocks_apart(conn, machine=machine)
    if apart is None:
        return []
    text = f"the database's clock is {apart.total_seconds():+.1f} s from this machine's"
    return [Difference(kind="clock", account_id=None, call_id=None, text=text)]


def _difference(kind: Kind, finding: Finding) -> Difference:
    account, call, line = f"account {finding.account_id}", f"call {finding.call_id}", f"line {finding.line_id}"
    texts: dict[Kind, str] = {
        "balance": f"{account}: the balance is {finding.found}, the entries make {finding.expected}",
        "chain": f"{account}, entry {finding.entry_id}: the balance after it is {finding.found},"
        f" by the entry before it is {finding.expected}",
        "held": f"{account}: {finding.found} are held, its live calls hold {finding.expected}",
        "owed": f"{account}: {finding.found} are owed, its calls that are over owe {finding.expected}",
        "charge": f"{call} of {account}: the charge is {finding.expected}, its entry {finding.found}",
        "open_call": f"{call} of {account} is open and nobody looks after it",
        "rent": f"{account}, entry {finding.entry_id}: {line} is not a line of this account",
        "line": f"{line} of {account} works, and its month is not the one that was paid last",
        "closed_line": f"{line} works, and {account}, whose it is, is closed",
        "waiting_line": f"{line} of {account} should have been looked at by the calendar more than an hour ago",
        "spent": f"{account}: {finding.found} counts as spent on its day, its calls have cost {finding.expected}",
        "proof": f"{account}: what was proved of it before has changed, though its entries make its balance",
        "live_call": f"{call} of {account} holds money or a deadline, and is not an open call of this account",
    }
    return Difference(kind=kind, account_id=finding.account_id, call_id=finding.call_id, text=texts[kind])
