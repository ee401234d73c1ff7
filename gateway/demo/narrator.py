"""Tells on standard output what happens, in plain words: a line for each happening."""

import sys
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Final

from gateway.clock import Clock
from gateway.domain.explanation import Fact
from gateway.domain.rates.rate import Rate, affordable_seconds
from gateway.postgres.calls.calls import CallRow
from gateway.words.speech import say

HOUR_S: Final = 3600
# What a caller hears by our SIP codes (RFC 3261, section 21), where the stories come to it.
HEARD: Final = {402: "402, payment required", 486: "486, busy"}
TITLE_WIDTH: Final = 10


class Narrator:
    """Says lines; says nothing more once nobody listens."""

    def __init__(self, clock: Clock, write: Callable[[str], None] | None = None) -> None:
        self._clock = clock
        self._begin = clock.now()
        self._write = write or _to_standard_output

    def say(self, text: str = "") -> None:
        try:
            self._write(text + "\n")
        except (OSError, ValueError):
            self._write = _nowhere

    def tell(self, title: str, text: str) -> None:
        """One happening, with the seconds since the beginning."""
        seconds = (self._clock.now() - self._begin) / timedelta(seconds=1)
        self.say(f"{seconds:6.1f} s  {title:<{TITLE_WIDTH}}  {text}")


def decided(call: CallRow) -> str:
    """What was decided about a call, and the money it is about."""
    if call.reason is not None:
        money = "" if call.available is None else f"; {call.available} {call.currency} available"
        price = "" if call.rate is None else f", at {call.rate.per_minute} {call.currency} a minute"
        words = say(Fact(f"refusals.{call.reason}"))
        heard = HEARD.get(call.sip_code, str(call.sip_code))
        return f"refused, {words}{price}{money}. The caller gets {heard}"
    if call.rate is None or call.rate.is_free:
        return f"allowed for {call.granted_s} s, free of charge"
    assert call.available is not None, "a call that costs something was decided by the money"  # noqa: S101
    held = "" if call.live is None else f", {call.live.hold} of them held"
    return (
        f"allowed for {call.granted_s} s at {call.rate.per_minute} {call.currency} a minute"
        f"{_enough(call.rate, call.available, call.granted_s)};"
        f" {call.available} {call.currency} available{held}"
    )


def charged(call: CallRow) -> str:
    """What an ended call cost, and the balance before and after."""
    talk = f"{call.reported_s} s" if call.answered_at else "never answered"
    if call.ledger_entry is None:
        return f"{talk}, nothing charged"
    entry = call.ledger_entry
    billed = "" if call.billed_s == call.reported_s else f" ({call.billed_s} s were granted and are charged)"
    before = entry.balance_after - entry.amount
    return (
        f"{talk}{billed}: {-entry.amount} {call.currency} charged,"
        f" the balance was {before} and is {entry.balance_after}"
    )


def _enough(rate: Rate, available: Decimal, granted_s: int) -> str:
    """How long the money lasts, where the demo's limit hides it and the usual one would not."""
    seconds = affordable_seconds(rate, available, HOUR_S)
    if not granted_s < seconds < HOUR_S:
        return ""
    lasts = f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"
    return f" (the money is enough for {lasts}, the limit here is {granted_s} s)"


def _to_standard_output(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _nowhere(_text: str) -> None:
    """Nobody listens any more."""
