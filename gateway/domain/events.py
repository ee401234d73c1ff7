"""What a webhook means. Adapters make these; use cases act on them.

`left_out` names the fields of the webhook that could not be read and decide nothing: they are logged, and no more.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"
    FORWARD = "forward"


class Cause(StrEnum):
    """Why a call ended, in the provider's words made ours."""

    NORMAL = "normal"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    FAILED = "failed"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallStarted:
    """A call wants to be connected. `call_id` is the provider's, unique within its connection."""

    call_id: str
    direction: Direction
    caller: str
    callee: str
    line: str
    parent_call_id: str | None = None
    at: datetime | None = None
    control_url: str | None = None
    left_out: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswered:
    """The far party picked up. `start` holds the fields of the start where the provider repeats them."""

    call_id: str
    at: datetime | None = None
    start: CallStarted | None = None
    left_out: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded:
    """A call is over. `seconds` are whole, counted from the answer; None: the two instants tell.

    `start` holds the fields of the start where the provider repeats them, so that a call whose start never came
    can be charged (R21).
    """

    call_id: str
    cause: Cause
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    seconds: int | None = None
    cost: Decimal | None = None
    cost_currency: str | None = None
    start: CallStarted | None = None
    left_out: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHinted:
    """The provider lets us know that a call changed, without figures to charge by: its status is asked soon."""

    call_id: str
    left_out: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """Authentic, readable, and of no interest."""

    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPoked(Ignored):
    """The provider lets us know that our account with it changed; `lost` are lines that it says it has taken away.

    Nothing moves by this word: the provider is asked for the truth soon.
    """

    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallClicked(Ignored):
    """A user of a CRM clicked a number. The CRM has a call of its own for that, which nobody has dialled yet."""

    crm_call_id: str
    crm_user_id: str
    callee: str


Event = CallStarted | CallAnswered | CallEnded | CallHinted | Ignored
