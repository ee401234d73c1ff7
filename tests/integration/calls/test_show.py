"""Every call can be shown with its decision explained, and a live one cut."""

from dataclasses import replace
from decimal import Decimal

import pytest

from gateway.domain.errors import Conflict, InvalidInput, NotFound
from gateway.domain.events import Direction
from gateway.usecases.calls.shown.explain import explain
from gateway.usecases.calls.shown.show import cut_call, list_calls, show_call
from gateway.words.speech import say
from tests.support import calls, world
from tests.support.actors import CLERK
from tests.support.world import NOON

LINE = "+15550100001"


@pytest.fixture
async def conn(pool):
    async with pool.acquire() as conn:
        yield conn


@pytest.fixture
async def account(conn) -> int:
    """An account with one dollar, a number and a rate."""
    account = await world.account(conn, balance="1")
    await world.number(conn, account, LINE)
    await world.rate(conn, "44", "0.0270")
    return account


async def test_a_live_call_is_shown_with_its_hold_and_its_clocks(conn, account):
    call_id = await calls.start(conn, "a1")

    view = await show_call(conn, reference=str(call_id))

    assert (view.call.id, view.call.connection, view.call.provider_call_id) == (call_id, "pbx", "a1")
    assert (view.call.account_id, view.call.currency, view.call.state) == (account, "USD", "open")
    assert (view.call.rate.prefix, view.call.granted_s, view.call.available) == ("44", 2220, Decimal(1))
    assert (view.call.live.hold, view.call.live.held_s) == (Decimal("0.135"), 300)
    assert view.call.live.cut_next_at == view.call.live.must_end_at
    assert view.call.ledger_entry is None
    assert view.explanation == [
        "Connected by R14: the call is allowed for as long as the money lasts, an hour at most.",
        "It went out by +15550100001 and showed +15550100001.",
        (
            f"Rate {view.call.rate.id} (prefix 44): 0.027000 USD a minute, connection fee 0.000000,"
            " the first 60 s whole, then in steps of 60 s."
        ),
        "Available at its start: 1.000000 USD.",
        "Granted: 2220 s.",
        "Live: 0.135000 USD held for 300 s, deadline 2026-03-11 12:37:00+00:00.",
    ]


async def test_an_ended_call_is_shown_with_its_charge_and_ledger_entry(conn, account):
    call_id = await calls.start(conn, "a1")
    await calls.end(conn, "a1", 95, more={"cost": Decimal("0.01"), "cost_currency": "EUR"})

    view = await show_call(conn, reference="pbx:a1")

    assert (view.call.id, view.call.state, view.call.live) == (call_id, "ended", None)
    assert (view.call.charge, view.call.reported_s, view.call.billed_s) == (Decimal("0.054"), 95, 95)
    assert (view.call.ledger_entry.amount, view.call.ledger_entry.balance_after) == (
        Decimal("-0.054"),
        Decimal("0.946"),
    )
    assert view.explanation[-2:] == [
        (
            "Ended 2026-03-11 12:01:35+00:00 (normal): answered 2026-03-11 12:00:00+00:00, 95 s reported, 95 s billed,"
            " charged 0.054000 USD."
        ),
        "The provider's own cost: 0.01 EUR.",
    ]


async def test_a_refused_call_says_why_and_by_which_rule(conn, account):
    await calls.start(conn, "a1", callee="+12125550123")

    view = await show_call(conn, reference="pbx:a1")

    assert view.explanation == [
        "Allowed if a rate had covered the callee at its start.",
        "Refused by R7: no rate covers the callee (503 on record, 503 to the provider).",
    ]


async def test_a_call_more_than_granted_says_its_flag(conn, account):
    await calls.start(conn, "a1")
    await calls.end(conn, "a1", 2221)

    view = await show_call(conn, reference="pbx:a1")

    assert "Flag over_grant: more seconds were reported than granted; the granted ones are charged." in view.explanation


async def test_a_forwarded_call_names_its_parent_and_a_free_one_costs_nothing(conn, account):
    parent = await calls.start(conn, "in", direction=Direction.INBOUND)
    await calls.start(conn, "fwd", direction=Direction.FORWARD, parent="in")

    incoming = await show_call(conn, reference="pbx:in")
    forwarded = await show_call(conn, reference="pbx:fwd")

    assert "No rate applies: it costs nothing." in incoming.explanation
    assert f"It forwards call {parent}, and is charged by itself." in forwarded.explanation


async def test_an_orphan_is_explained_too(conn):
    await calls.end(conn, "nobody", 10)

    view = await show_call(conn, reference="pbx:nobody")

    assert view.call.state == "orphan"
    assert any("nothing charged yet" in each for each in view.explanation)


async def test_a_call_with_words_nobody_knows_is_explained_all_the_same(conn, account):
    await calls.start(conn, "a1")
    call = (await show_call(conn, reference="pbx:a1")).call

    strange = replace(call, rule="R99", flags=["odd"], cut_reason="limit", live=replace(call.live, cut_attempts=3))

    said = [say(fact) for fact in explain(strange)]
    assert "Connected by R99: no words for this rule." in said
    assert "Flag odd: unknown." in said
    assert "To be cut: it reached its deadline." in said
    assert "The provider was asked to end it 3 times." in said
    assert say(explain(replace(call, reason="odd"))[0]).startswith("Refused by R14: odd (")


async def test_calls_are_listed_newest_first_and_page_by_page(conn, account):
    ids = [await calls.start(conn, f"a{number}") for number in range(5)]

    first = await list_calls(conn, limit=2)
    second = await list_calls(conn, limit=2, before=first[-1].call.id)

    assert [each.call.id for each in first + second] == ids[:0:-1]


async def test_calls_of_an_account_and_those_that_are_up_can_be_listed(conn, account):
    other = await world.account(conn)
    await world.number(conn, other, "+15550100002")
    mine = [await calls.start(conn, "a1"), await calls.start(conn, "a2")]
    theirs = await calls.start(conn, "b1", line="+15550100002")
    await calls.end(conn, "a1", 10)

    async def ids(**filters) -> list[int]:
        return [each.call.id for each in await list_calls(conn, **filters)]

    assert await ids(account_id=account) == mine[::-1]
    assert await ids(is_live=True) == [theirs, mine[1]]
    assert await ids(is_live=True, account_id=account) == [mine[1]]
    assert await ids(account_id=account, before=mine[1]) == [mine[0]]


async def test_wrong_questions_about_calls_are_refused(conn):
    with pytest.raises(InvalidInput, match="limit"):
        await list_calls(conn, limit=0)
    with pytest.raises(NotFound, match="no account 7"):
        await list_calls(conn, account_id=7)
    for reference in ("7", "pbx:none", "pbx", "9" * 30):
        with pytest.raises(NotFound, match="there is no call"):
            await show_call(conn, reference=reference)


async def test_r19_an_operator_has_a_live_call_cut_at_once(conn, account):
    call_id = await calls.start(conn, "a1")
    await conn.execute("UPDATE live_call SET cut_attempts = 4")

    view = await cut_call(conn, actor=CLERK, reference="pbx:a1", now=NOON)

    assert (view.call.id, view.call.cut_reason) == (call_id, "operator")
    assert (view.call.live.cut_next_at, view.call.live.cut_attempts) == (NOON, 0)
    assert "To be cut: an operator asked for it." in view.explanation


async def test_r19_a_call_that_is_over_cannot_be_cut(conn, account):
    call_id = await calls.start(conn, "a1")
    await calls.end(conn, "a1", 10)

    with pytest.raises(Conflict, match=f"call {call_id} is not live: it is ended"):
        await cut_call(conn, actor=CLERK, reference=str(call_id), now=NOON)
    with pytest.raises(NotFound):
        await cut_call(conn, actor=CLERK, reference="4711", now=NOON)


async def test_r19_a_call_the_gateway_cannot_end_is_said_so(conn, account):
    await calls.start(conn, "a1", connection=calls.UNCUTTABLE)

    with pytest.raises(Conflict, match="cannot be ended by the gateway"):
        await cut_call(conn, actor=CLERK, reference="deaf:a1", now=NOON)

    view = await show_call(conn, reference="deaf:a1")
    assert (view.call.cut_reason, view.call.live.held_s) == (None, 2220)
    assert "The gateway cannot end it; the provider was given the limit." in view.explanation
