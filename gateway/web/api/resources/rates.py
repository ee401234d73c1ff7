"""What calls and numbers cost: searched, and set one by one."""

from decimal import Decimal
from typing import Annotated, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.errors import InvalidInput
from gateway.domain.rates.rate import RateKind
from gateway.usecases.rates.search import FoundRate, search_rates
from gateway.usecases.rates.set_rate import set_rate
from gateway.web.api.reading import Amount, Id, Instant, JsonBody, ListQuery, Number, Text
from gateway.web.api.route import Asked, Method, NoQuery, Route, Rows

Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$", description="ISO 4217.")]
Interval = Annotated[int, msgspec.Meta(ge=1, le=3600)]
Category = Annotated[str, msgspec.Meta(pattern=r"^(geographic|mobile|toll_free|national|connector|short)?$")]
Callers = Annotated[str, msgspec.Meta(pattern=r"^([0-9]{1,15}( [0-9]{1,15})*)?$", max_length=10_000)]


class RateQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`q` is a country, a prefix like 44, or a whole number; `caller`: who calls it. In the account's currency."""

    q: Text
    account_id: Id | None = None
    currency: Currency | None = None
    caller: Number | None = None


class OneRate(JsonBody, frozen=True, kw_only=True):
    """A price from `valid_from` on, or from now. Of a rent it is that of a month, and the fee is for the setup."""

    per_minute: Amount
    connection_fee: Amount | None = None
    first_interval_s: Interval | None = None
    increment_s: Interval | None = None
    category: Category = ""
    caller_prefixes: Callers = ""
    valid_from: Instant | None = None


class SetRate(msgspec.Struct, frozen=True, kw_only=True):
    """The version that has the price."""

    version: int | None
    currency: Currency
    per_minute: Decimal
    added: int
    changed: int


async def list_rates(asked: Asked[RateQuery, None]) -> Rows[FoundRate]:
    """What applies now and what will, outbound first."""
    query, begin = asked.query, asked.before_id or 0
    found = await search_rates(
        asked.conn,
        query=query.q,
        currency=query.currency,
        account_id=asked.account_id,
        caller=query.caller,
        now=asked.now,
        limit=begin + asked.limit,
    )
    return Rows(data=found.rates[begin:], next=begin + asked.limit if found.more else None)


async def set_one_rate(asked: Asked[NoQuery, OneRate]) -> SetRate:
    """Set one price, and leave all others as they are: of a prefix that is called, or of numbers of a country."""
    kind, place, body = asked.path["kind"], asked.path["place"], asked.body
    if (kind is RateKind.OUTBOUND) is not place.isdecimal():
        raise InvalidInput("place: outbound calls have prices by prefix, incoming ones and rents by country")
    given = {
        "kind": kind.value,
        "currency": asked.path["currency"],
        "prefix" if kind is RateKind.OUTBOUND else "country": place,
        "category": body.category,
        "per_minute": body.per_minute,
        "connection_fee": body.connection_fee,
        "first_interval_s": body.first_interval_s,
        "increment_s": body.increment_s,
        "caller_prefixes": body.caller_prefixes,
        "valid_from": (body.valid_from or asked.now).isoformat(),
    }
    texts = {name: str(value) for name, value in given.items() if value is not None}
    done = await set_rate(asked.conn, actor=asked.actor, texts=texts, any_prefix=False, clock=asked.context.clock)
    return SetRate(
        version=done.version,
        currency=asked.path["currency"],
        per_minute=Decimal(body.per_minute),
        added=done.added,
        changed=done.changed,
    )


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/rates",
        name="list_rates",
        tag="rates",
        action=Action.RATES_READ,
        summary="What do calls and numbers cost?",
        handle=list_rates,
        query=RateQuery,
        reply=FoundRate,
        is_list=True,
    ),
    Route(
        method=Method.PUT,
        path="/rates/{kind}/{currency}/{place}",
        name="set_rate",
        tag="rates",
        action=Action.RATES_CHANGE,
        summary="Set one price from a day on",
        handle=set_one_rate,
        body=OneRate,
        reply=SetRate,
        needs_key=True,
    ),
)
