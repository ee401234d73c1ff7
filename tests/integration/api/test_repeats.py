"""A request that changes something happens once for its key, whoever sends it how often, and for thirty days."""

import asyncio
from datetime import timedelta

from gateway.usecases.access.forget import forget
from tests.support.api import api_client
from tests.support.running import Gateway

WANTED = {"name": "Acme", "currency": "USD", "email": "a@b.example"}


async def test_two_at_the_same_instant_change_the_world_once(gateway: Gateway) -> None:
    operator = await api_client(gateway)

    answers = await asyncio.gather(*(operator.post("/accounts", WANTED, key="one") for _ in range(4)))
    again = await operator.post("/accounts", WANTED, key="one")

    done = {answer.raw for answer in answers if answer.status == 201}
    assert done == {again.raw}
    assert {answer.data["code"] for answer in answers if answer.status != 201} <= {"in_progress"}
    assert len((await operator.get("/accounts")).data["data"]) == 1


async def test_what_was_refused_may_be_sent_again_with_its_key(gateway: Gateway) -> None:
    operator = await api_client(gateway)

    refused = await operator.post("/accounts", WANTED | {"currency": "XXX"}, key="one")
    done = await operator.post("/accounts", WANTED, key="one")

    assert (refused.status, refused.data["code"], done.status) == (409, "refused", 201)


async def test_without_a_key_nothing_is_created(gateway: Gateway) -> None:
    operator = await api_client(gateway)

    answer = await operator.post("/accounts", WANTED, key="")

    assert answer.status == 422
    assert (await operator.get("/accounts")).data["data"] == []


async def test_a_key_is_of_whoever_sends_it(gateway: Gateway) -> None:
    one, other = await api_client(gateway), await api_client(gateway)

    first, second = await one.post("/accounts", WANTED, key="k"), await other.post("/accounts", WANTED, key="k")

    assert (first.status, second.status) == (201, 201)
    assert first.data["id"] != second.data["id"]


async def test_replies_are_kept_for_thirty_days(gateway: Gateway) -> None:
    operator = await api_client(gateway)
    first = await operator.post("/accounts", WANTED, key="one")

    gateway.clock.advance(timedelta(days=29).total_seconds())
    await forget(gateway.process.context)
    kept = await operator.post("/accounts", WANTED, key="one")
    gateway.clock.advance(timedelta(days=2).total_seconds())
    await forget(gateway.process.context)
    forgotten = await operator.post("/accounts", WANTED, key="one")

    assert kept.raw == first.raw
    assert forgotten.data["id"] != first.data["id"]


async def test_links_that_are_over_are_forgotten_and_others_are_not(gateway: Gateway) -> None:
    pool, now = gateway.process.context.pool, gateway.clock.now()
    for digit, hours in ((1, -2), (2, 2)):
        await pool.execute(
            "INSERT INTO login (hash, created_at, expires_at) VALUES ($1, $2, $3)",
            bytes([digit]) * 32,
            now - timedelta(hours=3),
            now + timedelta(hours=hours),
        )

    await forget(gateway.process.context)

    assert [row["hash"][0] for row in await pool.fetch("SELECT hash FROM login")] == [2]
