"""Accounts: open them, see them, change what is set of them."""

from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.access.permissions import Permission, may
from gateway.domain.accounts.account_state import AccountState
from gateway.domain.accounts.when_withheld import WhenWithheld
from gateway.usecases.accounts import show
from gateway.usecases.accounts.change import AccountChange, change_account
from gateway.usecases.accounts.manage import create_account
from gateway.usecases.accounts.search import AccountSearch, search_accounts
from gateway.usecases.accounts.show import AccountView
from gateway.web.api.problems import Declined, ErrorCode
from gateway.web.api.reading import Amount, JsonBody, ListQuery, Number, Text
from gateway.web.api.route import Asked, Method, NoQuery, Route, Rows
from gateway.web.api.runner import require_version
from gateway.web.api.versions import version_of

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Email = Annotated[str, msgspec.Meta(min_length=3, max_length=254, pattern=r"^[^\x00-\x20\x7f@]+@[^\x00-\x20\x7f@]+$")]
Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$", description="ISO 4217.")]
WhenUnavailable = Annotated[
    str, msgspec.Meta(pattern=r"^(reject|[1-9][0-9]{0,3})$", description="`reject`, or seconds a call is allowed.")
]
Ids = Annotated[
    str,
    msgspec.Meta(
        max_length=4_000,
        pattern=r"^[1-9][0-9]{0,17}(,[1-9][0-9]{0,17})*$",
        description="Ids, with commas between them.",
    ),
]
# What an administrator may change; all else is agreed with the operator.
ADDRESS: Final = frozenset({"email", "language", "time_zone"})


class ShownAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account. `available` is balance + credit limit - holds; `owed` is held for calls whose ends have not come."""

    id: int
    version: str
    name: str
    currency: str
    email: str
    time_zone: str
    language: str
    main_number: str | None
    balance: Decimal
    held: Decimal
    owed: Decimal
    credit_limit: Decimal
    available: Decimal
    live_calls: int
    free_inbound_needs_balance: bool
    when_unavailable: str | int
    when_withheld: WhenWithheld
    state: AccountState
    blocked_reason: str | None
    created_at: datetime
    closed_at: datetime | None


class AccountQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    q: Text | None = None
    state: AccountState | None = None
    ids: Ids | None = None


class NewAccount(JsonBody, frozen=True, kw_only=True):
    name: Name
    currency: Currency
    email: Email
    time_zone: Text = "UTC"
    language: Text = "en"
    main_number: Number | None = None
    credit_limit: Amount = "0"
    free_inbound_needs_balance: bool = False
    when_unavailable: WhenUnavailable = "reject"
    when_withheld: WhenWithheld = WhenWithheld.ANONYMOUS


class ChangedAccount(JsonBody, frozen=True, kw_only=True):
    """What is not there stays; a main number of null is taken away."""

    name: Name | msgspec.UnsetType = msgspec.UNSET
    email: Email | msgspec.UnsetType = msgspec.UNSET
    time_zone: Text | msgspec.UnsetType = msgspec.UNSET
    language: Text | msgspec.UnsetType = msgspec.UNSET
    main_number: Number | msgspec.UnsetType | None = msgspec.UNSET
    credit_limit: Amount | msgspec.UnsetType = msgspec.UNSET
    free_inbound_needs_balance: bool | msgspec.UnsetType = msgspec.UNSET
    when_unavailable: WhenUnavailable | msgspec.UnsetType = msgspec.UNSET
    when_withheld: WhenWithheld | msgspec.UnsetType = msgspec.UNSET


async def list_accounts(asked: Asked[AccountQuery, None]) -> Rows[ShownAccount]:
    """`q` finds accounts by a part of their name or address, or by a number of theirs; `ids` those that are named."""
    query = asked.query
    ids = None if query.ids is None else [int(each) for each in query.ids.split(",")]
    search = AccountSearch(text=query.q, state=query.state, account_id=asked.account_id, ids=ids)
    found = await search_accounts(asked.conn, search, after=asked.before_id or 0, limit=asked.one_more)
    return asked.rows([account_of(each) for each in found])


async def open_account(asked: Asked[NoQuery, NewAccount]) -> ShownAccount:
    """Open an account with the caps that new accounts have."""
    body = asked.body
    created = await create_account(
        asked.conn,
        actor=asked.actor,
        name=body.name,
        currency=body.currency,
        email=body.email,
        time_zone=body.time_zone,
        language=body.language,
        main_number=body.main_number,
        credit_limit=Decimal(body.credit_limit),
        free_inbound_needs_balance=body.free_inbound_needs_balance,
        when_unavailable=body.when_unavailable,
        when_withheld=body.when_withheld,
        first_caps=asked.context.settings.new_account_caps,
        now=asked.now,
    )
    return account_of(created)


async def show_account(asked: Asked[NoQuery, None]) -> ShownAccount:
    return account_of(await show.show_account(asked.conn, account_id=asked.path["account_id"]))


async def change(asked: Asked[NoQuery, ChangedAccount]) -> ShownAccount:
    """Change what is named. Of an account's own people an administrator may change its address, language and zone."""
    wanted = {
        name: value
        for name in asked.body.__struct_fields__
        if (value := getattr(asked.body, name)) is not msgspec.UNSET
    }
    account_id = asked.path["account_id"]
    terms = sorted(wanted.keys() - ADDRESS)
    if terms and may(asked.actor, Action.ACCOUNTS_CHANGE_TERMS, account_id) is not Permission.ALLOWED:
        raise Declined(code=ErrorCode.FORBIDDEN, detail=f"only an operator changes {terms[0]}", field=f"/{terms[0]}")
    require_version(asked, account_of(await show.show_account(asked.conn, account_id=account_id)).version)
    if "credit_limit" in wanted:
        wanted["credit_limit"] = Decimal(wanted["credit_limit"])
    if "main_number" in wanted:
        wanted["main_number"] = wanted["main_number"] or ""
    changed = await change_account(
        asked.conn, actor=asked.actor, account_id=account_id, change=AccountChange(**wanted), now=asked.now
    )
    return account_of(changed)


def account_of(view: AccountView) -> ShownAccount:
    """With the version of what is set of it, which its money is no part of."""
    fields: dict[str, Any] = {name: getattr(view, name) for name in ShownAccount.__struct_fields__ if name != "version"}
    settings = {name: fields[name] for name in (*ChangedAccount.__struct_fields__, "state", "blocked_reason")}
    return ShownAccount(version=version_of(settings), **fields)


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/accounts",
        name="list_accounts",
        tag="accounts",
        action=Action.ACCOUNTS_READ,
        summary="Which accounts are there?",
        handle=list_accounts,
        query=AccountQuery,
        reply=ShownAccount,
        is_list=True,
    ),
    Route(
        method=Method.POST,
        path="/accounts",
        name="open_account",
        tag="accounts",
        action=Action.ACCOUNTS_OPEN,
        summary="Open an account",
        handle=open_account,
        body=NewAccount,
        reply=ShownAccount,
        status=HTTPStatus.CREATED,
        needs_key=True,
    ),
    Route(
        method=Method.GET,
        path="/accounts/{account_id}",
        name="show_account",
        tag="accounts",
        action=Action.ACCOUNTS_READ,
        summary="How is this account?",
        handle=show_account,
        reply=ShownAccount,
    ),
    Route(
        method=Method.PATCH,
        path="/accounts/{account_id}",
        name="change_account",
        tag="accounts",
        action=Action.ACCOUNTS_CHANGE,
        summary="Change what is set of an account",
        handle=change,
        body=ChangedAccount,
        reply=ShownAccount,
        has_version=True,
    ),
)
