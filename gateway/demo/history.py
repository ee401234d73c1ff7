"""What happened before the demo began: calls of thirty days, through the gateway's own rules, with the time of then."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from gateway.clock import Clock
from gateway.domain.calls.call import Limits
from gateway.domain.connection import Connection
from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause
from gateway.postgres.types import PgConnection
from gateway.providers.base import Adapter
from gateway.providers.native.adapter import Native
from gateway.usecases.calls.ends.end import end_calls
from gateway.usecases.calls.ends.end_request import EndRequest
from gateway.usecases.calls.starts.authorize import authorize_calls
from gateway.usecases.calls.starts.start_request import Arrival, AskedStart, StartRequest

DAYS: Final = 30
RING: Final = timedelta(seconds=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCall:
    """A call of then; `seconds` None: nobody answered, for `cause`."""

    call: CallStarted
    at: datetime
    seconds: int | None = None
    cause: Cause = Cause.NORMAL
    cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PastClock:
    """It was then."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Writes down what happened, one batch after another."""

    conn: PgConnection
    connection: Connection
    adapter: Adapter = field(default_factory=Native)
    limits: Limits = field(default_factory=Limits)

    async def live(self, calls: Sequence[PastCall]) -> None:
        """Calls of the same hours: begun, answered and ended."""
        now = min(each.at for each in calls)
        await self.begin([self.asked(each.call, each.at) for each in calls], now=now)
        over = [each for each in calls if each.seconds is not None or each.cause is not Cause.NORMAL]
        await self.end((each for each in over if each.seconds), CallAnswered, now=now + RING)
        await self.end(over, CallEnded, now=max(_ended_at(each) for each in over))

    def asked(self, call: CallStarted, at: datetime, *, connection: Connection | None = None) -> AskedStart:
        arrival = Arrival(
            connection=connection or self.connection,
            adapter=self.adapter,
            call=call,
            public_url="http://127.0.0.1:8080",
            received_at=at,
        )
        return AskedStart(arrival)

    async def begin(self, requests: Sequence[StartRequest], *, now: datetime) -> None:
        async with self.conn.transaction():
            await authorize_calls(self.conn, requests, now=now, limits=self.limits)

    async def end(self, calls: Iterable[PastCall], kind: type[CallAnswered | CallEnded], *, now: datetime) -> None:
        events = [self._event(each, kind) for each in calls]
        if events:
            async with self.conn.transaction():
                await end_calls(self.conn, events, now=now, limits=self.limits)

    def _event(self, each: PastCall, kind: type[CallAnswered | CallEnded]) -> EndRequest:
        answered_at, call_id = each.at + RING, each.call.call_id
        if kind is CallAnswered:
            return EndRequest(self.connection.name, CallAnswered(call_id=call_id, at=answered_at), answered_at)
        ended = CallEnded(
            call_id=call_id,
            cause=each.cause,
            seconds=each.seconds or 0,
            ended_at=_ended_at(each),
            cost=each.cost,
            cost_currency=None if each.cost is None else "USD",
        )
        return EndRequest(self.connection.name, ended, _ended_at(each))


def _ended_at(each: PastCall) -> datetime:
    return each.at + RING + timedelta(seconds=each.seconds or 0)


def slots(clock: Clock) -> Iterable[tuple[int, datetime]]:
    """The parts of the days before today in which people call: their number, and when they begin."""
    midnight = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    for number in range(DAYS * 3):
        day, part = divmod(number, 3)
        yield number, midnight - timedelta(days=DAYS - day) + timedelta(hours=8 + 4 * part)
