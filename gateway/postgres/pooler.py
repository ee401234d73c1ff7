"""A pooler between us and the database, as PgBouncer: recognised, and seen to that what we need arrives behind it.

A session of ours has settings that it asks for when it begins. A pooler drops those it was told to ignore, without a
word. Where each client has a session for as long as it is connected, they are set once more. Where it has one for a
transaction at a time, a setting would stay with the session for whoever has it next: there they are the defaults of our
role, which `migrate` writes down.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final
from uuid import uuid4

import asyncpg

from gateway.domain.errors import DatabaseAway
from gateway.postgres.hosts import Connection, Hosts

_UNSUPPORTED: Final = "unsupported startup parameter"
# Of these less than was asked for is as good: a command is then cancelled, and says so.
_TIMEOUTS: Final = frozenset({"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"})
# How long a pooler may take to hand out a session while another is in use; one that has none waits for longer.
_PATIENCE_S: Final = 2.0
# What the sessions are called by which a pooler is looked at.
LOOKING: Final = "gateway-pooler"
_TRIES: Final = 5

# The view `pg_settings` has every setting told of, and takes ten times as long.
_FIND_LOST: Final = """
SELECT pg_backend_pid() AS pid, array_agg(name) AS names, array_agg(
    CASE
        WHEN name = ANY($2) THEN (extract(epoch FROM current_setting(name, true)::interval) * 1000)::bigint::text
        ELSE current_setting(name, true)
    END
) AS settings
FROM unnest($1::text[]) AS asked (name)
"""


class PoolerUnfit(DatabaseAway):
    """What stands between us and the database does not do what we need; the message says what to set."""


class Mode(StrEnum):
    """For how long a pooler leaves a session to a client."""

    SESSION = "session"
    TRANSACTION = "transaction"


class SettledHosts:
    """The hosts of a database, whose sessions have their settings; what a pooler is like is found out once."""

    def __init__(self, hosts: Hosts, settings: Mapping[str, str]) -> None:
        self._hosts = hosts
        self._settings = settings
        self._mode: asyncio.Task[Mode] | None = None

    async def connect(self, *_unused: Any, **options: Any) -> Connection:
        """A session with its settings, or PoolerUnfit; `options` are those of the driver's `connect`."""
        for _ in range(_TRIES - 1):
            # A pooler may hand out a session that has ended behind its back, as when one has just migrated through it.
            with contextlib.suppress(asyncpg.ConnectionDoesNotExistError):
                return await self._connect(options)
        return await self._connect(options)

    async def _connect(self, options: Mapping[str, Any]) -> Connection:
        try:
            conn = await self._hosts.connect(**options)
        except (OSError, asyncpg.PostgresError) as error:
            if _UNSUPPORTED not in str(error):
                raise
            raise PoolerUnfit(
                "PgBouncer before the database refuses our settings: give it"
                f" ignore_startup_parameters = extra_float_digits, {', '.join(self._settings)}"
            ) from error
        try:
            await self._settle(conn)
        except BaseException:
            conn.terminate()
            raise
        return conn

    async def _settle(self, conn: Connection) -> None:
        pid, lost = await find_lost(conn, self._settings)
        if not lost and pid == conn.get_server_pid():
            return
        mode = Mode.SESSION if pid == conn.get_server_pid() else await self._find_mode()
        if lost and mode is Mode.TRANSACTION:
            raise PoolerUnfit(
                f"the pooler before the database keeps {', '.join(lost)} from its sessions: run `gateway migrate`,"
                " which makes them the defaults of our role, then RECONNECT in the pooler's console"
            )
        for name in lost:
            await conn.execute(_set_config(name, self._settings[name]))

    async def _find_mode(self) -> Mode:
        """Asked by all connections of a pool at once, answered once."""
        if self._mode is None or (self._mode.done() and self._mode.exception() is not None):
            self._mode = asyncio.create_task(find_mode(self._hosts))
        return await asyncio.shield(self._mode)


async def find_lost(conn: Connection, settings: Mapping[str, str]) -> tuple[int, list[str]]:
    """The process of the database that serves us, and the names of the settings that are not as asked for."""
    async with conn.transaction():
        row = await conn.fetchrow(_FIND_LOST, list(settings), list(_TIMEOUTS))
    assert row is not None, "an aggregate gives one row"  # noqa: S101
    found = dict(zip(row["names"], row["settings"], strict=True))
    return row["pid"], [name for name in settings if not _is_as_wanted(name, found.get(name), settings[name])]


def _is_as_wanted(name: str, found: str | None, wanted: str) -> bool:
    if name in _TIMEOUTS and found is not None:
        return 0 < int(found) <= int(wanted)
    return found == wanted


def _set_config(name: str, value: str) -> str:
    return f"SELECT set_config('{name}', '{value}', false)"


async def find_mode(hosts: Hosts) -> Mode:
    """Whether a session is handed to others between transactions, by two clients that use it in turn.

    Raises PoolerUnfit where it is, and what was prepared in it is not there in the next.
    """
    one, other = [await _look_in(hosts) for _ in range(2)]
    try:
        for _ in range(_TRIES):
            if await _is_handed_over(one, other):
                await _require_prepared(one, other)
                return Mode.TRANSACTION
    finally:
        one.terminate()
        other.terminate()
    return Mode.SESSION


async def _look_in(hosts: Hosts) -> Connection:
    # Nothing is to be prepared but what we prepare ourselves.
    return await hosts.connect(
        statement_cache_size=0,
        timeout=_PATIENCE_S,
        command_timeout=_PATIENCE_S,
        server_settings={"application_name": LOOKING},
    )


async def _is_handed_over(one: Connection, other: Connection) -> bool:
    """Whether the other client gets the session that the first one had."""
    before = await _pid(one)
    async with other.transaction():
        return before == await other.fetchval("SELECT pg_backend_pid()") or before != await _pid(one)


async def _pid(conn: Connection) -> int:
    async with conn.transaction():
        pid: int = await conn.fetchval("SELECT pg_backend_pid()")
        return pid


async def _require_prepared(one: Connection, other: Connection) -> None:
    """Have one client prepare a statement while the other keeps a session busy, and use it in that session."""
    try:
        for _ in range(_TRIES):
            async with other.transaction():
                busy: int = await other.fetchval("SELECT pg_backend_pid()")
                prepared = await one.prepare("SELECT pg_backend_pid()", name=f"gateway_{uuid4().hex}")
            async with one.transaction():
                if await prepared.fetchval() == busy:
                    return
    except (asyncpg.InvalidSQLStatementNameError, asyncpg.DuplicatePreparedStatementError) as error:
        raise PoolerUnfit(
            "the pooler before the database loses prepared statements: PgBouncer in transaction mode must be 1.21 or"
            " newer with max_prepared_statements = 500, else set pool_mode = session"
        ) from error
