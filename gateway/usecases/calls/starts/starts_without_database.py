"""Starts while the database is away (R34): connected as their accounts chose, once they are on disk; else refused."""

from collections.abc import Mapping

from msgspec import structs

from gateway.clock import Clock
from gateway.domain.calls.call import Limits
from gateway.domain.calls.decision import Refused, refuse
from gateway.domain.calls.refusals import Refusal
from gateway.domain.calls.withholding import withholds
from gateway.domain.events import CallStarted, Direction
from gateway.domain.phone import WITHHELD, is_e164
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.metrics import Metrics
from gateway.numbers.callee import is_callable
from gateway.providers.base import Connect
from gateway.spool.record import Record
from gateway.spool.spool import Spool
from gateway.usecases.calls.starts.emergency import is_emergency_in
from gateway.usecases.calls.starts.last_known import LastKnown
from gateway.usecases.calls.starts.start_request import (
    Arrival,
    ConnectedUnrecorded,
    Decided,
    Repeated,
    outcome_of,
)
from gateway.usecases.calls.starts.told_replies import ToldReplies


class StartsWithoutDatabase:
    """What is known of lines by their names, as a worker keeps it up.

    `known` is what they may do and what is left of it, `countries` where connectors are, for emergency calls.
    """

    def __init__(self, *, clock: Clock, limits: Limits, metrics: Metrics, spool: Spool) -> None:
        self._clock = clock
        self._limits = limits
        self._metrics = metrics
        self._spool = spool
        self.known = LastKnown()
        self.countries: Mapping[str, str] = {}
        self._told = ToldReplies()

    def reply_before(self, arrival: Arrival) -> bytes | None:
        """What the same webhook was told before, if that was here."""
        return self._told.find(arrival)

    async def start(self, arrival: Arrival, *, is_unknown: bool = False) -> ConnectedUnrecorded | Decided | Repeated:
        """Connect or refuse a call, and count it. `is_unknown`: it may be on record, as it was decided.

        Several webhooks of a call may have waited for the database together: all have the reply of the first.
        """
        if (told := self._told.find(arrival)) is not None:
            return Repeated(reply=told)
        outcome = self._connect(arrival)
        refused = refuse(Refusal.UNAVAILABLE, arrival.call.direction)
        if isinstance(outcome, Connect):
            reply = arrival.reply(outcome)
            if await self._keep(arrival, outcome, reply):
                self._metrics.database_away.labels("connect").inc()
                self._told.note(arrival, reply)
                return ConnectedUnrecorded(reply=reply)
        elif outcome is not None:
            refused = outcome
        reply = arrival.reply(outcome_of(refused))
        if is_unknown:
            await self._append(arrival, structs.replace(_said(arrival, reply), refused=arrival.call))
        self._metrics.database_away.labels("reject").inc()
        self._told.note(arrival, reply)
        return Decided(reply=reply, decision=refused)

    def _connect(self, arrival: Arrival) -> Connect | Refused | None:
        """How a call is connected without the database: emergency calls always, others as their account chose."""
        call = arrival.call
        inbound = call.direction is Direction.INBOUND
        if not inbound and self._is_emergency(call):
            caller_id = call.line if call.caller == WITHHELD else call.caller
            return Connect(caller_id=caller_id, max_seconds=self._limits.call_seconds_max)
        allowance = self.known.allowances.get(call.line)
        if allowance is None or not arrival.connection.is_open_to(allowance.account_id):
            return None
        # A connector dials what its own provider can (R12).
        if not (inbound or not is_e164(call.line) or is_callable(call)):
            return None
        now, limit_s = self._clock.now(), min(allowance.allowed_s, self._limits.call_seconds_max)
        seconds = self.known.connect(
            arrival.connection.name,
            call,
            allowance,
            limit_s=limit_s,
            now=now,
            can_withhold=arrival.adapter.can_withhold,
        )
        return seconds if isinstance(seconds, Refused) else _connected(call, seconds)

    async def _keep(self, arrival: Arrival, connect: Connect, reply: bytes) -> bool:
        """Keep the start on disk; whether the call may be connected, which an emergency call may in any case."""
        record = structs.replace(_said(arrival, reply), started=arrival.call, allowed_s=connect.max_seconds)
        return await self._append(arrival, record) or self._is_emergency(arrival.call)

    async def _append(self, arrival: Arrival, record: Record) -> bool:
        """Whether a record is on disk: whatever that says, somebody at a telephone waits for the reply."""
        try:
            await self._spool.append(record)
        except Exception:  # noqa: BLE001 - see above
            logger().exception(LogEvent.SPOOL_FAILED, connection=arrival.connection.name)
            return False
        return True

    def _is_emergency(self, call: CallStarted) -> bool:
        return is_emergency_in(call, self.countries.get(call.line, ""))


def _said(arrival: Arrival, reply: bytes) -> Record:
    """What every record of a start says; by its instant the very webhook is known again."""
    return Record(connection=arrival.connection.name, received_at=arrival.received_at, replied=reply)


def _connected(call: CallStarted, seconds: int) -> Connect:
    """The number that is shown, as when the database is there: a connector shows that of its caller."""
    is_own = is_e164(call.line) and call.direction is not Direction.INBOUND
    if withholds(call):
        return Connect(caller_id=WITHHELD, max_seconds=seconds, identity=call.line if is_own else "")
    return Connect(caller_id=call.line if is_own else call.caller, max_seconds=seconds)
