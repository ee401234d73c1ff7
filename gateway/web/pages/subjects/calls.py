"""Calls: which there were, what they add up to, and which are up now."""

from collections.abc import Mapping
from shlex import quote
from typing import Any, Final
from urllib.parse import urlencode

from gateway.domain.access.actions import Action
from gateway.domain.calls.call import CallState, Flag
from gateway.domain.calls.refusals import Refusal
from gateway.domain.events import Direction
from gateway.web.pages.account_names import account_names
from gateway.web.pages.asking import require_tick, told
from gateway.web.pages.dates import with_instants
from gateway.web.pages.listing import next_href
from gateway.web.pages.page import OWN, Deed, Page, Shown
from gateway.web.pages.visit import PageVisit

# What people choose less often stands behind a fold.
FOLDED: Final = ("reason", "direction", "flag", "line", "country", "min_charge", "connection", "account_id")
# As many as people look through, unless the address says more.
ROWS: Final = 50
# What an address may have that no list is asked for.
_OURS: Final = ("done",)


async def list_calls(visit: PageVisit) -> Shown:
    given = visit.query
    answered = await told(visit, _listed(visit, given))
    query, calls = answered.answer or ({}, None)
    found = [] if calls is None else calls.data
    return Shown(
        values={
            "calls": found,
            "account_names": await account_names(visit, (call.account_id for call in found)),
            "totals": None if calls is None else calls.summary,
            "next_href": None if calls is None else next_href(visit, "list_calls", calls),
            "problem": answered.problem,
            "filters": given,
            "is_folded": not any(name in given for name in FOLDED),
            "states": list(CallState),
            "reasons": list(Refusal),
            "flags": list(Flag),
            "directions": list(Direction),
        },
        list_route="" if calls is None else "list_calls",
        query={name: value for name, value in query.items() if name != "after"},
        api="/calls",
        command=_command(query),
    )


async def _listed(visit: PageVisit, given: Mapping[str, str]) -> tuple[dict[str, str], Any]:
    """What the API is asked for, and its answer."""
    query = _query(visit, given)
    return query, await visit.ask("list_calls", query={"limit": ROWS} | query | {"summary": "true"})


def _query(visit: PageVisit, given: Mapping[str, str]) -> dict[str, str]:
    """As the API is asked: days are those of the reader's zone, both included; the account is that of the address."""
    query = {name: value.strip() for name, value in given.items() if name not in _OURS}
    query = with_instants(query, visit.zone)
    if visit.account_id is not None:
        query["account_id"] = str(visit.account_id)
    return query


def _command(query: Mapping[str, str]) -> str:
    """The same by the command line."""
    options = [
        f"--{name.removesuffix('_id').replace('_', '-')} {quote(value)}"
        for name, value in query.items()
        if name != "after"
    ]
    return " ".join(["gateway calls list", *options])


async def show_live(visit: PageVisit) -> Shown:
    query = _query(visit, visit.query)
    calls = await visit.ask("list_live_calls", query=query)
    accounts = {call.account_id for call in calls.data if call.account_id is not None}
    events = urlencode(visit.query)
    return Shown(
        values={
            "calls": calls.data,
            "account_names": await account_names(visit, accounts),
            "is_more": calls.next is not None,
            "may_cut": visit.may(Action.CALLS_CUT),
            "accounts": sorted(accounts),
            "events": f"{visit.own}/calls/live/events{f'?{events}' if events else ''}",
            "done": visit.query.get("done", ""),
        },
        list_route="list_live_calls",
        query=query,
        api="/calls/live",
        command="gateway calls list --live",
    )


async def show_cutting(visit: PageVisit) -> Shown:
    """Before all calls of an account are cut: which they are."""
    names = {"account_id": str(visit.account_id)}
    account = await visit.ask("show_account", path=names)
    calls = await visit.ask("list_live_calls", query=names)
    return Shown(values={"account": account, "calls": calls.data})


async def cut_all(visit: PageVisit) -> str:
    require_tick(visit)
    await visit.do("cut_calls", path={"account_id": str(visit.account_id)})
    return f"{visit.own}/calls/live?done=cut"


PAGES: Final = (
    Page(path="/calls", name="calls.list", action=Action.CALLS_READ, show=list_calls, place=20),
    Page(path=f"{OWN}/calls", name="calls.list", action=Action.CALLS_READ, show=list_calls, place=30),
    Page(
        path="/calls/live",
        name="calls.live",
        action=Action.CALLS_READ,
        show=show_live,
        live="calls/live_table",
    ),
    Page(
        path=f"{OWN}/calls/live",
        name="calls.live",
        action=Action.CALLS_READ,
        show=show_live,
        live="calls/live_table",
    ),
    Page(path=f"{OWN}/calls/live/cut", name="calls.cut_all", action=Action.CALLS_CUT, show=show_cutting),
)
DEEDS: Final[tuple[Deed, ...]] = (
    Deed(
        path=f"{OWN}/calls/live/cut",
        page=f"{OWN}/calls/live/cut",
        action=Action.CALLS_CUT,
        do=cut_all,
    ),
)
