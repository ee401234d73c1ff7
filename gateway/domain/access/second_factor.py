"""When somebody who has signed in must prove once more that it is they: pure.

A link in a mail proves that one can read the mail. Whoever moves an operator's money has shown a passkey or a one-time
password as well, once in the session; whoever does what is dangerous has shown it within half an hour.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from gateway.domain.access.actions import Action
from gateway.domain.access.roles import Role

PROVEN_FOR: Final = timedelta(minutes=30)
MOVES_MONEY: Final = frozenset({Action.MONEY_TOP_UP, Action.MONEY_REFUND, Action.MONEY_ADJUST, Action.MONEY_APPROVE})
DANGEROUS: Final = frozenset(
    {
        Action.ACCOUNTS_CLOSE,
        Action.MEMBERS_CHANGE,
        Action.PEOPLE_CHANGE,
        Action.RATES_CHANGE,
        Action.TOKENS_CHANGE,
    }
)


class Missing(StrEnum):
    """What has to be done first."""

    NOTHING = "nothing"
    REGISTER = "register_second_factor"
    SHOW = "show_second_factor"
    SIGN_IN = "sign_in_again"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFactors:
    """What is known of somebody's session; `proven_until` None: no second factor was shown in it."""

    has_factor: bool
    signed_in_at: datetime
    proven_until: datetime | None


def missing_for(action: Action, role: Role, proof: ShownFactors, *, operators_need_one: bool, now: datetime) -> Missing:
    """What somebody must do before an action; `operators_need_one`: those on the operator's side must have one."""
    if action in DANGEROUS:
        needs_one = operators_need_one and not role.is_of_account
        return missing_lately(proof, needs_one=needs_one, now=now)
    if action in MOVES_MONEY and operators_need_one and not role.is_of_account:
        if not proof.has_factor:
            return Missing.REGISTER
        return Missing.NOTHING if proof.proven_until is not None else Missing.SHOW
    return Missing.NOTHING


def missing_lately(proof: ShownFactors, *, needs_one: bool, now: datetime) -> Missing:
    """What is missing of a proof within half an hour. Who has no second factor, and needs none, signs in again."""
    if proof.has_factor:
        is_fresh = proof.proven_until is not None and now < proof.proven_until
        return Missing.NOTHING if is_fresh else Missing.SHOW
    if needs_one:
        return Missing.REGISTER
    return Missing.NOTHING if now - proof.signed_in_at < PROVEN_FOR else Missing.SIGN_IN
