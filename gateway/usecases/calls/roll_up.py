"""Add up calls behind their backs, so that charts cost what they show: each call once, and only once it is final.

One turn is one transaction that sees one instant: the next calls by their ids, those that were awaited and are final
now, and those that changed after they were added, of which what was added is taken off. So whatever becomes of a turn,
all of it was done or nothing.

Ids are given before they are committed, so an id that is missing may still become a call: it is awaited as one that is
open is, for longer than any transaction lives. Nobody waits for it meanwhile. At the turn of a month ids jump: of a
long gap only its ends are awaited, where transactions may still be under way.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, pairwise
from typing import Final

from gateway.context import Context
from gateway.domain.calls.usage import CountedCall, UsageFigures, UsageKey, added_up, figures_of, key_of
from gateway.numbers.metadata import country_of_prefix
from gateway.postgres.accounts import usage
from gateway.postgres.accounts.usage import FreshCall
from gateway.postgres.errors import is_retryable
from gateway.postgres.types import PgConnection

INTERVAL_S: Final = 5
# So few that webhooks wait for some milliseconds at most while a batch is added up.
BATCH: Final = 500
# Statements and idle transactions end within seconds.
TRANSACTION_LIVES: Final = timedelta(hours=1)
# More calls than are put on record at one instant, by all processes.
GAP_END: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUpTurn:
    """What a turn looks at: `point` is the last id that was looked at before."""

    point: int
    fresh: Sequence[FreshCall]
    settled: Sequence[int]
    changed: Sequence[int]

    @property
    def is_idle(self) -> bool:
        return not (self.fresh or self.settled or self.changed)

    @property
    def is_full(self) -> bool:
        """Whether there may be more."""
        return BATCH in {len(self.fresh), len(self.settled), len(self.changed)}

    @property
    def last(self) -> int:
        return self.fresh[-1].id if self.fresh else self.point

    @property
    def unsettled(self) -> list[int]:
        """The fresh ones that are open, and the ids before them of which there is no call."""
        before = [self.point, *(each.id for each in self.fresh)]
        gaps = [call_id for gap in pairwise(before) for call_id in missing_between(*gap)]
        return [*gaps, *(each.id for each in self.fresh if not each.is_final)]


def missing_between(before: int, after: int) -> Iterable[int]:
    """The ids between two calls, of a long gap those at its ends."""
    if after - before <= 2 * GAP_END:
        return range(before + 1, after)
    return chain(range(before + 1, before + 1 + GAP_END), range(after - GAP_END, after))


async def roll_up(context: Context) -> bool:
    """Work one turn; whether there may be more. One process at a time: another finds nothing to do meanwhile."""
    try:
        return await _turn(context)
    except Exception as error:
        if is_retryable(error):  # another has just ended a turn
            return False
        raise


async def _turn(context: Context) -> bool:
    async with context.pool.acquire() as conn, conn.transaction(isolation="repeatable_read"):
        point = await usage.claim(conn)
        if point is None:
            return False
        fresh = await usage.fresh(conn, after=point, limit=BATCH)
        turn = RollUpTurn(
            point=point,
            fresh=fresh,
            # Those that are awaited are many after a pause, and are all looked at: not each time while there is more.
            settled=[] if len(fresh) == BATCH else await usage.settled(conn, limit=BATCH),
            changed=await usage.changed(conn, limit=BATCH),
        )
        if not turn.is_idle:
            await _work(conn, turn, now=context.clock.now())
    return turn.is_full


async def _work(conn: PgConnection, turn: RollUpTurn, *, now: datetime) -> None:
    were = await usage.as_added(conn, turn.changed, point=turn.point)
    looked_at = {*(each.id for each in turn.fresh if each.is_final), *turn.settled, *(each.id for each in were)}
    are = [each for each in await usage.as_they_are(conn, sorted(looked_at)) if each.is_final]
    added = {each.id for each in are}
    reopened = [each.id for each in were if each.id not in added]
    await usage.add(conn, added_up([*map(_counted, are), *map(_taken_off, were)]))
    await usage.settle(conn, added=sorted(added), changes=turn.changed)
    await usage.await_calls(conn, [*turn.unsettled, *reopened], now=now)
    await usage.give_up(conn, before=now - TRANSACTION_LIVES)
    await usage.move(conn, turn.last)


def _counted(call: CountedCall) -> tuple[UsageKey, UsageFigures]:
    return key_of(call, country=_country_of(call.far_party)), figures_of(call)


def _country_of(party: str) -> str:
    """By its first digits alone, which is quick, and the same when the last ones have been taken."""
    return country_of_prefix(party[1:].replace("*", "0")) if party.startswith("+") else ""


def _taken_off(call: CountedCall) -> tuple[UsageKey, UsageFigures]:
    key, figures = _counted(call)
    return key, -figures
