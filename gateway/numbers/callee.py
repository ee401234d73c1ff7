"""Whether the callee of a call is a number that may be called, and whether it is free (R10, R40)."""

from gateway.domain.events import CallStarted
from gateway.domain.phone import is_e164
from gateway.numbers.harmonised import is_harmonised
from gateway.numbers.metadata import country_of, is_possible
from gateway.numbers.short import short_number


def is_callable(call: CallStarted) -> bool:
    """Whether the callee is a possible number, or a short one of the line's country (R10, R40)."""
    return is_possible(call.callee) or short_number(call.callee, country_of(call.line)) is not None


def is_free_callee(call: CallStarted) -> bool:
    """Whether calling the callee costs nothing where no deck has a price: a harmonised number of social value (R40)."""
    return not is_e164(call.callee) and is_harmonised(call.callee, country_of(call.line))
