"""Close calls that the process remembers, in one round trip."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.calls.call import Limits
from gateway.domain.events import CallEnded
from gateway.postgres.batch_item import AGAIN, Again
from gateway.postgres.calls import at_once
from gateway.postgres.calls.ends import ClosedCall, RecordedCall
from gateway.postgres.types import PgConnection
from gateway.usecases.calls.at_once.memory import CallKey, Memory
from gateway.usecases.calls.ends.end import covered_hold
from gateway.usecases.calls.ends.end_request import (
    EndRequest,
    EndResult,
    charged,
    closed_call,
    is_doubtful,
    settle_end,
)
from gateway.usecases.calls.flag_tally import FlagTally


@dataclass(frozen=True, slots=True)
class EndsAtOnce:
    """Calls, by their positions among the events, that are closed if they are as they are remembered."""

    ends: Mapping[int, tuple[RecordedCall, ClosedCall]]
    keys: Sequence[CallKey]
    memory: Memory
    now: datetime
    tally: FlagTally

    async def __call__(self, conn: PgConnection, turn: str) -> list[EndResult | Again]:
        """Close them; AGAIN for all other events."""
        results: list[EndResult | Again] = [AGAIN] * len(self.keys)
        closed = await at_once.close_calls(conn, list(self.ends.values()), now=self.now, lock_wait=turn)
        for index, (position, (call, end)) in enumerate(self.ends.items()):
            self.memory.forget_call(self.keys[position])
            if index in closed:
                results[position] = charged(call, end.settlement)
                self.tally(end.written_flags)
        return results


def closing(
    requests: Sequence[EndRequest],
    memory: Memory,
    *,
    now: datetime,
    limits: Limits,
    tally: FlagTally,
    is_held: Callable[[int], bool],
) -> EndsAtOnce | None:
    """What closes the calls that are remembered, by their first ends; None where there are few.

    `is_held`: whether an account is locked by somebody who will not let go of it soon.
    """
    keys = [(request.connection, request.event.call_id) for request in requests]
    ends: dict[int, tuple[RecordedCall, ClosedCall]] = {}
    seen: set[CallKey] = set()
    for position, (request, key) in enumerate(zip(requests, keys, strict=True)):
        call = None if key in seen else memory.call(key)
        seen.add(key)
        if call is None or (call.account_id is not None and is_held(call.account_id)):
            continue
        if (closed := _closed(request, call, limits)) is not None:
            ends[position] = (call, closed)
    if len(ends) * 2 < len(requests):  # the others take a transaction, in which these cost little
        return None
    return EndsAtOnce(ends, keys, memory, now, tally)


def _closed(request: EndRequest, call: RecordedCall, limits: Limits) -> ClosedCall | None:
    """What closes a call; None where there is more to do than to close it."""
    event = request.event
    if not isinstance(event, CallEnded) or request.flags:
        return None
    settlement = settle_end(event, request, call, limits, hold=covered_hold(call))
    return None if is_doubtful(request, settlement) else closed_call(event, call, settlement, ())
