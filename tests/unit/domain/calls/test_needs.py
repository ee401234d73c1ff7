"""All that a refused call needs is said at once, in the order of the rules."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from gateway.domain.accounts.account_state import AccountState
from gateway.domain.accounts.caps import Capped, Caps, CapUse
from gateway.domain.accounts.paying_account import PayingAccount
from gateway.domain.accounts.when_withheld import WhenWithheld
from gateway.domain.calls.call import Limits
from gateway.domain.calls.needs import needs
from gateway.domain.lines.line import LineKind, LineState
from gateway.domain.phone import WITHHELD
from gateway.words.speech import say
from tests.unit.domain.make import CALLEE, facts, forward, inbound, line, outbound, paying_account, rate

LIMITS = Limits()
PAID = "Allowed if the rent of the line were paid, or the account had a main number."


def capped(caps: Caps, *, live: int = 0, starts: int = 0, **account: str) -> PayingAccount:
    use = CapUse(day=date(2026, 3, 11), live=live, starts=starts)
    return replace(paying_account(**account), capped=Capped(caps=caps, use=use))


def said(call=None, **known) -> list[str]:
    bound_elsewhere = known.pop("bound_elsewhere", False)
    known_facts = replace(facts(**known), bound_elsewhere=bound_elsewhere)
    return [say(each) for each in needs(call or outbound(), known_facts, LIMITS)]


def test_a_call_that_is_connected_needs_nothing():
    assert said() == []


def test_each_thing_that_is_missing_is_named_with_what_it_still_takes_after_the_others():
    account = replace(paying_account("3", main_number=None), state=AccountState.BLOCKED)

    assert said(account=account, line=line(state=LineState.SUSPENDED), bound_elsewhere=True) == [
        "Allowed if `accounts` of the connection had the account of the line.",
        "Allowed if the account were not blocked.",
        PAID,
        "0.027000 USD more and it would have been connected.",  # the 3 USD go into the rent, which was more
    ]


def test_a_rent_that_is_paid_takes_a_debt_with_it():
    account = paying_account("-3", main_number=None)

    assert said(account=account, line=line(state=LineState.SUSPENDED)) == [
        PAID,
        "0.027000 USD more and it would have been connected.",
    ]


def test_caps_that_stand_behind_each_other_are_all_named_with_what_they_would_have_to_be():
    caps = Caps(
        blocked_callers=("+1555",),
        blocked_prefixes=("+44", "+442"),
        dearest_rate=Decimal("0.02"),
        live_calls=2,
        starts_a_minute=3,
        spend_a_day=Decimal("0.01"),
    )

    assert said(account=capped(caps, live=5, starts=3)) == [
        "Allowed if the account did not block its caller.",
        "Allowed if the account did not block what begins like its callee.",
        "Allowed if dearest_rate were 0.027000 USD or more.",
        "Allowed if live_calls were 6 or more, or fewer calls were live.",
        "Allowed if starts_a_minute were 4 or more, or fewer calls had started in the last minute.",
        "Allowed if spend_a_day were 0.017000 USD higher, or on another day.",
    ]


def test_without_a_rate_and_a_main_number_it_needs_both():
    account = paying_account(main_number=None)

    assert said(account=account, rate=None, line=line(state=LineState.SUSPENDED)) == [
        "Allowed if a rate had covered the callee at its start.",
        PAID,
    ]


def test_an_unpaid_connector_needs_its_month_and_no_money_for_the_call():
    office = line(kind=LineKind.CONNECTOR, state=LineState.SUSPENDED)

    assert said(line=office, account=paying_account("0"), rate=None) == [
        "Allowed if the month of the connector were paid."
    ]


def test_a_suspended_number_that_is_called_needs_its_rent_and_a_balance():
    account = paying_account("0", free_inbound_needs_balance=True)

    assert said(inbound(), line=line(state=LineState.SUSPENDED), account=account, rate=None) == [
        "Allowed if the rent of the called number were paid.",
        "0.000001 USD more and it would have been connected.",
    ]


@pytest.mark.parametrize("can_withhold", [True, False])
def test_a_number_that_is_shown_is_enough(*, can_withhold: bool):
    account = paying_account(when_withheld=WhenWithheld.ANONYMOUS if not can_withhold else WhenWithheld.REFUSED)

    [only] = said(outbound(caller=WITHHELD), account=account, can_withhold=can_withhold)

    assert only.startswith("Allowed if its user showed the number")


def test_nothing_is_known_of_what_another_call_would_need():
    blocked = replace(paying_account("0"), state=AccountState.CLOSED)

    assert said(account=blocked) == ["Allowed if its line were another account's, as this one is closed."]
    assert said(outbound(callee="12"), callee_possible=False, account=paying_account("0")) == [
        "Allowed if the callee were a number that can be read with certainty."
    ]
    assert len(said(forward(callee=CALLEE))) == 1


def test_a_rent_is_paid_of_a_line_alone_where_the_account_is_not_known():
    office = line(kind=LineKind.CONNECTOR, state=LineState.SUSPENDED)

    assert len(said(line=office, account=None, rate=rate())) == 1
