"""Myself: my name, my language and my time zone, and where I am signed in."""

import re
from typing import Final

from gateway.domain.access.actions import Action
from gateway.web.pages.page import OWN, Deed, Page, Shown
from gateway.web.pages.visit import PageVisit

ME: Final = ("/me", f"{OWN}/me")
# A path of ours, and nothing that a browser takes for another address.
_PATH: Final = re.compile(r"/(?!/)[!-\[\]-~]*")


async def show_me(visit: PageVisit) -> Shown:
    sessions = await visit.ask("list_own_sessions")
    return Shown(
        values={"sessions": sessions.data, "this_session": visit.session.id, "of_people": visit.words("people")},
        list_route="list_own_sessions",
        api="/me",
    )


async def change_me(visit: PageVisit) -> str:
    form = visit.form
    wanted = {name: form.get(name, "").strip() for name in ("name", "language", "time_zone")}
    await visit.do("change_me", body=wanted)
    return f"{_own(visit)}?done=saved"


async def choose_language(visit: PageVisit) -> str:
    """From the head of any page, which is shown again."""
    await visit.do("change_me", body={"language": visit.form.get("language", "")})
    back = visit.form.get("back", "")
    return back if _PATH.fullmatch(back) else _own(visit)


async def end_session(visit: PageVisit) -> str:
    await visit.do("end_own_session", path={"session_id": visit.path["session_id"]})
    return f"{_own(visit)}?done=ended"


def _own(visit: PageVisit) -> str:
    return "/me" if visit.account_id is None else f"/a/{visit.account_id}/me"


PAGES: Final = tuple(Page(path=path, name="me.show", action=Action.ME_READ, show=show_me) for path in ME)
DEEDS: Final = tuple(
    deed
    for path in ME
    for deed in (
        Deed(path=path, page=path, action=Action.ME_CHANGE, do=change_me),
        Deed(path=f"{path}/language", page=path, action=Action.ME_CHANGE, do=choose_language),
        Deed(path=f"{path}/sessions/{{session_id}}/end", page=path, action=Action.ME_CHANGE, do=end_session),
    )
)
