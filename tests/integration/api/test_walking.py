"""Who walks through a list while rows are added sees each of those that were there, once."""

import asyncio
import itertools
from typing import Any

from tests.support import world
from tests.support.api import ApiClient, api_client
from tests.support.running import Gateway

LINE, CALLEE = "+15550100001", "+442079460000"
THERE, PART = 60, 7


async def walk(client: ApiClient, path: str, **query: Any) -> list[int]:
    """The ids of a whole list, a part at a time."""
    found: list[int] = []
    after: dict[str, str] = {}
    while True:
        part = (await client.get(path, limit=PART, **query, **after)).data
        found += [each["id"] for each in part["data"]]
        if part["next"] is None:
            return found
        after = {"after": part["next"]}


async def test_each_call_that_was_there_is_seen_once_while_others_begin_and_end(gateway: Gateway) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        account = await world.account(conn, balance="1000")
        await world.number(conn, account, LINE)
        await world.rate(conn, "44", "0.01")
    for number in range(THERE):
        await gateway.start(f"there-{number}", CALLEE, caller=LINE)
    client = await api_client(gateway)
    there = set(await walk(client, "/calls"))
    is_over = asyncio.Event()

    async def go_on() -> None:
        """Some fifty a second, as fast as they are taken."""
        for number in itertools.count():
            if is_over.is_set():
                return
            await gateway.start(f"new-{number}", CALLEE, caller=LINE)
            await gateway.end(f"there-{number % THERE}", seconds=1)

    writing = asyncio.create_task(go_on())
    walks = [await walk(client, "/calls", **query) for query in ({}, {"line": LINE}, {"account_id": account})]
    entries = [await walk(client, f"/accounts/{account}/entries") for _ in range(3)]
    is_over.set()
    await writing

    assert len(there) == THERE
    for found in walks:
        assert len(found) == len(set(found))
        assert there <= set(found)
    for found in entries:
        assert len(found) == len(set(found))
        assert found == sorted(found, reverse=True)
    assert len(await walk(client, "/calls")) > THERE
