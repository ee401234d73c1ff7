"""List calls by what they are: by account, line, number, state, reason, flag, country, date or charge.

An account's calls, the live ones and the flagged ones are found by their indexes, newest first. Every other filter is
a bounded scan: the newest calls are looked at, page by page, until there are enough; `CALLS_LOOKED_AT_MAX` at most, and
the answer says where it stopped.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from gateway.countries import find_country
from gateway.domain.calls.call import CallState
from gateway.domain.errors import InvalidInput
from gateway.domain.money import ZERO
from gateway.numbers import metadata
from gateway.postgres.accounts import accounts
from gateway.postgres.calls import calls, found_calls
from gateway.postgres.calls.calls import CallRow
from gateway.postgres.calls.found_calls import CallFilters, FoundCall
from gateway.postgres.types import PgConnection
from gateway.usecases.calls.shown.show import LIMIT_MAX, CallView, views_of

CALLS_LOOKED_AT_MAX = 1_000_000
PAGE = 5_000
_WHATEVER = CallFilters()


class Sort(StrEnum):
    STARTED = "started"
    CHARGE = "charge"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSearch:
    """Where to look, and what for; `country` is that of the far party, by its code or its name."""

    account_id: int | None = None
    is_live: bool = False
    before: int | None = None
    country: str | None = None
    filters: CallFilters = _WHATEVER
    sort: Sort = Sort.STARTED
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTotals:
    """What calls add up to; `talked` are those that were charged for seconds, `charges` are by currency.

    `stopped_before`: the call before which nothing was looked at; None: all were.
    """

    calls: int
    refused: int
    talked: int
    billed_s: int
    charges: dict[str, Decimal]
    stopped_before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCalls:
    """The calls that were found, and what they add up to."""

    views: list[CallView]
    totals: CallTotals


async def search_calls(conn: PgConnection, search: CallSearch) -> FoundCalls:
    """The calls that fit, the newest first, or the dearest."""
    if not 1 <= search.limit <= LIMIT_MAX:
        raise InvalidInput("limit: must be from 1 to {most}", most=LIMIT_MAX)
    enough = search.limit if search.sort is Sort.STARTED else None
    fitting, stopped_before = await _fitting(conn, search, enough=enough)
    if search.sort is Sort.CHARGE:
        fitting.sort(key=lambda each: each.charge or ZERO, reverse=True)
    found = fitting[: search.limit]
    views = await views_of(conn, [each.id for each in found])
    return FoundCalls(views=views, totals=_totals(found, stopped_before))


async def list_live_calls(conn: PgConnection, search: CallSearch, *, limit: int) -> list[CallRow]:
    """The newest of the calls that are up and fit."""
    fitting, _ = await _fitting(conn, replace(search, is_live=True), enough=limit)
    return await calls.show(conn, [each.id for each in fitting[:limit]])


async def sum_calls(conn: PgConnection, search: CallSearch) -> CallTotals:
    """What all the calls add up to that fit, however many are listed."""
    return _totals(*await _fitting(conn, search, enough=None))


def _totals(found: Sequence[FoundCall], stopped_before: int | None) -> CallTotals:
    charges: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for each in found:
        if each.charge and each.currency is not None:
            charges[each.currency] += each.charge
    return CallTotals(
        calls=len(found),
        refused=sum(each.state == CallState.REFUSED for each in found),
        talked=sum(bool(each.billed_s) for each in found),
        billed_s=sum(each.billed_s or 0 for each in found),
        charges=dict(sorted(charges.items())),
        stopped_before=stopped_before,
    )


async def _fitting(conn: PgConnection, search: CallSearch, *, enough: int | None) -> tuple[list[FoundCall], int | None]:
    """The calls that fit, until there are enough, and the last one that was looked at where there may be more."""
    country = await _country(conn, search)
    fitting: list[FoundCall] = []
    looked_at = 0
    async for ids in _pages(conn, search):
        page = await found_calls.those_that_fit(conn, ids, search.filters)
        fitting += [each for each in page if country is None or country_of_party(each.far_party) == country]
        looked_at += len(ids)
        if enough is not None and len(fitting) >= enough:
            break
        if looked_at >= CALLS_LOOKED_AT_MAX:
            return fitting, ids[-1]
    return fitting, None


def country_of_party(number: str) -> str:
    """By any digits where those of an old call were taken: its country and area are left."""
    return metadata.country_of(number.replace("*", "0"))


async def _country(conn: PgConnection, search: CallSearch) -> str | None:
    """The country's code, once all that is asked for is known to make sense."""
    since, until = search.filters.since, search.filters.until
    if since is not None and until is not None and since >= until:
        raise InvalidInput("from: must be before to")
    if search.account_id is not None:
        await accounts.require(conn, account_id=search.account_id)
    return find_country(search.country) if search.country else None


async def _pages(conn: PgConnection, search: CallSearch) -> AsyncIterator[list[int]]:
    """Ids of the calls that may fit, newest first, by the index that leaves the fewest."""
    before = search.before
    while ids := await _page(conn, search, before):
        yield ids
        if len(ids) < PAGE:
            return
        before = ids[-1]


async def _page(conn: PgConnection, search: CallSearch, before: int | None) -> list[int]:
    if search.filters.flag is not None and search.account_id is None and not search.is_live:
        return await found_calls.flagged_ids(conn, before=before, limit=PAGE)
    return await calls.newest_ids(conn, account_id=search.account_id, is_live=search.is_live, before=before, limit=PAGE)
