"""The demo's world: a deck of rates, two accounts and their numbers. What is there already is found again."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import uuid4

from gateway.clock import Clock
from gateway.demo.calls import BEARER, SIGNED
from gateway.demo.provider import SimulatedProvider
from gateway.domain.access.actor import Actor, gateway_itself
from gateway.domain.accounts.caps import Caps
from gateway.domain.errors import Conflict, GatewayError
from gateway.domain.money import ZERO
from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.accounts.manage import create_account
from gateway.usecases.accounts.move_money import top_up
from gateway.usecases.accounts.show import AccountView, list_accounts, show_account
from gateway.usecases.calls.shown.show import LIMIT_MAX, list_calls
from gateway.usecases.lines.manage import add_number, list_lines

CURRENCY: Final = "USD"
DECK: Final = "demo deck"
DEMO: Final[Actor] = gateway_itself("demo")

# Numbers of the ranges that are kept free for stories: 555-01xx in North America, 020 7946 0xxx in London,
# (0)30 23125 xxx in Berlin, 01 99 00 xx xx in France.
NEW_YORK: Final = "+12125550101"
TOLL_FREE: Final = "+18005550199"
LONDON: Final = "+442079460101"
BERLIN: Final = "+493023125101"
# Rented at a price that she has never had at once, since its rent was last paid.
FRANCE_SUSPENDED: Final = "+33199000101"
MAIN: Final = "+12125550100"
CHICAGO: Final = "+13125550177"
CHICAGO_TOO: Final = "+13125550178"

# It has called all night.
NUISANCE: Final = "+13105550166"

# Two calls of Boris to Cuba, side by side, spend this within the demo's limit.
BORIS_MONEY: Final = Decimal("0.160000")

# What `[new_accounts.caps]` should be somewhere too: wide enough for every story, and for no fraudster.
FIRST_CAPS: Final = Caps(
    live_calls=20,
    starts_a_minute=120,
    spend_a_day=Decimal("50.000000"),
    dearest_rate=Decimal("2.000000"),
    blocked_callers=(NUISANCE,),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    account: str
    email: str
    time_zone: str
    money: Decimal
    numbers: Sequence[str]


ANNA: Final = DemoAccount(
    account="Anna's Bakery (demo)",
    email="anna@example.com",
    time_zone="Europe/Berlin",
    money=Decimal("1.000000"),
    numbers=(NEW_YORK, TOLL_FREE, LONDON, BERLIN),
)
BORIS: Final = DemoAccount(
    account="Boris Couriers (demo)",
    email="boris@example.com",
    time_zone="America/Chicago",
    money=ZERO,
    numbers=(CHICAGO, CHICAGO_TOO),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The ids of the two accounts."""

    anna: int
    boris: int


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The ids of the two accounts, and what the demo reads and writes with."""

    pool: Pool
    clock: Clock
    anna: int
    boris: int

    async def show(self, account_id: int) -> AccountView:
        async with self.pool.acquire() as conn:
            return await show_account(conn, account_id=account_id)

    async def pay(self, account_id: int, amount: Decimal, *, payment: str) -> None:
        """Top an account up; a payment counts once."""
        async with self.pool.acquire() as conn:
            now = self.clock.now()
            await top_up(conn, actor=DEMO, account_id=account_id, amount=amount, external_id=payment, now=now)


async def end_lost_calls(world: World, provider: SimulatedProvider) -> None:
    """End what an earlier demo left behind."""
    async with world.pool.acquire() as conn:
        for account_id in (world.anna, world.boris):
            for view in await list_calls(conn, account_id=account_id, is_live=True, limit=LIMIT_MAX):
                if view.call.live is not None and view.call.connection in (SIGNED, BEARER):
                    await provider.end_lost(connection=view.call.connection, call_id=view.call.provider_call_id)


async def settle(conn: PgConnection, person: DemoAccount, clock: Clock) -> int:
    """The id of a person's account, with all numbers; new ones get their first money."""
    account_id = await find_account(conn, person)
    if account_id is None:
        created = await create_account(
            conn,
            actor=DEMO,
            name=person.account,
            currency=CURRENCY,
            email=person.email,
            time_zone=person.time_zone,
            main_number=MAIN,
            first_caps=FIRST_CAPS,
            now=clock.now(),
        )
        account_id = created.id
        if person.money:
            payment = f"demo-{uuid4().hex}"
            await top_up(
                conn,
                actor=DEMO,
                account_id=account_id,
                amount=person.money,
                external_id=payment,
                now=clock.now(),
            )
    present = {line.name for line in await list_lines(conn, account_id=account_id)}
    for number in person.numbers:
        if number in present:
            continue
        try:
            await add_number(conn, actor=DEMO, account_id=account_id, number=number, now=clock.now())
        except Conflict as error:
            raise GatewayError(f"the demo needs a database of its own: {error}") from error
    return account_id


async def find_account(conn: PgConnection, person: DemoAccount) -> int | None:
    async for account in list_accounts(conn):
        if (account.name, account.currency) == (person.account, CURRENCY):
            return account.id
    return None
