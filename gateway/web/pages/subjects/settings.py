"""How the gateway is set, read only: a value is changed where it is from."""

from typing import Final

from gateway.domain.access.actions import Action
from gateway.settings.origins import SettingOrigin
from gateway.web.pages.page import Page, Shown
from gateway.web.pages.visit import PageVisit


async def show_settings(visit: PageVisit) -> Shown:
    settings = (await visit.ask("list_settings")).data
    return Shown(
        values={
            "settings": settings,
            "changed": sum(each.origin is not SettingOrigin.DEFAULT for each in settings),
        },
        list_route="list_settings",
        api="/settings",
    )


PAGES: Final = (
    Page(path="/settings", name="settings.list", action=Action.SETTINGS_READ, show=show_settings, place=95),
)
