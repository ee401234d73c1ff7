"""What every command needs: its settings, the database, the time."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from gateway.cli.os_user import os_user
from gateway.clock import Clock, DatabaseClock
from gateway.domain.access.actor import Actor, command_line
from gateway.domain.errors import Conflict, DatabaseAway, NotFound
from gateway.log import configure, is_terminal, logger
from gateway.log_events import LogEvent
from gateway.postgres.clock import follow
from gateway.postgres.migrate import migrate, pending
from gateway.postgres.session import connected, read_replica, translated_errors
from gateway.postgres.types import PgConnection
from gateway.settings import Settings, load_settings

T = TypeVar("T")
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandContext:
    """One run of the command line."""

    config: Path | None
    clock: Clock

    def settings(self) -> Settings:
        """The settings, checked, but for those of connections' kinds and of the mail server."""
        return load_settings(os.environ, kinds=None, config=self.config, is_terminal=is_terminal())

    def all_settings(self, *, overrides: Mapping[str, str] = _NOTHING) -> Settings:
        """The settings, all of them checked."""
        from gateway.providers.registry import adapters  # noqa: PLC0415 - a fifth of the imports of a short command

        return load_settings(
            os.environ, kinds=adapters(), config=self.config, overrides=overrides, is_terminal=is_terminal()
        )

    @property
    def actor(self) -> Actor:
        """Who types: in the audit it is they who did it."""
        return command_line(os_user())

    def now(self) -> datetime:
        return self.clock.now()

    def run(
        self,
        work: Callable[[PgConnection], Awaitable[T]],
        *,
        settings: Settings | None = None,
        as_it_is: bool = False,
    ) -> T:
        """What some work gives that is handed a connection to the database; `as_it_is`: whatever its schema."""
        reached = database_as_it_is if as_it_is else database
        with translated_errors(), reached(settings or self.settings()) as dsn:
            return asyncio.run(self._work(dsn, work))

    async def _work(self, dsn: str, work: Callable[[PgConnection], Awaitable[T]]) -> T:
        async with connected(dsn, application_name="gateway-cli") as conn:
            return await self._timed(conn, work)

    async def _timed(self, conn: PgConnection, work: Callable[[PgConnection], Awaitable[T]]) -> T:
        """By the database's clock."""
        if isinstance(self.clock, DatabaseClock):
            await follow(self.clock, conn)
        return await work(conn)

    def read(self, work: Callable[[PgConnection], Awaitable[T]]) -> T:
        """The same of work that only reads: by the replica, where there is one that can answer."""
        settings = self.settings()
        if settings.database_read_url is None:
            return self.run(work, settings=settings)
        configure(settings.log)
        try:
            with translated_errors():
                timed = partial(self._timed, work=work)
                return asyncio.run(read_replica(settings.database_read_url, timed))
        except NotFound:
            # It may have come into being within the moments that the replica is behind.
            return self.run(work, settings=settings)
        except DatabaseAway as error:
            logger().warning(LogEvent.REPLICA_PASSED_OVER, why=str(error))
            return self.run(work, settings=settings)


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The external database if its schema is ours; else the embedded one, attached to or run, and migrated."""
    with database_as_it_is(settings) as dsn:
        if settings.database_url is None:
            asyncio.run(migrate(dsn))
        elif asyncio.run(pending(dsn)):
            raise Conflict("the database has not the schema of this version: run `gateway migrate`")
        yield dsn


@contextmanager
def database_as_it_is(settings: Settings) -> Iterator[str]:
    """The external database, or the embedded one, attached to or run."""
    configure(settings.log)
    if settings.database_url is not None:
        yield settings.database_url
        return
    from gateway.embedded.server import embedded_dsn  # noqa: PLC0415 - a third of the imports of a short command

    with embedded_dsn(settings.data, bindir=settings.pg_bindir, os_user=settings.pg_os_user) as dsn:
        yield dsn
