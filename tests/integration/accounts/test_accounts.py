"""Accounts and their money: opened, topped up once, shown."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.domain.errors import Conflict, InvalidInput, NotFound
from gateway.domain.money import AMOUNT_MAX
from gateway.postgres.accounts import accounts
from gateway.postgres.accounts.ledger import EntryFilters, EntryKind, book
from gateway.usecases.accounts import show
from gateway.usecases.accounts.manage import create_account
from gateway.usecases.accounts.move_money import top_up
from gateway.usecases.accounts.show import list_accounts, show_account
from gateway.usecases.accounts.show_ledger import show_ledger, sum_ledger
from tests.support import calls, world
from tests.support.actors import CLERK
from tests.support.world import NOON

GOOD = {"name": "Acme", "currency": "USD", "email": "a@b.example", "now": NOON}


async def entries(conn, account_id: int, **more) -> list:
    return [entry async for entry in show_ledger(conn, account_id=account_id, **more)]


async def test_a_new_account_has_no_money_and_what_it_was_given(pool):
    async with pool.acquire() as conn:
        created = await create_account(
            conn,
            actor=CLERK,
            **GOOD,
            time_zone="Europe/Berlin",
            language="de",
            main_number="+442079460000",
            credit_limit=Decimal("5.5"),
            free_inbound_needs_balance=True,
            when_unavailable="60",
        )
        shown = await show_account(conn, account_id=created.id)

    assert created == shown
    assert (shown.name, shown.currency, shown.email) == ("Acme", "USD", "a@b.example")
    assert (shown.time_zone, shown.language, shown.main_number) == ("Europe/Berlin", "de", "+442079460000")
    assert [str(each) for each in (shown.balance, shown.held, shown.credit_limit, shown.available)] == [
        "0.000000",
        "0.000000",
        "5.500000",
        "5.500000",
    ]
    assert (shown.live_calls, shown.free_inbound_needs_balance, shown.when_unavailable) == (0, True, 60)
    assert shown.created_at == NOON


@pytest.mark.parametrize("language", ["pt", "pt-br", "pt_BR", "pt-BR"])
async def test_portuguese_is_that_of_brazil_however_it_is_written(pool, language):
    async with pool.acquire() as conn:
        assert (await create_account(conn, actor=CLERK, **GOOD, language=language)).language == "pt-BR"


async def test_an_account_rejects_calls_without_the_database_unless_told_otherwise(pool):
    async with pool.acquire() as conn:
        assert (await create_account(conn, actor=CLERK, **GOOD)).when_unavailable == "reject"


@pytest.mark.parametrize(
    ("argument", "value", "said"),
    [
        ("name", "  ", "name:"),
        ("name", "x" * 201, "name:"),
        ("name", "a\nb", "name:"),
        ("currency", "usd", "currency: 'usd'"),
        ("currency", "XTS", "currency: 'XTS'"),
        ("currency", "DEM", "currency: 'DEM'"),
        ("email", "a@b", "e-mail: 'a@b'"),
        ("time_zone", "Berlin", "time zone: 'Berlin'"),
        ("time_zone", "../etc/passwd", "time zone:"),
        ("language", "it", "language: 'it'"),
        ("main_number", "442079460000", "main number:"),
        ("main_number", "+99912345678", "main number:"),
        ("credit_limit", Decimal(-1), "credit limit:"),
        ("credit_limit", AMOUNT_MAX + 1, "credit limit:"),
        ("when_unavailable", "3601", "when unavailable:"),
        ("when_unavailable", "0", "when unavailable:"),
        ("when_unavailable", "allow", "when unavailable:"),
    ],
)
async def test_an_account_is_not_opened_with_a_wrong_argument(pool, argument, value, said):
    async with pool.acquire() as conn:
        with pytest.raises(InvalidInput, match=f"^{said}"):
            await create_account(conn, actor=CLERK, **{**GOOD, argument: value})

        assert [each async for each in list_accounts(conn)] == []


async def test_all_that_is_wrong_with_an_account_is_said_at_once(pool):
    async with pool.acquire() as conn:
        with pytest.raises(InvalidInput) as caught:
            await create_account(
                conn, actor=CLERK, name="", currency="?", email="", time_zone="", language="", now=NOON
            )

    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [
        "name",
        "currency",
        "e-mail",
        "time zone",
        "language",
    ]


async def test_an_account_that_is_not_there_is_not_found(pool):
    async with pool.acquire() as conn:
        with pytest.raises(NotFound, match="there is no account 7"):
            await show_account(conn, account_id=7)
        with pytest.raises(NotFound):
            await top_up(conn, actor=CLERK, account_id=7, amount=Decimal(1), external_id="x", now=NOON)
        with pytest.raises(NotFound):
            await entries(conn, 7)


async def test_accounts_are_listed_oldest_first_over_all_pages(pool, monkeypatch):
    monkeypatch.setattr(show, "PAGE_SIZE", 2)
    async with pool.acquire() as conn:
        ids = [await world.account(conn) for _ in range(5)]

        assert [each.id async for each in list_accounts(conn)] == ids


async def test_r3_a_top_up_is_an_entry_and_moves_the_balance(pool):
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0")

        entry = await top_up(conn, actor=CLERK, account_id=account, amount=Decimal("12.5"), external_id="p-1", now=NOON)

        assert (entry.kind, str(entry.amount), str(entry.balance_after)) == ("top_up", "12.500000", "12.500000")
        assert (entry.account_id, entry.external_id, entry.booked_at) == (account, "p-1", NOON)
        assert await entries(conn, account) == [entry]
        assert await world.money(conn, account) == (Decimal("12.5"), 0)


async def test_r3_a_top_up_counts_once_however_often_it_is_sent(pool):
    async with pool.acquire() as conn:
        account = await world.account(conn)

        first = await top_up(conn, actor=CLERK, account_id=account, amount=Decimal(5), external_id="p-1", now=NOON)
        again = await top_up(conn, actor=CLERK, account_id=account, amount=Decimal("5.00"), external_id="p-1", now=NOON)

        assert again == first
        assert await world.money(conn, account) == (105, 0)


async def test_r3_a_top_up_sent_by_many_at_once_counts_once(pool):
    async with pool.acquire() as conn:
        account = await world.account(conn)

    async def send():
        async with pool.acquire() as conn:
            return await top_up(conn, actor=CLERK, account_id=account, amount=Decimal(5), external_id="p-1", now=NOON)

    sent = await asyncio.gather(*(send() for _ in range(20)))

    assert len({entry.id for entry in sent}) == 1
    async with pool.acquire() as conn:
        assert await world.money(conn, account) == (105, 0)


async def test_r2_top_ups_of_different_ids_at_once_all_count_and_their_balances_follow_each_other(pool):
    async with pool.acquire() as conn:
        account = await world.account(conn)

    async def send(number: int):
        async with pool.acquire() as conn:
            return await top_up(
                conn, actor=CLERK, account_id=account, amount=Decimal("0.1"), external_id=str(number), now=NOON
            )

    await asyncio.gather(*map(send, range(20)))

    async with pool.acquire() as conn:
        assert await world.money(conn, account) == (102, 0)
        booked = await entries(conn, account)
    assert [entry.balance_after for entry in booked] == [100 + at * Decimal("0.1") for at in range(21)]


async def test_the_same_external_id_with_another_amount_is_a_conflict(pool):
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await top_up(conn, actor=CLERK, account_id=account, amount=Decimal(5), external_id="p-1", now=NOON)

        with pytest.raises(Conflict, match="booked before with the amount 5"):
            await top_up(conn, actor=CLERK, account_id=account, amount=Decimal(6), external_id="p-1", now=NOON)

        assert await world.money(conn, account) == (105, 0)


async def test_r3_a_payment_is_booked_for_one_account(pool):
    async with pool.acquire() as conn:
        one, other = await world.account(conn), await world.account(conn)
        await top_up(conn, actor=CLERK, account_id=one, amount=Decimal(1), external_id="p-1", now=NOON)

        with pytest.raises(Conflict, match=f"the payment 'p-1' was booked before for account {one}"):
            await top_up(conn, actor=CLERK, account_id=other, amount=Decimal(1), external_id="p-1", now=NOON)

        assert (await world.money(conn, one))[0] == 101
        assert (await world.money(conn, other))[0] == 100


async def test_r3_a_payment_sent_for_two_accounts_at_once_is_booked_for_one(pool):
    async with pool.acquire() as conn:
        payers = [await world.account(conn) for _ in range(4)]

    async def send(account: int) -> bool:
        async with pool.acquire() as conn:
            try:
                await top_up(conn, actor=CLERK, account_id=account, amount=Decimal(1), external_id="p-1", now=NOON)
            except Conflict:
                return False
            return True

    assert sum(await asyncio.gather(*map(send, payers))) == 1


async def test_r3_a_payment_that_an_older_version_booked_counts_once_and_for_one_account(pool):
    async with pool.acquire() as conn:
        one, other = await world.account(conn), await world.account(conn)
        async with conn.transaction():
            kind, key = EntryKind.TOP_UP, f"top_up:{one}:p-1"
            await accounts.lock(conn, account_id=one)
            old = await book(conn, account_id=one, kind=kind, amount=Decimal(1), key=key, external_id="p-1", now=NOON)

        assert await top_up(conn, actor=CLERK, account_id=one, amount=Decimal(1), external_id="p-1", now=NOON) == old
        with pytest.raises(Conflict, match=f"for account {one}"):
            await top_up(conn, actor=CLERK, account_id=other, amount=Decimal(1), external_id="p-1", now=NOON)


@pytest.mark.parametrize(
    ("amount", "external_id", "said"),
    [
        (Decimal(0), "x", "amount"),
        (Decimal(-1), "x", "amount"),
        (AMOUNT_MAX, "x", "amount .* larger"),
        (Decimal(1), " ", "external id"),
        (Decimal(1), "x" * 201, "external id"),
        (Decimal(1), "a\nb", "external id"),
    ],
)
async def test_a_top_up_that_cannot_be_is_refused(pool, amount, external_id, said):
    async with pool.acquire() as conn:
        account = await world.account(conn)

        with pytest.raises(InvalidInput, match=said):
            await top_up(conn, actor=CLERK, account_id=account, amount=amount, external_id=external_id, now=NOON)

        assert await world.money(conn, account) == (100, 0)


async def test_a_ledger_is_shown_oldest_first_over_all_pages_and_after_an_entry(pool, monkeypatch):
    monkeypatch.setattr("gateway.usecases.accounts.show_ledger.PAGE_SIZE", 2)
    async with pool.acquire() as conn:
        account, other = await world.account(conn), await world.account(conn)
        for number in range(4):
            await top_up(conn, actor=CLERK, account_id=account, amount=Decimal(1), external_id=str(number), now=NOON)
            await top_up(
                conn, actor=CLERK, account_id=other, amount=Decimal(1), external_id=f"other {number}", now=NOON
            )

        shown = await entries(conn, account)
        later = await entries(conn, account, after=shown[2].id)

    assert [str(entry.balance_after) for entry in shown] == [f"{100 + number}.000000" for number in range(5)]
    assert later == shown[3:]


async def test_a_ledger_is_shown_by_dates_kinds_and_call_and_added_up(pool):
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="10")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44")
        call = await calls.start(conn, "a1")
        await calls.end(conn, "a1", 60)
        later = NOON + timedelta(days=1)
        paid = await top_up(conn, actor=CLERK, account_id=account, amount=Decimal(5), external_id="p", now=later)
        await top_up(
            conn, actor=CLERK, account_id=account, amount=Decimal(1), external_id="q", now=later + timedelta(days=1)
        )
        span = EntryFilters(since=later, until=later + timedelta(hours=1))

        assert await entries(conn, account, filters=span) == [paid]
        assert [each.kind for each in await entries(conn, account, filters=EntryFilters(call_id=call))] == ["call"]
        kinds = EntryFilters(kinds=(EntryKind.TOP_UP, EntryKind.CALL))
        assert [each.kind for each in await entries(conn, account, filters=kinds)] == ["call", "top_up", "top_up"]
        one_day = await sum_ledger(conn, account_id=account, filters=span)
        all_of_it = await sum_ledger(conn, account_id=account)
        two_kinds = await sum_ledger(conn, account_id=account, filters=kinds)

    assert (str(one_day.opening_balance), str(one_day.closing_balance)) == ("9.973000", "14.973000")
    assert (one_day.entries, one_day.amount, len(one_day.kinds)) == (1, 5, 1)
    assert (str(all_of_it.opening_balance), str(all_of_it.closing_balance)) == ("0.000000", "15.973000")
    assert all_of_it.amount == all_of_it.closing_balance
    assert [(each.kind, each.entries, str(each.amount)) for each in two_kinds.kinds] == [
        ("call", 1, "-0.027000"),
        ("top_up", 2, "6.000000"),
    ]
