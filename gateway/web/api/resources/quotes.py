"""Whether a call would be allowed, and what it would cost: asked before it is made."""

from typing import Annotated, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.errors import NotFound
from gateway.domain.rates.prices import DEFAULT_SECONDS
from gateway.usecases.calls.shown.quote import NO_CONNECTION, Quote, quote_call
from gateway.web.api.reading import Body, Id, LineName, Word
from gateway.web.api.route import Asked, Method, NoQuery, Route

Callee = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=3600)]
Durations = Annotated[list[Seconds], msgspec.Meta(min_length=1, max_length=20)]


class WantedCall(Body, frozen=True, kw_only=True):
    """`seconds`: the durations to price. `connection`: by which it would come; else by one that sends E.164."""

    line: LineName
    callee: Callee
    account_id: Id | None = None
    seconds: Durations | None = None
    connection: Word | None = None


async def quote(asked: Asked[NoQuery, WantedCall]) -> Quote:
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
    return quoted


ROUTES: Final = (
    Route(
        method=Method.POST,
        path="/quotes",
        name="quote_call",
        tag="quotes",
        action=Action.QUOTES_MAKE,
        summary="Would this call be allowed, and what would it cost?",
        handle=quote,
        body=WantedCall,
        reply=Quote,
    ),
)
