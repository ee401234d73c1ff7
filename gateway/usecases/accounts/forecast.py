"""What will become of an account's money and numbers if nobody pays in: computed, never written."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from gateway.domain.accounts.low_balance import LowBalanceRule
from gateway.domain.errors import InvalidInput
from gateway.domain.lines.forecast import Expected, LineStep, UnpaidLine, foresee, unpaid_lines
from gateway.domain.lines.rent_calendar import RentCalendar
from gateway.domain.lines.subscription import Subscription
from gateway.domain.money import ZERO, round_charge
from gateway.postgres.accounts import accounts, low_balances
from gateway.postgres.accounts.accounts import AccountRow
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
    """Days are those of the account's time zone.

    `missing` is what must be paid in so that all that is `suspended` works again. Below `minimum` the administrator is
    told that the money runs low.
    """

    account_id: int
    currency: str
    balance: Decimal
    calls_a_day: Decimal
    until: date
    money_gone_on: date | None
    stops: list[LineStop]
    expected: list[Expected]
    suspended: list[UnpaidLine]
    missing: Decimal
    minimum: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What a forecast begins with, all of one moment: `spent` in the window on calls, and on all that counts."""

    account: AccountRow
    spent_on_calls: Decimal
    spent: Decimal
    lines: list[Subscription]


async def forecast_account(
    conn: PgConnection, *, account_id: int, days: int, rule: LowBalanceRule, now: datetime
) -> AccountForecast:
    """Live an account through some days, with calls costing what they did on average in the window before.

    Calls that are up are taken to be over: what they hold is there.
    """
    if not 1 <= days <= DAYS_MAX:
        raise InvalidInput("days: must be from 1 to {most}, not {days}", most=DAYS_MAX, days=days)
    known = await _known(conn, account_id=account_id, until=now + timedelta(days=days), rule=rule, now=now)
    funds = known.account.funds
    calendar = RentCalendar(
        account_id=account_id,
        zone=ZoneInfo(known.account.time_zone),
        funds=replace(funds, held=ZERO),
        lines=known.lines,
        now=now,
    )
    # What is owed for calls that are over stops no rent.
    suspended = unpaid_lines(calendar, replace(funds, held=funds.held - known.account.owed))
    a_day = round_charge(known.spent_on_calls / rule.window_days)
    forecast = foresee(calendar, a_day=a_day, days=days)
    return AccountForecast(
        account_id=account_id,
        currency=known.account.currency,
        balance=funds.balance,
        calls_a_day=a_day,
        until=forecast.until,
        money_gone_on=forecast.money_gone_on,
        stops=_stops(forecast.expected),
        expected=forecast.expected,
        suspended=suspended,
        missing=max((each.missing for each in suspended), default=ZERO),
        minimum=rule.minimum(known.spent),
    )


async def _known(
    conn: PgConnection, *, account_id: int, until: datetime, rule: LowBalanceRule, now: datetime
) -> _Known:
    since = now - rule.window
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        account = await accounts.require(conn, account_id=account_id)
        [spent] = await low_balances.read_spent(conn, [account_id], after=since, count_rent=rule.count_rent)
        lines = await subscriptions.read(conn, await subscriptions.rented(conn, account_id=account_id), now=until)
        return _Known(
            account=account,
            spent_on_calls=await subscriptions.spent_on_calls(conn, account_id=account_id, since=since),
            spent=spent.spent,
            lines=[line for _, line in lines],
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
