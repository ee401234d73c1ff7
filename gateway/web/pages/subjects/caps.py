"""Caps: what an account may do at most, whatever its money allows."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.domain.access.actions import Action
from gateway.web.pages.page import OWN, Deed, Page, Shown
from gateway.web.pages.visit import PageVisit

PATH: Final = f"{OWN}/caps"
COUNTS: Final = ("live_calls", "starts_a_minute")
AMOUNTS: Final = ("spend_a_day", "dearest_rate")
LISTS: Final = ("blocked_prefixes", "blocked_callers")


async def show_caps(visit: PageVisit) -> Shown:
    caps = await visit.ask("show_caps", path={"account_id": str(visit.account_id)})
    return Shown(
        values={"caps": caps, "can_loosen": visit.may(Action.CAPS_CHANGE)},
        api=f"/accounts/{visit.account_id}/caps",
        command=f"gateway caps show {visit.account_id}",
    )


async def change_caps(visit: PageVisit) -> str:
    await visit.do(
        "change_caps",
        path={"account_id": str(visit.account_id)},
        body=_filled_in(visit.form),
        if_match=visit.form.get("version"),
    )
    return f"/a/{visit.account_id}/caps?done=saved"


def _filled_in(form: Mapping[str, str]) -> dict[str, Any]:
    """What is left empty is no cap; a list has an entry a line."""
    wanted: dict[str, Any] = {name: form.get(name, "").strip() or None for name in (*COUNTS, *AMOUNTS)}
    counts = {name: int(wanted[name]) for name in COUNTS if (wanted[name] or "").isdecimal()}
    lists = {name: form.get(name, "").split() for name in LISTS}
    return wanted | counts | lists


PAGES: Final = (Page(path=PATH, name="caps.show", action=Action.CAPS_READ, show=show_caps, place=60),)
DEEDS: Final = (Deed(path=PATH, page=PATH, action=Action.CAPS_TIGHTEN, do=change_caps),)
