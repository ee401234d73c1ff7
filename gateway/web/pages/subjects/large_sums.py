"""Sums that wait for a second operator: who asked for which, approved or refused here."""

from functools import partial
from typing import Final

from gateway.domain.access.actions import Action
from gateway.web.pages.account_names import account_names
from gateway.web.pages.listing import filters_of, next_href
from gateway.web.pages.page import Deed, Page, Shown
from gateway.web.pages.visit import PageVisit
from gateway.web.pages.words import PageWords

PATH: Final = "/money/large-sums"
ONE: Final = f"{PATH}/{{large_sum_id}}"


async def list_sums(visit: PageVisit) -> Shown:
    query = filters_of(visit)
    sums = await visit.ask("list_large_sums", query=query)
    return Shown(
        values={
            "sums": sums.data,
            "account_names": await account_names(visit, (each.account_id for each in sums.data)),
            "next_href": next_href(visit, "list_large_sums", sums),
            "filters": query,
            "who": partial(_who, visit.words("audit")),
            "may_decide": visit.may(Action.MONEY_APPROVE),
        },
        list_route="list_large_sums",
        query={name: value for name, value in query.items() if name != "after"},
        api="/large-sums",
        command="gateway large-sum list",
    )


def _who(words: PageWords, name: str) -> str:
    """Whoever stands behind it, as the audit says them."""
    kind, _, actor_id = name.partition(":")
    return f"{words(f'actors.{kind}')} {actor_id}"


async def approve(visit: PageVisit) -> str:
    await visit.do("approve_large_sum", path=_named(visit))
    return f"{PATH}?done=approved"


async def refuse(visit: PageVisit) -> str:
    await visit.do("refuse_large_sum", path=_named(visit))
    return f"{PATH}?done=refused"


def _named(visit: PageVisit) -> dict[str, str]:
    return {"large_sum_id": visit.path["large_sum_id"]}


PAGES: Final = (Page(path=PATH, name="money.large_sums", action=Action.MONEY_READ, show=list_sums),)
DEEDS: Final = (
    Deed(path=f"{ONE}/approve", page=PATH, action=Action.MONEY_APPROVE, do=approve),
    Deed(path=f"{ONE}/refuse", page=PATH, action=Action.MONEY_APPROVE, do=refuse),
)
