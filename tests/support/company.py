"""A company of the article: an account that rents numbers, and what happens to it as time passes."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from gateway.postgres.types import Pool
from gateway.usecases.accounts.move_money import top_up
from gateway.usecases.lines.rent import rent_number
from tests.support import world
from tests.support.actors import CLERK
from tests.support.running import Gateway

BERLIN = ZoneInfo("Europe/Berlin")
MAIN = "+15550100999"
NUMBER = "+493023125101"
CLIENT = "+447400123456"
LONDON = "+442079460000"


def berlin(month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """An instant of 2026 in the account's time zone."""
    return datetime(2026, month, day, hour, minute, second, tzinfo=BERLIN).astimezone(UTC)


class Company:
    """An account that rents numbers, and what happens to it."""

    def __init__(self, gateway: Gateway, pool: Pool, account_id: int) -> None:
        self.gateway = gateway
        self.pool = pool
        self.id = account_id

    async def at(self, when: datetime) -> None:
        """Time passes, and the gateway does what is due."""
        self.gateway.clock.at = when
        await self.gateway.run_due()

    async def rents(self, number: str = NUMBER) -> None:
        async with self.pool.acquire() as conn:
            await rent_number(conn, actor=CLERK, account_id=self.id, number=number, now=self.gateway.clock.now())

    async def pays(self, amount: str, payment: str = "payment") -> None:
        async with self.pool.acquire() as conn:
            now = self.gateway.clock.now()
            await top_up(conn, actor=CLERK, account_id=self.id, amount=Decimal(amount), external_id=payment, now=now)

    async def balance(self) -> Decimal:
        async with self.pool.acquire() as conn:
            return (await world.money(conn, self.id))[0]

    async def state(self, number: str = NUMBER) -> str:
        state: str = await self.pool.fetchval("SELECT state FROM line WHERE name = $1", number)
        return state

    async def mails(self, kind: str) -> int:
        count: int = await self.pool.fetchval("SELECT count(*) FROM mail WHERE kind = $1", kind)
        return count

    async def is_called(self, call_id: str, number: str = NUMBER) -> "dict[str, object]":
        return await self.gateway.start(call_id, number, caller=CLIENT, direction="inbound")

    async def calls(self, call_id: str, line: str = NUMBER, **more: object) -> "dict[str, object]":
        return await self.gateway.start(call_id, LONDON, caller=line, line=line, **more)

    async def talks(self, call_id: str, seconds: int) -> "dict[str, object]":
        await self.gateway.answer(call_id)
        self.gateway.clock.advance(seconds)
        return await self.gateway.end(call_id, seconds=seconds, cause="normal")


async def open_company(gateway: Gateway, pool: Pool) -> Company:
    """Ten dollars on 1 June; calls to Britain at 0.0270, a German number at 4.00 a month, toll-free at 0.0180."""
    gateway.clock.at = berlin(6, 1, 12)
    early = berlin(1, 1)
    async with pool.acquire() as conn:
        account_id = await world.account(conn, balance="10", main_number=MAIN)
        await world.rate(conn, "44", "0.0270", valid_from=early)
        await world.rate(conn, kind="inbound", per_minute="0.0180", country="US", category="toll_free")
        await world.rate(conn, kind="rent", per_minute="4", country="DE", category="geographic", valid_from=early)
        await world.rate(conn, kind="rent", per_minute="2", fee="1", country="US", valid_from=early)
        await world.rate(conn, kind="rent", per_minute="49", category="connector", valid_from=early)
    return Company(gateway, pool, account_id)
