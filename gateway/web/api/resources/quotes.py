"""Whether a call would be allowed, and what it would cost: asked before it is made."""

from dataclasses import fields
from decimal import Decimal
from typing import Annotated, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.errors import NotFound
from gateway.domain.lines.line import LineState
from gateway.domain.rates.prices import DEFAULT_SECONDS, PriceOf
from gateway.domain.rates.rate import Rate
from gateway.usecases.calls.shown.quote import NO_CONNECTION, Quote, quote_call
from gateway.web.api.reading import Id, JsonBody, LineName, Word
from gateway.web.api.route import Asked, Method, Route
from gateway.web.api.said import Language, Said, said

Callee = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=3600)]
Durations = Annotated[list[Seconds], msgspec.Meta(min_length=1, max_length=20)]


class WantedCall(JsonBody, frozen=True, kw_only=True):
    """`seconds`: the durations to price. `connection`: by which it would come; else by one that sends E.164."""

    line: LineName
    callee: Callee
    account_id: Id | None = None
    seconds: Durations | None = None
    connection: Word | None = None


class QuoteQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The language of what is explained."""

    language: Language = Language.EN


class QuotedCall(msgspec.Struct, frozen=True, kw_only=True):
    """What a call would cost, or why it would be refused.

    `caller_id` is the number the call would go out by; `refused` a code and `why` what it means, or both null;
    `would_need` is all that would have to be otherwise for it to be connected; `read_how` says how the callee was read.
    """

    line: str
    line_state: LineState
    callee: str
    read_how: Said
    account_id: int
    currency: str
    rule: str
    refused: str | None
    why: Said | None
    would_need: list[Said]
    caller_id: str
    emergency: bool
    rate: Rate | None
    increment_s: int | None
    prices: list[PriceOf]
    available: Decimal
    granted_s: int


async def quote(asked: Asked[QuoteQuery, WantedCall]) -> QuotedCall:
    """Decide an outbound call as a real one is decided, and price it; nothing is recorded, and nothing held."""
    body, settings = asked.body, asked.context.settings
    by = NO_CONNECTION if body.connection is None else settings.require_connection(body.connection)
    quoted = await quote_call(
        asked.conn,
        line=body.line,
        callee=body.callee,
        now=asked.now,
        limits=settings.limits,
        seconds=body.seconds or DEFAULT_SECONDS,
        connection=by,
    )
    if asked.account_id not in (None, quoted.account_id):
        raise NotFound(f"there is no line {body.line}")
    return _quoted(quoted, asked.query.language)


def _quoted(quoted: Quote, language: Language) -> QuotedCall:
    explained = {
        "read_how": said(quoted.read_how, language),
        "why": None if quoted.why is None else said(quoted.why, language),
        "would_need": [said(each, language) for each in quoted.would_need],
    }
    return QuotedCall(**{each.name: getattr(quoted, each.name) for each in fields(quoted)} | explained)


ROUTES: Final = (
    Route(
        method=Method.POST,
        path="/quotes",
        name="quote_call",
        tag="quotes",
        action=Action.QUOTES_MAKE,
        summary="Would this call be allowed, and what would it cost?",
        handle=quote,
        query=QuoteQuery,
        body=WantedCall,
        reply=QuotedCall,
    ),
)
