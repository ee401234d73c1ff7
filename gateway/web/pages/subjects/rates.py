"""What calls and numbers cost: searched by number, country or prefix; one price set; versions, the newest undone."""

import shlex
from typing import Any, Final

from gateway.domain.access.actions import Action
from gateway.domain.rates.rate import RateKind
from gateway.usecases.rates.search import FoundRate
from gateway.web.pages.asking import begin_of, filled, require_tick, required, told
from gateway.web.pages.listing import next_href
from gateway.web.pages.page import OWN, Deed, Page, Shown
from gateway.web.pages.visit import PageVisit

CATEGORIES: Final = ("", "geographic", "mobile", "toll_free", "national", "connector", "short")
_DONE: Final = ("set", "imported", "undone")


async def search(visit: PageVisit) -> Shown:
    given = {name: value for name, value in visit.query.items() if name != "done"}
    query = given | filled(account_id=visit.account_id)
    found, problem = None, ""
    if "q" in given:
        found, problem = await told(visit, visit.ask("list_rates", query=query))
    rows: list[FoundRate] = [] if found is None else list(found.data)
    return Shown(
        values={
            "asked": given,
            "calls": [row for row in rows if row.month is None],
            "rents": [row for row in rows if row.month is not None],
            "is_found": found is not None,
            "next_href": None if found is None else next_href(visit, "list_rates", found),
            "problem": problem,
            "may_change": visit.account_id is None and visit.may(Action.RATES_CHANGE),
            "may_see_versions": visit.account_id is None and visit.may(Action.RATES_VERSIONS),
            "done": _done(visit),
        },
        list_route="" if found is None else "list_rates",
        query={name: str(value) for name, value in query.items() if name != "after"},
        api="/rates",
        command=shlex.join(("gateway", "rates", "search", given.get("q", "QUERY"))),
    )


async def show_versions(visit: PageVisit) -> Shown:
    versions = await visit.ask("list_rate_versions", query={"after": visit.query.get("after")})
    return Shown(
        values={
            "versions": versions.data,
            "newest": versions.data[0].id if versions.data and "after" not in visit.query else None,
            "next_href": next_href(visit, "list_rate_versions", versions),
            "may_change": visit.may(Action.RATES_CHANGE),
            "done": _done(visit),
        },
        list_route="list_rate_versions",
        api="/rates/versions",
        command="gateway rates versions",
    )


async def undo(visit: PageVisit) -> str:
    require_tick(visit)
    await visit.do("undo_import", path={"version_id": visit.path["version_id"]})
    return "/rates/versions?done=undone"


async def show_price(visit: PageVisit) -> Shown:
    return Shown(
        values={"asked": visit.query, "kinds": list(RateKind), "categories": CATEGORIES},
        api="/rates/KIND/CURRENCY/PLACE",
        method="PUT",
        command="gateway rates set PREFIX PER_MINUTE --currency USD",
    )


async def set_price(visit: PageVisit) -> str:
    """A price from a day on, of the operator's zone; without a day from now."""
    form = visit.form
    place = required(visit, "place").removeprefix("+").upper()
    body: dict[str, Any] = {"per_minute": required(visit, "per_minute")}
    body |= filled(
        connection_fee=form.get("connection_fee"),
        first_interval_s=_seconds(form.get("first_interval_s")),
        increment_s=_seconds(form.get("increment_s")),
        category=form.get("category"),
        caller_prefixes=form.get("caller_prefixes"),
    )
    if form.get("valid_from"):
        body["valid_from"] = begin_of(form["valid_from"], visit.zone).isoformat()
    names = {"kind": required(visit, "kind"), "currency": required(visit, "currency").upper(), "place": place}
    await visit.do("set_rate", path=names, body=body)
    return f"/rates?q={place}&currency={names['currency']}&done=set"


def _seconds(text: str | None) -> int | str | None:
    """What is no number the API refuses with its own words."""
    return int(text) if text and text.isascii() and text.isdigit() else text


def _done(visit: PageVisit) -> str:
    return done if (done := visit.query.get("done", "")) in _DONE else ""


PAGES: Final = (
    Page(path="/rates", name="rates.search", action=Action.RATES_READ, show=search, place=50),
    Page(path=f"{OWN}/rates", name="rates.search", action=Action.RATES_READ, show=search, place=50),
    Page(path="/rates/versions", name="rates.versions", action=Action.RATES_VERSIONS, show=show_versions),
    Page(path="/rates/price", name="rates.price", action=Action.RATES_CHANGE, show=show_price),
)
DEEDS: Final[tuple[Deed, ...]] = (
    Deed(path="/rates/price", page="/rates/price", action=Action.RATES_CHANGE, do=set_price),
    Deed(path="/rates/versions/{version_id}/undo", page="/rates/versions", action=Action.RATES_CHANGE, do=undo),
)
