"""What is said of a call that is answered or over, and what a batch of such events is going to write."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from gateway.domain.calls.call import Flag, Limits
from gateway.domain.calls.instants import CallInstants
from gateway.domain.calls.settlement import Settlement, settle
from gateway.domain.events import CallAnswered, CallEnded, CallHinted
from gateway.postgres.calls.answers import AnsweredCall
from gateway.postgres.calls.ends import ClosedCall, RecordedCall, UnmatchedEnd
from gateway.providers.base import Acknowledged, Charged


class NeedsStart:
    """A result that says: the call could be charged, and must be opened first, as this end tells of its start (R21)."""


NEEDS_START: Final = NeedsStart()


@dataclass(frozen=True, slots=True)
class EndRequest:
    """What happened to a call of a connection, as it was received; `flags` are added to the call if this closes it.

    `ask_every` is that of the connection's provider, which the clocks of an answered call need. `is_asked` says that
    the provider told because we asked, and not when it happened.
    """

    connection: str
    event: CallAnswered | CallEnded | CallHinted
    received_at: datetime
    flags: tuple[Flag, ...] = ()
    ask_every: timedelta | None = None
    is_asked: bool = False


EndResult = Charged | Acknowledged | NeedsStart


@dataclass(slots=True)
class EndPlan:
    """What a batch will write: with the position of its event where its result may change by that."""

    closed: list[tuple[int, ClosedCall]] = field(default_factory=list)
    answered: list[tuple[int, AnsweredCall]] = field(default_factory=list)
    unmatched: list[tuple[int, UnmatchedEnd]] = field(default_factory=list)
    reopened: list[int] = field(default_factory=list)
    flagged: dict[Flag, list[int]] = field(default_factory=dict)
    hinted: list[int] = field(default_factory=list)
    noted: list[tuple[int, int, CallEnded]] = field(default_factory=list)
    doubted: list[tuple[int, datetime]] = field(default_factory=list)

    def flag(self, call_id: int, flag: Flag) -> None:
        self.flagged.setdefault(flag, []).append(call_id)

    def flags_but_of(self, overtaken: Collection[int]) -> list[Flag]:
        """The flags that calls get by being closed or kept; not those of events that were overtaken."""
        closed = [flag for at, each in self.closed if at not in overtaken for flag in each.written_flags]
        return closed + [each.flag for at, each in self.unmatched if at not in overtaken]


def settle_end(
    event: CallEnded, request: EndRequest, call: RecordedCall, limits: Limits, *, hold: Decimal | None
) -> Settlement:
    return settle(
        event,
        instants=call.instants,
        rate=call.rate,
        granted_s=call.granted_s,
        hold=hold,
        received_at=request.received_at,
        tolerance_s=limits.seconds_tolerance_s,
        is_asked=request.is_asked,
    )


def is_doubtful(request: EndRequest, settlement: Settlement) -> bool:
    """Whether an end that came by itself tells of no seconds, though the call was answered."""
    return not request.flags and not settlement.billed_s and settlement.answered_at is not None


def unmatched_end(
    event: CallEnded, request: EndRequest, limits: Limits, was: RecordedCall | None = None
) -> UnmatchedEnd:
    """What is kept of the end of a call that nobody can be charged for yet."""
    received_at = request.received_at
    earliest = min(received_at, event.answered_at or received_at, event.ended_at or received_at)
    settlement = settle(
        event,
        instants=CallInstants(started_at=earliest, is_announced=False),
        rate=None,
        granted_s=0,
        hold=None,
        received_at=received_at,
        tolerance_s=limits.seconds_tolerance_s,
    )
    return UnmatchedEnd(connection=request.connection, event=event, settlement=settlement, was=was)


def closed_call(event: CallEnded, call: RecordedCall, settlement: Settlement, flags: tuple[Flag, ...]) -> ClosedCall:
    return ClosedCall(
        call_id=call.id,
        granted_s=call.granted_s,
        answered_at=call.answered_at,
        event=event,
        settlement=settlement,
        flags=flags,
    )


def is_in_time(request: EndRequest, call: RecordedCall, limits: Limits) -> bool:
    """Whether a call may be charged still by an end that comes now."""
    return request.received_at - call.started_at <= timedelta(days=limits.end_days_max)


def charged(call: RecordedCall, settlement: Settlement) -> Charged:
    if call.account_id is None:
        return Charged(charged=None, currency=None)
    return Charged(charged=settlement.charge, currency=call.currency)
