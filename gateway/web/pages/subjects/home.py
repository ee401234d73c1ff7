"""The operator's first page: whether anything is wrong right now."""

from typing import Final

from gateway.domain.access.actions import Action
from gateway.web.pages.page import Deed, Page, Shown
from gateway.web.pages.visit import PageVisit


async def show_operators(visit: PageVisit) -> Shown:
    health = await visit.ask("list_faults")
    return Shown(values={"health": health}, api="/health", command="gateway doctor")


PAGES: Final = (Page(path="/", name="home.operator", action=Action.HEALTH_READ, show=show_operators, place=10),)
DEEDS: Final[tuple[Deed, ...]] = ()
