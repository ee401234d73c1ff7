"""Rent a number: which country and category, what it costs, and only then the click; or a connector."""

import shlex
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from gateway.domain.access.actions import Action
from gateway.domain.lines.line import CATEGORIES
from gateway.usecases.lines.search import NumberPrice, NumberSearch
from gateway.web.pages.asking import filled, require_tick, required, told
from gateway.web.pages.page import OWN, Deed, Page, Shown
from gateway.web.pages.visit import PageVisit

_PATH: Final = f"{OWN}/numbers/rent"
_CONNECTOR: Final = f"{OWN}/connectors/rent"


async def show_offers(visit: PageVisit) -> Shown:
    """The prices of a country's numbers; of a number that was typed, its own price and the button."""
    given = {name: visit.form.get(name, visit.query.get(name, "")) for name in ("country", "category", "number")}
    asked = given["number"] or given["country"]
    offers, problem = None, ""
    if asked:
        query = {"country": asked, "category": given["category"], "account_id": visit.account_id}
        offers, problem = await told(visit, visit.ask("list_offers", query=query))
    account = await _account(visit)
    return Shown(
        values={
            "asked": given,
            "offers": offers,
            "problem": problem,
            "account": account,
            "chosen": None if offers is None else _chosen(offers),
            "categories": CATEGORIES,
            "due_day": visit.visit.now.astimezone(ZoneInfo(account.time_zone)).day,
        },
        api="/numbers/offers",
        command=shlex.join(("gateway", "number", "search", asked or "COUNTRY")),
    )


async def rent(visit: PageVisit) -> str:
    number = required(visit, "number")
    body = {"number": number, "account_id": visit.account_id} | filled(category=visit.form.get("category"))
    await visit.do("rent_number", body=body)
    return f"{visit.own}/numbers/{quote(number)}?done=rented"


async def show_connector(visit: PageVisit) -> Shown:
    return Shown(
        values={"account": await _account(visit)},
        api="/connectors",
        method="POST",
        command=f"gateway connector rent {visit.account_id} NAME",
    )


async def rent_connector(visit: PageVisit) -> str:
    require_tick(visit)
    name = required(visit, "name")
    body = {"name": name, "account_id": visit.account_id, "country": visit.form.get("country", "").strip().upper()}
    await visit.do("rent_connector", body=body)
    return f"{visit.own}/connectors/{quote(name)}?done=rented"


def _chosen(offers: NumberSearch) -> NumberPrice | None:
    """What the number costs that was typed, if it can be rented."""
    if offers.number is None or offers.is_taken or not offers.prices or offers.prices[0].month is None:
        return None
    return offers.prices[0]


async def _account(visit: PageVisit) -> Any:
    return await visit.ask("show_account", path={"account_id": str(visit.account_id)})


PAGES: Final = (
    Page(path=_PATH, name="numbers.rent", action=Action.NUMBERS_RENT, show=show_offers),
    Page(path=_CONNECTOR, name="numbers.rent_connector", action=Action.NUMBERS_RENT, show=show_connector),
)
DEEDS: Final[tuple[Deed, ...]] = (
    Deed(path=_PATH, page=_PATH, action=Action.NUMBERS_RENT, do=rent),
    Deed(path=_CONNECTOR, page=_CONNECTOR, action=Action.NUMBERS_RENT, do=rent_connector),
)
