"""`gateway large-sum`: who types approves what somebody else has asked for, and never their own."""

from decimal import Decimal

import pytest

from gateway.domain.access.actor import command_line
from gateway.domain.accounts.large_sums import LargeSums
from gateway.usecases.accounts.large_sums import move_or_wait
from gateway.usecases.accounts.movements import payment
from tests.support import world
from tests.support.command_line import Gateway, undone
from tests.support.world import NOON


@pytest.fixture
def gateway(dsn):
    with undone():
        yield Gateway({"GATEWAY_DATABASE_URL": dsn, "GATEWAY_SECOND_OPERATOR_ABOVE": "USD=100"})


async def test_a_large_sum_waits(gateway, pool):
    async with pool.acquire() as conn:
        account = str(await world.account(conn))

    asked = await gateway.run("topup", account, "500", "--external-id", "p1", "--json")
    listed = await gateway.json("large-sum", "list", "--state", "waiting", "--account", account)
    own = await gateway.refused("large-sum", "approve", str(listed[0]["id"]))
    refused = await gateway.json("large-sum", "refuse", str(listed[0]["id"]))

    assert "nothing is booked until another operator approves" in asked.stderr
    assert [(each["amount"], each["kind"], each["external_id"]) for each in listed] == [("500.000000", "top_up", "p1")]
    assert "another operator is to approve it" in own
    assert (refused["state"], refused["entry_id"]) == ("refused", None)


async def test_what_another_has_asked_for_is_approved(gateway, pool):
    async with pool.acquire() as conn:
        account = await world.account(conn)
        movement = payment(amount=Decimal(500), external_id="p1")
        asked = await move_or_wait(
            conn,
            actor=command_line("somebody else"),
            account_id=account,
            movement=movement,
            large=LargeSums(elsewhere=Decimal(100)),
            now=NOON,
        )

    approved = await gateway.json("large-sum", "approve", str(asked.id))

    assert (approved["state"], (await gateway.json("account", "show", str(account)))["balance"]) == (
        "approved",
        "600.000000",
    )
