"""R34: the database goes away under load. Starts are refused in time; no end is lost and none is charged twice."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.postgres.migrate import migrate
from gateway.postgres.types import PgConnection
from gateway.spool.file import read_records, spool_directory, spool_files
from tests.support import world
from tests.support.cluster import Away, OwnCluster, own_cluster
from tests.support.load import Load
from tests.support.postgres import throwaway_directory
from tests.support.processes import (
    Installation,
    Provider,
    Told,
    a_rate,
    an_account,
    assert_books_are_right,
    connected,
    provider,
    until,
)

D = Decimal
# CI has it away for twenty seconds; a shorter time is for trying things out.
OUTAGE_S = float(os.environ.get("GATEWAY_TEST_OUTAGE_S", "20"))
REFUSED_WITHIN_S = 1.5
BACK_WITHIN_S = 15.0

CALLERS = ("+15550100001", "+15550100002", "+15550100003")
TRUSTED = "+15550200001"
UNAVAILABLE = {"action": "reject", "sip_code": 503, "reason": "unavailable"}


@dataclass(frozen=True, kw_only=True)
class Site:
    """A gateway, its database, its provider, and two accounts: one is trusted while the database is away."""

    cluster: OwnCluster
    installation: Installation
    pbx: Provider
    account: int
    trusted: int


@pytest.fixture
def directory() -> Iterator[Path]:
    with throwaway_directory() as made:
        yield made


@pytest.fixture
async def site(directory: Path) -> AsyncIterator[Site]:
    async with own_cluster(directory / "cluster") as cluster, provider() as pbx:
        await migrate(cluster.dsn)
        async with connected(cluster.dsn) as conn:
            await a_rate(conn)
            account = await an_account(conn, *CALLERS, balance="100000")
            trusted = await an_account(conn, TRUSTED, balance="10", unavailable_allow_s=300)
        installation = Installation(data=directory / "gateway", database_url=cluster.dsn)
        yield Site(cluster=cluster, installation=installation, pbx=pbx, account=account, trusted=trusted)


@pytest.mark.slow
@pytest.mark.timeout(150)
@pytest.mark.parametrize("how", list(Away))
async def test_the_database_is_away_under_load(site: Site, how: Away) -> None:
    pbx = site.pbx
    load = Load(pbx, CALLERS, at_once=8)
    long_calls = [f"long-{number}" for number in range(200)]
    async with site.installation.serve() as gateway:
        url = gateway.url
        await asyncio.gather(*(pbx.start(url, call_id, caller=CALLERS[0]) for call_id in long_calls))
        async with load.on(url):
            await asyncio.sleep(1)
            await site.cluster.go(how)
            before = len(load.calls)

            away_until = asyncio.get_running_loop().time() + OUTAGE_S
            async with asyncio.TaskGroup() as both:
                ends = both.create_task(_end_slowly(pbx, url, long_calls))
                both.create_task(_what_goes_on_without_a_database(pbx, url))
            assert {each.status for each in ends.result()} == {200}
            await asyncio.sleep(away_until - asyncio.get_running_loop().time())
            refused = [call for call in load.calls[before + load.at_once :] if call.start is not None]

            await site.cluster.come_back(how)
            await _until_all_is_written(pbx, url)  # under load
            await asyncio.sleep(0.5)
        await _until_all_is_written(pbx, url)

        starts = [call.start for call in refused if call.start is not None]
        assert len(starts) > OUTAGE_S
        assert {each.reply["reason"] for each in starts if each.reply["action"] == "reject"} == {"unavailable"}
        assert all(each.reply == UNAVAILABLE | {"call_id": each.reply["call_id"]} for each in starts)
        assert max(each.seconds for each in starts) < REFUSED_WITHIN_S
        assert load.other == []
        assert load.calls[-1].is_connected  # as before
        async with connected(site.cluster.dsn) as conn:
            await load.assert_kept(conn)
            await _assert_long_calls_are_charged_once(conn, site, long_calls)
            await _assert_what_went_on_is_on_record(conn, site)
            await assert_books_are_right(conn)
        assert await gateway.stop() == 0


async def _end_slowly(pbx: Provider, url: str, call_ids: list[str]) -> list[Told]:
    """Answers and ends, all over the outage; the seconds of every second end follow from the answer alone."""
    tasks = []
    async with asyncio.TaskGroup() as ends:
        for number, call_id in enumerate(call_ids):
            tasks.append(ends.create_task(_end_one(pbx, url, call_id, tells_seconds=bool(number % 2))))
            await asyncio.sleep(OUTAGE_S * 0.8 / len(call_ids))
    return [told for task in tasks for told in task.result()]


async def _end_one(pbx: Provider, url: str, call_id: str, *, tells_seconds: bool) -> list[Told]:
    end: dict[str, object] = {"type": "call.end", "call_id": call_id, "cause": "normal"}
    if tells_seconds:
        end["seconds"] = 90
        return [await pbx.hook(url, end) for _ in range(2)]
    now = SystemClock().now()
    answer = {"type": "call.answer", "call_id": call_id, "at": now.isoformat()}
    end["ended_at"] = (now + timedelta(seconds=2)).isoformat()
    return [await pbx.hook(url, answer), await pbx.hook(url, end)]


async def _what_goes_on_without_a_database(pbx: Provider, url: str) -> None:
    emergency = await pbx.start(url, "emergency", caller=CALLERS[0], callee="911")
    assert emergency.reply == {
        "action": "connect",
        "call_id": "emergency",
        "caller_id": CALLERS[0],
        "max_seconds": 3600,
    }
    assert emergency.seconds < REFUSED_WITHIN_S

    allowed = await pbx.start(url, "trusted", caller=TRUSTED)
    assert allowed.reply == {"action": "connect", "call_id": "trusted", "caller_id": TRUSTED, "max_seconds": 300}
    assert allowed.seconds < REFUSED_WITHIN_S
    assert (await pbx.start(url, "trusted", caller=TRUSTED)).body == allowed.body
    assert (await pbx.end(url, "trusted", seconds=90)).status == 200
    assert (await pbx.end(url, "emergency", seconds=61)).status == 200

    ready = await pbx.get(url, "/readyz")
    assert ready.status == 503
    assert ready.seconds < 3
    assert ready.reply["problems"][0].startswith("the database does not answer: ")
    assert ready.reply["spool_records"] >= 4
    assert (await pbx.get(url, "/livez")).status == 200
    assert _gauge(await pbx.get(url, "/metrics"), "gateway_spool_records") >= 4


def _gauge(told: Told, name: str) -> float:
    return next(float(line.split()[1]) for line in told.body.decode().splitlines() if line.startswith(f"{name} "))


async def _until_all_is_written(pbx: Provider, url: str) -> None:
    async with asyncio.timeout(BACK_WITHIN_S):
        while True:
            ready = await pbx.get(url, "/readyz")
            if ready.status == 200 and ready.reply["spool_records"] == 0:
                return
            await asyncio.sleep(0.1)


async def _assert_long_calls_are_charged_once(conn: PgConnection, site: Site, call_ids: list[str]) -> None:
    rows = await conn.fetch(
        "SELECT state, reported_s, charge::numeric AS charge, flags FROM call WHERE provider_call_id = ANY($1)",
        call_ids,
    )
    figures = Counter((row["state"], row["reported_s"], row["charge"], *row["flags"]) for row in rows)
    assert figures == {("ended", 90, D("0.06")): 100, ("ended", 2, D("0.03")): 100}
    entries = await conn.fetchval(
        "SELECT count(*) FROM ledger_entry JOIN call ON call.id = call_id WHERE provider_call_id = ANY($1)", call_ids
    )
    assert entries == 200


async def _assert_what_went_on_is_on_record(conn: PgConnection, site: Site) -> None:
    rows = await conn.fetch(
        "SELECT provider_call_id, state, rule, granted_s, charge::numeric AS charge, flags, reply FROM call"
        " WHERE provider_call_id IN ('emergency', 'trusted') ORDER BY 1"
    )
    assert [(row["provider_call_id"], row["state"], row["rule"], row["granted_s"], row["charge"]) for row in rows] == [
        ("emergency", "ended", "emergency", 3600, D(0)),
        ("trusted", "ended", "R34", 300, D("0.06")),
    ]
    assert all(row["flags"] == ["unavailable"] for row in rows)
    assert await world.money(conn, site.trusted) == (D("9.94"), D(0))


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_what_is_on_disk_survives_the_gateway_too(site: Site) -> None:
    pbx, data = site.pbx, site.installation.data
    call_ids = [f"kept-{number}" for number in range(50)]
    async with site.installation.serve() as gateway:
        await asyncio.gather(*(pbx.start(gateway.url, call_id, caller=CALLERS[0]) for call_id in call_ids))
        await site.cluster.go(Away.STOPPED)
        told = await asyncio.gather(*(pbx.end(gateway.url, call_id, seconds=90) for call_id in call_ids))
        assert {each.status for each in told} == {200}
        await gateway.kill()

    # Without its database it does not start, and says so; nothing is lost by that.
    async with site.installation.run("serve", "--port", "0") as gateway:
        assert await gateway.wait() == 1
        assert "the database" in gateway.log.read_text()
    waiting = [record for path in spool_files(spool_directory(data)) for record in read_records(path)]
    assert sorted(record.ended.call_id for record in waiting if record.ended is not None) == sorted(call_ids)

    await site.cluster.come_back(Away.STOPPED)
    async with site.installation.serve() as gateway:
        await _until_all_is_written(pbx, gateway.url)
        async with connected(site.cluster.dsn) as conn:
            await until(lambda: conn.fetchval("SELECT count(*) = 50 FROM call WHERE state = 'ended'"), BACK_WITHIN_S)
            assert await world.money(conn, site.account) == (D(100000) - 50 * D("0.06"), D(0))
            await assert_books_are_right(conn)
        assert await gateway.stop() == 0
    assert spool_files(spool_directory(data)) == []


async def test_a_gateway_stops_in_time_while_the_database_hangs(site: Site) -> None:
    pbx = site.pbx
    async with site.installation.serve() as gateway:
        await pbx.start(gateway.url, "kept", caller=CALLERS[0])
        await site.cluster.go(Away.HANGS)
        assert (await pbx.end(gateway.url, "kept", seconds=90)).status == 200

        begin = asyncio.get_running_loop().time()
        assert await gateway.stop() == 0
        assert asyncio.get_running_loop().time() - begin < 10
    await site.cluster.come_back(Away.HANGS)

    async with site.installation.serve() as gateway, connected(site.cluster.dsn) as conn:
        await until(lambda: conn.fetchval("SELECT state = 'ended' FROM call"), BACK_WITHIN_S)
        assert await gateway.stop() == 0
