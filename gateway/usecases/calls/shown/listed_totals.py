"""What the calls of a list add up to: of those that fit among as many as one part of the list looks at."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Final

from gateway.countries import find_country
from gateway.domain.money import ZERO
from gateway.numbers import metadata
from gateway.postgres.calls import listed_calls
from gateway.postgres.calls.listed_calls import ListedSum
from gateway.postgres.types import PgConnection
from gateway.usecases.calls.shown.listing import CallListing, stretch_of
from gateway.usecases.calls.shown.search import country_of_party

# Of a list that nothing was asked for: what all calls add up to, `usage` says for any time.
SUMMED_UNASKED_MAX: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTotals:
    """`talked` are those that were charged for seconds, `charges` are by currency.

    `stopped_before`: the call before which nothing was looked at; null: all were.
    """

    calls: int
    refused: int
    talked: int
    billed_s: int
    charges: dict[str, Decimal]
    stopped_before: int | None


async def sum_listed(
    conn: PgConnection, listing: CallListing, *, now: datetime, is_whole: bool = False
) -> ListedTotals:
    """What the newest calls add up to that fit; `is_whole`: the first part of the list has shown that it has no other.

    Of a country a part may be of several stretches of calls, so its end says nothing of the first one.
    """
    async with conn.transaction():
        await listed_calls.begin(conn)
        stretch = await stretch_of(conn, listing, now=now)
        if listing.is_of_anything:
            stretch = replace(stretch, looked_at=min(stretch.looked_at, SUMMED_UNASKED_MAX))
        stopped_before = None
        if listing.country or not is_whole:
            stopped_before = await listed_calls.looked_at(conn, stretch, number=listing.filters.number)
        if not listing.country:
            return _totals(await listed_calls.sums(conn, stretch, listing.filters, far_party=None), stopped_before)
        country = find_country(listing.country)
        far_party = f"+{metadata.code_of_country(country)}"
        sums = await listed_calls.sums(conn, stretch, listing.filters, far_party=far_party)
    its_own = [each for each in sums if country_of_party(each.far_party or "") == country]
    return _totals(its_own, stopped_before)


def _totals(sums: Sequence[ListedSum], stopped_before: int | None) -> ListedTotals:
    charges: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for each in sums:
        if each.charge and each.currency is not None:
            charges[each.currency] += each.charge
    return ListedTotals(
        calls=sum(each.calls for each in sums),
        refused=sum(each.refused for each in sums),
        talked=sum(each.talked for each in sums),
        billed_s=sum(each.billed_s for each in sums),
        charges=dict(sorted(charges.items())),
        stopped_before=stopped_before,
    )
