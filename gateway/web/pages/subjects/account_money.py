"""What an operator does with the money of an account: add to it, give back, correct; and its caps."""

from functools import partial
from typing import Any, Final

from gateway.domain.access.actions import Action
from gateway.web.pages.filling import amount, filled, with_amount
from gateway.web.pages.page import Deed, Page, Shown
from gateway.web.pages.subjects.accounts import ONE, meters
from gateway.web.pages.visit import PageVisit

TOP_UP: Final = f"{ONE}/top-up"
REFUND: Final = f"{ONE}/refund"
ADJUST: Final = f"{ONE}/adjust"
CAPS: Final = f"{ONE}/caps"
_COUNTS: Final = ("live_calls", "starts_a_minute")
_AMOUNTS: Final = ("spend_a_day", "dearest_rate")
_LISTS: Final = ("blocked_prefixes", "blocked_callers")
_ROUTES: Final = {"top_up": "top-ups", "refund": "refunds", "adjust": "adjustments"}


async def show_money(deed: str, command: str, visit: PageVisit) -> Shown:
    """The form of one of the deeds; what an address says already, as which call is refunded, is filled in."""
    account = await visit.ask("show_account", path={"account_id": visit.path["account"]})
    return Shown(
        values={"account": account, "deed": deed, "asked": visit.query},
        api=f"/accounts/{account.id}/{_ROUTES[deed]}",
        method="POST",
        command=f"gateway {command} {account.id}",
    )


async def top_up(visit: PageVisit) -> str:
    return await _move(visit, "top_up", with_amount(visit, "amount", "external_id"))


async def refund(visit: PageVisit) -> str:
    body: dict[str, Any] = with_amount(visit, "amount", "note", "external_id")
    call_id = visit.form.get("call_id", "").strip()
    return await _move(visit, "refund", body | ({"call_id": int(call_id)} if call_id.isdecimal() else {}))


async def adjust(visit: PageVisit) -> str:
    return await _move(visit, "adjust", with_amount(visit, "amount", "note"))


async def _move(visit: PageVisit, route: str, body: dict[str, Any]) -> str:
    account_id = visit.path["account"]
    moved = await visit.do(route, path={"account_id": account_id}, body=body)
    is_booked = "booked_at" in moved
    return f"/accounts/{account_id}?done={route}" if is_booked else "/money/large-sums?done=asked"


async def show_caps(visit: PageVisit) -> Shown:
    account_id = visit.path["account"]
    names = {"account_id": account_id}
    account, caps = await visit.ask("show_account", path=names), await visit.ask("show_caps", path=names)
    return Shown(
        values={"account": account, "caps": caps, "meters": meters(caps)},
        api=f"/accounts/{account_id}/caps",
        command=f"gateway caps show {account_id}",
    )


async def change_caps(visit: PageVisit) -> str:
    """What is left empty is no cap; lists have an entry a line."""
    account_id = visit.path["account"]
    given = filled(visit, *_COUNTS, *_AMOUNTS)
    body: dict[str, Any] = {name: _count(given.get(name)) for name in _COUNTS}
    body |= {name: amount(given[name]) if name in given else None for name in _AMOUNTS}
    body |= {name: _entries(visit.form.get(name, "")) for name in _LISTS}
    await visit.do(
        "change_caps", path={"account_id": account_id}, body=body, if_match=visit.form.get("version") or None
    )
    return f"/accounts/{account_id}?done=caps"


def _count(text: str | None) -> int | str | None:
    """What is no number goes as it is, so that the API says what is wrong with it."""
    return int(text) if text and text.isascii() and text.isdigit() else text


def _entries(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


PAGES: Final = (
    Page(
        path=TOP_UP,
        name="accounts.money",
        action=Action.MONEY_TOP_UP,
        show=partial(show_money, "top_up", "topup"),
    ),
    Page(
        path=REFUND,
        name="accounts.money",
        action=Action.MONEY_REFUND,
        show=partial(show_money, "refund", "refund"),
    ),
    Page(
        path=ADJUST,
        name="accounts.money",
        action=Action.MONEY_ADJUST,
        show=partial(show_money, "adjust", "adjust"),
    ),
    Page(path=CAPS, name="accounts.caps", action=Action.CAPS_CHANGE, show=show_caps),
)
DEEDS: Final = (
    Deed(path=TOP_UP, page=TOP_UP, action=Action.MONEY_TOP_UP, do=top_up),
    Deed(path=REFUND, page=REFUND, action=Action.MONEY_REFUND, do=refund),
    Deed(path=ADJUST, page=ADJUST, action=Action.MONEY_ADJUST, do=adjust),
    Deed(path=CAPS, page=CAPS, action=Action.CAPS_CHANGE, do=change_caps),
)
