"""Calls from start to end, through HTTP, on a real database."""

from decimal import Decimal

import pytest

from gateway.postgres.types import Pool
from tests.support import world
from tests.support.running import Gateway

D = Decimal


async def test_r14_r20_a_call_is_allowed_held_and_charged(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")

        reply = await gateway.start("a1")
        assert reply == {"action": "connect", "call_id": "a1", "caller_id": "+15550100001", "max_seconds": 2220}
        assert await world.money(conn, account) == (D("1"), D("0.135"))

        gateway.clock.advance(5)
        await gateway.answer("a1")
        gateway.clock.advance(95)
        reply = await gateway.end("a1", seconds=95, cause="normal", cost="0.0312", cost_currency="USD")

        assert reply == {"call_id": "a1", "charged": "0.054000", "currency": "USD"}
        assert await world.money(conn, account) == (D("0.946"), D(0))


@pytest.mark.parametrize("connection", ["pbx", "trunk"])
async def test_r16_a_repeat_gets_the_same_bytes_and_moves_nothing(
    gateway: Gateway, pool: Pool, connection: str
) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        start = {
            "type": "call.start",
            "call_id": "a1",
            "direction": "outbound",
            "caller": "+15550100001",
            "callee": "+442079460000",
        }
        end = {"type": "call.end", "call_id": "a1", "seconds": 61}

        first = await (await gateway.hook(start, connection=connection)).read()
        held = await world.money(conn, account)
        again = await (await gateway.hook(start, connection=connection)).read()
        assert first == again
        assert await world.money(conn, account) == held

        ended = await (await gateway.hook(end, connection=connection)).read()
        balance = await world.money(conn, account)
        assert await (await gateway.hook(end, connection=connection)).read() == ended
        assert await (await gateway.hook(start, connection=connection)).read() == first
        assert await world.money(conn, account) == balance == (D("0.946"), D(0))


async def test_r14_not_one_increment_affordable_is_402(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0.026999")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")

        reply = await gateway.start("a1")

        assert reply == {"action": "reject", "call_id": "a1", "sip_code": 402, "reason": "no_money"}
        assert await world.money(conn, account) == (D("0.026999"), D(0))


async def test_r7_r10_outbound_refusals_in_their_order(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, "+15550100001")

        assert (await gateway.start("a1", "+49"))["sip_code"] == 404
        assert (await gateway.start("a2", "911"))["action"] == "connect"
        assert (await gateway.start("a3", "47115551"))["sip_code"] == 404
        assert (await gateway.start("a4"))["reason"] == "no_rate"
        assert (await gateway.start("a short number of the plan", "4711"))["reason"] == "no_rate"
        assert (await gateway.start("a5", caller="+15550109999"))["sip_code"] == 403


async def test_an_emergency_call_needs_neither_money_nor_an_active_line(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="-5")
        await world.number(conn, account, "+493055501", state="suspended", country="DE")

        reply = await gateway.start("a1", "112", caller="+493055501")
        assert (reply["action"], reply["max_seconds"]) == ("connect", 3600)
        await gateway.end("a1", seconds=300)

        assert await conn.fetchval("SELECT rule FROM call") == "emergency"
        assert await world.money(conn, account) == (D("-5"), D(0))


async def test_r8_r9_inbound(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0")
        await world.number(conn, account, "+15550100001")
        await world.number(conn, account, "+15550100002", state="suspended")
        await world.number(conn, account, "+15550100003", state="disconnected")
        await world.number(conn, account, "+18005550104", category="toll_free")
        await world.rate(conn, per_minute="0.0180", kind="inbound", country="US", category="toll_free")

        async def call(call_id: str, callee: str) -> tuple[str, int]:
            reply = await gateway.start(call_id, callee, caller="+442079460000", direction="inbound")
            return reply["action"], reply.get("sip_code", reply.get("max_seconds"))

        assert await call("free at zero balance", "+15550100001") == ("connect", 3600)
        assert await call("suspended", "+15550100002") == ("reject", 486)
        assert await call("disconnected", "+15550100003") == ("reject", 404)
        assert await call("unknown", "+15550100009") == ("reject", 404)
        assert await call("toll-free without money", "+18005550104") == ("reject", 486)
        codes = await conn.fetchrow("SELECT record_code, sip_code FROM call WHERE provider_call_id LIKE 'toll-free%'")
        assert tuple(codes) == (402, 486)

        await world.adjust(conn, account, "1")
        assert await call("toll-free", "+18005550104") == ("connect", 3300)
        await gateway.answer("toll-free")
        gateway.clock.advance(61)
        assert (await gateway.end("toll-free", seconds=61))["charged"] == "0.036000"


async def test_r9_free_inbound_may_need_balance(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0", free_inbound_needs_balance=True)
        await world.number(conn, account, "+15550100001")

        reply = await gateway.start("a1", "+15550100001", caller="+442079460000", direction="inbound")

        assert reply["sip_code"] == 486


async def test_r11_a_suspended_number_calls_by_the_main_number(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, main_number="+15550100009")
        await world.number(conn, account, "+15550100001", state="suspended")
        await world.rate(conn, "44", "0.0270")

        reply = await gateway.start("a1")

        assert reply["caller_id"] == "+15550100009"
        row = await conn.fetchrow("SELECT line, caller_id, rule FROM call")
        assert tuple(row) == ("+15550100001", "+15550100009", "R11")


async def test_r11_no_main_number_is_503(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, "+15550100001", state="suspended")
        await world.rate(conn, "44", "0.0270")

        assert (await gateway.start("a1"))["sip_code"] == 503


async def test_r12_a_connector_costs_nothing_while_it_is_paid(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0")
        await world.connector(conn, account, "office")
        await world.connector(conn, account, "unpaid", state="suspended")

        paid = await gateway.start("a1", line="office")
        unpaid = await gateway.start("a2", line="unpaid")
        inbound = await gateway.start("a3", "+15550100001", direction="inbound", line="unpaid")

        assert (paid["action"], paid["max_seconds"]) == ("connect", 3600)
        assert (unpaid["action"], unpaid["sip_code"]) == ("reject", 402)
        assert inbound["action"] == "connect"


async def test_r13_forwarding_is_an_outbound_call_of_its_own(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0.03")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        await gateway.start("in", "+15550100001", caller="+33140205050", direction="inbound")

        forward = {"direction": "forward", "parent_call_id": "in"}
        first = await gateway.start("f1", **forward)
        second = await gateway.start("f2", **forward)
        again = await gateway.start("f3", direction="forward", parent_call_id="f1")
        orphan = await gateway.start("f4", direction="forward", parent_call_id="nobody")

        assert (first["action"], first["max_seconds"]) == ("connect", 60)
        assert (second["sip_code"], second["reason"]) == (486, "no_money")
        assert again["reason"] == "forwarded_twice"
        assert orphan["reason"] == "parent_unknown"
        assert (
            await conn.fetchval(
                "SELECT parent.provider_call_id FROM call JOIN call AS parent ON parent.id = call.parent_id "
                "WHERE call.provider_call_id = 'f1'"
            )
            == "in"
        )
        gateway.clock.advance(30)
        assert (await gateway.end("f1", seconds=20))["charged"] == "0.027000"


async def test_r15_slices_let_many_calls_run_on_a_small_balance(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0.27")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")

        by_slice = [(await gateway.start(f"s{i}"))["action"] for i in range(3)]
        assert by_slice == ["connect", "connect", "reject"]
        assert await world.money(conn, account) == (D("0.27"), D("0.27"))


async def test_r15_where_we_cannot_cut_the_whole_time_is_held(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="2")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")

        first = await gateway.start("a1", connection="trunk")
        second = await gateway.start("a2", connection="trunk")

        assert (first["max_seconds"], second["max_seconds"]) == (3600, 840)
        assert await world.money(conn, account) == (D("2"), D("1.998"))


async def test_r15_holds_are_extended_and_where_money_ends_the_call_is_cut(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0.30")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        assert (await gateway.start("a1"))["max_seconds"] == 660
        await gateway.answer("a1")
        assert (await gateway.start("a2"))["max_seconds"] == 360
        await gateway.answer("a2")

        gateway.clock.advance(269)
        await gateway.extend()
        assert await world.money(conn, account) == (D("0.30"), D("0.27"))
        gateway.clock.advance(1)
        await gateway.extend()
        assert await world.money(conn, account) == (D("0.30"), D("0.297"))
        gateway.clock.advance(30)
        await gateway.cut()
        assert gateway.provider.hang_ups() == [("a2", "credit")]
        await gateway.end("a2", seconds=301)
        gateway.clock.advance(60)
        await gateway.cut()

        assert gateway.provider.hang_ups()[0] == ("a2", "credit")
        assert ("a1", "credit") in gateway.provider.hang_ups()


async def test_r15_a_call_never_answered_holds_nothing_after_the_ring_time(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        await gateway.start("a1")

        gateway.clock.advance(89)
        await gateway.reconcile()
        assert (await world.money(conn, account))[1] == D("0.135")
        gateway.clock.advance(1)
        await gateway.reconcile()
        assert (await world.money(conn, account))[1] == D(0)

        await gateway.answer("a1")
        await gateway.extend()
        assert (await world.money(conn, account))[1] == D("0.135")
        gateway.clock.advance(10)
        assert (await gateway.end("a1", seconds=10))["charged"] == "0.027000"


async def test_r18_a_call_is_cut_one_hour_after_its_answer(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, "+15550100001")
        await gateway.start("free", "+15550100001", caller="+442079460000", direction="inbound")
        gateway.clock.advance(30)
        await gateway.answer("free")

        gateway.clock.advance(3599)
        await gateway.cut()
        assert gateway.provider.hang_ups() == []
        gateway.clock.advance(1)
        gateway.provider.hang_up_status = 500
        await gateway.cut()
        await gateway.cut()
        assert gateway.provider.hang_ups() == [("free", "limit")]
        gateway.clock.advance(5)
        await gateway.cut()
        assert gateway.provider.hang_ups() == [("free", "limit")] * 2


async def test_r18_without_an_answer_the_hour_counts_from_the_start(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, "+15550100001")
        await gateway.start("free", "+15550100001", caller="+442079460000", direction="inbound")

        gateway.clock.advance(3600)
        await gateway.cut()

        assert gateway.provider.hang_ups() == [("free", "limit")]


async def test_r20_more_seconds_than_granted_are_flagged_not_charged(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0.054")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        await gateway.start("a1")
        await gateway.answer("a1")
        gateway.clock.advance(200)

        assert (await gateway.end("a1", seconds=190))["charged"] == "0.054000"
        assert await conn.fetchval("SELECT flags FROM call") == ["over_grant"]
        assert await world.money(conn, account) == (D(0), D(0))


async def test_r20_not_answered_costs_nothing(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270", fee="0.5")
        await gateway.start("a1")

        assert (await gateway.end("a1", seconds=0, cause="busy"))["charged"] == "0.000000"
        assert await world.money(conn, account) == (D(1), D(0))


async def test_r21_an_end_without_a_start_opens_and_charges_the_call(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        fields = {"direction": "outbound", "caller": "+15550100001", "callee": "+442079460000"}

        assert (await gateway.end("a1", seconds=61, **fields))["charged"] == "0.054000"
        assert (await gateway.end("a1", seconds=61, **fields))["charged"] == "0.054000"
        assert (await gateway.start("a1"))["reason"] == "call_ended"
        assert await world.money(conn, account) == (D("0.946"), D(0))
        assert await conn.fetchval("SELECT flags FROM call") == ["no_start"]


async def test_r21_an_end_before_its_start_is_charged_when_the_start_comes(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")

        assert (await gateway.end("a1", seconds=61))["charged"] is None
        first = await gateway.start("a1")
        assert (first["action"], first["reason"]) == ("reject", "call_ended")
        assert await gateway.start("a1") == first
        assert await world.money(conn, account) == (D("0.946"), D(0))
        assert (await gateway.end("a1", seconds=61))["charged"] == "0.054000"


async def test_r21_other_figures_later_are_flagged_and_the_first_stand(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        await gateway.start("a1")
        await gateway.end("a1", seconds=61)

        assert (await gateway.end("a1", seconds=200))["charged"] == "0.054000"
        assert await conn.fetchval("SELECT flags FROM call") == ["end_differs"]


async def test_r22_a_lost_end_is_asked_for_and_an_unknown_one_closed_after_a_day(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="10")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        for call_id in ("found", "lost"):
            await gateway.start(call_id)
            await gateway.answer(call_id)
        gateway.provider.statuses["found"] = {"type": "call.end", "call_id": "found", "seconds": 95, "cause": "normal"}

        gateway.clock.advance(3600 + 120)
        await gateway.extend()
        await gateway.reconcile()
        assert await world.money(conn, account) == (D("9.946"), D("1.620"))
        gateway.clock.advance(86_400 - 121)
        await gateway.reconcile()
        assert (await world.money(conn, account))[1] == D("1.620")
        gateway.clock.advance(1)
        await gateway.reconcile()

        assert await world.money(conn, account) == (D("9.946"), D(0))
        flags = await conn.fetch("SELECT provider_call_id, charge::numeric, flags FROM call ORDER BY id")
        assert [tuple(row) for row in flags] == [
            ("found", D("0.054"), ["end_asked"]),
            ("lost", D(0), ["end_lost"]),
        ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", ""),
        (b"{", ""),
        (b"[]", ""),
        (b'{"type": 1}', "type"),
        (b'{"type": "call.start"}', ""),
        (b'{"type": "call.start", "call_id": "", "direction": "outbound", "caller": "a", "callee": "b"}', "call_id"),
        (b'{"type": "call.start", "call_id": "a\\u0000", "direction": "outbound", "caller": "a", "callee": "b"}', ""),
        (b'{"type": "call.start", "call_id": "a", "direction": "sideways", "caller": "a", "callee": "b"}', "direction"),
        (
            b'{"type": "call.start", "call_id": "a", "direction": "forward", "caller": "a", "callee": "b"}',
            "parent_call_id",
        ),
        (b'{"type": "call.end", "call_id": "a", "seconds": -1}', "seconds"),
        (b'{"type": "call.end", "call_id": "a", "seconds": 1.5}', "seconds"),
        (b'{"type": "call.end", "call_id": "a", "ended_at": "2026-01-01T00:00:00"}', "ended_at"),
    ],
)
async def test_r33_a_malformed_webhook_is_400_and_changes_nothing(
    gateway: Gateway, pool: Pool, body: bytes, field: str
) -> None:
    response = await gateway.hook(body)

    assert response.status == 400
    problem = await response.json()
    assert problem["detail"]
    assert problem.get("field", "") == field or not field
    async with pool.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM call") == 0


async def test_r33_unauthentic_unknown_and_oversized_webhooks(gateway: Gateway) -> None:
    assert (await gateway.client.post("/hooks/pbx", data=b"{}")).status == 403
    assert await (await gateway.client.post("/hooks/pbx", data=b"{}")).read() == b""
    assert (await gateway.client.post("/hooks/nobody", data=b"{}")).status == 404
    assert (await gateway.hook(b" " * 70_000)).status == 413
    assert (await gateway.hook({"type": "call.transferred"})).status == 200


async def test_r37_decisions_are_counted_by_reason(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        await gateway.start("a1")
        await gateway.start("a1")
        await gateway.start("a2", "+33140205050")

        figures = await (await gateway.client.get("/metrics")).text()

        assert 'gateway_decisions_total{direction="outbound",reason="connect"} 1.0' in figures
        assert 'gateway_decisions_total{direction="outbound",reason="no_rate"} 1.0' in figures
        assert 'gateway_hooks_total{connection="pbx",kind="start",outcome="repeated"} 1.0' in figures
