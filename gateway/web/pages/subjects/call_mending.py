"""A call whose end never came, closed by hand from its page; one that a CRM is not told of any more, told again."""

from typing import Final

from gateway.domain.access.actions import Action
from gateway.web.pages.asking import require_tick, required
from gateway.web.pages.filling import whole
from gateway.web.pages.page import OWN, Deed
from gateway.web.pages.subjects.call import PATH, back, call_of
from gateway.web.pages.visit import PageVisit


async def close(visit: PageVisit) -> str:
    """What is no number of seconds the API refuses."""
    require_tick(visit)
    call, seconds = await call_of(visit), required(visit, "seconds")
    body = {"seconds": int(seconds) if whole(seconds) else seconds, "note": required(visit, "note")}
    await visit.do("close_call", path={"call": str(call.id)}, body=body)
    return back(visit, "closed")


async def try_again(visit: PageVisit) -> str:
    call = await call_of(visit)
    await visit.do("try_crm_again", path={"call": str(call.id)})
    return back(visit, "told_again")


DEEDS: Final[tuple[Deed, ...]] = tuple(
    Deed(path=f"{side}{PATH}/{verb}", page=f"{side}{PATH}", action=action, do=do)
    for side in ("", OWN)
    for verb, action, do in (
        ("close", Action.CALLS_CLOSE, close),
        ("crm/try-again", Action.CRM_CHANGE, try_again),
    )
)
