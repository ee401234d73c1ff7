"""What an operator changes of an account: what is agreed, whether it may call, and its end."""

from typing import Any, Final

from gateway.domain.access.actions import Action
from gateway.domain.accounts.when_withheld import WhenWithheld
from gateway.domain.lines.line import LineState
from gateway.domain.mail.languages import LANGUAGES
from gateway.web.pages.filling import amount, filled, is_ticked
from gateway.web.pages.page import Deed, Page, Shown
from gateway.web.pages.subjects.accounts import ONE
from gateway.web.pages.visit import PageVisit

CHANGE: Final = f"{ONE}/change"
BLOCK: Final = f"{ONE}/block"
UNBLOCK: Final = f"{ONE}/unblock"
CLOSE: Final = f"{ONE}/close"


async def show_changing(visit: PageVisit) -> Shown:
    account = await _account(visit)
    return Shown(
        values={
            "account": account,
            "languages": LANGUAGES,
            "credit_limit": f"{account.credit_limit.normalize():f}",
            "withheld": list(WhenWithheld),
        },
        api=f"/accounts/{account.id}",
        method="PATCH",
        command=f"gateway account set {account.id}",
    )


async def change(visit: PageVisit) -> str:
    body: dict[str, Any] = filled(
        visit, "name", "email", "language", "time_zone", "credit_limit", "when_unavailable", "when_withheld"
    )
    if "credit_limit" in body:
        body["credit_limit"] = amount(body["credit_limit"])
    body["main_number"] = visit.form.get("main_number", "").replace(" ", "") or None
    body["free_inbound_needs_balance"] = is_ticked(visit, "free_inbound_needs_balance")
    account_id = visit.path["account"]
    await visit.do(
        "change_account", path={"account_id": account_id}, body=body, if_match=visit.form.get("version") or None
    )
    return f"/accounts/{account_id}?done=changed"


async def show_blocking(visit: PageVisit) -> Shown:
    account = await _account(visit)
    return Shown(
        values={"account": account},
        api=f"/accounts/{account.id}/block",
        method="POST",
        command=f"gateway account block {account.id}",
    )


async def block(visit: PageVisit) -> str:
    account_id = visit.path["account"]
    body: dict[str, Any] = filled(visit, "reason")
    await visit.do("block_account", path={"account_id": account_id}, body=body | {"cut": is_ticked(visit, "cut")})
    return f"/accounts/{account_id}?done=blocked"


async def unblock(visit: PageVisit) -> str:
    account_id = visit.path["account"]
    await visit.do("unblock_account", path={"account_id": account_id})
    return f"/accounts/{account_id}?done=unblocked"


async def show_closing(visit: PageVisit) -> Shown:
    """What would end with it."""
    account = await _account(visit)
    own = {"account_id": account.id, "limit": 1000}
    numbers, connectors = await visit.ask("list_numbers", query=own), await visit.ask("list_connectors", query=own)
    lines = [each for each in (*numbers.data, *connectors.data) if each.state is not LineState.DISCONNECTED]
    return Shown(
        values={"account": account, "lines": lines},
        api=f"/accounts/{account.id}/close",
        method="POST",
        command=f"gateway account close {account.id}",
    )


async def close(visit: PageVisit) -> str:
    visit.require_tick()
    account_id = visit.path["account"]
    await visit.do("close_account", path={"account_id": account_id}, body=filled(visit, "money"))
    return f"/accounts/{account_id}?done=closed"


async def _account(visit: PageVisit) -> Any:
    return await visit.ask("show_account", path={"account_id": visit.path["account"]})


PAGES: Final = (
    Page(path=CHANGE, name="accounts.change", action=Action.ACCOUNTS_CHANGE_TERMS, show=show_changing),
    Page(path=BLOCK, name="accounts.block", action=Action.ACCOUNTS_BLOCK, show=show_blocking),
    Page(path=CLOSE, name="accounts.close", action=Action.ACCOUNTS_CLOSE, show=show_closing),
)
DEEDS: Final = (
    Deed(path=CHANGE, page=CHANGE, action=Action.ACCOUNTS_CHANGE_TERMS, do=change),
    Deed(path=BLOCK, page=BLOCK, action=Action.ACCOUNTS_BLOCK, do=block),
    Deed(path=UNBLOCK, page=ONE, action=Action.ACCOUNTS_UNBLOCK, do=unblock),
    Deed(path=CLOSE, page=CLOSE, action=Action.ACCOUNTS_CLOSE, do=close),
)
