"""Prove that the books are right (R2): money, holds and live calls agree, in one snapshot of the database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from gateway.postgres.accounts import proofs
from gateway.postgres.accounts.proofs import Finding
from gateway.postgres.types import PgConnection

# Deadlines are written by one clock and read by another.
CLOCK_DIFFERENCE_MAX = timedelta(seconds=5)
# Of each kind; whoever finds so many will look into the database.
FINDINGS_MAX = 100

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
    ok: bool
    accounts: int
    differences: list[Difference]


async def check_ledger(conn: PgConnection, *, now: datetime | None = None) -> LedgerCheck:
    """Compare balances, holds, charges and paid months with entries and live calls; with `now`, see to the calendar."""
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        await proofs.begin(conn)
        accounts = await proofs.count_accounts(conn)
        findings: list[tuple[Kind, Finding]] = []
        findings += [("balance", each) for each in await proofs.wrong_balances(conn, limit=FINDINGS_MAX)]
        findings += [("chain", each) for each in await proofs.broken_chains(conn, limit=FINDINGS_MAX)]
        findings += [("held", each) for each in await proofs.wrong_holds(conn, limit=FINDINGS_MAX)]
        findings += [("owed", each) for each in await proofs.wrong_owed(conn, limit=FINDINGS_MAX)]
        findings += [("charge", each) for each in await proofs.wrong_charges(conn, limit=FINDINGS_MAX)]
        findings += [("open_call", each) for each in await proofs.unattended_calls(conn, limit=FINDINGS_MAX)]
        findings += [("live_call", each) for each in await proofs.ghost_calls(conn, limit=FINDINGS_MAX)]
        findings += [("rent", each) for each in await proofs.strange_rents(conn, limit=FINDINGS_MAX)]
        findings += [("line", each) for each in await proofs.unpaid_lines(conn, limit=FINDINGS_MAX)]
        findings += [("closed_line", each) for each in await proofs.closed_lines(conn, limit=FINDINGS_MAX)]
        findings += [("spent", each) for each in await proofs.wrong_spent(conn, limit=FINDINGS_MAX)]
        if now is not None:
            waiting = await proofs.waiting_lines(conn, limit=FINDINGS_MAX, before=now - WAITING_MAX)
            findings += [("waiting_line", each) for each in waiting]
    differences = [_difference(kind, finding) for kind, finding in findings]
    return LedgerCheck(ok=not differences, accounts=accounts, differences=differences)


async def compare_clocks(conn: PgConnection, *, now: datetime) -> list[Difference]:
    """Whether this machine's clock and the database's agree, as the deadlines of calls suppose."""
    apart = await proofs.clock(conn) - now
    if abs(apart) <= CLOCK_DIFFERENCE_MAX:
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
        "live_call": f"{call} of {account} holds money or a deadline, and is not an open call of this account",
    }
    return Difference(kind=kind, account_id=finding.account_id, call_id=finding.call_id, text=texts[kind])
