"""Caps against fraud (R17): what an account may do at most, whatever its money allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from gateway.domain.events import CallStarted, Direction
from gateway.domain.money import ZERO
from gateway.domain.rates.rate import Rate, price

# The word among blocked prefixes that stands for all destinations that are dear or abused.
DEAR: Final = "dear"


class Cap(StrEnum):
    """The caps in the order in which they are looked at: what is never allowed before what is too much just now."""

    BLOCKED_CALLERS = "blocked_callers"
    BLOCKED_PREFIXES = "blocked_prefixes"
    DEAREST_RATE = "dearest_rate"
    LIVE_CALLS = "live_calls"
    STARTS_A_MINUTE = "starts_a_minute"
    SPEND_A_DAY = "spend_a_day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """The settings of an account; None or empty: no such cap.

    `dearest_rate` is what the first minute of a call may cost, its connection fee and first interval included.
    A blocked caller that begins with + blocks all that begin like it, another only itself. Blocked prefixes begin
    with +, and are those of outbound and forwarded calls; `dear` among them is the list that comes along.
    """

    live_calls: int | None = None
    starts_a_minute: int | None = None
    spend_a_day: Decimal | None = None
    dearest_rate: Decimal | None = None
    blocked_prefixes: tuple[str, ...] = ()
    blocked_callers: tuple[str, ...] = ()

    @property
    def block_dear(self) -> bool:
        """Whether destinations that are dear or abused are blocked."""
        return DEAR in self.blocked_prefixes


@dataclass(frozen=True, slots=True, kw_only=True)
class CapUse:
    """What counts against the caps: live calls, starts of the last minute, and what calls have cost on this day.

    The day is one of the account's time zone. What live calls hold counts as spent too, and is known by itself.
    """

    day: date
    spent: Decimal = ZERO
    live: int = 0
    starts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Capped:
    """The caps of an account that has any, and what counts against them; locked while a decision is made."""

    caps: Caps
    use: CapUse

    def spend_left(self, held: Decimal) -> Decimal | None:
        """What calls may still cost on this day; None: as much as there is money for."""
        return None if self.caps.spend_a_day is None else self.caps.spend_a_day - self.use.spent - held


@dataclass(frozen=True, slots=True, kw_only=True)
class CapHit:
    """The cap that refuses a call, and its limit as text."""

    cap: Cap
    limit: str

    @property
    def rule(self) -> str:
        """What is stored with the call, and logged: without telephone numbers."""
        is_number = self.cap in (Cap.BLOCKED_CALLERS, Cap.BLOCKED_PREFIXES)
        return f"R17 {self.cap}" if is_number else f"R17 {self.cap} {self.limit}"


def read_cap(rule: str) -> tuple[Cap, str] | None:
    """The cap of a stored rule, and its limit, empty where it was a number; None for a rule that is no cap's."""
    number, _, cap = rule.partition(" ")
    name, _, limit = cap.partition(" ")
    return (Cap(name), limit) if number == "R17" and name in list(Cap) else None


def first_hit(capped: Capped, call: CallStarted, rate: Rate | None, *, is_dear: bool = False) -> CapHit | None:
    """The first cap that a call hits, but for what it may cost; `is_dear`: the callee is on the list of those."""
    caps, use = capped.caps, capped.use
    if blocker := blocking_entry(caps.blocked_callers, call.caller):
        return CapHit(cap=Cap.BLOCKED_CALLERS, limit=blocker)
    # A connector's callee may be digits that nobody could read: they may be those of a number without its plus.
    callee = f"+{call.callee}" if call.callee.isdecimal() else call.callee
    if call.direction is not Direction.INBOUND and (blocker := blocking_entry(caps.blocked_prefixes, callee)):
        return CapHit(cap=Cap.BLOCKED_PREFIXES, limit=blocker)
    if call.direction is not Direction.INBOUND and is_dear and caps.block_dear:
        return CapHit(cap=Cap.BLOCKED_PREFIXES, limit=DEAR)
    if caps.dearest_rate is not None and rate is not None and price(rate, 60) > caps.dearest_rate:
        return CapHit(cap=Cap.DEAREST_RATE, limit=str(caps.dearest_rate))
    if caps.live_calls is not None and use.live >= caps.live_calls:
        return CapHit(cap=Cap.LIVE_CALLS, limit=str(caps.live_calls))
    if caps.starts_a_minute is not None and use.starts >= caps.starts_a_minute:
        return CapHit(cap=Cap.STARTS_A_MINUTE, limit=str(caps.starts_a_minute))
    return None


def blocking_entry(blocked: Sequence[str], number: str) -> str | None:
    """The entry that blocks a number: one that it begins with, where that begins with +, or equals."""
    return next((each for each in blocked if number == each or (each[:1] == "+" and number.startswith(each))), None)
