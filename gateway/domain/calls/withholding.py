"""A user who withholds the number is shown as nobody, or refused: never shown without a word (R43).

Only users of an account withhold here. A caller from outside is shown as the carrier says, and a forwarded call shows
the number that forwards it. An emergency call shows where to call back, whatever its user wants.
"""

from typing import assert_never

from gateway.domain.accounts.when_withheld import WhenWithheld
from gateway.domain.calls.refusals import Refusal
from gateway.domain.events import CallStarted, Direction
from gateway.domain.phone import WITHHELD


def withholds(call: CallStarted) -> bool:
    """Whether a user of the account asks not to be shown."""
    return call.direction is Direction.OUTBOUND and call.caller == WITHHELD


def refusal_of_withholding(when_withheld: WhenWithheld, *, can_withhold: bool) -> Refusal | None:
    """Why a call that shows nobody is refused; `can_withhold`: the provider has a way to place one."""
    match when_withheld:
        case WhenWithheld.REFUSED:
            return Refusal.NUMBER_WITHHELD
        case WhenWithheld.ANONYMOUS:
            return None if can_withhold else Refusal.WITHHOLDING_IMPOSSIBLE
        case _ as never:
            assert_never(never)
