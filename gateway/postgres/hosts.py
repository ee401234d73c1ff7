"""Connecting to a database that may be at one of several hosts: they are tried beside each other.

A host that hangs takes connections and says nothing, for ever, so nobody waits for one before the next is tried: each
gets a head start, and the first session that is as it is wanted wins. Whoever won last begins the next time.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

import asyncpg
from asyncpg.connect_utils import SessionAttribute

from gateway.settings.database_url import DatabaseUrl, Host, Session, read_database_url

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
# None: where the driver looks when no host is named.
Place: TypeAlias = Host | None

# A host in the same country has long answered by then; one that hangs costs no more than this.
HEAD_START_S: Final = 0.25
# How long one of several is waited for, as the others are tried again only after that.
HOST_S_MAX: Final = 3.0


class NoHostWanted(ConnectionError):
    """No host gave a session as it is wanted; the message says of each why."""


class Hosts:
    """The hosts of one URL. Of several the one is wanted that can be written to, unless the URL wants another."""

    def __init__(self, url: str) -> None:
        self._url = read_database_url(url)
        self._order: list[Place] = [*self._url.hosts] or [None]
        self._wanted = _wanted(self._url)
        self._sessions: WeakKeyDictionary[Connection, Place] = WeakKeyDictionary()

    async def connect(self, *_unused: Any, **options: Any) -> Connection:
        """The first session that is as it is wanted; `options` are those of the driver's `connect`."""
        if self._wanted is not Session.PREFER_STANDBY:
            return await self._race(self._wanted, options)
        try:
            return await self._race(Session.STANDBY, options)
        except (OSError, asyncpg.PostgresError):
            return await self._race(Session.ANY, options)

    async def _race(self, wanted: Session, options: Mapping[str, Any]) -> Connection:
        waiting = deque(self._order)
        running: dict[asyncio.Task[Connection], Place] = {}
        failures: dict[Place, BaseException] = {}
        try:
            while waiting or running:
                if waiting:
                    place = waiting.popleft()
                    running[asyncio.create_task(self._connect(place, wanted, options))] = place
                head_start_s = HEAD_START_S if waiting else None
                done, _ = await asyncio.wait(running, timeout=head_start_s, return_when=asyncio.FIRST_COMPLETED)
                for attempt in done:
                    place = running.pop(attempt)
                    if (failure := attempt.exception()) is None:
                        self._won(place, attempt.result())
                        return attempt.result()
                    failures[place] = failure
        finally:
            _abandon(running)
        raise _failure(failures)

    async def _connect(self, place: Place, wanted: Session, options: Mapping[str, Any]) -> Connection:
        url, attributes = self._url.at(place), SessionAttribute(wanted)
        async with asyncio.timeout(HOST_S_MAX if len(self._order) > 1 else None):
            conn: Connection = await asyncpg.connect(url, target_session_attrs=attributes, **options)
        return conn

    def _won(self, winner: Place, conn: Connection) -> None:
        """Begin with this host from now on. If only one can be written to, what there is at others has no use.

        Whoever uses such a session may wait for a host that hangs, and would for long: it is ended under them.
        """
        self._sessions[conn] = winner
        self._order.sort(key=lambda place: place is not winner)
        if self._wanted in {Session.READ_WRITE, Session.PRIMARY}:
            for other, place in list(self._sessions.items()):
                if place is not winner:
                    other.terminate()


def _wanted(url: DatabaseUrl) -> Session:
    if url.session not in {None, Session.ANY}:
        assert url.session is not None, "it is in neither"  # noqa: S101
        return url.session
    return Session.READ_WRITE if len(url.hosts) > 1 else Session.ANY


def _abandon(attempts: Iterable["asyncio.Task[Connection]"]) -> None:
    """Let go of those that did not win; a session that comes all the same is closed."""
    for attempt in attempts:
        attempt.cancel()
        attempt.add_done_callback(_close)


def _close(attempt: "asyncio.Task[Connection]") -> None:
    if not attempt.cancelled() and attempt.exception() is None:
        attempt.result().terminate()


def _failure(failures: Mapping[Place, BaseException]) -> BaseException:
    """What to raise: of one host its own failure, of several what each of them said."""
    [first, *others] = failures.values()
    if not others and not isinstance(first, asyncpg.TargetServerAttributeNotMatched):
        return first
    said = "; ".join(f"{place or 'the usual places'}: {_words(failure)}" for place, failure in failures.items())
    failure = NoHostWanted(said)
    failure.__cause__ = first
    return failure


def _words(failure: BaseException) -> str:
    if isinstance(failure, asyncpg.TargetServerAttributeNotMatched):
        return "is not the one that is wanted (a standby, or the only one to be written to)"
    return " ".join(str(failure).split()) or "did not answer"
