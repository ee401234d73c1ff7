"""What would have had to be otherwise for a refused call to be connected: the first that whoever asks wants to know."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final, assert_never

from gateway.domain.accounts.caps import Cap
from gateway.domain.calls.refusals import Refusal
from gateway.domain.money import QUANTUM
from gateway.domain.rates.rate import Rate, price

_ALLOWED_IF: Final[Mapping[Refusal, str]] = MappingProxyType(
    {
        Refusal.NUMBER_UNKNOWN: "the called number were a line of an account",
        Refusal.NUMBER_SUSPENDED: "the rent of the called number were paid",
        Refusal.ACCOUNT_BLOCKED: "the account were not blocked",
        Refusal.ACCOUNT_CLOSED: "its line were another account's, as this one is closed",
        Refusal.NO_MONEY: "there were enough money for its first interval",
        Refusal.CALLEE_INVALID: "the callee were a number that can be read with certainty",
        Refusal.NO_RATE: "a rate had covered the callee at its start",
        Refusal.LINE_UNKNOWN: "its line were one of an account",
        Refusal.CONNECTION_BOUND: "`accounts` of the connection had the account of the line",
        Refusal.NO_MAIN_NUMBER: "the rent of the line were paid, or the account had a main number",
        Refusal.CONNECTOR_UNPAID: "the month of the connector were paid",
        Refusal.PARENT_UNKNOWN: "the incoming call had been on record, by a line of the same account",
        Refusal.FORWARDED_TWICE: "it forwarded the incoming call itself",
        Refusal.FORWARDED_TO_ITSELF: "it were forwarded to another number",
        Refusal.FORWARDED_IN_A_CIRCLE: "it were forwarded to a number that it did not come from",
        Refusal.CAPPED: "the account had not this cap",
        Refusal.NUMBER_WITHHELD: "its user showed the number, or the account let its users withhold it",
        Refusal.WITHHOLDING_IMPOSSIBLE: "its user showed the number",
        Refusal.ID_REUSED: "it had an id of its own",
        Refusal.CALL_ENDED: "its start had come before its end",
        Refusal.UNAVAILABLE: "the database had answered, or the account let its calls go on without",
    }
)


def counterfactual(
    refusal: Refusal, *, rule: str, rate: Rate | None, available: Decimal | None, currency: str | None
) -> str:
    """A sentence, with figures where they are on record: what was available and what a minute costs."""
    if refusal is Refusal.NO_MONEY and available is not None:
        needed = QUANTUM if rate is None else price(rate, 1)
        return f"{needed - available} {currency} more and it would have been connected."
    if refusal is Refusal.CAPPED and (name := rule.partition(" ")[2].partition(" ")[0]) in list(Cap):
        return f"Allowed if {_uncapped(Cap(name), rate, available)}."
    return f"Allowed if {_ALLOWED_IF[refusal]}."


def _uncapped(cap: Cap, rate: Rate | None, available: Decimal | None) -> str:
    match cap:
        case Cap.BLOCKED_CALLERS:
            return "the account did not block its caller"
        case Cap.BLOCKED_PREFIXES:
            return "the account did not block what begins like its callee"
        case Cap.DEAREST_RATE:
            return (
                "the cap dearest_rate were higher" if rate is None else f"dearest_rate were {price(rate, 60)} or more"
            )
        case Cap.LIVE_CALLS:
            return "one live call less were up, or live_calls were higher"
        case Cap.STARTS_A_MINUTE:
            return "it had come a minute later, or starts_a_minute were higher"
        case Cap.SPEND_A_DAY if rate is not None and available is not None:
            return f"spend_a_day were {price(rate, 1) - available} higher, or on another day"
        case Cap.SPEND_A_DAY:
            return "spend_a_day were higher, or on another day"
        case _ as never:
            assert_never(never)
