"""Sums above what is set wait for a second operator: nothing moves until another than who asked approves."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.domain.access.actor import Actor, ActorKind, command_line
from gateway.domain.access.roles import Role
from gateway.domain.accounts.large_sums import LargeSums, LargeSumState
from gateway.domain.errors import Conflict, NotFound
from gateway.postgres.accounts.large_sums import LargeSumRow
from gateway.postgres.accounts.ledger import EntryRow
from gateway.usecases.access.tokens import TokenTerms, create_token
from gateway.usecases.accounts.check_ledger import check_ledger
from gateway.usecases.accounts.large_sums import (
    approve_large_sum,
    list_large_sums,
    move_or_wait,
    refuse_large_sum,
)
from gateway.usecases.accounts.movements import correction, given_back, payment
from tests.support import calls, world
from tests.support.world import NOON

D = Decimal
ANNA, BORIS = command_line("anna"), command_line("boris")
LARGE = LargeSums(elsewhere=D(100))


@pytest.fixture
async def conn(pool):
    async with pool.acquire() as conn:
        yield conn


@pytest.fixture
async def account(conn) -> int:
    account = await world.account(conn, balance="10")
    await world.number(conn, account, "+15550100001")
    await world.rate(conn, "44")
    return account


async def ask(conn, account, movement, *, actor=ANNA, large=LARGE) -> EntryRow | LargeSumRow:
    return await move_or_wait(conn, actor=actor, account_id=account, movement=movement, large=large, now=NOON)


async def waiting(conn, account, *, amount="500", external_id="p1") -> LargeSumRow:
    asked = await ask(conn, account, payment(amount=D(amount), external_id=external_id))
    assert isinstance(asked, LargeSumRow)
    return asked


async def audits(conn) -> list[tuple[str, str, str]]:
    rows = await conn.fetch("SELECT actor_id, action, object FROM audit WHERE action LIKE 'money.%' ORDER BY id")
    return [tuple(row) for row in rows]


async def test_a_large_sum_waits_and_is_booked_when_another_approves(conn, account):
    asked = await waiting(conn, account)
    assert await world.money(conn, account) == (10, 0)

    approved = await approve_large_sum(conn, actor=BORIS, large_sum_id=asked.id, now=NOON + timedelta(minutes=1))

    assert (asked.state, asked.asked_by, asked.currency) == (LargeSumState.WAITING, "cli:anna", "USD")
    assert (approved.state, approved.decided_by) == (LargeSumState.APPROVED, "cli:boris")
    assert await world.money(conn, account) == (510, 0)
    entry = await conn.fetchrow("SELECT amount, external_id FROM ledger_entry WHERE id = $1", approved.entry_id)
    assert tuple(entry) == (D(500), "p1")
    what = f"large_sum:{asked.id}"
    assert await audits(conn) == [("anna", "money.top_up", what), ("boris", "money.approve", what)]
    assert await list_large_sums(conn) == [approved]
    assert (await check_ledger(conn)).ok


@pytest.mark.parametrize(
    ("movement", "is_large"),
    [
        (payment(amount=D(100), external_id="p1"), False),
        (payment(amount=D("100.01"), external_id="p1"), True),
        (correction(amount=D("-100.01"), note="booked twice"), True),
        (given_back(amount=D(101), note="outage"), True),
    ],
)
async def test_whatever_moves_money_waits_above_the_amount(conn, account, movement, is_large):
    assert isinstance(await ask(conn, account, movement), LargeSumRow) is is_large
    assert isinstance(await ask(conn, account, movement, large=LargeSums()), EntryRow)


async def test_whoever_asked_does_not_approve(conn, account):
    asked = await waiting(conn, account)

    with pytest.raises(Conflict, match="cli:anna has asked for it"):
        await approve_large_sum(conn, actor=ANNA, large_sum_id=asked.id, now=NOON)

    assert await world.money(conn, account) == (10, 0)
    assert len(await audits(conn)) == 1


async def test_nor_by_a_token_that_they_made_or_one_that_this_made(conn, account):
    terms = TokenTerms(role=Role.OPERATOR, account_id=None)
    first = await create_token(conn, actor=ANNA, terms=terms, now=NOON)
    by_first = Actor(kind=ActorKind.TOKEN, id=str(first.id), role=Role.OPERATOR)
    second = await create_token(conn, actor=by_first, terms=terms, now=NOON)
    others = await create_token(conn, actor=BORIS, terms=terms, now=NOON)
    asked = await ask(conn, account, payment(amount=D(500), external_id="p1"), actor=by_first)

    for token in (first, second):
        actor = Actor(kind=ActorKind.TOKEN, id=str(token.id), role=Role.OPERATOR)
        with pytest.raises(Conflict, match="cli:anna has asked for it"):
            await approve_large_sum(conn, actor=actor, large_sum_id=asked.id, now=NOON)
    other = Actor(kind=ActorKind.TOKEN, id=str(others.id), role=Role.OPERATOR)
    assert (await approve_large_sum(conn, actor=other, large_sum_id=asked.id, now=NOON)).decided_by == "cli:boris"


async def test_what_is_refused_or_taken_back_is_never_booked(conn, account):
    refused, taken_back = await waiting(conn, account), await waiting(conn, account, external_id="p2")

    await refuse_large_sum(conn, actor=BORIS, large_sum_id=refused.id, now=NOON)
    await refuse_large_sum(conn, actor=ANNA, large_sum_id=taken_back.id, now=NOON)

    for each in (refused, taken_back):
        with pytest.raises(Conflict, match="it is refused already"):
            await approve_large_sum(conn, actor=BORIS, large_sum_id=each.id, now=NOON)
    assert await world.money(conn, account) == (10, 0)
    again = await waiting(conn, account)
    assert again.id not in (refused.id, taken_back.id)


async def test_a_repeat_waits_as_the_first_and_is_the_entry_once_it_is_approved(conn, account):
    first, again = await waiting(conn, account), await waiting(conn, account)
    assert first == again
    with pytest.raises(Conflict, match=r"another sum waits, 500\.000000 USD"):
        await ask(conn, account, payment(amount=D(501), external_id="p1"))

    approved = await approve_large_sum(conn, actor=BORIS, large_sum_id=first.id, now=NOON)
    entry = await ask(conn, account, payment(amount=D(500), external_id="p1"))

    assert isinstance(entry, EntryRow)
    assert entry.id == approved.entry_id
    assert await world.money(conn, account) == (510, 0)


async def test_of_two_who_approve_at_once_one_does(pool, conn, account):
    asked = await waiting(conn, account)

    async def approve() -> bool:
        async with pool.acquire() as own:
            try:
                await approve_large_sum(own, actor=BORIS, large_sum_id=asked.id, now=NOON)
            except Conflict:
                return False
            return True

    assert sorted(await asyncio.gather(approve(), approve())) == [False, True]
    assert await world.money(conn, account) == (510, 0)


async def test_what_does_not_hold_any_more_is_not_approved(conn, account):
    call = await calls.start(conn, "a1")
    await calls.end(conn, "a1", 60)
    small = LargeSums(elsewhere=D("0.01"))
    first, second = [
        await ask(conn, account, given_back(amount=D("0.02"), call_id=call, external_id=name), large=small)
        for name in ("r1", "r2")
    ]

    await approve_large_sum(conn, actor=BORIS, large_sum_id=first.id, now=NOON)
    with pytest.raises(Conflict, match=r"at most 0\.007000 can be"):
        await approve_large_sum(conn, actor=BORIS, large_sum_id=second.id, now=NOON)

    assert [each.state for each in await list_large_sums(conn, state=LargeSumState.WAITING)] == ["waiting"]


async def test_large_sums_are_listed_by_account_and_by_parts(conn, account):
    other = await world.account(conn)
    first, second, third = [await waiting(conn, account, external_id=f"p{at}") for at in range(3)]
    await waiting(conn, other, external_id="q1")

    assert await list_large_sums(conn, account_id=account, limit=2) == [third, second]
    assert await list_large_sums(conn, account_id=account, before=second.id) == [first]
    assert await list_large_sums(conn, state=LargeSumState.APPROVED) == []
    with pytest.raises(NotFound):
        await approve_large_sum(conn, actor=BORIS, large_sum_id=third.id + 100, now=NOON)
