"""`gateway caps` as scripts and people use it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import CONFIG, Gateway, undone

NOTHING = {
    "currency": "USD",
    "live_calls": None,
    "starts_a_minute": None,
    "spend_a_day": None,
    "dearest_rate": None,
    "blocked_prefixes": [],
    "blocked_callers": [],
}


@pytest.fixture
def gateway(dsn: str, tmp_path: Path) -> Iterator[Gateway]:
    (tmp_path / "gateway.toml").write_text(CONFIG)
    with undone():
        yield Gateway({"GATEWAY_DATABASE_URL": dsn, "GATEWAY_CONFIG": str(tmp_path / "gateway.toml")})


@pytest.fixture
async def account(gateway: Gateway) -> str:
    created = await gateway.json("account", "create", "Acme", "--currency", "USD", "--email", "a@b.example")
    return str(created["id"])


async def test_r17_caps_are_set_shown_and_removed(gateway: Gateway, account: str) -> None:
    none = await gateway.json("caps", "show", account)
    every = await gateway.json(
        *("caps", "set", account, "--live-calls", "10", "--starts-a-minute", "30", "--spend-a-day", "50"),
        *("--dearest-rate", "0.5", "--block-prefix", "+4479", "--block-prefix", "1900", "--block-caller", "anonymous"),
    )
    shown = await gateway.json("caps", "show", account)
    fewer = await gateway.json(
        *("caps", "set", account, "--unblock-prefix", "+4479", "--unblock-caller", "anonymous"),
        *("--no", "live-calls", "--no", "starts_a_minute", "--spend-a-day", "0.5"),
    )

    use = none.pop("use")
    assert none == {"account_id": int(account), **NOTHING}
    assert {**use, "day": ""} == {"day": "", "spent": "0.000000", "held": "0.000000", "live_calls": 0, "starts": 0}
    assert shown == every
    del every["use"], fewer["use"]
    assert every == {
        "account_id": int(account),
        "currency": "USD",
        "live_calls": 10,
        "starts_a_minute": 30,
        "spend_a_day": "50.000000",
        "dearest_rate": "0.500000",
        "blocked_prefixes": ["+4479", "+1900"],
        "blocked_callers": ["anonymous"],
    }
    changed = {"spend_a_day": "0.500000", "dearest_rate": "0.500000", "blocked_prefixes": ["+1900"]}
    assert fewer == {"account_id": int(account), **NOTHING, **changed}


async def test_r17_people_see_caps_as_lines(gateway: Gateway, account: str) -> None:
    await gateway.run(
        "caps", "set", account, "--live-calls", "10", "--block-prefix", "+4479", "--block-prefix", "+1900"
    )

    lines = (await gateway.run("caps", "show", account)).stdout.splitlines()

    assert "live calls        10" in lines
    assert "spend a day       -" in lines
    assert lines[lines.index("blocked prefixes  +4479") + 1] == "                  +1900"
    assert "use live calls    0" in lines


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing to change"),
        (("--live-calls", "x"), "live_calls: 'x' is not a whole number"),
        (("--no", "all"), "no: 'all' is not one of blocked_callers"),
        (("--no", "live-calls", "--live-calls", "3"), "live_calls: is to be set and removed at once"),
    ],
)
async def test_r17_a_cap_that_cannot_be_is_exit_code_1_and_said(
    gateway: Gateway, account: str, arguments: tuple[str, ...], said: str
) -> None:
    assert said in await gateway.refused("caps", "set", account, *arguments)


async def test_r17_caps_of_an_account_that_is_not_there(gateway: Gateway) -> None:
    assert "there is no account 7" in await gateway.refused("caps", "show", "7")
