"""Amounts: exact decimals of six places (R1), and the one rounding."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from gateway.domain.errors import InvalidInput

QUANTUM = Decimal("0.000001")
ZERO = Decimal("0.000000")
# numeric(20,6) in the database: fourteen digits before the point.
AMOUNT_MAX = Decimal("99999999999999.999999")
# ASCII alone: Decimal would read digits of any script, and underscores between them.
_WRITTEN: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?")
_ENDLESS: Final = re.compile(r"[+-]?(?:inf(?:inity)?|s?nan)", re.IGNORECASE | re.ASCII)


def round_charge(amount: Decimal) -> Decimal:
    """Round a finished charge half-up to six places: the only rounding of money there is (R1)."""
    return amount.quantize(QUANTUM, ROUND_HALF_UP)


def read_decimal(text: str) -> Decimal | None:
    """What digits of ASCII spell; None where anything else stands there."""
    return Decimal(text) if _WRITTEN.fullmatch(text) else None


def parse_amount(text: str, *, negative: bool = False) -> Decimal:
    """Read an amount written by a person or a program; more than six places are an error, not rounded."""
    amount = read_decimal(text.strip())
    if amount is None:
        if _ENDLESS.fullmatch(text.strip()):
            raise InvalidInput("{text!r} is not a finite amount; write it like 12.50", text=text)
        raise InvalidInput("{text!r} is not an amount; write it like 12.50", text=text)
    if abs(amount) > AMOUNT_MAX:
        raise InvalidInput("{text!r} is too large; the largest amount is {most}", text=text, most=AMOUNT_MAX)
    exact = amount.quantize(QUANTUM)
    if exact != amount:
        raise InvalidInput("{text!r} has more than six decimal places", text=text)
    if exact < 0 and not negative:
        raise InvalidInput("{text!r} is negative", text=text)
    return exact or ZERO  # never -0
