"""Doing exactly what a quote says that a refused call needs gets it connected; a little less does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.domain.accounts.caps import Cap
from gateway.domain.accounts.caps_change import CapsChange
from gateway.domain.calls.call import Limits
from gateway.domain.explanation import Fact, Money
from gateway.domain.money import QUANTUM
from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.accounts.block import block_account, unblock_account
from gateway.usecases.accounts.move_money import top_up
from gateway.usecases.accounts.set_caps import set_caps, show_caps
from gateway.usecases.calls.shown.quote import Quote, quote_call
from tests.support import world
from tests.support.actors import CLERK
from tests.support.rent_rows import keep
from tests.support.world import NOON

NUMBER, MAIN, OFFICE = "+15550100001", "+15550100009", "office"
CALLEE, UNREADABLE = "+442079460000", "442079460000"
RENT = Decimal(30)
payments = count()
amounts = st.decimals(min_value=0, max_value=5, places=6)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A world in which a call is wanted; what is None or False is as it should be."""

    line: str
    callee: str
    has_main_number: bool
    is_blocked: bool
    is_unpaid: bool
    rate: Mapping[str, object] | None
    balance: Decimal
    credit_limit: Decimal
    caps: Mapping[Cap, str]
    blocking: tuple[Cap, ...]


rates = st.fixed_dictionaries(
    {
        "per_minute": amounts.map(str),
        "fee": amounts.map(str),
        "first_interval_s": st.integers(1, 90),
        "increment_s": st.sampled_from([1, 6, 60]),
    }
)
limits = st.fixed_dictionaries(
    {},
    optional={
        Cap.DEAREST_RATE: amounts.map(str),
        Cap.SPEND_A_DAY: amounts.map(str),
        Cap.LIVE_CALLS: st.just("0") | st.just("1"),
        Cap.STARTS_A_MINUTE: st.just("0") | st.just("1"),
    },
)
wanted = st.builds(
    Wanted,
    line=st.sampled_from([NUMBER, NUMBER, OFFICE]),
    callee=st.sampled_from([CALLEE, CALLEE, CALLEE, UNREADABLE]),
    has_main_number=st.booleans(),
    is_blocked=st.booleans(),
    is_unpaid=st.booleans(),
    rate=st.none() | rates,
    balance=st.decimals(min_value=-5, max_value=8, places=6),
    credit_limit=amounts,
    caps=limits,
    blocking=st.lists(st.sampled_from([Cap.BLOCKED_CALLERS, Cap.BLOCKED_PREFIXES]), unique=True).map(tuple),
)


@dataclass(kw_only=True)
class World:
    conn: PgConnection
    account: int
    line: str
    callee: str

    async def quote(self) -> Quote:
        return await quote_call(self.conn, line=self.line, callee=self.callee, now=NOON, limits=Limits())

    async def pay(self, amount: Decimal) -> None:
        external_id = str(next(payments))
        await top_up(self.conn, actor=CLERK, account_id=self.account, amount=amount, external_id=external_id, now=NOON)
        await keep(self.conn, NOON)

    async def cap(self, limits: Mapping[Cap, str] | None = None, **more: object) -> None:
        change = CapsChange(limits=limits or {}, **more)
        await set_caps(self.conn, actor=CLERK, account_id=self.account, change=change, now=NOON)


async def make(conn: PgConnection, wanted: Wanted) -> World:
    account = await world.account(
        conn,
        balance=str(wanted.balance),
        credit_limit=str(wanted.credit_limit),
        main_number=MAIN if wanted.has_main_number else None,
    )
    made = World(conn=conn, account=account, line=wanted.line, callee=wanted.callee)
    due_on = date(2026, 3, 10) if wanted.is_unpaid else date(2026, 4, 1)
    await world.rented(conn, account, wanted.line, due_on, rent=str(RENT))
    await keep(conn, NOON)
    if wanted.rate is not None:
        await world.rate(conn, "44", **wanted.rate)
    if wanted.caps:
        await made.cap(wanted.caps)
    if wanted.blocking:
        await made.cap(block={cap: ["+1555"] if cap is Cap.BLOCKED_CALLERS else ["+44"] for cap in wanted.blocking})
    if wanted.is_blocked:
        await block_account(conn, actor=CLERK, account_id=account, reason="asked", now=NOON)
    return made


async def do(made: World, need: Fact) -> None:
    """Exactly what a need says."""
    match need.code.partition(".")[2]:
        case "account_blocked":
            await unblock_account(made.conn, actor=CLERK, account_id=made.account, now=NOON)
        case "no_main_number" | "connector_unpaid":
            await made.pay(RENT - (await made.quote()).available)
        case "callee_invalid":
            made.callee = CALLEE
        case "no_rate":
            await world.rate(made.conn, "44", "0.123457", first_interval_s=7)
        case "money":
            await pay_just(made, amount_of(need, "missing"))
        case "blocked_callers" | "blocked_prefixes" as name:
            await made.cap(removed=[Cap(name)])
        case "dearest_rate_of":
            await raise_just(made, Cap.DEAREST_RATE, amount_of(need, "needed"))
        case "spend_a_day_by":
            caps = await show_caps(made.conn, account_id=made.account, now=NOON)
            assert caps.spend_a_day is not None
            await raise_just(made, Cap.SPEND_A_DAY, caps.spend_a_day + amount_of(need, "missing"))
        case "live_calls_of" | "starts_a_minute_of" as name:
            await made.cap({Cap(name.removesuffix("_of")): str(need.figures["needed"])})
        case other:
            raise AssertionError(other)


async def pay_just(made: World, missing: Decimal) -> None:
    """All but the last unit is not enough."""
    if missing > QUANTUM:
        await made.pay(missing - QUANTUM)
        assert (await made.quote()).refused == "no_money"
        missing = QUANTUM
    await made.pay(missing)


async def raise_just(made: World, cap: Cap, needed: Decimal) -> None:
    """A unit less than what is needed is not enough."""
    await made.cap({cap: str(needed - QUANTUM)})
    quoted = await made.quote()
    assert (quoted.refused, quoted.rule.split()[1]) == ("capped", cap)
    await made.cap({cap: str(needed)})


def amount_of(need: Fact, name: str) -> Decimal:
    money = need.figures[name]
    assert isinstance(money, Money)
    return money.amount


# One database for all examples, each of which is undone; few, as each makes some twenty changes in it.
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(wanted)
async def test_doing_exactly_what_a_quote_says_makes_the_next_one_connect(pool: Pool, wanted: Wanted) -> None:
    async with pool.acquire() as conn:
        undone = conn.transaction()
        await undone.start()
        try:
            made = await make(conn, wanted)
            needed = (await made.quote()).would_need
            for need in needed:
                await do(made, need)
            # What another number or a rate that is new costs is known once it is there.
            if {"would_need.callee_invalid", "would_need.no_rate"} & {need.code for need in needed}:
                needed = (await made.quote()).would_need
                for need in needed:
                    await do(made, need)
            if "would_need.no_rate" in {need.code for need in needed}:
                for need in (await made.quote()).would_need:
                    await do(made, need)

            quoted = await made.quote()

            assert (quoted.refused, quoted.would_need) == (None, [])
            assert quoted.granted_s
        finally:
            await undone.rollback()
