"""From one call on: who placed it, or where it went, is blocked by the caps of its account."""

from typing import Final

from gateway.domain.access.actions import Action
from gateway.domain.accounts.caps import Cap
from gateway.web.pages.asking import required
from gateway.web.pages.page import OWN, Deed
from gateway.web.pages.subjects.call import PATH, back, call_of
from gateway.web.pages.visit import PageVisit


async def block_caller(visit: PageVisit) -> str:
    return await _block(visit, Cap.BLOCKED_CALLERS, "caller")


async def block_prefix(visit: PageVisit) -> str:
    return await _block(visit, Cap.BLOCKED_PREFIXES, "prefix")


async def _block(visit: PageVisit, cap: Cap, field: str) -> str:
    """One entry more on the list of the account; refused where somebody changes its caps at the same time."""
    call, entry = await call_of(visit), required(visit, field)
    account = {"account_id": str(call.account_id or 0)}
    caps = await visit.ask("show_caps", path=account)
    blocked = getattr(caps, cap)
    if entry not in blocked:
        await visit.do("change_caps", path=account, body={cap.value: [*blocked, entry]}, if_match=caps.version)
    return back(visit, f"{field}_blocked")


DEEDS: Final[tuple[Deed, ...]] = tuple(
    Deed(path=f"{side}{PATH}/{verb}", page=f"{side}{PATH}", action=Action.CAPS_TIGHTEN, do=do)
    for side in ("", OWN)
    for verb, do in (("block-caller", block_caller), ("block-prefix", block_prefix))
)
