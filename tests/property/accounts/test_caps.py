"""R17: whatever the cap, what was spent and what is held, a call is never granted more than the day leaves."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.accounts.caps import Cap, Capped, Caps, CapUse
from gateway.domain.accounts.paying_account import PayingAccount
from gateway.domain.calls.call import Limits
from gateway.domain.calls.decision import Granted
from gateway.domain.calls.refusals import Refusal
from gateway.domain.calls.rules import decide
from gateway.domain.rates.rate import price
from tests.unit.domain.make import facts, outbound, paying_account, rate

LIMITS = Limits()
amounts = st.decimals(min_value=0, max_value=20, places=6)


@st.composite
def capped_account(draw: st.DrawFn) -> PayingAccount:
    caps = Caps(spend_a_day=draw(amounts))
    plain = paying_account(str(draw(amounts)), held=str(draw(amounts)))
    return replace(plain, capped=Capped(caps=caps, use=CapUse(day=date(2026, 3, 11), spent=draw(amounts))))


@given(account=capped_account(), cuttable=st.booleans(), increment_s=st.sampled_from([1, 6, 30, 60]))
def test_r17_no_call_is_granted_more_than_the_day_leaves(
    account: PayingAccount, *, cuttable: bool, increment_s: int
) -> None:
    by = rate("0.0270", increment_s=increment_s)
    left = account.capped.spend_left(account.funds.held)
    first = price(by, 1)

    told = decide(outbound(), facts(account=account, rate=by, cuttable=cuttable), LIMITS)

    if isinstance(told, Granted):
        assert told.hold <= price(by, told.granted_s) <= min(account.funds.available, left)
        assert told.granted_s == LIMITS.call_seconds_max or price(by, told.granted_s + 1) > min(
            account.funds.available, left
        )
    elif told.refusal is Refusal.NO_MONEY:
        assert account.funds.available < first
    else:
        assert (told.refusal, told.cap.cap) == (Refusal.CAPPED, Cap.SPEND_A_DAY)
        assert left < first <= account.funds.available
