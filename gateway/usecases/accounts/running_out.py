"""Find the accounts whose money or lines stop within some days, if nobody pays in."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from gateway.domain.accounts.low_balance import LowBalanceRule
from gateway.postgres.accounts import accounts
from gateway.postgres.types import PgConnection
from gateway.usecases.accounts.forecast import AccountForecast, forecast_account


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStop:
    """An account, the first day on which something of it stops, and the lines that do; days of its time zone.

    `money_gone`: on that day calls stop too.
    """

    account_id: int
    name: str
    currency: str
    available: Decimal
    on: date
    money_gone: bool
    lines: list[str]


async def find_stops(
    conn: PgConnection, *, days: int, rule: LowBalanceRule, limit: int, now: datetime
) -> list[AccountStop]:
    """Those who have least first. Who may be among them is found by sums, and what stops by a forecast of each."""
    today = now.date()
    found = await accounts.running_out(
        conn,
        since=today - rule.window,
        share=Decimal(days + 1) / rule.window_days,
        due_on=today + timedelta(days=days),
        limit=limit,
    )
    stops = []
    for account_id in found:
        forecast = await forecast_account(conn, account_id=account_id, days=days + 1, rule=rule, now=now)
        stops += await _stops(conn, forecast)
    return stops


async def _stops(conn: PgConnection, forecast: AccountForecast) -> list[AccountStop]:
    """One, or none where all goes on."""
    on = min([each.on for each in forecast.stops], default=forecast.money_gone_on)
    if on is None:
        return []
    if forecast.money_gone_on is not None:
        on = min(on, forecast.money_gone_on)
    account = await accounts.require(conn, account_id=forecast.account_id)
    return [
        AccountStop(
            account_id=account.id,
            name=account.name,
            currency=account.currency,
            available=account.funds.available,
            on=on,
            money_gone=forecast.money_gone_on == on,
            lines=[each.line for each in forecast.stops if each.on == on],
        )
    ]
