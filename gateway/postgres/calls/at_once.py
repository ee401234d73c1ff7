"""Calls that are opened and closed by what a process remembers of them (sql/queries/calls: start_apply, end_apply)."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from gateway.domain.accounts.paying_account import PayingAccount
from gateway.domain.lines.line import Line
from gateway.postgres.calls import ends, starts
from gateway.postgres.calls.ends import ClosedCall, RecordedCall
from gateway.postgres.calls.starts import NewCall
from gateway.postgres.rows import rows_in, span_of
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection

_PAGE: Final = 1000
_line = msgspec.json.Decoder(Line).decode
_account = msgspec.json.Decoder(PayingAccount).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedStart:
    """A call that is connected if its line and its account are as remembered.

    `needed` is what the account must have for it; None where that does not matter.
    """

    new: NewCall
    account: PayingAccount
    needed: Decimal | None


async def read_lines(conn: PgConnection, *, most: int) -> AsyncIterator[list[tuple[Line, PayingAccount]]]:
    """Lines of the ordinary kind with their accounts, which are without their money; a page at a time."""
    after = count = 0
    while count < most:
        rows = await conn.fetch(sql("ordinary_lines"), after, min(_PAGE, most - count))
        page = [(_line(row["line"]), _account(row["account"])) for row in rows]
        yield page
        if len(page) < _PAGE:
            return
        after, count = page[-1][0].id, count + len(page)


async def open_calls(
    conn: PgConnection,
    calls: Sequence[RememberedStart],
    *,
    now: datetime,
    owed_limits: bool,
    rates_version: int,
    lock_wait: str,
) -> dict[int, int]:
    """Open calls, and commit; our ids by the positions of those that were as remembered.

    `owed_limits`: what is owed by calls that are over is not available. `rates_version` is that of the rates that they
    were decided by. `lock_wait`: how long a lock is waited for, as PostgreSQL has it; LockNotAvailableError after that.
    """
    rows = await conn.fetch(
        sql("start_apply"),
        rows_in(_start(ordinal, call) for ordinal, call in enumerate(calls)),
        now,
        sorted({call.account.id for call in calls}),
        owed_limits,
        rates_version,
        lock_wait,
    )
    return {row["ordinal"]: row["call_id"] for row in rows}


async def close_calls(
    conn: PgConnection, calls: Sequence[tuple[RecordedCall, ClosedCall]], *, now: datetime, lock_wait: str
) -> set[int]:
    """Close calls, and commit; the positions of those that were as remembered. `lock_wait`: as for `open_calls`."""
    call_ids = [closed.call_id for _, closed in calls]
    rows = await conn.fetch(
        sql("end_apply"),
        rows_in(_end(ordinal, call, closed) for ordinal, (call, closed) in enumerate(calls)),
        now,
        call_ids,
        *span_of(call_ids),
        sorted({call.account_id for call, _ in calls if call.account_id is not None}),
        lock_wait,
    )
    return {row["ordinal"] for row in rows}


def _start(ordinal: int, start: RememberedStart) -> dict[str, object]:
    row = starts.row_of(ordinal, start.new) | {"currency": start.account.currency, "needed": start.needed}
    if start.new.line is not None:
        row["country"], row["category"] = start.new.line.country, start.new.line.category
    return row


def _end(ordinal: int, call: RecordedCall, closed: ClosedCall) -> dict[str, object]:
    rate_id = None if call.rate is None else call.rate.id
    return ends.row_of(ordinal, closed) | {"was_hold": call.hold, "was_rate_id": rate_id}
