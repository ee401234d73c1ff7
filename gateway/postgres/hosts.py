"""Connecting to a database that may be at one of several hosts or addresses: they are tried beside each other.

A host that hangs takes connections and says nothing, for ever, so nobody waits for one before the next is tried: each
gets a head start, and the first session that is as it is wanted wins. Whoever won last begins the next time.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

import asyncpg
from asyncpg.connect_utils import SessionAttribute

from gateway.postgres.addresses import Place, Resolve, addresses_of, places_of
from gateway.settings.database_url import Host, Session, read_database_url

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

# A host in the same country has long answered by then; one that hangs costs no more than this.
HEAD_START_S: Final = 0.25
# How long one of several is waited for, as the others are tried again only after that.
HOST_S_MAX: Final = 3.0


class NoHostWanted(ConnectionError):
    """No host gave a session as it is wanted; the message says of each why."""


class Hosts:
    """The hosts of one URL, each with the addresses of its name.

    Of several the one is wanted that can be written to, unless the URL wants another.
    """

    def __init__(self, url: str, *, resolve: Resolve = addresses_of) -> None:
        self._url = read_database_url(url)
        self._resolve = resolve
        self._winner: Place | None = None
        self._sessions: WeakKeyDictionary[Connection, Place] = WeakKeyDictionary()

    async def connect(self, *_unused: Any, **options: Any) -> Connection:
        """The first session that is as it is wanted; `options` are those of the driver's `connect`."""
        places = await self._places()
        wanted = self._wanted(places)
        if wanted is not Session.PREFER_STANDBY:
            return await self._race(places, wanted, options)
        try:
            return await self._race(places, Session.STANDBY, options)
        except (OSError, asyncpg.PostgresError):
            return await self._race(places, Session.ANY, options)

    async def _places(self) -> list[Place]:
        """Where to look, whoever won last first. Names are looked up each time, as a failover may change them."""
        hosts: tuple[Host | None, ...] = self._url.hosts or (None,)
        found = await asyncio.gather(*(places_of(host, self._resolve) for host in hosts))
        places = [place for each in found for place in each]
        return sorted(places, key=lambda place: place != self._winner)

    def _wanted(self, places: Sequence[Place]) -> Session:
        if self._url.session is not None and self._url.session is not Session.ANY:
            return self._url.session
        return Session.READ_WRITE if len(places) > 1 else Session.ANY

    async def _race(self, places: Sequence[Place], wanted: Session, options: Mapping[str, Any]) -> Connection:
        waiting = deque(places)
        limit_s = HOST_S_MAX if len(places) > 1 else None
        running: dict[asyncio.Task[Connection], Place] = {}
        failures: dict[Place, BaseException] = {}
        try:
            while waiting or running:
                if waiting:
                    place = waiting.popleft()
                    running[asyncio.create_task(self._connect(place, wanted, limit_s, options))] = place
                head_start_s = HEAD_START_S if waiting else None
                done, _ = await asyncio.wait(running, timeout=head_start_s, return_when=asyncio.FIRST_COMPLETED)
                for attempt in done:
                    place = running.pop(attempt)
                    if (failure := attempt.exception()) is None:
                        self._won(place, attempt.result(), wanted)
                        return attempt.result()
                    failures[place] = failure
        finally:
            _abandon(running)
        raise _failure(failures)

    async def _connect(
        self, place: Place, wanted: Session, limit_s: float | None, options: Mapping[str, Any]
    ) -> Connection:
        url, attributes = self._url.at(place.host), SessionAttribute(wanted)
        loop = place.loop() or options.get("loop")
        async with asyncio.timeout(limit_s):
            conn: Connection = await asyncpg.connect(
                url, **{**options, "loop": loop, "target_session_attrs": attributes}
            )
        return conn

    def _won(self, winner: Place, conn: Connection, wanted: Session) -> None:
        """Begin with this host from now on. If only one can be written to, what there is at others has no use.

        Whoever uses such a session may wait for a host that hangs, and would for long: it is ended under them.
        """
        self._sessions[conn] = winner
        self._winner = winner
        if wanted in {Session.READ_WRITE, Session.PRIMARY}:
            for other, place in list(self._sessions.items()):
                if place != winner:
                    other.terminate()


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
    said = "; ".join(f"{place}: {_words(failure)}" for place, failure in failures.items())
    failure = NoHostWanted(said)
    failure.__cause__ = first
    return failure


def _words(failure: BaseException) -> str:
    if isinstance(failure, asyncpg.TargetServerAttributeNotMatched):
        return "is not the one that is wanted (a standby, or the only one to be written to)"
    return " ".join(str(failure).split()) or "did not answer"
