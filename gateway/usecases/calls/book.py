"""The book of calls: starts, and what follows them, in group commits; while the database is away, on disk."""

from collections.abc import Coroutine, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol, assert_never

from gateway.clock import Clock
from gateway.domain.calls.call import Flag, Limits
from gateway.domain.connection import Connection
from gateway.domain.errors import DatabaseAway, HeldByOthers, MalformedHook, NotFound, OutcomeUnknown
from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.metrics import Metrics
from gateway.postgres.errors import is_own_fault
from gateway.postgres.group_commit import LOCK_WAIT, WAIT_MAX_S
from gateway.postgres.pool import see_database
from gateway.postgres.types import PgConnection, Pool
from gateway.providers.abilities import ask_every
from gateway.providers.base import Acknowledged, Adapter
from gateway.spool.record import Record, record_of
from gateway.spool.spool import Spool
from gateway.usecases.calls.at_once.memory import Memory
from gateway.usecases.calls.clock_differences import ClockDifferences
from gateway.usecases.calls.ends.end_request import NEEDS_START, EndRequest, EndResult
from gateway.usecases.calls.lanes import BatchWork, Lanes, live_lanes, replay_lanes
from gateway.usecases.calls.starts.last_known import refresh
from gateway.usecases.calls.starts.start_request import (
    AllowedStart,
    Arrival,
    AskedStart,
    Decided,
    ImpliedStart,
    RefusedStart,
    Repeated,
    StartResult,
)
from gateway.usecases.calls.starts.starts_without_database import StartsWithoutDatabase

CallEvent = CallAnswered | CallEnded | CallHinted


class Book(Protocol):
    """Where webhooks have their calls decided and recorded."""

    async def start(self, connection: Connection, call: CallStarted) -> StartResult: ...

    async def take(self, connection: Connection, event: CallEvent) -> EndResult: ...


class CallBook:
    """Everything that moves calls goes through here: webhooks, the spool, the reconciler."""

    def __init__(
        self,
        *,
        pool: Pool,
        clock: Clock,
        limits: Limits,
        public_url: str,
        connections: Mapping[str, Connection],
        adapters: Mapping[str, Adapter],
        metrics: Metrics,
        spool: Spool,
        wait_max_s: float = WAIT_MAX_S,
        lock_wait: timedelta = LOCK_WAIT,
    ) -> None:
        self._clock = clock
        self._limits = limits
        self._public_url = public_url
        self._connections = connections
        self._adapters = adapters
        self._ask_every = {kind: ask_every(adapter) for kind, adapter in adapters.items()}
        self._metrics = metrics
        self._spool = spool
        self._clock_differences = ClockDifferences(metrics)
        self.without_database = StartsWithoutDatabase(clock=clock, limits=limits, metrics=metrics, spool=spool)
        self._memory = Memory(self.without_database.known)
        self._pool = pool
        work = BatchWork(clock=clock, limits=limits, metrics=metrics, memory=self._memory)
        self._live = live_lanes(pool, work, wait_max_s=wait_max_s, lock_wait=lock_wait)
        # What comes from the disk has lanes of its own, so that no webhook waits behind it.
        self._replayed = replay_lanes(pool, work, wait_max_s=wait_max_s, lock_wait=lock_wait)
        # The last event that was tried found no database.
        self._is_away = False

    def tasks(self) -> tuple[Coroutine[object, object, None], ...]:
        """What must run in the background for anything here to be answered."""
        return tuple(lane.run() for each in (self._live, self._replayed) for lane in (each.starts, each.ends))

    async def start(self, connection: Connection, call: CallStarted) -> StartResult:
        """Decide a start within 1.5 s; without the database, or with a fault of ours, as R34 says."""
        arrival = self._arrival(connection, call, self._clock.now())
        if (reply := self.without_database.reply_before(arrival)) is not None:
            return Repeated(reply=reply)
        try:
            result = await self._live.starts.submit(AskedStart(arrival))
        except DatabaseAway as error:
            return await self.without_database.start(arrival, is_unknown=isinstance(error, OutcomeUnknown))
        except Exception:  # noqa: BLE001 - whatever it is, the provider needs a decision now
            logger().exception(LogEvent.HOOK_FAILED, connection=connection.name, call_id=call.call_id)
            return await self.without_database.start(arrival)
        if isinstance(result, Decided):  # what comes again may tell an instant of long ago
            self._clock_differences.note(connection.name, call.at, arrival.received_at)
        return result

    async def take(self, connection: Connection, event: CallEvent) -> EndResult:
        """Bring an event into the database, or, where that fails, onto the disk: one of the two has it on return.

        Only what cannot be recorded for what it says itself is refused. What follows a record on disk of the same call
        goes behind it; other events overtake what waits, unless the database is known to be away.
        """
        record = record_of(connection.name, event, self._clock.now())

        def is_free() -> bool:
            return not (self._spool.count and (self._is_away or any(map(self._spool.has, record.calls))))

        if is_free() or not await self._spool.append_unless(record, is_free):
            try:
                result = await self.record(connection.name, event)
            except DatabaseAway as error:
                self._is_away = not isinstance(error, HeldByOthers)
            except Exception as error:
                if is_own_fault(error):
                    raise MalformedHook(f"it cannot be recorded: {type(error).__name__}") from error
                logger().exception(LogEvent.HOOK_FAILED, connection=connection.name, call_id=event.call_id)
            else:
                self._is_away = False
                return result
            await self._spool.append(record)
        self._metrics.spool_writes.inc()
        return Acknowledged()

    async def record(
        self,
        connection: str,
        event: CallEvent,
        *flags: Flag,
        is_asked: bool = False,
        received_at: datetime | None = None,
    ) -> EndResult:
        """Bring an event into the database; raise DatabaseAway if that cannot be now.

        `received_at` is when it was heard of, if that was before now.
        """
        request = self._end_request(connection, event, received_at or self._clock.now(), flags)
        return await self._record(replace(request, is_asked=is_asked) if is_asked else request, self._live)

    async def replay(self, record: Record) -> None:
        """Bring a record of the spool into the database; a repeat changes nothing."""
        event = record.event
        match event:
            case CallStarted():
                arrival = self._arrival(self._connection(record.connection), event, record.received_at)
                await self._replayed.starts.submit(_told_start(arrival, record))
            case CallAnswered() | CallEnded() | CallHinted():
                request = self._end_request(record.connection, event, record.received_at)
                await self._record(request, self._replayed)
            case None:
                return
            case _ as never:
                assert_never(never)
        self._is_away = False

    async def refresh(self, conn: PgConnection, *, now: datetime) -> None:
        """Bring up to date what is known of accounts and lines, and the rates in their currencies."""
        await self._memory.read(conn)
        known, currencies = self.without_database.known, self._memory.currencies
        await refresh(known, conn, all_recorded=not self._spool.count, now=now, currencies=currencies)

    async def see_database(self) -> None:
        """Raise DatabaseAway if the database does not answer at all."""
        await see_database(self._pool)

    def _end_request(
        self, connection: str, event: CallEvent, received_at: datetime, flags: tuple[Flag, ...] = ()
    ) -> EndRequest:
        """What a connection told; one that is not configured any more is asked for nothing."""
        configured = self._connections.get(connection)
        often = None if configured is None else self._ask_every[configured.kind]
        return EndRequest(connection, event, received_at, flags, often)

    async def _record(self, request: EndRequest, lanes: Lanes) -> EndResult:
        """Record an event; the end of a call that is not on record opens it first, where it tells of its start."""
        result = await lanes.ends.submit(request)
        event = request.event
        if result is NEEDS_START and isinstance(event, CallEnded) and event.start is not None:
            start = replace(event.start, at=event.start.at or _began_at(event, request.received_at))
            arrival = self._arrival(self._connection(request.connection), start, request.received_at)
            await lanes.starts.submit(ImpliedStart(arrival))
            result = await lanes.ends.submit(request)
        return result

    def _connection(self, name: str) -> Connection:
        connection = self._connections.get(name)
        if connection is None:
            raise NotFound("no connection {name!r} is configured", name=name)
        return connection

    def _arrival(self, connection: Connection, call: CallStarted, received_at: datetime) -> Arrival:
        return Arrival(
            connection=connection,
            adapter=self._adapters[connection.kind],
            call=call,
            public_url=self._public_url,
            received_at=received_at,
        )


def _told_start(arrival: Arrival, record: Record) -> AllowedStart | RefusedStart:
    """A start that was told of without the database, as it was."""
    if record.refused is not None:
        return RefusedStart(arrival, record.replied or b"")
    return AllowedStart(arrival, record.allowed_s or 0, record.replied)


def _began_at(event: CallEnded, received_at: datetime) -> datetime:
    """When a call began whose end does not say so: at its answer, or as long before its end as it talked."""
    ended_at = event.ended_at or received_at
    return event.answered_at or ended_at - timedelta(seconds=event.seconds or 0)
