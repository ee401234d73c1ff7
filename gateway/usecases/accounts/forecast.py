"""What will become of an account's money and numbers if nobody pays in: computed, never written."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from gateway.domain.errors import InvalidInput
from gateway.domain.lines.forecast import Expected, LineStep, foresee
from gateway.domain.lines.rent_calendar import RentCalendar
from gateway.domain.money import ZERO, round_charge
from gateway.postgres.accounts import accounts
from gateway.postgres.lines import subscriptions
from gateway.postgres.types import PgConnection

DAYS_MAX = 3660


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStop:
    """A line that will not work any more from a day on; `disconnected_on`: the account loses it, if within the time."""

    line: str
    on: date
    disconnected_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountForecast:
    """Days are those of the account's time zone."""

    account_id: int
    currency: str
    balance: Decimal
    calls_a_day: Decimal
    until: date
    money_gone_on: date | None
    stops: list[LineStop]
    expected: list[Expected]


async def forecast_account(
    conn: PgConnection, *, account_id: int, days: int, window_days: int, now: datetime
) -> AccountForecast:
    """Live an account through some days, with calls costing what they did on average in the window before.

    Calls that are up are taken to be over: what they hold is there.
    """
    if not 1 <= days <= DAYS_MAX:
        raise InvalidInput(f"days: must be from 1 to {DAYS_MAX}, not {days}")
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        account = await accounts.require(conn, account_id=account_id)
        window = timedelta(days=window_days)
        spent = await subscriptions.spent_on_calls(conn, account_id=account_id, since=now - window)
        line_ids = await subscriptions.rented(conn, account_id=account_id)
        lines = await subscriptions.read(conn, line_ids, now=now + timedelta(days=days))
    calendar = RentCalendar(
        account_id=account_id,
        zone=ZoneInfo(account.time_zone),
        funds=replace(account.funds, held=ZERO),
        lines=[line for _, line in lines],
        now=now,
    )
    a_day = round_charge(spent / window_days)
    forecast = foresee(calendar, a_day=a_day, days=days)
    return AccountForecast(
        account_id=account_id,
        currency=account.currency,
        balance=account.funds.balance,
        calls_a_day=a_day,
        until=forecast.until,
        money_gone_on=forecast.money_gone_on,
        stops=_stops(forecast.expected),
        expected=forecast.expected,
    )


def _stops(expected: list[Expected]) -> list[LineStop]:
    """Each line that stops, once, in the order in which they do."""
    first: dict[str, LineStop] = {}
    for each in expected:
        if each.what is LineStep.RESTORED:
            first.pop(each.line, None)
        if each.what in {LineStep.CHARGED, LineStep.RESTORED}:
            continue
        stop = first.setdefault(each.line, LineStop(line=each.line, on=each.on, disconnected_on=None))
        if each.what is LineStep.DISCONNECTED:
            first[each.line] = replace(stop, disconnected_on=each.on)
    return list(first.values())
