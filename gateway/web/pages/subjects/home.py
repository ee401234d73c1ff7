"""The first page: of the operator, whether anything is wrong right now; of an account, how long its money lasts."""

from typing import Final

from gateway.domain.access.actions import Action
from gateway.web.pages.page import OWN, Deed, Page, Shown
from gateway.web.pages.visit import PageVisit


async def show_operators(visit: PageVisit) -> Shown:
    health = await visit.ask("list_faults")
    return Shown(values={"health": health}, api="/health", command="gateway doctor")


async def show_own(visit: PageVisit) -> Shown:
    names = {"account_id": str(visit.account_id)}
    account = await visit.ask("show_account", path=names)
    forecast = await visit.ask("forecast_account", path=names)
    return Shown(
        values={"account": account, "forecast": forecast},
        api=f"/accounts/{visit.account_id}",
        command=f"gateway account show {visit.account_id}",
    )


PAGES: Final = (
    Page(path="/", name="home.operator", action=Action.HEALTH_READ, show=show_operators, place=10),
    Page(path=OWN, name="home.own", action=Action.ACCOUNTS_READ, show=show_own, place=10),
)
DEEDS: Final[tuple[Deed, ...]] = ()
