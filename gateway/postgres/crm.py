"""Queries about CRMs and the calls they are told of (sql/queries/crm.sql)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

import asyncpg

from gateway.domain.calls.call import CallState
from gateway.domain.events import CallClicked, Cause, Direction
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection
from gateway.providers.crm import CrmCall


class CrmState(StrEnum):
    QUEUED = "queued"
    REGISTERED = "registered"
    FINISHED = "finished"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """A CRM's access as it is stored: tokens are sealed, and of the one that got them there is a hash."""

    account_id: int
    token_seed: str | None
    access_token: str | None
    refresh_token: str | None
    token_until: datetime | None
    rest_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedCall:
    """A call that is ours to tell until `until`; after that somebody else may."""

    connection: str
    call: CrmCall
    state: CrmState
    created_at: datetime
    tries: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmOutcome:
    """What became of a try: the new state, with the time of the next try if there is one."""

    state: CrmState
    crm_call_id: str | None
    crm_user_id: str | None
    tries: int
    due_at: datetime | None = None
    reply: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmRow:
    """What became of a call in a CRM so far; `next_at` is None where nothing is left to do."""

    call_id: int
    connection: str
    state: CrmState
    crm_call_id: str | None
    created_at: datetime
    next_at: datetime | None
    tries: int
    last_reply: str | None


class CrmPlace(NamedTuple):
    """Where a list of calls goes on, of which each CRM has a row."""

    call_id: int
    connection: str


# Before it there is no row, as ids are smaller.
_FIRST: Final = CrmPlace(2**63 - 1, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    crm_call_id: str
    crm_user_id: str


async def open_portal(conn: PgConnection, *, connection: str, account_id: int) -> Portal | None:
    """A CRM's row, made if there is none of this account's; None where there is no such account."""
    row = await conn.fetchrow(sql("crm_portal_find"), connection)
    if row is None or row["account_id"] != account_id:
        await conn.execute(sql("crm_portal_open"), connection, account_id)
        row = await conn.fetchrow(sql("crm_portal_find"), connection)
    return None if row is None or row["account_id"] != account_id else Portal(**row)


async def rest(conn: PgConnection, *, connection: str, until: datetime) -> None:
    await conn.execute(sql("crm_portal_rest"), connection, until)


async def claim_token(
    conn: PgConnection, *, connection: str, old_access: str | None, now: datetime, until: datetime
) -> bool:
    """Whether it is for us to fetch new tokens in place of the old ones."""
    return await conn.fetchval(sql("crm_token_claim"), connection, old_access, now, until) is not None


async def store_tokens(
    conn: PgConnection, *, connection: str, seed: str, access: str | None, refresh: str, until: datetime
) -> None:
    await conn.execute(sql("crm_token_store"), connection, seed, access, refresh, until)


async def expire_token(conn: PgConnection, *, connection: str, access: str, now: datetime) -> None:
    await conn.execute(sql("crm_token_expire"), connection, access, now)


async def see(conn: PgConnection, *, connection: str, now: datetime, limit: int) -> int:
    """Queue calls that the CRM has not been told of; how many."""
    seen: int = await conn.fetchval(sql("crm_see"), connection, now, limit)
    return seen


async def claim(
    conn: PgConnection, *, connection: str, now: datetime, until: datetime, limit: int
) -> list[ClaimedCall]:
    rows = await conn.fetch(sql("crm_claim"), connection, now, until, limit)
    return [
        ClaimedCall(
            connection=connection,
            call=_call(row),
            state=CrmState(row["crm_state"]),
            created_at=row["created_at"],
            tries=row["tries"],
            until=until,
        )
        for row in rows
    ]


async def settle(conn: PgConnection, claimed: ClaimedCall, outcome: CrmOutcome) -> bool:
    """Record what became of a try; False where the claim was over."""
    settled = await conn.fetchval(
        sql("crm_settle"),
        claimed.connection,
        claimed.call.id,
        claimed.until,
        outcome.state,
        outcome.due_at,
        outcome.crm_call_id,
        outcome.crm_user_id,
        outcome.tries,
        outcome.reply,
    )
    return settled is not None


async def note_click(conn: PgConnection, *, connection: str, click: CallClicked, now: datetime) -> None:
    """Remember a click, if the connection registers calls."""
    await conn.execute(sql("crm_click_note"), connection, click.crm_call_id, click.crm_user_id, click.callee, now)


async def take_click(conn: PgConnection, *, connection: str, callee: str, started_at: datetime) -> Click | None:
    row = await conn.fetchrow(sql("crm_click_take"), connection, callee, started_at)
    return None if row is None else Click(**row)


async def of_calls(conn: PgConnection, ids: Sequence[int]) -> list[CrmRow]:
    """What became of these calls in CRMs, newest calls first."""
    return [_row(row) for row in await conn.fetch(sql("crm_of_calls"), ids)]


async def given_up(conn: PgConnection, *, before: int | None, limit: int) -> list[CrmRow]:
    """Calls that a CRM is not told of any more, newest first."""
    return [_row(row) for row in await conn.fetch(sql("crm_list_given_up"), before, limit)]


async def page_given_up(conn: PgConnection, *, after: CrmPlace | None, limit: int) -> list[CrmRow]:
    """The same, from after a row on; None: from the newest."""
    place = after or _FIRST
    rows = await conn.fetch(sql("crm_page_given_up"), place.call_id, place.connection, limit)
    return [_row(row) for row in rows]


async def try_again(conn: PgConnection, *, call_id: int, now: datetime) -> bool:
    """Tell CRMs of a call again; False where none has given it up."""
    return bool(await conn.fetch(sql("crm_again"), call_id, now))


def _row(row: asyncpg.Record) -> CrmRow:
    return CrmRow(**dict(row) | {"state": CrmState(row["state"])})


def _call(row: asyncpg.Record) -> CrmCall:
    return CrmCall(
        id=row["call_id"],
        direction=Direction(row["direction"]),
        caller=row["caller"],
        callee=row["callee"],
        line=row["line"],
        state=CallState(row["state"]),
        started_at=row["started_at"],
        reason=row["reason"],
        record_code=row["record_code"],
        seconds=row["reported_s"] or 0,
        cause=None if row["cause"] is None else Cause(row["cause"]),
        charge=row["charge"],
        currency=row["currency"],
        crm_call_id=row["crm_call_id"],
        crm_user_id=row["crm_user_id"],
    )
