"""Emergency calls from connectors whose caller tells of no country, in every form that they are sent in."""

from collections.abc import AsyncIterator

import pytest

from gateway.postgres.types import PgConnection, Pool
from gateway.workers.roster import roster
from tests.support import world
from tests.support.running import Gateway

WITHHELD = ["201", "", "anonymous"]


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[PgConnection]:
    async with pool.acquire() as conn:
        yield conn


async def connector(
    conn: PgConnection, *, country: str = "", main_number: str | None = None, time_zone: str = "UTC", numbers: str = ""
) -> None:
    """An unpaid connector `office` of an account without money, which has numbers of these countries."""
    account = await world.account(conn, balance="0", main_number=main_number)
    await conn.execute("UPDATE account SET time_zone = $2 WHERE id = $1", account, time_zone)
    await world.connector(conn, account, "office", state="suspended")
    await conn.execute("UPDATE line SET country = $1 WHERE name = 'office'", country)
    for at, code in enumerate(numbers.split()):
        await world.number(conn, account, f"+15550100{at:03}", country=code)


async def dialled(gateway: Gateway, callee: str, caller: str = "201", call_id: str = "a1") -> str:
    reply = await gateway.start(call_id, callee, caller=caller, line="office")
    action: str = reply["action"]
    return action


@pytest.mark.parametrize("caller", WITHHELD)
@pytest.mark.parametrize(("country", "callee"), [("GB", "999"), ("DE", "110"), ("ZA", "10111"), ("SE", "90000")])
async def test_a_caller_without_a_number_is_where_the_connectors_country_was_set(
    gateway: Gateway, conn: PgConnection, caller: str, country: str, callee: str
) -> None:
    await connector(conn, country=country)

    assert await dialled(gateway, callee, caller) == "connect"
    assert await conn.fetchval("SELECT rule FROM call") == "emergency"


async def test_a_callers_number_goes_before_the_connectors_country(gateway: Gateway, conn: PgConnection) -> None:
    await connector(conn, country="DE")

    assert await dialled(gateway, "999", "+442079460000") == "connect"
    assert await dialled(gateway, "110", "+442079460000", "a2") == "reject"


@pytest.mark.parametrize(
    ("numbers", "callee", "action"),
    [
        ("DE DE DE", "110", "connect"),
        ("GB DE DE", "110", "connect"),
        ("GB DE DE", "999", "reject"),
        ("GB DE", "110", "connect"),  # as many of each: the first by its code
        ("001 DE", "110", "connect"),
    ],
)
async def test_then_the_country_of_most_of_the_accounts_numbers(
    gateway: Gateway, conn: PgConnection, numbers: str, callee: str, action: str
) -> None:
    await connector(conn, numbers=numbers, main_number="+442079460000")

    assert await dialled(gateway, callee) == action


async def test_numbers_that_are_gone_tell_nothing(gateway: Gateway, conn: PgConnection) -> None:
    await connector(conn, numbers="GB GB DE")
    await conn.execute("UPDATE line SET state = 'disconnected' WHERE country = 'GB'")

    assert await dialled(gateway, "110") == "connect"


async def test_then_its_main_number(gateway: Gateway, conn: PgConnection) -> None:
    await connector(conn, main_number="+442079460000", time_zone="Europe/Berlin")

    assert await dialled(gateway, "999") == "connect"
    assert await dialled(gateway, "110", call_id="a2") == "reject"


async def test_then_its_time_zone(gateway: Gateway, conn: PgConnection) -> None:
    await connector(conn, time_zone="Europe/Berlin")

    assert await dialled(gateway, "110") == "connect"
    assert await dialled(gateway, "999", call_id="a2") == "reject"


async def test_112_and_911_are_emergency_calls_where_nothing_tells(gateway: Gateway, conn: PgConnection) -> None:
    await connector(conn)

    assert [await dialled(gateway, callee, call_id=callee) for callee in ("112", "911", "999")] == [
        "connect",
        "connect",
        "reject",
    ]


@pytest.mark.parametrize(
    ("callee", "number"),
    [
        ("urn:service:sos", "112"),
        ("urn:service:sos.police", "112"),
        ("tel:110", "110"),
        ("sip:110@pbx.example;user=phone", "110"),
        ("1-1-0", "110"),
        ("\u0661\u0661\u0660", "110"),
    ],
)
async def test_a_call_in_any_form_is_recorded_as_the_number_that_is_dialled(
    gateway: Gateway, conn: PgConnection, callee: str, number: str
) -> None:
    await connector(conn, country="DE")

    assert await dialled(gateway, callee) == "connect"
    assert await conn.fetchval("SELECT callee FROM call") == number


async def test_a_forwarded_call_is_one_too(gateway: Gateway, conn: PgConnection) -> None:
    await connector(conn, country="GB")
    await gateway.start("a1", "office", caller="anonymous", direction="inbound", line="office")

    reply = await gateway.start(
        "a2", "999", caller="anonymous", line="office", direction="forward", parent_call_id="a1"
    )

    assert reply["action"] == "connect"


@pytest.mark.parametrize("told", ["setting", "numbers", "time zone"])
async def test_r34_the_country_is_known_while_the_database_is_away(
    gateway: Gateway, conn: PgConnection, told: str
) -> None:
    await connector(
        conn,
        country="DE" if told == "setting" else "",
        numbers="DE" if told == "numbers" else "",
        time_zone="Europe/Berlin" if told == "time zone" else "UTC",
    )
    process = gateway.process
    [worker] = [each for each in roster(process.context, process.book, gateway.cutter) if each.name == "figures"]
    await worker.once()
    process.context.pool.terminate()

    assert await dialled(gateway, "110") == "connect"
    assert await dialled(gateway, "999", call_id="a2") == "reject"
