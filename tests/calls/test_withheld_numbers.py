"""R43: a user who withholds the number is shown as nobody or refused, as the account says."""

from collections.abc import AsyncIterator

import pytest

from gateway.domain.accounts.caps import Cap
from gateway.domain.accounts.caps_change import CapsChange
from gateway.domain.accounts.when_withheld import WhenWithheld
from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.accounts.set_caps import set_caps
from gateway.usecases.calls.shown.show import show_call
from gateway.workers.roster import roster
from tests.support import world
from tests.support.actors import CLERK
from tests.support.running import Gateway
from tests.support.world import NOON

LINE, MAIN, LONDON = "+15550100001", "+15550100009", "+442079460000"


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[PgConnection]:
    """An account with a number, a connector and a main number; without the database it may call for a minute."""
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="10", unavailable_allow_s=60, main_number=MAIN)
        await world.number(conn, account, LINE)
        await world.connector(conn, account, "office")
        await world.rate(conn, "44", "0.01")
        yield conn


async def refuse_withheld(conn: PgConnection) -> None:
    await conn.execute("UPDATE account SET when_withheld = $1", WhenWithheld.REFUSED.value)


async def lose_the_database(gateway: Gateway) -> None:
    """What is known of the account is read once more before that."""
    process = gateway.process
    [worker] = [each for each in roster(process.context, process.book, gateway.cutter) if each.name == "figures"]
    await worker.once()
    process.context.pool.terminate()


async def words(conn: PgConnection, call_id: str) -> str:
    our_id = await conn.fetchval("SELECT id FROM call WHERE provider_call_id = $1", call_id)
    return " ".join((await show_call(conn, reference=str(our_id))).explanation)


@pytest.mark.parametrize("wish", [{"caller": "Anonymous"}, {"caller": LINE, "privacy": "id"}])
async def test_r43_by_default_the_call_shows_nobody(gateway: Gateway, conn: PgConnection, wish: dict[str, str]) -> None:
    reply = await gateway.start("a1", line=LINE, **wish)

    assert (reply["action"], reply["caller_id"], reply["identity"]) == ("connect", "anonymous", LINE)
    assert "showed nobody" in await words(conn, "a1")


async def test_r43_the_account_may_have_such_calls_refused(gateway: Gateway, conn: PgConnection) -> None:
    await refuse_withheld(conn)

    reply = await gateway.start("a1", caller="Anonymous", line=LINE)

    assert reply == {"call_id": "a1", "action": "reject", "sip_code": 433, "reason": "number_withheld"}
    assert "Refused by R43: the user withholds the number, which the account forbids (433 on record" in await words(
        conn, "a1"
    )
    assert await conn.fetchval("SELECT held FROM account") == 0


async def test_r43_of_a_connectors_user_too(gateway: Gateway, conn: PgConnection) -> None:
    shown = await gateway.start("a1", caller="Anonymous", line="office")
    await refuse_withheld(conn)

    assert (shown["caller_id"], "identity" in shown) == ("anonymous", False)
    assert (await gateway.start("a2", caller="Anonymous", line="office"))["reason"] == "number_withheld"


async def test_r43_no_other_call_is_lost_by_that(gateway: Gateway, conn: PgConnection) -> None:
    await refuse_withheld(conn)

    assert (await gateway.start("a1", line=LINE))["caller_id"] == LINE
    assert (await gateway.start("a2", caller="", line=LINE))["caller_id"] == LINE
    assert (await gateway.start("a3", LINE, caller="Anonymous", direction="inbound"))["action"] == "connect"
    forwarded = await gateway.start("a4", caller="Anonymous", line=LINE, direction="forward", parent_call_id="a3")
    assert (forwarded["action"], forwarded["caller_id"]) == ("connect", LINE)
    assert (await gateway.start("a5", "911", caller="Anonymous", line=LINE))["caller_id"] == LINE


async def test_r43_a_suspended_line_asserts_the_main_number(gateway: Gateway, conn: PgConnection) -> None:
    await conn.execute("UPDATE line SET state = 'suspended' WHERE name = $1", LINE)

    reply = await gateway.start("a1", caller="Anonymous", line=LINE)

    assert (reply["caller_id"], reply["identity"]) == ("anonymous", MAIN)


async def test_r43_blocked_callers_go_first(gateway: Gateway, conn: PgConnection) -> None:
    await refuse_withheld(conn)
    account = await conn.fetchval("SELECT id FROM account")
    change = CapsChange(block={Cap.BLOCKED_CALLERS: ["Anonymous"]})
    await set_caps(conn, actor=CLERK, account_id=account, change=change, now=NOON)

    assert (await gateway.start("a1", caller="sip:anonymous@anonymous.invalid", line=LINE))["reason"] == "capped"
    assert (await gateway.start("a2", LINE, caller="+266696687", direction="inbound"))["reason"] == "capped"


async def test_r34_r43_nobody_is_shown_without_the_database_either(gateway: Gateway, conn: PgConnection) -> None:
    await lose_the_database(gateway)

    reply = await gateway.start("a1", caller="Anonymous", line=LINE)
    emergency = await gateway.start("a2", "911", caller="Anonymous", line=LINE)
    connector = await gateway.start("a3", caller="Anonymous", line="office")

    assert (reply["caller_id"], reply["identity"]) == ("anonymous", LINE)
    assert emergency["caller_id"] == LINE
    assert (connector["caller_id"], "identity" in connector) == ("anonymous", False)


async def test_r34_r43_what_is_known_of_the_account_holds_without_the_database(
    gateway: Gateway, conn: PgConnection
) -> None:
    await refuse_withheld(conn)
    await lose_the_database(gateway)

    assert (await gateway.start("a1", caller="Anonymous", line=LINE))["reason"] == "number_withheld"
    assert (await gateway.start("a2", line=LINE))["caller_id"] == LINE
    assert (await gateway.start("a3", LINE, caller="Anonymous", direction="inbound"))["action"] == "connect"


async def test_r43_a_call_reported_afterwards_is_on_record_as_showing_nobody(
    gateway: Gateway, conn: PgConnection, pool: Pool
) -> None:
    end = {"direction": "outbound", "caller": "Anonymous", "callee": LONDON, "line": LINE, "seconds": 0}
    await gateway.end("a1", cause="no_answer", **end)

    assert await conn.fetchval("SELECT caller_id FROM call") == "anonymous"
