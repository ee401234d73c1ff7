"""The parties of a call, as they were written, become ours: the one place that every adapter asks (R41, R43).

Who wrote what follows from the direction. A call out, and one that is forwarded, was dialled by a *person*: the callee
is read in the plan of the line's country. A call in was brought by a *carrier*. A line is E.164 with or without its
plus, whoever names it. What cannot be read keeps its text: the decision refuses it, and says how it was read.
"""

from dataclasses import dataclass
from functools import lru_cache

from gateway.domain.errors import MalformedHook
from gateway.domain.events import Direction
from gateway.domain.explanation import Fact
from gateway.domain.phone import is_e164
from gateway.numbers.metadata import country_of
from gateway.numbers.plain import is_plain
from gateway.numbers.reading import REMEMBERED, NumberReading, Writer, read
from gateway.numbers.short import dialled_short, emergency_number, short_number
from gateway.numbers.spelling import user_of
from gateway.numbers.withheld import WITHHELD, is_withheld

# What a refusal to read any of them names: which field it came in, only the adapter knows.
PARTY = "party"
# The name of a user is no longer than that of a line; what is longer is nobody's.
NAME_MAX = 128


@dataclass(frozen=True, slots=True)
class Parties:
    """Numbers are E.164 or short ones of the line's country; a caller who shows none is `anonymous`."""

    caller: str
    callee: str
    line: str


def read_parties(
    direction: Direction,
    *,
    caller: str | None,
    callee: str,
    line: str | None = None,
    numbers: str = "",
    is_private: bool = False,
) -> Parties:
    """Read the parties of a call.

    Without a line it is the callee's of a call in, the caller's of any other. `numbers` is the country whose national
    numbers the connection sends, empty for none. `is_private`: the caller asks not to be shown (RFC 3323). Of a user
    of whom nothing is said the caller is the line's number: who withholds it must say so.
    """
    if direction is Direction.INBOUND:
        called = read_number(callee, numbers=numbers)
        own = read_number(line, numbers=numbers) if line else called
        shown = WITHHELD if is_private else read_caller(caller, writer=Writer.CARRIER, line=own, numbers=numbers)
        return Parties(shown, called, own)
    own = read_number(line or caller or "", numbers=numbers)
    # An incoming call's caller was told by a carrier, also where that call is forwarded.
    writer = Writer.CARRIER if direction is Direction.FORWARD else Writer.PERSON
    if direction is Direction.OUTBOUND and is_e164(own) and not (caller or "").strip():
        caller = own
    shown = WITHHELD if is_private else read_caller(caller, writer=writer, line=own, numbers=numbers)
    return Parties(shown, read_dialled(callee, line=own, numbers=numbers), own)


@lru_cache(maxsize=REMEMBERED)
def read_number(text: str, *, numbers: str = "") -> str:
    """A number of ours or a carrier's: E.164, with or without its plus. Names stay what they are."""
    return read(text, writer=Writer.CARRIER, country=numbers, numbers=numbers).number or _text(text)


@lru_cache(maxsize=REMEMBERED)
def read_caller(text: str | None, *, writer: Writer, line: str, numbers: str = "") -> str:
    """Who calls: a number, the name of a user, or `anonymous`."""
    if text is None or is_withheld(text):
        return WITHHELD
    if is_plain(text):
        return text
    country = country_of(line) or numbers
    number = read(text, writer=writer, country=country, numbers=numbers).number
    if number is None and writer is Writer.PERSON:  # phones are set up with the number as it is rented, too
        number = read(text, writer=Writer.CARRIER, country=country, numbers=numbers).number
    return number or _text(text) or WITHHELD


def read_dialled(text: str, *, line: str, numbers: str = "") -> str:
    """Whom a person calls: an emergency number, a short one of the line's country, or E.164."""
    return text if is_plain(text) else _read_dialled(text, line, numbers)


@lru_cache(maxsize=REMEMBERED)
def _read_dialled(text: str, line: str, numbers: str) -> str:
    country = country_of(line) or numbers
    short = emergency_number(text, country) or short_number(text, country)
    number = short or explain_dialled(text, line=line, numbers=numbers).number
    return number or dialled_short(text, country) or _text(text)


def explain_dialled(text: str, *, line: str, numbers: str = "") -> NumberReading:
    """How what a person dialled is read by a line."""
    country = country_of(line) or numbers
    if short := emergency_number(text, country) or short_number(text, country):
        how = Fact("readings.short_of", {"country": country}) if country else Fact("readings.short")
        return NumberReading(number=short, how=how)
    return read(text, writer=Writer.PERSON, country=country, numbers=numbers)


def _text(text: str) -> str:
    """A party that is no number: the user of an address, and nothing that would break a line of a log."""
    user = user_of(text)
    if not user.isprintable():
        raise MalformedHook("a party has control characters", PARTY)
    return user if len(user) <= NAME_MAX else f"{user[: NAME_MAX - 1]}…"
