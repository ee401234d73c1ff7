"""What calls add up to: each call counts once, under what it was, and only when nothing of it is open any more."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from gateway.domain.calls.call import CallState
from gateway.domain.events import Direction
from gateway.domain.money import ZERO

NOBODY: Final = 0
ANSWERED: Final = "answered"
NO_START: Final = "no_start"
UNKNOWN: Final = "unknown"


class UsageBy(StrEnum):
    """What calls are added up by: the day of the start, the far party's country, and so on."""

    DAY = "day"
    COUNTRY = "country"
    LINE = "line"
    DIRECTION = "direction"
    OUTCOME = "outcome"
    CONNECTION = "connection"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedCall:
    """A call as it is added up; `day` is that of its start, `line` is empty where it came by no line of anybody's."""

    id: int
    connection: str
    account_id: int | None
    direction: str | None
    caller: str
    callee: str
    line: str
    state: CallState
    reason: str | None
    cause: str | None
    day: date
    is_answered: bool
    billed_s: int | None
    charge: Decimal | None
    refunded: Decimal
    cost: Decimal | None
    cost_currency: str | None

    @property
    def is_final(self) -> bool:
        return self.state is not CallState.OPEN

    @property
    def far_party(self) -> str:
        """Who is not on our side; a call without a start names nobody."""
        return self.caller if self.direction == Direction.INBOUND else self.callee

    @property
    def outcome(self) -> str:
        """`answered`, why nobody was reached, or why it was refused."""
        if self.state is CallState.UNMATCHED:
            return NO_START
        if self.reason is not None:
            return self.reason
        return ANSWERED if self.is_answered else self.cause or UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageKey:
    """What figures are of. `country` is that of the far party."""

    account_id: int
    day: date
    country: str
    line: str
    direction: str
    outcome: str
    connection: str
    cost_currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageFigures:
    """`spend` is what was charged less what was given back; `costed` are the calls whose cost the provider told.

    `costed_spend` is what those brought: only theirs can be compared with `cost`.
    """

    calls: int = 0
    answered: int = 0
    seconds: int = 0
    spend: Decimal = ZERO
    costed: int = 0
    costed_spend: Decimal = ZERO
    cost: Decimal = ZERO

    def __add__(self, other: "UsageFigures") -> "UsageFigures":
        return UsageFigures(
            calls=self.calls + other.calls,
            answered=self.answered + other.answered,
            seconds=self.seconds + other.seconds,
            spend=self.spend + other.spend,
            costed=self.costed + other.costed,
            costed_spend=self.costed_spend + other.costed_spend,
            cost=self.cost + other.cost,
        )

    def __neg__(self) -> "UsageFigures":
        return UsageFigures(
            calls=-self.calls,
            answered=-self.answered,
            seconds=-self.seconds,
            spend=-self.spend,
            costed=-self.costed,
            costed_spend=-self.costed_spend,
            cost=-self.cost,
        )


NOTHING: Final = UsageFigures()


def key_of(call: CountedCall, *, country: str) -> UsageKey:
    return UsageKey(
        account_id=call.account_id or NOBODY,
        day=call.day,
        country=country,
        line=call.line,
        direction=call.direction or "",
        outcome=call.outcome,
        connection=call.connection,
        cost_currency="" if call.cost is None else call.cost_currency or "",
    )


def figures_of(call: CountedCall) -> UsageFigures:
    spend = (call.charge or ZERO) - call.refunded
    is_costed = call.cost is not None
    return UsageFigures(
        calls=1,
        answered=int(call.outcome == ANSWERED),
        seconds=call.billed_s or 0,
        spend=spend,
        costed=int(is_costed),
        costed_spend=spend if is_costed else ZERO,
        cost=call.cost or ZERO,
    )


def added_up(counted: Iterable[tuple[UsageKey, UsageFigures]]) -> dict[UsageKey, UsageFigures]:
    """By what they are of; what comes to nothing is left out."""
    sums: dict[UsageKey, UsageFigures] = {}
    for key, figures in counted:
        before = sums.get(key)
        sums[key] = figures if before is None else before + figures
    return {key: figures for key, figures in sums.items() if figures != NOTHING}
