"""The pool of connections, with codecs that refuse what would silently become a wrong amount or a wrong time."""

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import asyncpg
import msgspec

from gateway.domain.errors import DatabaseAway
from gateway.postgres.arrays import know_arrays
from gateway.postgres.hosts import Hosts
from gateway.postgres.pooler import SettledHosts
from gateway.postgres.types import Pool, PoolConnection

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
MICROSECONDS = 1_000_000
SECONDS_OF_DAY = 86_400
JSONB_VERSION = b"\x01"

STATEMENT_TIMEOUT = timedelta(seconds=5)
# A transaction of ours never waits for anything but the database, so an idle one belongs to a stuck process
# that holds locks on accounts.
IDLE_IN_TRANSACTION_TIMEOUT = timedelta(seconds=10)
# Transactions here last milliseconds. Whoever holds a lock for longer is stuck, and the calls of other accounts must
# not wait for it.
LOCK_TIMEOUT = timedelta(milliseconds=400)
CONNECT_TIMEOUT = timedelta(seconds=10)
# The server cancels a slow statement; this one is for a server that does not answer at all.
UNANSWERED_AFTER = timedelta(seconds=5)
SEEN_WITHIN_S = 2.0

# Every query here finds a few rows by a key. Generic plans save the planning of each execution, but a plan is
# made from the statistics of that moment: made while a table is empty, it scans the table, and goes on scanning
# when a million rows are in it. Without scans and hash or merge joins, the plan is the one by the index, always.
# ("off" is a high price, not a ban: a query without an index still runs.) Reports set them on for themselves.
PLANNER_SETTINGS = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "jit": "off",
}

# What lists and sums ask has many forms, and the planner sees whether one plan does for all of them.
REPORT_SETTINGS = {
    "plan_cache_mode": "auto",
    "enable_seqscan": "on",
    "enable_hashjoin": "on",
    "enable_mergejoin": "on",
    "jit": "off",
}


async def open_pool(
    dsn: str,
    *,
    size: int,
    application_name: str = "gateway",
    statement_timeout: timedelta = STATEMENT_TIMEOUT,
    lock_timeout: timedelta = LOCK_TIMEOUT,
    opened_at_once: int | None = None,
    planner: Mapping[str, str] = MappingProxyType(PLANNER_SETTINGS),
) -> "asyncpg.Pool[asyncpg.Record]":
    """Open `size` connections at once, so that the first calls do not wait for them; all stay open.

    `opened_at_once`: only so many, the others when they are needed.

    Whoever borrows a connection leaves no trace on it: `SET LOCAL`, never `SET`; locks of a transaction, never of
    a session; no LISTEN. For that it is given back without the usual round trip that resets it. (An open
    transaction is rolled back all the same.)
    """
    settings = session_settings(statement_timeout=statement_timeout, lock_timeout=lock_timeout, planner=planner)
    return await asyncpg.create_pool(
        connect=SettledHosts(Hosts(dsn), settings).connect,
        min_size=size if opened_at_once is None else opened_at_once,
        max_size=size,
        max_inactive_connection_lifetime=0,
        max_cached_statement_lifetime=0,
        statement_cache_size=500,
        timeout=CONNECT_TIMEOUT.total_seconds(),
        command_timeout=(statement_timeout + UNANSWERED_AFTER).total_seconds(),
        init=prepare_connection,
        reset=_keep_session,
        server_settings={"application_name": application_name, **settings},
    )


def session_settings(
    *,
    statement_timeout: timedelta = STATEMENT_TIMEOUT,
    lock_timeout: timedelta = LOCK_TIMEOUT,
    planner: Mapping[str, str] = MappingProxyType(PLANNER_SETTINGS),
) -> dict[str, str]:
    """What a session of ours asks for, by the names and in the units of `pg_settings`."""
    return {
        "timezone": "UTC",
        "statement_timeout": _milliseconds(statement_timeout),
        "lock_timeout": _milliseconds(lock_timeout),
        "idle_in_transaction_session_timeout": _milliseconds(IDLE_IN_TRANSACTION_TIMEOUT),
        **planner,
    }


async def give_back(pool: Pool, conn: PoolConnection) -> None:
    """Have others use a borrowed connection."""
    with contextlib.suppress(asyncpg.InterfaceError):  # the server ended it, so that it left the pool by itself
        await pool.release(conn)


def has_ended(conn: PoolConnection) -> bool:
    """Whether the server has closed a borrowed connection, so that it has left the pool by itself."""
    try:
        return conn.is_closed()
    except asyncpg.InterfaceError:
        return True


async def see_database(pool: Pool) -> None:
    """Raise DatabaseAway if the database does not answer, whatever it is asked."""
    try:
        async with asyncio.timeout(SEEN_WITHIN_S):
            await pool.fetchval("SELECT 1")
    except Exception as error:
        raise DatabaseAway(str(error) or "it did not answer") from error


async def discard(pool: Pool, conn: PoolConnection, *, within_s: float = 0.2) -> None:
    """Give up a borrowed connection of which nobody knows what it is waiting for, and have the others opened anew.

    The driver has asked the server to cancel what was under way: for so long it is given the time to do so, since a
    server that is not told keeps the session. Then the connection is closed hard. Where one is dead most often all are:
    whoever borrowed them one by one would wait for each.
    """
    await pool.expire_connections()
    try:
        async with asyncio.timeout(within_s):
            await pool.release(conn)
    except Exception:  # noqa: BLE001 - whatever it says, it is closed
        with contextlib.suppress(asyncpg.InterfaceError):  # the server ended it, so that it left the pool by itself
            conn.terminate()


async def prepare_connection(conn: Any) -> None:
    """Set the strict codecs; for a connection outside the pool too.

    They cost nothing: a round trip with an array of thirty numerics in takes 61 against 121 us with the driver's
    own, with thirty rows of them out 117 against 125; timestamptz 119 against 146 in, 125 against 129 out (medians
    of three runs on 2 cores, 2026-11; noise 15 %). But a numeric inside a composite value, an anonymous record or
    a range cannot be read any more: select columns.
    """
    await conn.set_type_codec("numeric", schema="pg_catalog", encoder=encode_numeric, decoder=Decimal, format="text")
    await conn.set_type_codec(
        "timestamptz",
        schema="pg_catalog",
        encoder=encode_timestamptz,
        decoder=decode_timestamptz,
        format="tuple",
    )
    await conn.set_type_codec("jsonb", schema="pg_catalog", encoder=encode_jsonb, decoder=decode_jsonb, format="binary")
    know_arrays(conn)


def encode_numeric(value: object) -> str:
    """Only Decimal and int are exact; the driver would take 0.1 for 0.1000000000000000055."""
    if type(value) is Decimal:
        if value.is_finite():
            return str(value)
        raise ValueError(f"{value} is no amount")
    if type(value) is int:
        return str(value)
    raise TypeError(f"a numeric is given as Decimal or int, not {type(value).__name__}")


def encode_timestamptz(value: datetime) -> tuple[int]:
    """Only aware times are instants; the driver would take a naive one for the machine's local time."""
    try:
        since = value - EPOCH  # of what is naive or no datetime, this cannot be taken away
    except TypeError:
        raise TypeError(f"a timestamptz is given as an aware datetime, not {value!r}") from None
    return ((since.days * SECONDS_OF_DAY + since.seconds) * MICROSECONDS + since.microseconds,)


def decode_timestamptz(since: tuple[int]) -> datetime:
    return EPOCH + timedelta(0, 0, since[0])


def encode_jsonb(value: object) -> bytes:
    return JSONB_VERSION + msgspec.json.encode(value)


def decode_jsonb(value: bytes) -> Any:
    return msgspec.json.decode(memoryview(value)[1:])


def _milliseconds(duration: timedelta) -> str:
    return str(round(duration.total_seconds() * 1000))


async def _keep_session(_conn: Any) -> None:
    """Nothing to reset: see the rule in `open_pool`."""
