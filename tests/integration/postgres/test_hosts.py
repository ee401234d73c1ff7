"""A database at several hosts: the one that can be written to is found, whatever the others do."""

import asyncio
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from urllib.parse import unquote

import asyncpg
import pytest

from gateway.postgres.addresses import addresses_of
from gateway.postgres.errors import is_database_away
from gateway.postgres.hosts import HEAD_START_S, Hosts, NoHostWanted
from gateway.postgres.pool import discard, open_pool
from gateway.settings.database_url import Host
from tests.support.postgres import DatabaseServer
from tests.support.processes import until
from tests.support.replication import dsn_of

# A machine that is busy is given time; one that waits for a host that hangs takes ten seconds.
SOON_S = 5.0


@pytest.fixture
def hung() -> Iterator[str]:
    """A host that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def gone() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return f"127.0.0.1:{port}"


@pytest.fixture
def real(postgres: DatabaseServer) -> str:
    return postgres.admin_dsn.partition("host=")[2].partition("&")[0]


def at(*hosts: str, query: str = "") -> str:
    return f"postgresql://postgres@/gateway?host={','.join(hosts)}{query}"


@pytest.mark.skipif("'GATEWAY_TEST_DATABASE_URL' in __import__('os').environ", reason="the server has no socket")
class TestWithOneRealHost:
    @pytest.mark.parametrize("wanted", ["read-write", "primary", "any", "prefer-standby", ""])
    async def test_a_host_that_hangs_or_is_gone_is_not_waited_for(self, hung, gone, real, wanted):
        query = f"&target_session_attrs={wanted}" if wanted else ""
        begin = time.monotonic()

        conn = await Hosts(at(hung, gone, real, query=query)).connect(timeout=1.0)

        assert time.monotonic() - begin < SOON_S
        assert await conn.fetchval("SELECT 1") == 1
        await conn.close()

    async def test_whoever_won_begins_the_next_time(self, hung, real):
        hosts = Hosts(at(hung, real))
        await (await hosts.connect()).close()
        begin = time.monotonic()

        await (await hosts.connect()).close()

        assert time.monotonic() - begin < HEAD_START_S

    async def test_a_session_that_loses_the_race_is_closed(self, real, postgres, monkeypatch):
        monkeypatch.setattr("gateway.postgres.hosts.HEAD_START_S", 0)
        query = "&application_name=race"

        for _ in range(5):
            await (await Hosts(at(real, real, real, query=query)).connect()).close()

        looking = "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'race'"
        async with await open_pool(postgres.admin_dsn, size=1) as pool:
            await until(lambda: pool.fetchval(looking), SOON_S)

    async def test_a_race_that_is_called_off_leaves_nothing_behind(self, hung):
        before = asyncio.all_tasks()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(Hosts(at(hung, hung)).connect(), 0.5)

        await asyncio.sleep(0)
        assert asyncio.all_tasks() - before == set()

    async def test_a_pool_that_found_a_connection_dead_opens_the_others_anew(self, dsn):
        async with await open_pool(dsn, size=3) as pool:
            before = await asyncio.gather(*(pool.fetchval("SELECT pg_backend_pid()") for _ in range(3)))

            await discard(pool, await pool.acquire())

            after = await asyncio.gather(*(pool.fetchval("SELECT pg_backend_pid()") for _ in range(3)))
            assert set(before).isdisjoint(after)


async def test_what_each_host_said_is_told_where_none_is_wanted(hung, gone):
    with pytest.raises(NoHostWanted) as caught:
        await Hosts(at(hung, gone)).connect(timeout=0.5)

    assert is_database_away(caught.value)
    assert f"{hung}: did not answer; {gone}: " in str(caught.value) or f"; {hung}: did not answer" in str(caught.value)


@pytest.mark.skipif("'GATEWAY_TEST_DATABASE_URL' in __import__('os').environ", reason="the server has no socket")
@pytest.mark.skipif(sys.platform != "linux", reason="this machine has one address of its own")
class TestWithANameOfSeveralAddresses:
    @pytest.fixture
    async def name(self, real) -> AsyncIterator[Host]:
        """Its first address hangs, at the second there is nobody, and the third is the database's."""

        async def forward(reader, writer):
            there = await asyncio.open_unix_connection(f"{unquote(real)}/.s.PGSQL.5432")
            await asyncio.gather(_pump(reader, there[1]), _pump(there[0], writer))

        async with await asyncio.start_server(forward, "127.0.0.13", 0) as server:
            port = server.sockets[0].getsockname()[1]
            with socket.create_server(("127.0.0.11", port)):
                yield Host("db.example.com", port)

    async def test_its_addresses_are_raced_as_several_hosts_are(self, name):
        hosts = Hosts(f"postgresql://postgres@{name}/postgres?sslmode=disable", resolve=_resolved)
        begin = time.monotonic()
        conn = await hosts.connect(timeout=10.0)
        first_s = time.monotonic() - begin

        begin = time.monotonic()
        again = await hosts.connect(timeout=10.0)
        again_s = time.monotonic() - begin

        assert HEAD_START_S <= first_s < SOON_S
        assert again_s < HEAD_START_S
        assert await conn.fetchval("SELECT 1") == await again.fetchval("SELECT 1") == 1
        await asyncio.gather(conn.close(), again.close())

    async def test_a_session_at_one_of_its_addresses_is_as_good_as_another(self, name):
        hosts = Hosts(f"postgresql://postgres@{name}/postgres?sslmode=disable", resolve=_resolved)
        conn = await hosts.connect()

        with pytest.raises(TimeoutError):
            await conn.fetchval("SELECT pg_sleep(60)", timeout=0.1)

        assert await conn.fetchval("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'") == 0
        await conn.close()

    async def test_what_each_address_said_is_told_where_none_is_wanted(self, name):
        hosts = Hosts(f"postgresql://postgres@{name}/postgres", resolve=_without_the_last)

        with pytest.raises(NoHostWanted, match=rf"db\.example\.com:{name.port} \(127\.0\.0\.11\): did not answer"):
            await hosts.connect(timeout=0.5)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


async def _resolved(host: Host) -> tuple[str, ...]:
    return ("127.0.0.11", "127.0.0.12", "127.0.0.13")


async def _without_the_last(host: Host) -> tuple[str, ...]:
    return (await _resolved(host))[:-1]


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "fe80::1%eth0", "/run/postgresql", "nobody.invalid"])
async def test_what_is_one_place_has_no_addresses_to_choose_from(name):
    assert await addresses_of(Host(name, 5432)) == ()


async def test_one_host_fails_with_its_own_words(gone):
    with pytest.raises(ConnectionRefusedError):
        await Hosts(at(gone)).connect()


@pytest.mark.parametrize("first_is", ["primary", "standby"])
@pytest.mark.parametrize(
    ("wanted", "is_standby"),
    [
        ("", False),
        ("any", False),
        ("read-write", False),
        ("primary", False),
        ("standby", True),
        ("read-only", True),
        ("prefer-standby", True),
    ],
)
async def test_the_host_is_the_one_that_is_wanted(pair, first_is, wanted, is_standby):
    servers = pair if first_is == "primary" else pair[::-1]
    query = f"&target_session_attrs={wanted}" if wanted else ""

    conn = await Hosts(dsn_of(*servers, query=query)).connect()

    assert await conn.fetchval("SELECT pg_is_in_recovery()") is is_standby
    await conn.close()


async def test_a_standby_alone_is_not_the_one_that_is_wanted(pair):
    with pytest.raises(NoHostWanted, match="is not the one that is wanted") as caught:
        await Hosts(dsn_of(pair[1], query="&target_session_attrs=read-write")).connect()

    assert isinstance(caught.value.__cause__, asyncpg.TargetServerAttributeNotMatched)
