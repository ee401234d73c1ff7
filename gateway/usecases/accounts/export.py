"""All that is known of an account, table by table, for who takes it away.

What the provider charged for its calls is the operator's, and no part of it.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.postgres.accounts import ledger
from gateway.postgres.accounts.ledger import EntryFilters
from gateway.postgres.calls import calls
from gateway.postgres.lines import lines
from gateway.postgres.lines.lines import LineFilters
from gateway.postgres.mail import outbox
from gateway.postgres.types import PgConnection
from gateway.usecases.accounts.show import show_account

PAGE: Final = 1000
ACCOUNT: Final = (
    *("id", "name", "currency", "email", "time_zone", "language", "main_number", "balance", "held", "owed"),
    *("credit_limit", "available", "live_calls", "state", "blocked_reason", "created_at", "closed_at"),
)
ENTRIES: Final = (
    *("id", "booked_at", "kind", "amount", "currency", "balance_after", "call_id", "line_id", "external_id", "note"),
)
CALLS: Final = (
    *("id", "connection", "provider_call_id", "parent_id", "direction", "line", "caller", "callee", "state", "reason"),
    *("started_at", "answered_at", "ended_at", "billed_s", "charge", "currency", "cause", "cut_reason"),
)
LINES: Final = (
    *("id", "kind", "name", "state", "country", "category", "rent", "due_on", "reserved_until", "ends_at"),
    *("disconnected_at", "created_at"),
)
MAILS: Final = ("id", "kind", "recipient", "language", "state", "created_at", "first_tried_at", "sent_at", "tries")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedTable:
    """Rows of one kind, a page after the other."""

    name: str
    columns: Sequence[str]
    pages: AsyncIterator[Sequence[object]]


async def export_account(conn: PgConnection, *, account_id: int) -> list[ExportedTable]:
    """The tables of an account; NotFound at once where there is none."""
    account = await show_account(conn, account_id=account_id)
    return [
        ExportedTable(name="account", columns=ACCOUNT, pages=_one(account)),
        ExportedTable(name="entries", columns=ENTRIES, pages=_entries(conn, account_id)),
        ExportedTable(name="calls", columns=CALLS, pages=_calls(conn, account_id)),
        ExportedTable(name="numbers", columns=LINES, pages=_lines(conn, account_id)),
        ExportedTable(name="mails", columns=MAILS, pages=_mails(conn, account_id)),
    ]


async def _one(row: object) -> AsyncIterator[Sequence[object]]:
    yield [row]


async def _entries(conn: PgConnection, account_id: int) -> AsyncIterator[Sequence[object]]:
    after, filters = 0, EntryFilters()
    while page := await ledger.page(conn, account_id=account_id, after=after, limit=PAGE, filters=filters):
        yield page
        after = page[-1].id


async def _calls(conn: PgConnection, account_id: int) -> AsyncIterator[Sequence[object]]:
    before = None
    while ids := await calls.newest_ids(conn, account_id=account_id, is_live=False, before=before, limit=PAGE):
        yield await calls.show(conn, ids)
        before = ids[-1]


async def _lines(conn: PgConnection, account_id: int) -> AsyncIterator[Sequence[object]]:
    after, filters = 0, LineFilters(account_id=account_id)
    while page := await lines.page(conn, after=after, limit=PAGE, filters=filters):
        yield page
        after = page[-1].id


async def _mails(conn: PgConnection, account_id: int) -> AsyncIterator[Sequence[object]]:
    before = None
    while page := await outbox.page(conn, account_id=account_id, state=None, before=before, limit=PAGE):
        yield page
        before = page[-1].id
