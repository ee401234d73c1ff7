"""Open calls that are decided by what the process remembers, in one round trip."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.calls.call import Limits
from gateway.domain.calls.decision import Granted
from gateway.domain.rates.rate import price
from gateway.postgres.batch_item import AGAIN, Again
from gateway.postgres.calls import at_once
from gateway.postgres.calls.at_once import RememberedStart
from gateway.postgres.types import PgConnection
from gateway.usecases.calls.at_once.memory import STRANGER, Memory
from gateway.usecases.calls.starts.authorize import decide_start, key_of
from gateway.usecases.calls.starts.capped import BatchUse
from gateway.usecases.calls.starts.start_request import AskedStart, Decided, StartRequest, StartResult


@dataclass(frozen=True, slots=True)
class StartsAtOnce:
    """Calls, by their positions among `count`, that are opened if all is as it is remembered."""

    starts: Mapping[int, RememberedStart]
    count: int
    memory: Memory
    rates_version: int
    now: datetime
    owed_limits: bool

    async def __call__(self, conn: PgConnection, turn: str) -> list[StartResult | Again]:
        """Open them; AGAIN for all others."""
        results: list[StartResult | Again] = [AGAIN] * self.count
        opened = await at_once.open_calls(
            conn,
            list(self.starts.values()),
            now=self.now,
            owed_limits=self.owed_limits,
            rates_version=self.rates_version,
            lock_wait=turn,
        )
        for index, (position, start) in enumerate(self.starts.items()):
            new, call_id = start.new, opened.get(index)
            if call_id is None:
                self.memory.forget_line(new.key.call.line)
            else:
                self.memory.note_start(call_id, new, start.account)
                results[position] = Decided(reply=new.reply or b"", decision=new.decision, account_id=start.account.id)
        return results


def opening(
    requests: Sequence[StartRequest],
    memory: Memory,
    *,
    now: datetime,
    limits: Limits,
    is_held: Callable[[int], bool],
) -> StartsAtOnce | None:
    """What opens the calls that are connected for the whole hour as far as is remembered; None where few are.

    `is_held`: whether an account is locked by somebody who will not let go of it soon.
    """
    starts: dict[int, RememberedStart] = {}
    seen: set[tuple[str, str]] = set()
    # Calls of an account are decided in the order in which they came: none goes before one that has to wait.
    waiting: set[int | None] = set()
    for position, request in enumerate(requests):
        identity = (request.arrival.connection.name, request.arrival.call.call_id)
        start = _remembered(request, memory, now=now, limits=limits) if identity not in seen else None
        seen.add(identity)
        if start is not None and start.account.id not in waiting and not is_held(start.account.id):
            starts[position] = start
        elif (account_id := memory.account_of(request.arrival.call.line)) is STRANGER:
            break
        else:
            waiting.add(account_id)
    if len(starts) * 2 < len(requests):  # the others take a transaction, in which these cost little
        return None
    return StartsAtOnce(starts, len(requests), memory, memory.known.version, now, limits.owed_limits_calls)


def _remembered(request: StartRequest, memory: Memory, *, now: datetime, limits: Limits) -> RememberedStart | None:
    """A call that is connected for the whole hour if its account has what that costs, which may be nothing."""
    if not isinstance(request, AskedStart):
        return None
    gathered = memory.start(request.arrival.call, at=request.arrival.received_at)
    if gathered is None or gathered.account is None:
        return None
    new = decide_start(request, key_of(request), gathered, BatchUse(), now=now, limits=limits)
    if not isinstance(new.decision, Granted) or new.decision.granted_s < limits.call_seconds_max:
        return None
    rate = new.decision.rate
    needed = None if rate is None or rate.is_free else price(rate, new.decision.granted_s)
    return RememberedStart(new=new, account=gathered.account, needed=needed)
