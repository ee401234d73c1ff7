"""Caps are shown and changed; an account's administrator may only tighten them."""

from typing import Any

from gateway.domain.access.roles import Role
from tests.support.api import Answer, ApiClient, api_client
from tests.support.running import Gateway


async def _patch(client: ApiClient, account: int, change: Any, **headers: str) -> Answer:
    return await client.ask("PATCH", f"/accounts/{account}/caps", change, headers=headers)


async def test_caps_are_set_and_taken_away(gateway: Gateway, account: int) -> None:
    operator = await api_client(gateway)

    changed = await _patch(
        operator, account, {"live_calls": 5, "spend_a_day": "20", "blocked_prefixes": ["+4479", "dear"]}
    )
    less = await _patch(operator, account, {"live_calls": None, "blocked_prefixes": ["+4479"]})
    shown = await operator.get(f"/accounts/{account}/caps")

    assert (changed.status, changed.data["live_calls"], changed.data["spend_a_day"]) == (200, 5, "20.000000")
    assert changed.data["blocked_prefixes"] == ["+4479", "dear"]
    assert (less.data["live_calls"], less.data["blocked_prefixes"]) == (None, ["+4479"])
    assert shown.data == less.data
    assert shown.data["use"]["live_calls"] == 0


async def test_an_administrator_only_tightens(gateway: Gateway, account: int) -> None:
    operator = await api_client(gateway)
    administrator = await api_client(gateway, Role.ADMINISTRATOR, account)
    await _patch(operator, account, {"live_calls": 5, "blocked_prefixes": ["+4479"]})

    tighter = await _patch(administrator, account, {"live_calls": 3, "blocked_prefixes": ["+44"]})
    wider = await _patch(administrator, account, {"live_calls": 4})
    without = await _patch(administrator, account, {"blocked_prefixes": None})

    assert (tighter.status, tighter.data["live_calls"]) == (200, 3)
    assert [(each.status, each.data["code"]) for each in (wider, without)] == [(403, "forbidden")] * 2


async def test_a_change_of_what_was_changed_meanwhile_is_refused(gateway: Gateway, account: int) -> None:
    operator = await api_client(gateway)
    version = (await operator.get(f"/accounts/{account}/caps")).data["version"]

    first = await _patch(operator, account, {"live_calls": 5}, **{"If-Match": version})
    late = await _patch(operator, account, {"live_calls": 6}, **{"If-Match": version})

    assert (first.status, late.status) == (200, 412)


async def test_what_no_cap_can_be_is_refused(gateway: Gateway, account: int) -> None:
    operator = await api_client(gateway)
    reader = await api_client(gateway, Role.READER, account)

    assert (await _patch(operator, account, {})).status == 409
    assert (await _patch(operator, account, {"blocked_prefixes": ["+0"]})).status == 409
    assert (await _patch(operator, account, {"live_calls": -1})).status == 422
    assert (await _patch(reader, account, {"live_calls": 1})).status == 403
    assert (await operator.get("/accounts/999999/caps")).status == 404
