"""Tokens: by which programs ask the API; created, shown once, revoked."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from gateway.domain.access.actions import SCOPES, Action
from gateway.domain.access.roles import Role
from gateway.web.api.problems import Declined, ErrorCode
from gateway.web.pages.account_names import account_names
from gateway.web.pages.listing import filters_of, next_href
from gateway.web.pages.page import OWN, Deed, Page, Shown
from gateway.web.pages.visit import PageVisit

ALL: Final = "/tokens"
OF_ACCOUNT: Final = f"{OWN}/tokens"
DAYS_MAX: Final = 3660


async def list_tokens(visit: PageVisit) -> Shown:
    query = filters_of(visit) | ({} if visit.account_id is None else {"account_id": str(visit.account_id)})
    tokens = await visit.ask("list_tokens", query=query)
    roles = [role for role in Role if visit.actor.role.may_give(role) and _fits(visit, role)]
    return Shown(
        values={
            "tokens": tokens.data,
            "account_names": await account_names(visit, (each.account_id for each in tokens.data)),
            "created": None,
            "roles": [role.value for role in roles],
            "of_people": visit.words("people"),
            "next_href": next_href(visit, "list_tokens", tokens),
        },
        list_route="list_tokens",
        api="/tokens",
        command="gateway token list",
    )


def _fits(visit: PageVisit, role: Role) -> bool:
    """On an account's page there are roles of accounts, elsewhere the operator's."""
    return role.is_of_account is (visit.account_id is not None)


async def create_token(visit: PageVisit) -> Shown:
    """Its secret is told on the page that follows, and never again."""
    form = visit.form
    body: dict[str, Any] = {"role": form.get("role", ""), "name": form.get("name", "").strip()}
    if visit.account_id is not None:
        body["account_id"] = visit.account_id
    if form.get("scopes") == "read":
        body["scopes"] = [scope for scope in SCOPES if scope.endswith(":read")]
    if form.get("days", "").strip():
        body["expires_at"] = (visit.visit.now + timedelta(days=_days(form["days"]))).isoformat()
    created = await visit.do("create_token", body=body)
    shown = await list_tokens(visit)
    return replace(shown, values={**shown.values, "created": created})


def _days(text: str) -> int:
    if not text.strip().isdecimal() or not 1 <= int(text) <= DAYS_MAX:
        raise Declined(code=ErrorCode.INVALID, detail=f"1 to {DAYS_MAX}", field="/expires_at")
    return int(text)


async def revoke_token(visit: PageVisit) -> str:
    visit.require_tick()
    await visit.do("revoke_token", path={"token_id": visit.path["token_id"]})
    return f"{'' if visit.account_id is None else f'/a/{visit.account_id}'}/tokens?done=revoked"


PAGES: Final = (
    Page(path=ALL, name="tokens.list", action=Action.TOKENS_READ, show=list_tokens, place=85),
    Page(path=OF_ACCOUNT, name="tokens.list", action=Action.TOKENS_READ, show=list_tokens, place=75),
)
DEEDS: Final = tuple(
    deed
    for path in (ALL, OF_ACCOUNT)
    for deed in (
        Deed(path=path, page=path, action=Action.TOKENS_CHANGE, do=create_token),
        Deed(path=f"{path}/{{token_id}}/revoke", page=path, action=Action.TOKENS_CHANGE, do=revoke_token),
    )
)
