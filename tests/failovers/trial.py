"""One failover under load: how long starts are refused, and what that was acknowledged is lost or doubled."""

import asyncio
import signal
import time
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from gateway.postgres.migrate import migrate
from gateway.postgres.types import PgConnection
from tests.support.load import Load
from tests.support.patroni import PatroniCluster
from tests.support.processes import (
    Installation,
    Provider,
    a_rate,
    an_account,
    assert_books_are_right,
    connected,
    provider,
    until,
)

CALLERS = ("+15550100001", "+15550100002", "+15550100003")
PROBE = "+15550100009"
EVERY_S = 0.1
BEFORE_S = 2.0
BACK_WITHIN_S = 60.0


class Fault(StrEnum):
    """What happens to the primary, or to the machine that it is on."""

    SWITCHOVER = "switchover"
    POSTGRES_KILLED = "postgres killed"
    MACHINE_KILLED = "machine killed"
    MACHINE_HUNG = "machine hung"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`refused_s` is from the first start that was refused to the first that was connected after it."""

    fault: Fault
    refused_s: float
    ends: int
    lost: int
    doubled: int


@dataclass(slots=True)
class Watch:
    """Starts a call ten times a second and notes whether it is connected."""

    pbx: Provider
    url: str
    refused_since: float | None = None
    refused_s: float = 0.0
    is_back: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        number = 0
        while True:
            number += 1
            begin = time.monotonic()
            told = await self.pbx.start(self.url, f"watch-{number}", caller=PROBE)
            if told.reply["action"] != "connect":
                self.refused_since = self.refused_since or begin
            elif self.refused_since is not None:
                self.refused_s = time.monotonic() - self.refused_since
                self.is_back.set()
            await asyncio.sleep(EVERY_S)


async def fail_over(cluster: PatroniCluster, fault: Fault, data: Path, *, by: str | None = None) -> Outcome:
    """Bring the fault about while calls are placed, and account for all of them afterwards.

    `by` is the URL that the gateway has, else that of all members.
    """
    await migrate(cluster.dsn)
    async with connected(cluster.dsn) as conn:
        await a_rate(conn)
        await an_account(conn, *CALLERS, PROBE, balance="1000000")
    async with provider() as pbx, Installation(data=data, database_url=by or cluster.dsn).serve() as gateway:
        load, watch = Load(pbx, CALLERS, at_once=4), Watch(pbx, gateway.url)
        async with load.on(gateway.url):
            watching = asyncio.create_task(watch.run())
            await asyncio.sleep(BEFORE_S)
            await _bring_about(cluster, fault)
            await _until_back(watch, fault)
            await asyncio.sleep(BEFORE_S)
            watching.cancel()
        await until(lambda: _is_ready_and_empty(pbx, gateway.url), BACK_WITHIN_S)
        async with connected(cluster.dsn) as conn:
            await assert_books_are_right(conn)
            lost, doubled = await _lost(conn, load), await _doubled(conn)
    return Outcome(fault=fault, refused_s=watch.refused_s, ends=load.acknowledged[1], lost=lost, doubled=doubled)


async def _bring_about(cluster: PatroniCluster, fault: Fault) -> None:
    leader = await cluster.leader()
    assert leader is not None
    match fault:
        case Fault.SWITCHOVER:
            await cluster.switch_over()
        case Fault.POSTGRES_KILLED:
            leader.signal(signal.SIGKILL, with_patroni=False)
        case Fault.MACHINE_KILLED:
            leader.signal(signal.SIGKILL)
        case Fault.MACHINE_HUNG:
            leader.signal(signal.SIGSTOP)


async def _until_back(watch: Watch, fault: Fault) -> None:
    """A switchover may refuse nobody; all others do."""
    try:
        await asyncio.wait_for(watch.is_back.wait(), BACK_WITHIN_S / (4 if fault is Fault.SWITCHOVER else 1))
    except TimeoutError:
        assert fault is Fault.SWITCHOVER, "calls are not connected again"
        assert watch.refused_since is None, "calls are not connected again"


async def _is_ready_and_empty(pbx: Provider, url: str) -> bool:
    ready = await pbx.get(url, "/readyz")
    return ready.status == 200 and ready.reply["spool_records"] == 0


async def _lost(conn: PgConnection, load: Load) -> int:
    """Calls whose start or end was acknowledged as it is not on record."""
    rows = await conn.fetch(
        "SELECT provider_call_id, state, reported_s FROM call WHERE connection = $1", load.connection
    )
    ended = {row["provider_call_id"]: row["reported_s"] for row in rows if row["state"] == "ended"}
    known = {row["provider_call_id"] for row in rows}
    return sum(
        (call.is_connected and call.call_id not in known)
        or (call.end is not None and ended.get(call.call_id) != call.seconds)
        for call in load.calls
    )


async def _doubled(conn: PgConnection) -> int:
    """Calls that were charged more than once."""
    charged = "SELECT call_id FROM ledger_entry WHERE call_id IS NOT NULL GROUP BY call_id HAVING count(*) > 1"
    doubled: int = await conn.fetchval(f"SELECT count(*) FROM ({charged}) AS twice")  # noqa: S608 - of our own
    return doubled
