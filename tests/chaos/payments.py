"""Payments by the network of a gateway, each made again until it is acknowledged."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from gateway.clock import SystemClock
from gateway.domain.errors import GatewayError
from gateway.postgres.pool import open_pool
from gateway.postgres.types import Pool
from gateway.usecases.accounts.move_money import top_up
from tests.chaos.databases import GONE
from tests.chaos.scenario import Scenario
from tests.support.actors import CLERK

# From one payment to the next, so that some are made while something is wrong.
EVERY_S: Final = 0.6
HEARS_NOTHING_AFTER_S: Final = 2.0
AGAIN_AFTER_S: Final = 0.2


@dataclass(slots=True)
class Payer:
    """Keeps a connection until something is wrong with it."""

    dsn: str
    _pool: "Pool | None" = None

    async def pay(self, account_id: int, amount: Decimal, external_id: str) -> None:
        while not await self._is_paid(account_id, amount, external_id):
            self.hang_up()
            await asyncio.sleep(AGAIN_AFTER_S)

    async def _is_paid(self, account_id: int, amount: Decimal, external_id: str) -> bool:
        try:
            async with asyncio.timeout(HEARS_NOTHING_AFTER_S):
                if self._pool is None:
                    self._pool = await open_pool(self.dsn, size=1, opened_at_once=0, application_name="gateway-test")
                async with self._pool.acquire() as conn:
                    now = SystemClock().now()
                    await top_up(
                        conn, actor=CLERK, account_id=account_id, amount=amount, external_id=external_id, now=now
                    )
        except (*GONE, GatewayError):
            return False
        return True

    def hang_up(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()


@dataclass(slots=True)
class Payments:
    """What was paid in a scenario, by external ids."""

    paid: dict[str, Decimal] = field(default_factory=dict)

    async def pay_all(self, payer: Payer, scenario: Scenario, account_ids: Sequence[int]) -> None:
        due = [
            (account_id, Decimal(amount), f"{scenario.name}-{account_id}-{number}")
            for account_id, plan in zip(account_ids, scenario.accounts, strict=True)
            for number, amount in enumerate(plan.top_ups)
        ]
        begun_at = time.monotonic()
        for number, (account_id, amount, external_id) in enumerate(due):
            await asyncio.sleep(begun_at + number * EVERY_S - time.monotonic())
            await payer.pay(account_id, amount, external_id)
            self.paid[external_id] = amount


@contextmanager
def paying(dsn: str) -> Iterator[Payer]:
    payer = Payer(dsn)
    try:
        yield payer
    finally:
        payer.hang_up()
