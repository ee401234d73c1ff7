"""What was sent becomes a number (R41), which has one spelling (R42): over HTTP, as a PBX and a carrier send it."""

from decimal import Decimal

import pytest

from gateway.domain.accounts.caps import Cap
from gateway.domain.calls.call import Limits
from gateway.domain.errors import InvalidInput
from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.accounts.set_caps import CapsChange, set_caps
from gateway.usecases.calls.shown.quote import quote_call
from gateway.usecases.calls.shown.show import show_call
from gateway.usecases.lines.manage import add_connector, add_number
from gateway.words.speech import say
from tests.support import world
from tests.support.actors import CLERK
from tests.support.running import Gateway
from tests.support.world import NOON

MOSCOW, US = "+74951230001", "+15550100001"
RATES = {"1": "0.01", "1900": "5.00", "44": "0.01", "447": "0.20", "84": "0.15", "65": "0.05", "7": "0.04"}
RATES |= {"49": "0.01", "49900": "2.50"}


async def a_world(conn: PgConnection) -> int:
    account = await world.account(conn, balance="100")
    for line in (MOSCOW, US):
        await world.number(conn, account, line)
    for prefix, per_minute in RATES.items():
        await world.rate(conn, prefix, per_minute)
    return account


async def price_of(conn: PgConnection, call_id: str) -> tuple[str, Decimal | None]:
    row = await conn.fetchrow(
        "SELECT call.callee, rate.per_minute FROM call LEFT JOIN rate ON rate.id = call.rate_id"
        " WHERE provider_call_id = $1",
        call_id,
    )
    assert row is not None
    return row["callee"], row["per_minute"]


@pytest.mark.parametrize(
    ("line", "dialled", "callee", "per_minute"),
    [
        (MOSCOW, "84951234567", "+74951234567", "0.04"),
        (MOSCOW, "810442079460000", "+442079460000", "0.01"),
        (US, "6505551234", "+16505551234", "0.01"),
        (US, "011442079460000", "+442079460000", "0.01"),
        (US, "tel:+44-7400-123456", "+447400123456", "0.20"),
        (US, "sip:+442079460000@pbx.example;user=phone", "+442079460000", "0.01"),
        (US, "+119005551234", "+19005551234", "5.00"),
        (US, "+4407400123456", "+447400123456", "0.20"),
        (US, "+490900123456", "+49900123456", "2.50"),
    ],
)
async def test_r42_price_and_record_depend_on_the_number_and_not_on_its_spelling(
    gateway: Gateway, pool: Pool, *, line: str, dialled: str, callee: str, per_minute: str
) -> None:
    async with pool.acquire() as conn:
        await a_world(conn)

        reply = await gateway.start("a1", caller=line, line=line, callee=dialled)
        quoted = await quote_call(conn, line=line, callee=dialled, now=NOON, limits=Limits())

        assert reply["action"] == "connect"
        assert await price_of(conn, "a1") == (callee, Decimal(per_minute))
        assert (quoted.callee, quoted.rate and quoted.rate.per_minute) == (callee, Decimal(per_minute))
        assert say(quoted.read_how).startswith("read ")


@pytest.mark.parametrize(("line", "dialled"), [(US, "442079460000"), (US, "5551234"), (MOSCOW, "bob")])
async def test_r41_what_is_not_certain_is_refused_and_the_words_say_how_it_was_read(
    gateway: Gateway, pool: Pool, line: str, dialled: str
) -> None:
    async with pool.acquire() as conn:
        await a_world(conn)

        reply = await gateway.start("a1", caller=line, line=line, callee=dialled)

        assert (reply["action"], reply["sip_code"], reply["reason"]) == ("reject", 404, "callee_invalid")
        call_id = await conn.fetchval("SELECT id FROM call")
        view = await show_call(conn, reference=str(call_id))
        assert any(sentence.startswith("How the callee was read: ") for sentence in view.explanation)


@pytest.mark.parametrize("dialled", ["+119005551234", "+19005551234", "9005551234", "19005551234"])
async def test_r17_a_blocked_prefix_blocks_every_spelling(gateway: Gateway, pool: Pool, dialled: str) -> None:
    async with pool.acquire() as conn:
        account = await a_world(conn)
        change = CapsChange(block={Cap.BLOCKED_PREFIXES: ["+1900"]})
        await set_caps(conn, actor=CLERK, account_id=account, change=change, now=NOON)

        assert (await gateway.start("a1", caller=US, line=US, callee=dialled))["reason"] == "capped"


async def test_r42_what_is_entered_has_one_spelling_or_is_refused(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)

        added = await add_number(conn, actor=CLERK, account_id=account, number="+4407400123456", now=NOON)

        assert (added.name, added.country, added.category) == ("+447400123456", "GB", "mobile")
        with pytest.raises(InvalidInput, match="is not a number like"):
            await add_number(conn, actor=CLERK, account_id=account, number="07400123456", now=NOON)
        with pytest.raises(InvalidInput, match="is read as"):
            await add_connector(conn, actor=CLERK, account_id=account, name="442079460000", now=NOON)
        change = CapsChange(
            block={Cap.BLOCKED_PREFIXES: ["+4407"], Cap.BLOCKED_CALLERS: ["+4407400123456", "Anonymous"]}
        )
        view = await set_caps(conn, actor=CLERK, account_id=account, change=change, now=NOON)
        assert (view.blocked_prefixes, view.blocked_callers) == (("+447",), ("+447400123456", "anonymous"))
        with pytest.raises(InvalidInput):
            await set_caps(
                conn,
                actor=CLERK,
                account_id=account,
                change=CapsChange(block={Cap.BLOCKED_PREFIXES: ["+440"]}),
                now=NOON,
            )


@pytest.mark.parametrize(
    "caller", ["Anonymous", "", None, "restricted", "+266696687", "sip:anonymous@anonymous.invalid"]
)
async def test_r43_a_withheld_caller_is_one_value_and_is_blocked_by_it(
    gateway: Gateway, pool: Pool, caller: str | None
) -> None:
    async with pool.acquire() as conn:
        account = await a_world(conn)

        assert (await gateway.start("a1", direction="inbound", caller=caller, callee=US, line=None))[
            "action"
        ] == "connect"
        assert await conn.fetchval("SELECT caller FROM call") == "anonymous"

        change = CapsChange(block={Cap.BLOCKED_CALLERS: ["anonymous"]})
        await set_caps(conn, actor=CLERK, account_id=account, change=change, now=NOON)
        assert (await gateway.start("a2", direction="inbound", caller=caller, callee=US, line=None))[
            "reason"
        ] == "capped"


@pytest.mark.parametrize("callee", ["3001", "bob", "02079460000"])
async def test_r12_a_connector_dials_what_its_own_provider_can(gateway: Gateway, pool: Pool, callee: str) -> None:
    async with pool.acquire() as conn:
        account = await a_world(conn)
        await world.connector(conn, account, "office")

        reply = await gateway.start("a1", caller=US, line="office", callee=callee)

        assert reply["action"] == "connect"


async def test_r17_blocked_prefixes_hold_for_a_connectors_digits_too(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await a_world(conn)
        await world.connector(conn, account, "office")
        change = CapsChange(block={Cap.BLOCKED_PREFIXES: ["+1900"]})
        await set_caps(conn, actor=CLERK, account_id=account, change=change, now=NOON)

        for position, callee in enumerate(("19005551234", "+119005551234", "0019005551234")):
            assert (await gateway.start(f"a{position}", caller="201", line="office", callee=callee))[
                "reason"
            ] == "capped"


async def test_r43_a_user_who_withholds_the_number_is_not_shown(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        await a_world(conn)

        assert (await gateway.start("a1", caller="Anonymous", line=US))["caller_id"] == "anonymous"
        assert (await gateway.start("a2", callee="911", caller="Anonymous", line=US))["caller_id"] == US
