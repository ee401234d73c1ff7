"""What the database is and who follows it: for /readyz, the metrics, the log and the doctor."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.clock import SystemClock
from gateway.domain.problems import ProblemCode
from gateway.log_events import LogEvent
from gateway.postgres.replication import Replication, read_replication
from gateway.settings import Settings
from gateway.usecases.doctor.records import examine_records
from gateway.web.health import Health, health_of
from gateway.workers.replication import ReplicationWatch
from tests.support.api import api_client
from tests.support.processes import connected, until
from tests.support.replication import STANDBY_NAME, Server
from tests.support.running import gateway_on

REPLICATION = {
    ProblemCode.DATABASE_READ_ONLY,
    ProblemCode.STANDBY_LOST,
    ProblemCode.REPLICATION_MAY_LOSE,
    ProblemCode.CRASH_MAY_LOSE,
}
CLERK = "clerk"


async def look(dsn: str) -> Replication:
    async with connected(dsn) as conn:
        return await read_replication(conn)


async def doctors_problems(dsn: str) -> set[ProblemCode]:
    settings, clock = Settings(data=Path("/nowhere")), SystemClock()
    async with connected(dsn) as conn:
        found = await examine_records(conn, settings=settings, machine=clock, now=clock.now())
    return {each.problem for each in found} & REPLICATION


@asynccontextmanager
async def waiting_for(first: Server, names: str) -> AsyncIterator[None]:
    """The primary waits for these standbys as long as the block lasts."""
    await _name(first, f"'{names}'")
    try:
        yield
    finally:
        await _name(first, "DEFAULT")


async def _name(first: Server, names: str) -> None:
    await first.execute(f"ALTER SYSTEM SET synchronous_standby_names = {names}")
    await first.execute("SELECT pg_reload_conf()")
    wanted = "" if names == "DEFAULT" else names.strip("'")
    await until(lambda: first.execute(f"SELECT current_setting('synchronous_standby_names') = '{wanted}'"))


async def test_a_primary_that_waits_for_none_of_its_standbys_may_lose_what_was_acknowledged(pair):
    found = await look(pair[0].dsn)

    assert (found.followers, found.may_write, found.may_lose_acknowledged, found.has_lost_synchronous) == (
        1,
        True,
        True,
        False,
    )
    assert "may lose acknowledged ends" in health_of(found, Health()).warnings[0]
    assert health_of(found, Health()).problems == ()
    assert await doctors_problems(pair[0].dsn) == {ProblemCode.REPLICATION_MAY_LOSE}


async def test_a_primary_that_waits_for_a_standby_loses_nothing(pair):
    async with waiting_for(pair[0], STANDBY_NAME):
        await until(lambda: _is_synchronous(pair[0]))
        found = await look(pair[0].dsn)

        assert (found.may_lose_acknowledged, found.has_lost_synchronous) == (False, False)
        assert health_of(found, Health()).warnings == health_of(found, Health()).problems == ()
        assert await doctors_problems(pair[0].dsn) == set()


async def _is_synchronous(first: Server) -> bool:
    return (await look(first.dsn)).synchronous == 1


async def test_a_synchronous_standby_that_is_lost_is_told(pair):
    async with waiting_for(pair[0], "nobody"):
        found = await look(pair[0].dsn)

        assert (found.synchronous, found.has_lost_synchronous) == (0, True)
        assert health_of(found, Health()).problems == (
            "the database waits for a synchronous standby that is not there",
        )
        assert await doctors_problems(pair[0].dsn) == {ProblemCode.STANDBY_LOST}


async def test_whoever_asks_the_api_is_told_of_a_standby_that_is_lost_and_waits_for_none(pair, tmp_path):
    async with gateway_on(pair[0].dsn, tmp_path) as gateway:
        operator = await api_client(gateway)

        async def told() -> set[ProblemCode]:
            """A while later, so that it is noted anew that the token is used."""
            gateway.clock.advance(120)
            answer = await asyncio.wait_for(operator.get("/health"), 30)
            return {each["problem"] for each in answer.data["data"]} & REPLICATION

        followed = await told()
        async with waiting_for(pair[0], "nobody"):
            lost = await told()
        async with waiting_for(pair[0], STANDBY_NAME):
            await until(lambda: _is_synchronous(pair[0]))
            mended = await told()

    assert (followed, lost, mended) == ({ProblemCode.REPLICATION_MAY_LOSE}, {ProblemCode.STANDBY_LOST}, set())


async def test_a_lost_standby_is_told_by_what_waits_where_nobody_may_see_the_standbys(pair):
    first = pair[0]
    for statement in (f"CREATE ROLE {CLERK} LOGIN", "CREATE TABLE desk ()", f"GRANT ALL ON desk TO {CLERK}"):
        await first.execute(statement)
    dsn = first.dsn.replace("//postgres@", f"//{CLERK}@")
    async with connected(dsn) as conn, waiting_for(first, "nobody"):
        before = await look(dsn)
        commit = asyncio.create_task(conn.execute("INSERT INTO desk DEFAULT VALUES"))
        await until(lambda: _has_lost(dsn))
    await commit

    assert (before.followers, before.synchronous, before.has_lost_synchronous) == (1, None, False)


async def _has_lost(dsn: str) -> bool:
    return (await look(dsn)).has_lost_synchronous


async def test_a_gateway_at_a_standby_is_not_ready(pair, tmp_path):
    async with gateway_on(pair[1].dsn, tmp_path) as gateway:
        response = await gateway.client.get("/readyz")

        assert response.status == 503
        assert (await response.json())["problems"] == ["the database is a standby"]
    assert await doctors_problems(pair[1].dsn) == {ProblemCode.DATABASE_READ_ONLY}


async def test_a_gateway_whose_sessions_are_read_only_is_not_ready(dsn, pool, tmp_path):
    name = await pool.fetchval("SELECT current_database()")
    await pool.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')

    async with gateway_on(dsn, tmp_path) as gateway:
        response = await gateway.client.get("/readyz")

        assert response.status == 503
        assert (await response.json())["problems"] == ["the database's sessions are read-only"]


async def test_what_changes_is_logged_once_and_shown_by_the_metrics(pair, tmp_path):
    first = pair[0]
    async with gateway_on(first.dsn, tmp_path) as gateway:
        watch, metrics = ReplicationWatch(gateway.process.context), gateway.process.context.metrics
        with capture_logs() as logged:
            await watch.once()
            await watch.once()
            figures = metrics.render().decode()
            async with waiting_for(first, "nobody"):
                await watch.once()
                await watch.once()
                lost = metrics.render().decode()
            await watch.once()

    assert [line["event"] for line in logged if "standbys" in line] == [
        LogEvent.REPLICATION_MAY_LOSE,
        LogEvent.STANDBY_LOST,
        LogEvent.REPLICATION_MAY_LOSE,
        LogEvent.STANDBY_FOUND,
    ]
    assert "gateway_database_standbys 1.0" in figures
    assert "gateway_replication_may_lose 1.0" in figures
    assert "gateway_synchronous_standby_lost 1.0" in lost


@pytest.fixture
async def careless(pair) -> AsyncIterator[Server]:
    """A server that may lose what it said it has; its standby lies to the same degree."""
    server = pair[0]
    for name in ("fsync", "full_page_writes"):
        await server.execute(f"ALTER SYSTEM SET {name} = off")
    await _reload(server, "off")
    yield server
    await server.execute("ALTER SYSTEM RESET ALL")
    await _reload(server, "on")


async def _reload(server: Server, fsync: str) -> None:
    await server.execute("SELECT pg_reload_conf()")
    await until(lambda: server.execute(f"SELECT current_setting('fsync') = '{fsync}'"))


async def test_a_server_that_a_crash_may_damage_is_told_of(careless):
    found = await look(careless.dsn)

    assert found.careless_settings == ("fsync", "full_page_writes")
    assert health_of(found, Health()).warnings[-1] == "a crash may lose acknowledged ends: fsync, full_page_writes off"
    assert ProblemCode.CRASH_MAY_LOSE in await doctors_problems(careless.dsn)


async def test_a_role_whose_commits_do_not_wait_for_the_disk_is_told_of(dsn, pool):
    clerk = await pool.fetchval("SELECT 'clerk_of_' || current_database()")
    await pool.execute(f"CREATE ROLE {clerk} LOGIN; ALTER ROLE {clerk} SET synchronous_commit = off")
    try:
        found = await look(dsn.replace("//postgres@", f"//{clerk}@"))
    finally:
        await pool.execute(f"DROP ROLE {clerk}")

    assert (found.careless_settings, (await look(dsn)).careless_settings) == (("synchronous_commit",), ())


async def test_what_a_crash_may_lose_is_logged_once_and_shown_by_the_metrics(careless, tmp_path):
    async with gateway_on(careless.dsn, tmp_path) as gateway:
        watch, metrics = ReplicationWatch(gateway.process.context), gateway.process.context.metrics
        with capture_logs() as logged:
            await watch.once()
            await watch.once()
        figures = metrics.render().decode()

    told = [line for line in logged if line["event"] == LogEvent.CRASH_MAY_LOSE]
    assert [line["off"] for line in told] == [("fsync", "full_page_writes")]
    assert "gateway_crash_may_lose 1.0" in figures


@pytest.mark.parametrize("level", ["off", "local"])
async def test_what_is_not_waited_for_by_the_session_is_not_waited_for(pair, level):
    async with waiting_for(pair[0], STANDBY_NAME):
        found = await look(f"{pair[0].dsn}&options=-csynchronous_commit%3D{level}")

    assert (found.may_lose_acknowledged, found.has_lost_synchronous) == (True, False)


async def test_a_gateway_of_the_version_before_goes_on_and_says_that_the_database_is_newer(dsn, pool, tmp_path):
    await pool.execute("INSERT INTO migration (version, name, checksum) VALUES (9999, '9999_later', 'x')")

    async with gateway_on(dsn, tmp_path) as gateway:
        response = await gateway.client.get("/readyz")

        assert response.status == 200
        assert "the database is newer than this code" in (await response.json())["warnings"][0]
