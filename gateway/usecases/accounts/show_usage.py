"""What calls add up to, by day or by what they were, of one account or of all: read from the roll-up alone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from gateway.domain.calls.usage import UsageBy
from gateway.domain.errors import InvalidInput
from gateway.postgres.accounts import accounts, usage
from gateway.postgres.accounts.usage import UsageSum
from gateway.postgres.types import PgConnection

DAYS: Final = 30
DAYS_MAX: Final = 3660
SHARE: Final = Decimal("0.0001")
SECOND: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSearch:
    """Which days, from `since` to before `until`; None: the last thirty, to today. None for an account: all of them."""

    by: UsageBy = UsageBy.DAY
    account_id: int | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRow:
    """What calls add up to. `key` is what they have in common, `currency` that of their accounts, null for nobody's.

    `asr` is the share that was answered of those that were not refused, `acd_s` how long those that were answered took
    on average. `spend` is what was charged less what was given back. `cost` is the provider's for the `costed` calls of
    which it was told in this currency, and `margin` what those brought beyond it; null for who may not see them.
    """

    key: str
    currency: str | None
    calls: int
    refused: int
    answered: int
    asr: Decimal | None
    acd_s: Decimal | None
    talked_s: int
    spend: Decimal
    costed: int | None
    cost: Decimal | None
    margin: Decimal | None


async def show_usage(
    conn: PgConnection,
    search: UsageSearch,
    *,
    with_cost: bool,
    after: tuple[str, str] | None = None,
    limit: int,
    now: datetime,
) -> list[UsageRow]:
    """In the order of keys. NotFound where there is no such account."""
    zone = "UTC"
    if search.account_id is not None:
        zone = (await accounts.require(conn, account_id=search.account_id)).time_zone
    until = search.until or now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    since = search.since or until - timedelta(days=DAYS)
    if not 0 <= (until - since).days <= DAYS_MAX:
        raise InvalidInput("from: must be at most {most} days before to, and not after it", most=DAYS_MAX)
    found = await usage.sums(
        conn, by=search.by, account_id=search.account_id, since=since, until=until, after=after, limit=limit
    )
    return [_row(each, with_cost=with_cost) for each in found]


def _row(each: UsageSum, *, with_cost: bool) -> UsageRow:
    attempts = each.calls - each.refused
    return UsageRow(
        key=each.key,
        currency=each.currency,
        calls=each.calls,
        refused=each.refused,
        answered=each.answered,
        asr=(Decimal(each.answered) / attempts).quantize(SHARE) if attempts else None,
        acd_s=(Decimal(each.seconds) / each.answered).quantize(SECOND) if each.answered else None,
        talked_s=each.seconds,
        spend=each.spend,
        costed=each.costed if with_cost else None,
        cost=each.cost if with_cost else None,
        margin=each.costed_spend - each.cost if with_cost else None,
    )
