"""Whether an account may call, what becomes of its money, and its end."""

from decimal import Decimal
from typing import Annotated, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.usecases.accounts import block, close
from gateway.usecases.accounts.close import AccountClosing, ClosingMoney
from gateway.usecases.accounts.forecast import DAYS_MAX, AccountForecast, forecast_account
from gateway.usecases.accounts.show import show_account
from gateway.web.api.reading import JsonBody, Text
from gateway.web.api.resources.accounts import ShownAccount, account_of
from gateway.web.api.route import Asked, Method, NoQuery, Route

Days = Annotated[int, msgspec.Meta(ge=1, le=DAYS_MAX, description="How many days are looked ahead.")]


class Blocking(JsonBody, frozen=True, kw_only=True):
    """`cut`: calls that are up are ended too, where the gateway can; emergency calls go on."""

    reason: Text
    cut: bool = False


class ShownBlock(msgspec.Struct, frozen=True, kw_only=True):
    """The account, how many calls are being ended, and how many go on that the gateway cannot end."""

    account: ShownAccount
    cut: int
    uncuttable: int


class Closing(JsonBody, frozen=True, kw_only=True):
    """`money`: what becomes of a balance that is not nothing. `dry_run`: say what would be done, and do nothing."""

    money: ClosingMoney | None = None
    dry_run: bool = False


class ClosedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """The balance that was, or would be, settled, the lines that end for ever, and the account as it is then.

    `live_calls` must be over before an account can be closed.
    """

    dry_run: bool
    balance: Decimal
    currency: str
    money: ClosingMoney | None
    live_calls: int
    lines: list[str]
    account: ShownAccount


class ForecastQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    days: Days = 90


async def block_account(asked: Asked[NoQuery, Blocking]) -> ShownBlock:
    """Refuse new calls of an account, incoming ones too; emergency calls still pass, and rents go on."""
    blocked = await block.block_account(
        asked.conn,
        actor=asked.actor,
        account_id=asked.path["account_id"],
        reason=asked.body.reason,
        cut=asked.body.cut,
        now=asked.now,
    )
    return ShownBlock(account=account_of(blocked.account), cut=blocked.cut, uncuttable=blocked.uncuttable)


async def unblock_account(asked: Asked[NoQuery, None]) -> ShownAccount:
    """Let a blocked account call again."""
    account_id = asked.path["account_id"]
    return account_of(await block.unblock_account(asked.conn, actor=asked.actor, account_id=account_id, now=asked.now))


async def close_account(asked: Asked[NoQuery, Closing]) -> ClosedAccount:
    """Close an account for ever: its lines end at once, its balance is settled, and only ends of its calls are booked.

    Ask with `dry_run` first: it tells what becomes of money and numbers, and changes nothing.
    """
    account_id, body = asked.path["account_id"], asked.body
    plan = await close.plan_closing(asked.conn, account_id=account_id)
    if body.dry_run:
        account = account_of(await show_account(asked.conn, account_id=account_id))
        return _closed(plan, account, body)
    closed = await close.close_account(
        asked.conn, actor=asked.actor, account_id=account_id, money=body.money, now=asked.now
    )
    return _closed(plan, account_of(closed), body)


def _closed(plan: AccountClosing, account: ShownAccount, body: Closing) -> ClosedAccount:
    return ClosedAccount(
        dry_run=body.dry_run,
        balance=plan.balance,
        currency=plan.currency,
        money=body.money,
        live_calls=plan.live_calls,
        lines=plan.lines,
        account=account,
    )


async def forecast(asked: Asked[ForecastQuery, None]) -> AccountForecast:
    """What becomes of the money and the numbers if nobody pays in, with calls costing what they did on average."""
    return await forecast_account(
        asked.conn,
        account_id=asked.path["account_id"],
        days=asked.query.days,
        rule=asked.context.settings.low_balance,
        now=asked.now,
    )


ROUTES: Final = (
    Route(
        method=Method.POST,
        path="/accounts/{account_id}/block",
        name="block_account",
        tag="accounts",
        action=Action.ACCOUNTS_BLOCK,
        summary="Refuse new calls of an account",
        handle=block_account,
        body=Blocking,
        reply=ShownBlock,
        needs_key=True,
    ),
    Route(
        method=Method.POST,
        path="/accounts/{account_id}/unblock",
        name="unblock_account",
        tag="accounts",
        action=Action.ACCOUNTS_UNBLOCK,
        summary="Let a blocked account call again",
        handle=unblock_account,
        reply=ShownAccount,
        needs_key=True,
    ),
    Route(
        method=Method.POST,
        path="/accounts/{account_id}/close",
        name="close_account",
        tag="accounts",
        action=Action.ACCOUNTS_CLOSE,
        summary="Close an account for ever, or say what that would mean",
        handle=close_account,
        body=Closing,
        reply=ClosedAccount,
        needs_key=True,
    ),
    Route(
        method=Method.GET,
        path="/accounts/{account_id}/forecast",
        name="forecast_account",
        tag="accounts",
        action=Action.ACCOUNTS_READ,
        summary="How long does the money last, and what stops when?",
        handle=forecast,
        query=ForecastQuery,
        reply=AccountForecast,
    ),
)
