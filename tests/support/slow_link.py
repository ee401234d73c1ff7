"""A replay over a link that is slow, as to a database in another city: how fast it is, and whom it keeps waiting."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from gateway.app import PATIENCE
from gateway.clock import SystemClock
from gateway.domain.events import CallEnded, CallStarted, Cause, Direction
from gateway.providers.base import Charged
from gateway.spool.record import Record
from gateway.usecases.calls.ends.replay import Replay
from gateway.usecases.calls.starts.start_request import Decided
from tests.chaos.proxy import open_link
from tests.support.postgres import with_database
from tests.support.processes import a_rate, an_account, connected
from tests.support.running import Gateway, gateway_on
from tests.support.world import FakeClock

ACCOUNTS = 50


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """Ends replayed, in how many seconds; how long other calls' ends took meanwhile, of which so many were charged."""

    records: int
    seconds: float
    waits_s: Sequence[float]
    charged: int


async def replay_over_a_slow_link(dsn: str, data: Path, *, records: int, round_trip_s: float) -> Replayed:
    """Spool the ends of so many calls, and have the link to the database take so long while they are replayed."""
    async with connected(dsn) as conn:
        await a_rate(conn)
        for number in range(ACCOUNTS):
            await an_account(conn, _caller(number))
    directory = parse_qs(urlsplit(dsn).query)["host"][0]
    async with (
        open_link([f"{directory}/.s.PGSQL.5432"], _url_by) as link,
        gateway_on(
            with_database(link.dsn, urlsplit(dsn).path.lstrip("/")),
            data,
            clock=FakeClock(SystemClock().now()),
            patience=PATIENCE,
        ) as gateway,
    ):
        await _start(gateway, [f"kept-{number}" for number in range(records)])
        await _start(gateway, [f"new-{number}" for number in range(ACCOUNTS)])
        # The statements of a lane are prepared once for all.
        await gateway.end("new-0", seconds=1, connection="trunk")
        spool = gateway.process.context.spool
        await asyncio.gather(*(spool.append(_end(f"kept-{number}", gateway)) for number in range(records)))
        link.delay_s = round_trip_s / 2
        begin = time.perf_counter()
        replaying = asyncio.create_task(Replay(spool, gateway.process.book).once())
        others = await _end_others(gateway, replaying)
        await replaying
        await gateway.replay()
        assert spool.count == 0
        return Replayed(
            records=records,
            seconds=time.perf_counter() - begin,
            waits_s=[wait_s for wait_s, _ in others],
            charged=sum(is_charged for _, is_charged in others),
        )


async def _start(gateway: Gateway, call_ids: Sequence[str]) -> None:
    """Half of a lane's patience at once, as the machine may be slow."""
    for first in range(0, len(call_ids), 100):
        calls = [_call(number, call_id) for number, call_id in enumerate(call_ids[first : first + 100])]
        connection = gateway.process.connections["trunk"]
        started = await asyncio.gather(*(gateway.process.book.start(connection, call) for call in calls))
        assert all(isinstance(each, Decided) for each in started)


async def _end_others(gateway: Gateway, replaying: "asyncio.Task[int]") -> list[tuple[float, bool]]:
    """How long each took, and whether it was charged rather than kept on disk."""
    others = []
    for number in range(1, ACCOUNTS):
        if replaying.done():
            break
        begin = time.perf_counter()
        end = CallEnded(call_id=f"new-{number}", cause=Cause.NORMAL, seconds=1)
        told = await gateway.process.book.take(gateway.process.connections["trunk"], end)
        others.append((time.perf_counter() - begin, isinstance(told, Charged)))
    return others


def _call(number: int, call_id: str) -> CallStarted:
    return CallStarted(
        call_id=call_id,
        direction=Direction.OUTBOUND,
        caller=_caller(number),
        callee="+442079460000",
        line=_caller(number),
    )


def _end(call_id: str, gateway: Gateway) -> Record:
    end = CallEnded(call_id=call_id, cause=Cause.NORMAL, seconds=1)
    return Record(connection="trunk", received_at=gateway.clock.now(), ended=end)


def _caller(number: int) -> str:
    return f"+1555010{number % ACCOUNTS:04d}"


def _url_by(addresses: Sequence[str]) -> str:
    return f"postgresql://postgres@{','.join(addresses)}/postgres"
