"""R17 through HTTP: each cap refuses with 403, is on record, and is mailed once a day."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.domain.accounts.caps import Cap
from gateway.domain.accounts.caps_change import CapsChange
from gateway.domain.calls.call import Limits
from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.accounts.set_caps import set_caps, show_caps
from gateway.usecases.calls.shown.quote import quote_call
from gateway.usecases.calls.shown.show import show_call
from gateway.words.speech import say
from tests.support import world
from tests.support.actors import CLERK
from tests.support.running import Gateway, gateway_on
from tests.support.world import NOON, FakeClock

D = Decimal
LINE, CALLEE, STRANGER = "+15550100001", "+442079460000", "+33140000000"
CAPPED = {"action": "reject", "sip_code": 403, "reason": "capped"}
# Noon in UTC is 13:00 in the account's time zone.
MIDNIGHT = timedelta(hours=11)


async def an_account(conn: PgConnection, *, balance: str = "100", **limits: str) -> int:
    """An account with a number, a rate for its calls and these caps."""
    account = await world.account(conn, balance=balance)
    await world.number(conn, account, LINE)
    await world.rate(conn, "44", "0.0270")
    await a_cap(conn, account, **limits)
    return account


async def a_cap(conn: PgConnection, account: int, *, now: datetime = NOON, **limits: str) -> None:
    if limits:
        change = CapsChange(limits={Cap(name): text for name, text in limits.items()})
        await set_caps(conn, actor=CLERK, account_id=account, change=change, now=now)


async def refused_by(conn: PgConnection, call_id: str) -> tuple[str, str, int]:
    row = await conn.fetchrow("SELECT reason, rule, record_code FROM call WHERE provider_call_id = $1", call_id)
    assert row is not None
    return row["reason"], row["rule"], row["record_code"]


async def mails(conn: PgConnection) -> list[tuple[str, Mapping[str, str]]]:
    return [(row["key"], row["facts"]) for row in await conn.fetch("SELECT key, facts FROM mail ORDER BY id")]


async def test_r17_live_calls_at_once(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        await an_account(conn, live_calls="2")
        await gateway.start("a1")
        assert (await gateway.start("a2", LINE, caller=STRANGER, direction="inbound"))["action"] == "connect"

        assert await gateway.start("a3") == {"call_id": "a3", **CAPPED}
        told = await gateway.start("a4", LINE, caller=STRANGER, direction="inbound")
        assert told == {"call_id": "a4", **CAPPED}
        assert await refused_by(conn, "a3") == ("capped", "R17 live_calls 2", 403)

        await gateway.end("a1", seconds=0)
        assert (await gateway.start("a5"))["action"] == "connect"
        assert await gateway.start("a3") == {"call_id": "a3", **CAPPED}  # a repeat gets the stored reply


async def test_r17_an_emergency_call_is_connected_whatever_the_caps_say(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        await an_account(conn, live_calls="0", starts_a_minute="0")

        assert (await gateway.start("a1", "911"))["action"] == "connect"


async def test_r17_call_starts_a_minute(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        await an_account(conn, starts_a_minute="2")
        await gateway.start("a1")
        gateway.clock.advance(30)
        await gateway.start("a2")
        await gateway.end("a1", seconds=0)
        gateway.clock.advance(29.9)

        assert (await gateway.start("a3"))["reason"] == "capped"
        assert await refused_by(conn, "a3") == ("capped", "R17 starts_a_minute 2", 403)

        gateway.clock.advance(0.1)  # a1 was connected a minute ago, a2 30 s ago; refused calls do not count
        assert (await gateway.start("a4"))["action"] == "connect"
        assert (await gateway.start("a5"))["reason"] == "capped"


async def test_r17_a_providers_clock_that_is_late_does_not_open_the_cap(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        await an_account(conn, starts_a_minute="1")
        late = (NOON - timedelta(minutes=4)).isoformat()

        await gateway.start("a1", at=late)

        assert (await gateway.start("a2", at=late))["reason"] == "capped"
        assert (await gateway.start("a3"))["reason"] == "capped"


async def test_r17_old_starts_are_forgotten(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        await an_account(conn, starts_a_minute="1")
        await gateway.start("a1")
        gateway.clock.advance(121)
        await gateway.start("a2")

        assert await conn.fetchval("SELECT array_agg(started_at) FROM recent_start") == [gateway.clock.now()]


async def test_r17_the_dearest_rate(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        await an_account(conn, dearest_rate="0.027")
        await world.rate(conn, "4479", "0.027001")

        assert (await gateway.start("a1"))["action"] == "connect"
        assert (await gateway.start("a2", "+447911123456"))["reason"] == "capped"
        assert await refused_by(conn, "a2") == ("capped", "R17 dearest_rate 0.027000", 403)


async def test_r17_blocked_prefixes_and_callers(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn)
        change = CapsChange(
            block={Cap.BLOCKED_PREFIXES: ["+4479"], Cap.BLOCKED_CALLERS: ["+3314", "anonymous"]},
        )
        await set_caps(conn, actor=CLERK, account_id=account, change=change, now=NOON)

        assert (await gateway.start("a1"))["action"] == "connect"
        assert (await gateway.start("a2", "+447911123456"))["reason"] == "capped"
        assert (await gateway.start("a3", LINE, caller=STRANGER, direction="inbound"))["reason"] == "capped"
        assert (await gateway.start("a4", LINE, caller="+33240000000", direction="inbound"))["action"] == "connect"
        assert await refused_by(conn, "a2") == ("capped", "R17 blocked_prefixes", 403)
        assert await refused_by(conn, "a3") == ("capped", "R17 blocked_callers", 403)


async def test_r17_what_is_dear_or_abused_is_blocked_by_one_word(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn)
        await world.rate(conn, "8", "0.01")
        await world.rate(conn, "1", "0.01")
        change = CapsChange(block={Cap.BLOCKED_PREFIXES: ["dear"]})
        await set_caps(conn, actor=CLERK, account_id=account, change=change, now=NOON)

        assert (await gateway.start("a1"))["action"] == "connect"
        assert (await gateway.start("a2", "+881631234567")) == {"call_id": "a2", **CAPPED}
        assert (await gateway.start("a3", "+19005551234")) == {"call_id": "a3", **CAPPED}
        assert (await gateway.start("a4", LINE, caller="+881631234567", direction="inbound"))["action"] == "connect"
        assert await refused_by(conn, "a2") == ("capped", "R17 blocked_prefixes", 403)
        quote = await quote_call(conn, line=LINE, callee="+881631234567", now=NOON, limits=Limits())
        assert quote.refused == "capped"


async def test_r17_a_forwarded_call_is_capped_too(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        await an_account(conn, live_calls="1")
        await gateway.start("a1", LINE, caller=STRANGER, direction="inbound")

        told = await gateway.start("a2", direction="forward", parent_call_id="a1")

        assert told == {"call_id": "a2", **CAPPED}
        assert await conn.fetchval("SELECT parent_id IS NOT NULL FROM call WHERE provider_call_id = 'a2'")


async def test_r17_calls_are_granted_what_a_day_may_cost_and_no_more(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn, spend_a_day="0.27")

        assert (await gateway.start("a1"))["max_seconds"] == 600
        assert (await gateway.start("a2"))["max_seconds"] == 300  # a1 holds the other half
        assert await gateway.start("a3") == {"call_id": "a3", **CAPPED}
        assert await refused_by(conn, "a3") == ("capped", "R17 spend_a_day 0.270000", 403)

        await gateway.answer("a1")
        await gateway.end("a2", seconds=0)
        gateway.clock.advance(270)
        await gateway.extend()
        assert await world.money(conn, account) == (D(100), D("0.27"))
        gateway.clock.advance(330)
        await gateway.end("a1", seconds=600)

        assert await world.money(conn, account) == (D("99.73"), D(0))
        assert (await gateway.start("a4"))["reason"] == "capped"


async def test_r17_without_money_it_is_the_money_that_refuses(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        await an_account(conn, balance="0", spend_a_day="0", live_calls="0")

        assert (await gateway.start("a1"))["reason"] == "no_money"
        assert await mails(conn) == []


async def test_r17_an_extension_that_the_day_does_not_cover_ends_the_call(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn)
        await gateway.start("a1")
        await gateway.answer("a1")
        await a_cap(conn, account, spend_a_day="0.189")  # 7 minutes
        gateway.clock.advance(270)
        await gateway.extend()

        assert await conn.fetchval("SELECT granted_s FROM call") == 420
        assert await world.money(conn, account) == (D(100), D("0.189"))
        gateway.clock.advance(150)
        await gateway.cut()
        assert gateway.provider.hang_ups() == [("a1", "credit")]


async def test_r17_what_was_spent_counts_until_midnight_in_the_accounts_time_zone(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn, spend_a_day="0.054")

        async def talk(call_id: str) -> str:
            told = await gateway.start(call_id)
            await gateway.end(call_id, seconds=120)
            return told["action"]

        gateway.clock.at = NOON + MIDNIGHT - timedelta(seconds=1)
        assert [await talk("a1"), await talk("a2")] == ["connect", "reject"]

        gateway.clock.advance(1)
        assert [await talk("a3"), await talk("a4")] == ["connect", "reject"]
        assert (await show_caps(conn, account_id=account, now=gateway.clock.now())).use.spent == D("0.054")

        gateway.clock.advance(86_400)
        assert (await show_caps(conn, account_id=account, now=gateway.clock.now())).use.spent == 0


@pytest.fixture
async def late(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    """A gateway whose clock is two seconds behind that of `gateway`, where it is the next day already."""
    async with gateway_on(dsn, tmp_path / "late", clock=FakeClock(NOON + MIDNIGHT - timedelta(seconds=1))) as late:
        yield late


async def test_r17_r38_what_was_spent_tomorrow_by_another_clock_counts_today(
    gateway: Gateway, late: Gateway, pool: Pool
) -> None:
    gateway.clock.at = NOON + MIDNIGHT + timedelta(seconds=1)
    async with pool.acquire() as conn:
        account = await an_account(conn)
        await a_cap(conn, account, spend_a_day="0.324", now=gateway.clock.at)
        await late.start("up")
        await late.answer("up")
        await gateway.start("over")
        await gateway.end("over", seconds=300)

        told = await late.start("a1")  # 0.135 are spent and 0.135 held: two minutes are left
        shown = await show_caps(conn, account_id=account, now=late.clock.at)
        assert (told["action"], told["max_seconds"]) == ("connect", 120)
        assert (shown.use.spent, shown.use.held) == (D("0.135"), D("0.189"))

        await late.end("a1", seconds=60)
        shown = await show_caps(conn, account_id=account, now=gateway.clock.at)
        assert (str(shown.use.day), shown.use.spent) == ("2026-03-12", D("0.162"))

        # An extender whose clock is behind: a call of yesterday has one minute more on the money of this day.
        await conn.execute("UPDATE live_call SET extend_due_at = $1", late.clock.at)
        await late.extend()
        assert await conn.fetchval("SELECT granted_s FROM call WHERE provider_call_id = 'up'") == 360
        assert await world.money(conn, account) == (D(100) - D("0.162"), D("0.162"))


async def test_r17_what_was_spent_before_there_was_a_cap_counts_too(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn)
        await gateway.start("a1")
        await gateway.end("a1", seconds=60)
        gateway.clock.advance(MIDNIGHT.total_seconds())
        await gateway.start("a2")
        await gateway.end("a2", seconds=120)

        shown = await show_caps(conn, account_id=account, now=gateway.clock.now())
        await a_cap(conn, account, spend_a_day="0.08", now=gateway.clock.now())

        assert shown.use.spent == D("0.054")
        assert (await gateway.start("a3"))["reason"] == "capped"


async def test_r17_a_cap_that_refuses_is_mailed_once_a_day(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn, live_calls="0", dearest_rate="0.03")
        await world.rate(conn, "4479", "0.05")
        await gateway.start("a1")
        gateway.clock.advance(10)
        await gateway.start("a2")
        await gateway.start("a3", "+447911123456")

        told = await mails(conn)
        assert [key for key, _ in told] == [
            f"cap_refused:{account}:live_calls:2026-03-11",
            f"cap_refused:{account}:dearest_rate:2026-03-11",
        ]
        own = {"account": "Acme", "currency": "USD", "time_zone": "Europe/Berlin"}
        said = {"cap": "live_calls", "limit": "0", "caller": LINE, "callee": CALLEE, "at": "2026-03-11T12:00:00Z"}
        assert told[0][1] == own | said

        gateway.clock.at = NOON + MIDNIGHT
        await gateway.start("a4")
        assert [key for key, _ in await mails(conn)][2:] == [f"cap_refused:{account}:live_calls:2026-03-12"]


async def test_r17_an_end_without_a_start_is_charged_whatever_the_caps_say(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn, live_calls="0", starts_a_minute="0", spend_a_day="0")

        told = await gateway.end("a1", seconds=60, direction="outbound", caller=LINE, callee=CALLEE)

        assert told["charged"] == "0.027000"
        assert (await show_caps(conn, account_id=account, now=NOON)).use.spent == D("0.027")
        assert await mails(conn) == []


async def test_r17_an_account_without_caps_keeps_nothing_about_them(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn, live_calls="5", starts_a_minute="5")
        removed = CapsChange(removed=[Cap.LIVE_CALLS, Cap.STARTS_A_MINUTE])
        await set_caps(conn, actor=CLERK, account_id=account, change=removed, now=NOON)
        await gateway.start("a1")
        await gateway.end("a1", seconds=60)

        kept = await conn.fetchrow("SELECT caps, spent::numeric FROM account WHERE id = $1", account)
        assert tuple(kept) == (None, 0)
        assert await conn.fetchval("SELECT count(*) FROM recent_start") == 0


@pytest.mark.parametrize(
    ("limits", "rule", "why"),
    [
        ({"live_calls": "0"}, "R17 live_calls 0", "the account allows 0 live calls at once"),
        ({"starts_a_minute": "0"}, "R17 starts_a_minute 0", "the account allows 0 call starts a minute"),
        ({"spend_a_day": "0.02"}, "R17 spend_a_day 0.020000", "the account allows calls for 0.020000 a day"),
    ],
)
async def test_r17_a_quote_and_the_call_on_record_say_which_cap_refuses(
    gateway: Gateway, pool: Pool, limits: dict[str, str], rule: str, why: str
) -> None:
    async with pool.acquire() as conn:
        await an_account(conn, **limits)

        quoted = await quote_call(conn, line=LINE, callee=CALLEE, now=NOON, limits=Limits())
        await gateway.start("a1")
        shown = await show_call(conn, reference="pbx:a1")

        assert (quoted.refused, quoted.rule, say(quoted.why)) == ("capped", rule, why)
        assert shown.call.rule == rule
        assert shown.explanation[1] == f"Refused by {rule}: {why} (403 on record, 403 to the provider)."


async def test_r17_a_quote_counts_the_calls_that_are_up(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        await an_account(conn, live_calls="1", spend_a_day="1")
        first = await quote_call(conn, line=LINE, callee=CALLEE, now=NOON, limits=Limits())
        await gateway.start("a1")
        second = await quote_call(conn, line=LINE, callee=CALLEE, now=NOON, limits=Limits())

        assert (first.refused, first.granted_s, first.available) == (None, 2220, D(1))
        assert (second.refused, second.rule) == ("capped", "R17 live_calls 1")
