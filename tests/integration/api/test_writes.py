"""Every route that changes something, over the table: once for its key, and written down once."""

import asyncio
import itertools
import random

import pytest

from gateway.web.api.route import Route
from gateway.web.api.routes import ROUTES
from tests.integration.api.sending import send
from tests.support.api import api_client
from tests.support.running import Gateway
from tests.support.sides import side

# Each route has tests of its own, which are counted.
pytestmark = pytest.mark.usefixtures("uncounted")
_digits = itertools.count(1)
WRITES = [route for route in ROUTES if route.is_write]
ONCE = [route for route in WRITES if route.needs_key]
# What is asked for here is refused, as its object is not in a state for it.
REFUSED: frozenset[str] = frozenset(
    {
        "change_me",
        "close_account",
        "close_call",
        "forget_factors",
        "end_own_session",
        "move_number",
        "unblock_account",
        "undo_connector",
        "undo_import",
        "undo_number",
    }
)


async def audit_rows(gateway: Gateway) -> int:
    count: int = await gateway.process.context.pool.fetchval("SELECT count(*) FROM audit")
    return count


@pytest.mark.parametrize("route", WRITES, ids=lambda route: route.name)
async def test_a_write_is_written_down_once(gateway: Gateway, route: Route) -> None:
    own = await side(gateway, next(_digits))
    operator = await api_client(gateway)
    before = await audit_rows(gateway)

    answer = await send(operator, route, own, named=True)

    is_done = answer.status < 300
    assert is_done is (route.name not in REFUSED), answer.raw
    assert await audit_rows(gateway) == before + is_done


@pytest.mark.parametrize("route", ONCE, ids=lambda route: route.name)
async def test_a_key_counts_once_however_often_it_comes_at_the_same_instant(gateway: Gateway, route: Route) -> None:
    own = await side(gateway, next(_digits))
    operator = await api_client(gateway)
    before = await audit_rows(gateway)

    both = await asyncio.gather(*(send(operator, route, own, named=True, key="one") for _ in range(2)))
    again = await send(operator, route, own, named=True, key="one")

    done = [each for each in both if each.status < 300]
    if route.name in REFUSED:
        assert done == []
        return
    assert {each.data["code"] for each in both if each not in done} <= {"in_progress"}
    assert {each.raw for each in done} == {again.raw}
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await audit_rows(gateway) == before + 1


async def test_of_two_hundred_random_pairs_at_the_same_instant_each_is_done_once_or_refused_twice(
    gateway: Gateway,
) -> None:
    sides = [await side(gateway, next(_digits)) for _ in range(5)]
    operator = await api_client(gateway)
    draw = random.Random(13)
    for number in range(200):
        route, own = draw.choice(ONCE), draw.choice(sides)
        before = await audit_rows(gateway)

        both = await asyncio.gather(*(send(operator, route, own, named=True, key=f"pair-{number}") for _ in range(2)))

        done = [each for each in both if each.status < 300]
        assert len({each.raw for each in done}) <= 1, (route.name, both)
        # A payment that was booked before is told of again, and changes nothing.
        assert await audit_rows(gateway) <= before + bool(done), (route.name, both)
        assert all(each.status in (404, 409) for each in both if each not in done), (route.name, both)
