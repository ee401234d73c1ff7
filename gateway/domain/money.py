"""Amounts: exact decimals of six places (R1), and the one rounding."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from gateway.domain.errors import InvalidInput

QUANTUM = Decimal("0.000001")
ZERO = Decimal("0.000000")
# numeric(20,6) in the database: fourteen digits before the point.
AMOUNT_MAX = Decimal("99999999999999.999999")


def round_charge(amount: Decimal) -> Decimal:
    """Round a finished charge half-up to six places: the only rounding of money there is (R1)."""
    return amount.quantize(QUANTUM, ROUND_HALF_UP)


def parse_amount(text: str, *, negative: bool = False) -> Decimal:
    """Read an amount written by a person or a program; more than six places are an error, not rounded."""
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        raise InvalidInput(f"{text!r} is not an amount; write it like 12.50") from None
    if not amount.is_finite():
        raise InvalidInput(f"{text!r} is not a finite amount")
    if abs(amount) > AMOUNT_MAX:
        raise InvalidInput(f"{text!r} is too large; the largest amount is {AMOUNT_MAX}")
    exact = amount.quantize(QUANTUM)
    if exact != amount:
        raise InvalidInput(f"{text!r} has more than six decimal places")
    if exact < 0 and not negative:
        raise InvalidInput(f"{text!r} is negative")
    return exact or ZERO  # never -0
