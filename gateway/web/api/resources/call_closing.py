"""A call whose end never came, closed by hand."""

from decimal import Decimal
from typing import Annotated, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.calls.instants import SECONDS_MAX
from gateway.usecases.calls.ends.close import NOTE_MAX, close_call
from gateway.web.api.reading import JsonBody
from gateway.web.api.resources.call_detail import owner_of_path
from gateway.web.api.route import Asked, Method, NoQuery, Route

Seconds = Annotated[int, msgspec.Meta(ge=0, le=SECONDS_MAX, description="How long it talked; 0: nobody answered.")]
Note = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=NOTE_MAX,
        pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$",
        description="Why, and where the seconds are from: it stands in the ledger entry.",
    ),
]


class CallLength(JsonBody, frozen=True, kw_only=True):
    """What an operator knows of a call that nobody tells the end of."""

    seconds: Seconds
    note: Note


class CallClosedByHand(msgspec.Struct, frozen=True, kw_only=True):
    """What it was charged: at most the seconds that were granted."""

    id: int
    state: str
    granted_s: int
    reported_s: int | None
    billed_s: int | None
    charge: Decimal | None
    currency: str | None
    flags: list[str]


async def close(asked: Asked[NoQuery, CallLength]) -> CallClosedByHand:
    """Charge it what so many seconds cost, and give back what it held.

    409 where it is over, and before its deadline: until then it may be talking, and can be cut.
    """
    body = asked.body
    view = await close_call(
        asked.conn,
        actor=asked.actor,
        reference=asked.path["call"],
        seconds=body.seconds,
        note=body.note,
        now=asked.now,
    )
    return CallClosedByHand(**{name: getattr(view.call, name) for name in CallClosedByHand.__struct_fields__})


ROUTES: Final = (
    Route(
        method=Method.POST,
        path="/calls/{call}/close",
        name="close_call",
        tag="calls",
        action=Action.CALLS_CLOSE,
        summary="Close a call by hand whose end never came",
        handle=close,
        body=CallLength,
        reply=CallClosedByHand,
        needs_key=True,
        owner=owner_of_path,
    ),
)
