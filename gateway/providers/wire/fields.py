"""Types of fields that come from outside, shared by the adapters, and the one place that reads JSON."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Final, TypeVar
from urllib.parse import unquote

import msgspec

from gateway.domain.errors import MalformedHook
from gateway.domain.money import read_decimal

# C0 and C1. `\Z`, because `$` would let a line break through at the end.
_CONTROLS = r"\x00-\x1f\x7f-\x9f"
_PRINTABLE = rf"^[^{_CONTROLS}]*\Z"
# What nobody sees, and what turns the order of what is seen: two ids must not look like one.
UNSEEN: Final = r"\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff"
_PLAIN = rf"^[^{_CONTROLS}{UNSEEN}]*\Z"
CallId = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=_PLAIN)]
# An address with its domain, port and parameters is long; only its user part is kept (`numbers.parties`). What nobody
# sees is copied along with numbers, and read away.
PartyText = Annotated[str, msgspec.Meta(max_length=1024, pattern=_PRINTABLE)]
ShortText = Annotated[str, msgspec.Meta(max_length=128, pattern=_PLAIN)]
UrlText = Annotated[str, msgspec.Meta(max_length=1024, pattern=_PLAIN)]
# An amount as it stands in JSON, which `read_amount` reads: a field of Decimal would take digits of any script.
Amount = msgspec.Raw
NO_AMOUNT: Final = msgspec.Raw(b"null")
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
# A week is longer than any provider lets a call be.
SECONDS_MAX = 604_800
Seconds = Annotated[int, msgspec.Meta(ge=0, le=SECONDS_MAX)]
CurrencyCode = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]

# As providers write the ids of calls. They go into URLs, so nothing else may pass.
UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_MISSING = re.compile(r"missing required field `(\w+)`")
_UNPRINTABLE = re.compile(f"[{_CONTROLS}]")
# The addresses of a provider's own users, who dial out by it.
_OWN_USERS = ("sip:", "sips:", "client:", "sim:")
_COST_MAX = Decimal(10) ** 9
_COST_PLACES_MAX = 12

T = TypeVar("T")


def decode(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """Decode JSON, or raise MalformedHook with the path of the field that is wrong."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = str(error)
        _, _, path = message.partition(" - at `$")
        missing = _MISSING.search(message)
        names = [path.rstrip("`").lstrip("."), missing[1] if missing else ""]
        raise MalformedHook(message, ".".join(filter(None, names))) from error


def read_amount(raw: msgspec.Raw, field: str) -> Decimal | None:
    """A number of JSON, or one in a string, as it is written; None for null."""
    text = str(memoryview(raw), "utf-8", "replace")  # what is no text is no amount either
    if text == "null":
        return None
    amount = read_decimal(text[1:-1] if text[:1] == '"' else text)
    if amount is None:
        raise MalformedHook(f"`{field}` is not an amount", field)
    return amount


def read_cost(raw: msgspec.Raw, field: str = "cost", *, is_negated: bool = False) -> Decimal | None:
    """A provider's cost; `is_negated`: by a provider that writes what it takes with a minus."""
    amount = read_amount(raw, field)
    return check_cost(amount.copy_abs() if is_negated and amount is not None else amount, field)


def check_cost(cost: Decimal | None, field: str = "cost") -> Decimal | None:
    """A provider's cost must be a finite decimal of a sane size, and not below zero: nobody is paid for a call."""
    if cost is None:
        return None
    exponent = cost.as_tuple().exponent
    # The number of digits first: arithmetic on 1e999999999 overflows.
    sane = isinstance(exponent, int) and exponent >= -_COST_PLACES_MAX and cost.adjusted() <= _COST_MAX.adjusted()
    if not sane or not 0 <= cost <= _COST_MAX:
        raise MalformedHook(f"`{field}` is not a cost of at most {_COST_PLACES_MAX} places", field)
    return cost


def check_instant(at: datetime | None, field: str) -> datetime | None:
    """An instant in UTC; one of another century is a fault, and near the ends of the calendar has no UTC at all."""
    if at is None:
        return None
    if not 2000 <= at.year < 2100:
        raise MalformedHook(f"`{field}` is not of this century", field)
    return at.astimezone(UTC)


def check_seconds(text: str, field: str) -> int:
    """Whole seconds written in digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) <= SECONDS_MAX):
        raise MalformedHook(f"`{field}` is not a number of seconds up to a week", field)
    return int(text)


def is_own_user(text: str) -> bool:
    """Whether a caller is a SIP, Client or SIM address: a user of the account and not somebody outside."""
    return text.lower().startswith(_OWN_USERS)


def require_printable(address: str, field: str) -> None:
    """Whoever dials chooses what he dials: an escape in an address must not hide a control character."""
    if _UNPRINTABLE.search(unquote(address)):
        raise MalformedHook(f"`{field}` has control characters", field)
