"""All that a refused call needs: each refusal is mended in thought, and the rules are asked again, until they connect.

Whoever does exactly what is said gets the call connected. Nothing more is known once it would be another call: one of
another line, to another number or by another account.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Final, assert_never

from gateway.domain.accounts.account_state import AccountState
from gateway.domain.accounts.caps import Cap, Capped, Caps
from gateway.domain.accounts.paying_account import PayingAccount
from gateway.domain.calls.call import Limits
from gateway.domain.calls.counterfactual import counterfactual, missing_money
from gateway.domain.calls.decision import Refused, StartFacts
from gateway.domain.calls.refusals import Refusal
from gateway.domain.calls.rules import decide
from gateway.domain.events import CallStarted
from gateway.domain.explanation import Fact
from gateway.domain.lines.line import LineState

_NO_CAPS: Final = Caps()


def needs(call: CallStarted, facts: StartFacts, limits: Limits) -> list[Fact]:
    """What would have to be otherwise, all of it together, in the order of the rules; nothing where it is connected."""
    needed: list[Fact] = []
    # Each is mended once, so that it ends.
    most = len(Refusal) + len(Cap)
    while isinstance(decision := decide(call, facts, limits), Refused) and len(needed) < most:
        needed.append(_need(decision, facts.account))
        mended = _mend(call, facts, decision)
        if mended is None:
            break
        call, facts = mended
    return needed


def _need(refused: Refused, account: PayingAccount | None) -> Fact:
    return counterfactual(
        refused.refusal,
        rule=refused.rule,
        rate=refused.rate,
        available=refused.available,
        currency=None if account is None else account.currency,
        use=None if account is None or account.capped is None else account.capped.use,
    )


def _mend(call: CallStarted, facts: StartFacts, refused: Refused) -> tuple[CallStarted, StartFacts] | None:
    """The same call once what it needs is done; None where it would be another call."""
    match refused.refusal:
        case Refusal.CONNECTION_BOUND:
            return call, replace(facts, bound_elsewhere=False)
        case Refusal.NO_RATE:  # as if it cost nothing: its price is not known yet
            return call, replace(facts, callee_free=True)
        case Refusal.NUMBER_WITHHELD | Refusal.WITHHOLDING_IMPOSSIBLE:
            return replace(call, caller=call.line), facts
        case Refusal.NUMBER_SUSPENDED | Refusal.NO_MAIN_NUMBER | Refusal.CONNECTOR_UNPAID:
            return call, _with_rent_paid(facts)
        case Refusal.ACCOUNT_BLOCKED | Refusal.NO_MONEY | Refusal.CAPPED:
            assert facts.account is not None, "it is the account that refuses"  # noqa: S101
            return call, replace(facts, account=_mend_account(facts.account, refused))
        case (
            Refusal.NUMBER_UNKNOWN
            | Refusal.ACCOUNT_CLOSED
            | Refusal.CALLEE_INVALID
            | Refusal.LINE_UNKNOWN
            | Refusal.PARENT_UNKNOWN
            | Refusal.FORWARDED_TWICE
            | Refusal.FORWARDED_TO_ITSELF
            | Refusal.FORWARDED_IN_A_CIRCLE
            | Refusal.ID_REUSED
            | Refusal.CALL_ENDED
            | Refusal.UNAVAILABLE
        ):
            return None
        case _ as never:
            assert_never(never)


def _with_rent_paid(facts: StartFacts) -> StartFacts:
    """The line works again; of what was there and of what was paid in just for the rent, nothing is left."""
    line, account = facts.line, facts.account
    working = None if line is None else replace(line, state=LineState.ACTIVE)
    paid = None if account is None else _paid_in(account, -account.funds.available)
    return replace(facts, line=working, account=paid)


def _mend_account(account: PayingAccount, refused: Refused) -> PayingAccount:
    """Unblocked, or without the cap that refused, or with as much money as the call needs."""
    if refused.refusal is Refusal.ACCOUNT_BLOCKED:
        return replace(account, state=AccountState.OPEN)
    if refused.cap is not None and account.capped is not None:
        return replace(account, capped=_without(account.capped, refused.cap.cap))
    return _paid_in(account, missing_money(refused.rate, account.funds.available))


def _without(capped: Capped, cap: Cap) -> Capped:
    """A cap that is raised to what a call needs lets that call through as one that is not there."""
    return replace(capped, caps=replace(capped.caps, **{cap.value: getattr(_NO_CAPS, cap.value)}))


def _paid_in(account: PayingAccount, amount: Decimal) -> PayingAccount:
    return replace(account, funds=account.funds.debited(-amount))
