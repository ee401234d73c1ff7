"""How the gateway is set, read only: a value is changed where it is from."""

from typing import Final

from gateway.domain.access.actions import Action
from gateway.settings.origins import SettingOrigin, SettingView
from gateway.web.pages.page import Page, Shown
from gateway.web.pages.visit import PageVisit


async def show_settings(visit: PageVisit) -> Shown:
    settings, words = (await visit.ask("list_settings")).data, visit.words("settings")
    return Shown(
        values={
            "settings": settings,
            "meanings": {each.key: words.of_setting("meaning", _name(each), each.meaning) for each in settings},
            "defaults": {each.key: words.of_setting("default", _name(each), each.default) for each in settings},
            "changed": sum(each.origin is not SettingOrigin.DEFAULT for each in settings),
        },
        list_route="list_settings",
        api="/settings",
    )


def _name(setting: SettingView) -> str:
    """By which its words are found: its own, whatever section it stands in."""
    return setting.key.rpartition(".")[2]


PAGES: Final = (
    Page(path="/settings", name="settings.list", action=Action.SETTINGS_READ, show=show_settings, place=95),
)
