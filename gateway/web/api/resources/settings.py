"""How the gateway is set, and where each value comes from."""

from typing import Final

from gateway.domain.access.actions import Action
from gateway.settings.origins import SettingView
from gateway.web.api.route import Asked, Method, NoQuery, Route, Rows


async def list_settings(asked: Asked[NoQuery, None]) -> Rows[SettingView]:
    """In the order of the reference. What is secret is never told; it is changed where it is set, not here."""
    return Rows(data=asked.context.settings.views, next=None)


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/settings",
        name="list_settings",
        tag="health",
        action=Action.SETTINGS_READ,
        summary="How is the gateway set, and where is each value from?",
        handle=list_settings,
        reply=SettingView,
        is_list=True,
    ),
)
