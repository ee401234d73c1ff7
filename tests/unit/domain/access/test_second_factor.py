"""When somebody who has signed in must prove once more that it is they."""

from datetime import timedelta

import pytest

from gateway.domain.access.actions import Action
from gateway.domain.access.roles import Role
from gateway.domain.access.second_factor import PROVEN_FOR, Missing, ShownFactors, missing_for
from tests.support.world import NOON

LONG_AGO = NOON - timedelta(days=1)
SOON, LATELY = NOON + timedelta(minutes=1), NOON - timedelta(minutes=1)


def proof(*, has_factor: bool = True, signed_in_at: object = LONG_AGO, proven_until: object = None) -> ShownFactors:
    return ShownFactors(has_factor=has_factor, signed_in_at=signed_in_at, proven_until=proven_until)


CASES = {
    "reading needs no proof": (Action.CALLS_READ, Role.OPERATOR, proof(), Missing.NOTHING),
    "operators' money needs a factor": (Action.MONEY_TOP_UP, Role.OPERATOR, proof(has_factor=False), Missing.REGISTER),
    "which was shown": (Action.MONEY_REFUND, Role.SUPPORT, proof(), Missing.SHOW),
    "once in the session": (Action.MONEY_ADJUST, Role.OPERATOR, proof(proven_until=LATELY), Missing.NOTHING),
    "what is dangerous needs it lately": (Action.RATES_CHANGE, Role.OPERATOR, proof(proven_until=LATELY), Missing.SHOW),
    "within half an hour": (Action.TOKENS_CHANGE, Role.OPERATOR, proof(proven_until=SOON), Missing.NOTHING),
    "not at its very end": (Action.TOKENS_CHANGE, Role.OPERATOR, proof(proven_until=NOON), Missing.SHOW),
    "operators need one": (Action.ACCOUNTS_CLOSE, Role.OPERATOR, proof(has_factor=False), Missing.REGISTER),
    "administrators may have one": (Action.TOKENS_CHANGE, Role.ADMINISTRATOR, proof(), Missing.SHOW),
    "or sign in again": (Action.TOKENS_CHANGE, Role.ADMINISTRATOR, proof(has_factor=False), Missing.SIGN_IN),
    "as they have just done": (
        Action.MEMBERS_CHANGE,
        Role.ADMINISTRATOR,
        proof(has_factor=False, signed_in_at=LATELY),
        Missing.NOTHING,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_missing(name: str) -> None:
    action, role, known, expected = CASES[name]

    assert missing_for(action, role, known, operators_need_one=True, now=NOON) == expected


def test_without_the_setting_operators_need_none() -> None:
    none = proof(has_factor=False, signed_in_at=NOON - PROVEN_FOR)

    assert missing_for(Action.MONEY_TOP_UP, Role.OPERATOR, none, operators_need_one=False, now=NOON) is Missing.NOTHING
    assert missing_for(Action.RATES_CHANGE, Role.OPERATOR, none, operators_need_one=False, now=NOON) is Missing.SIGN_IN
