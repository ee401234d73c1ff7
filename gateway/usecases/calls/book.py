"""The book of calls: starts, and what follows them, in group commits; and what to do without the database."""

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway import numbering
from gateway.clock import Clock
from gateway.domain.calls.call import Flag, Limits
from gateway.domain.calls.decision import refuse
from gateway.domain.calls.refusals import Refusal
from gateway.domain.connection import Connection
from gateway.domain.errors import DatabaseAway, NotFound
from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Direction
from gateway.domain.phone import is_e164
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.metrics import Metrics
from gateway.postgres.group_commit import Again, GroupCommit
from gateway.postgres.types import PgConnection, Pool
from gateway.providers.base import Acknowledged, Adapter, Connect, Outcome, ask_every
from gateway.spool.file import Record
from gateway.spool.spool import Spool
from gateway.usecases.calls.authorize import Started, StartRequest, authorize_calls, outcome_of
from gateway.usecases.calls.end import EndRequest, EndResult, Missing, end_calls

CallEvent = CallAnswered | CallEnded | CallHinted


@dataclass(slots=True)
class Allowances:
    """Seconds that lines are allowed while the database is away (R34), by the name of the line; kept up by a worker."""

    seconds: Mapping[str, int] = field(default_factory=dict)


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
    ) -> None:
        self._clock = clock
        self._limits = limits
        self._public_url = public_url
        self._connections = connections
        self._adapters = adapters
        self._metrics = metrics
        self._spool = spool
        self.allowances = Allowances()
        self._starts: GroupCommit[StartRequest, Started] = GroupCommit(
            pool, self._authorize, observe=metrics.observe_batch("starts")
        )
        self._ends: GroupCommit[EndRequest, EndResult] = GroupCommit(
            pool, self._end, observe=metrics.observe_batch("ends")
        )

    def tasks(self) -> tuple[Coroutine[object, object, None], ...]:
        """What must run in the background for anything here to be answered."""
        return (self._starts.run(), self._ends.run())

    async def start(self, connection: Connection, call: CallStarted) -> Started:
        """Decide a start within 1.5 s; without the database, or with a fault of ours, as R34 says."""
        request = self._request(connection, call, self._clock.now())
        try:
            return await self._starts.submit(request)
        except DatabaseAway:
            return await self._start_without_database(request)
        except Exception:  # noqa: BLE001 - whatever it is, the provider needs a decision now
            logger().exception(LogEvent.HOOK_FAILED, connection=connection.name, call_id=call.call_id)
            return await self._start_without_database(request)

    async def take(self, connection: Connection, event: CallEvent) -> EndResult:
        """Bring an event into the database, or, while that is away, onto the disk: one of the two has it on return.

        While records wait on disk, later ones go behind them, so that they are applied in their order.
        """
        on_disk = _record_of(connection.name, event, self._clock.now())
        if not (self._spool.count and await self._spool.append_behind(on_disk)):
            try:
                return await self.record(connection.name, event)
            except DatabaseAway:
                await self._spool.append(on_disk)
        self._metrics.spool_writes.inc()
        return Acknowledged()

    async def record(self, connection: str, event: CallEvent, *flags: Flag) -> EndResult:
        """Bring an event into the database; raise DatabaseAway if that cannot be now."""
        return await self._record(self._told(connection, event, self._clock.now(), flags))

    async def replay(self, record: Record) -> None:
        """Bring a record of the spool into the database; a repeat changes nothing."""
        if record.started is not None:
            connection = self._connection(record.connection)
            request = self._request(connection, record.started, record.received_at)
            allowed_s = record.allowed_s or 0
            await self._starts.submit(replace(request, allowed_s=allowed_s, replied=record.replied))
        event = record.answered or record.ended or record.hinted
        if event is not None:
            await self._record(self._told(record.connection, event, record.received_at))

    def _told(
        self, connection: str, event: CallEvent, received_at: datetime, flags: tuple[Flag, ...] = ()
    ) -> EndRequest:
        """What a connection told; one that is not configured any more is asked for nothing."""
        known = self._connections.get(connection)
        often = None if known is None else ask_every(self._adapters[known.kind])
        return EndRequest(connection, event, received_at, flags, often)

    async def _record(self, request: EndRequest) -> EndResult:
        result = await self._ends.submit(request)
        event = request.event
        if result is Missing.START and isinstance(event, CallEnded) and event.start is not None:
            start = replace(event.start, at=event.start.at or event.answered_at)
            opened = self._request(self._connection(request.connection), start, request.received_at)
            await self._starts.submit(replace(opened, unannounced=True))
            result = await self._ends.submit(request)
        return result

    async def _start_without_database(self, request: StartRequest) -> Started:
        connect = self._allowed(request.call)
        if connect is not None:
            reply = self._render(request, connect)
            record = Record(
                connection=request.connection.name,
                received_at=self._clock.now(),
                started=request.call,
                allowed_s=connect.max_seconds,
                replied=reply,
            )
            try:
                await self._spool.append(record)
            except Exception:  # noqa: BLE001 - whatever the disk says, an emergency call is connected
                logger().exception(LogEvent.SPOOL_FAILED, connection=request.connection.name)
                if not numbering.is_emergency(request.call):
                    connect = None
            if connect is not None:
                self._metrics.database_away.labels("connect").inc()
                return Started(reply=reply, is_unavailable=True)
        self._metrics.database_away.labels("reject").inc()
        decision = refuse(Refusal.UNAVAILABLE, request.call.direction)
        return Started(reply=self._render(request, outcome_of(decision)), decision=decision)

    def _allowed(self, call: CallStarted) -> Connect | None:
        """How a call is connected without the database: emergency calls always, others as their account chose."""
        inbound = call.direction is Direction.INBOUND
        if not inbound and numbering.is_emergency(call):
            return Connect(caller_id=call.caller, max_seconds=self._limits.call_seconds_max)
        allowed_s = min(self.allowances.seconds.get(call.line, 0), self._limits.call_seconds_max)
        if not allowed_s or not (inbound or numbering.is_possible(call.callee)):
            return None
        # A connector shows the number of its caller, as it does when the database is there.
        caller_id = call.line if is_e164(call.line) and not inbound else call.caller
        return Connect(caller_id=caller_id, max_seconds=allowed_s)

    def _render(self, request: StartRequest, outcome: Outcome) -> bytes:
        return request.adapter.reply(request.call, outcome, request.connection, public_url=self._public_url).body

    def _connection(self, name: str) -> Connection:
        connection = self._connections.get(name)
        if connection is None:
            raise NotFound(f"no connection {name!r} is configured")
        return connection

    def _request(self, connection: Connection, call: CallStarted, received_at: datetime) -> StartRequest:
        return StartRequest(
            connection=connection,
            adapter=self._adapters[connection.kind],
            call=call,
            public_url=self._public_url,
            received_at=received_at,
        )

    async def _authorize(self, conn: PgConnection, requests: Sequence[StartRequest]) -> list[Started | Again]:
        return await authorize_calls(conn, requests, now=self._clock.now(), limits=self._limits)

    async def _end(self, conn: PgConnection, requests: Sequence[EndRequest]) -> list[EndResult | Again]:
        return await end_calls(conn, requests, now=self._clock.now(), limits=self._limits)


def _record_of(connection: str, event: CallEvent, now: datetime) -> Record:
    match event:
        case CallAnswered():
            return Record(connection=connection, received_at=now, answered=event)
        case CallEnded():
            return Record(connection=connection, received_at=now, ended=event)
        case CallHinted():
            return Record(connection=connection, received_at=now, hinted=event)
