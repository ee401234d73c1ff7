"""What calls add up to is told by what is asked for; costs and margins only to the operator's side."""

from decimal import Decimal

import pytest

from gateway.domain.access.roles import Role
from gateway.usecases.calls.roll_up import roll_up
from tests.support import calls, world
from tests.support.api import api_client
from tests.support.running import Gateway

D = Decimal
MARCH = "from=2026-03-01&to=2026-04-01"


@pytest.fixture
async def used(gateway: Gateway, account: int) -> int:
    """An account with two calls that were answered, one with its cost, one that was not, and one that was refused."""
    async with gateway.process.context.pool.acquire() as conn:
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44")
        for call_id, seconds, more in (
            ("c1", 60, {"cost": D("0.010000"), "cost_currency": "USD"}),
            ("c2", 120, {"cost": D("1"), "cost_currency": "EUR"}),
        ):
            await calls.start(conn, call_id)
            await calls.end(conn, call_id, seconds, more=more)
        await calls.start(conn, "c3")
        await gateway.end("c3", seconds=0, cause="busy")
        await calls.start(conn, "c4", callee="+999999999999")
        await calls.start(conn, "c5", line="+15550100999")
    await roll_up(gateway.process.context)
    return account


async def test_figures_of_a_day_have_costs_for_the_operators_side_alone(gateway: Gateway, used: int) -> None:
    operator, reader = await api_client(gateway), await api_client(gateway, Role.READER, used)

    told = await operator.get(f"/accounts/{used}/usage?{MARCH}")
    own = await reader.get(f"/accounts/{used}/usage?{MARCH}")

    [row] = told.data["data"]
    assert (row["key"], row["currency"], row["calls"], row["refused"]) == ("2026-03-11", "USD", 4, 1)
    assert (row["answered"], row["asr"], row["acd_s"], row["talked_s"]) == (2, "0.6667", "90.0", 180)
    assert (row["spend"], row["costed"], row["cost"], row["margin"]) == ("0.081000", 1, "0.010000", "0.017000")
    [own_row] = own.data["data"]
    assert own_row == row | {"costed": None, "cost": None, "margin": None}


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("country", ["", "GB"]),
        ("line", ["+15550100001"]),
        ("direction", ["outbound"]),
        ("outcome", ["answered", "busy", "callee_invalid"]),
        ("connection", ["pbx"]),
    ],
)
async def test_calls_are_added_up_by_what_they_were_and_go_on_by_cursor(
    gateway: Gateway, used: int, by: str, keys: list[str]
) -> None:
    operator = await api_client(gateway)
    path = f"/accounts/{used}/usage?by={by}&{MARCH}&limit=1"
    found, after = [], ""
    while after is not None:
        part = await operator.get(f"{path}&after={after}" if after else path)
        found += [row["key"] for row in part.data["data"]]
        after = part.data["next"]

    assert found == keys


async def test_all_calls_have_nobodys_too_but_for_who_has_an_account(gateway: Gateway, used: int) -> None:
    operator, reader = await api_client(gateway), await api_client(gateway, Role.READER, used)

    told = await operator.get(f"/usage?by=outcome&{MARCH}")
    own = await reader.get(f"/usage?by=outcome&{MARCH}")
    lines = await operator.get(f"/usage?{MARCH}", headers={"Accept": "text/csv"})

    assert "line_unknown" in [row["key"] for row in told.data["data"] if row["currency"] is None]
    assert "line_unknown" not in [row["key"] for row in own.data["data"]]
    assert lines.status == 200


async def test_days_that_make_no_sense_are_refused(gateway: Gateway, used: int) -> None:
    operator = await api_client(gateway)

    backwards = await operator.get("/usage?from=2026-04-01&to=2026-03-01")
    endless = await operator.get("/usage?from=1996-04-01&to=2026-03-01")
    strange = await operator.get("/usage?from=yesterday")
    foreign = await operator.get(f"/accounts/{used + 1}/usage")

    assert (backwards.status, endless.status, strange.status, foreign.status) == (409, 409, 422, 404)
