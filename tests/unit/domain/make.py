"""Values of the domain with everything ordinary filled in; a test names what it is about."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from gateway.domain.accounts.account_state import AccountState
from gateway.domain.accounts.funds import Funds
from gateway.domain.accounts.paying_account import PayingAccount
from gateway.domain.accounts.when_withheld import WhenWithheld
from gateway.domain.calls.decision import Parent, StartFacts
from gateway.domain.events import CallEnded, CallStarted, Cause, Direction
from gateway.domain.lines.line import Line, LineKind, LineState
from gateway.domain.rates.rate import Rate

NOON = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
OUR_NUMBER = "+15550100001"
MAIN_NUMBER = "+15550100999"
CALLEE = "+442079460000"


def at(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def rate(
    per_minute: str = "0.0270", *, fee: str = "0", first_interval_s: int | None = None, increment_s: int = 60
) -> Rate:
    """A rate; the first interval is one increment unless it is given."""
    return Rate(
        id=7,
        prefix="44",
        per_minute=Decimal(per_minute),
        connection_fee=Decimal(fee),
        first_interval_s=increment_s if first_interval_s is None else first_interval_s,
        increment_s=increment_s,
    )


def line(
    *,
    state: LineState = LineState.ACTIVE,
    kind: LineKind = LineKind.NUMBER,
    name: str | None = None,
    account_id: int = 1,
    category: str = "geographic",
) -> Line:
    """A number, or a connector, which is called `office` and is in no country."""
    number = kind is LineKind.NUMBER
    return Line(
        id=3,
        account_id=account_id,
        kind=kind,
        name=name or (OUR_NUMBER if number else "office"),
        state=state,
        country="US" if number else "",
        category=category if number else "",
    )


def paying_account(
    balance: str = "1",
    *,
    held: str = "0",
    credit_limit: str = "0",
    main_number: str | None = MAIN_NUMBER,
    free_inbound_needs_balance: bool = False,
    when_withheld: WhenWithheld = WhenWithheld.ANONYMOUS,
    state: AccountState = AccountState.OPEN,
) -> PayingAccount:
    return PayingAccount(
        id=1,
        currency="USD",
        funds=Funds(balance=Decimal(balance), held=Decimal(held), credit_limit=Decimal(credit_limit)),
        main_number=main_number,
        free_inbound_needs_balance=free_inbound_needs_balance,
        when_withheld=when_withheld,
        state=state,
    )


_LINE = line()
_ACCOUNT = paying_account()
_RATE = rate()
_PARENT = Parent(id=11, account_id=1, direction=Direction.INBOUND)


def facts(
    *,
    line: Line | None = _LINE,
    account: PayingAccount | None = _ACCOUNT,
    rate: Rate | None = _RATE,
    parent: Parent | None = None,
    is_emergency: bool = False,
    callee_possible: bool = True,
    cuttable: bool = True,
    callee_free: bool = False,
    can_withhold: bool = True,
) -> StartFacts:
    """What is known about a call that may be connected for what one dollar buys."""
    return StartFacts(
        line=line,
        account=account,
        rate=rate,
        parent=parent,
        is_emergency=is_emergency,
        callee_possible=callee_possible,
        cuttable=cuttable,
        callee_free=callee_free,
        can_withhold=can_withhold,
    )


def parent(
    *, account_id: int | None = 1, direction: Direction = Direction.INBOUND, parent_id: int = _PARENT.id
) -> Parent:
    return Parent(id=parent_id, account_id=account_id, direction=direction)


def outbound(*, callee: str = CALLEE, caller: str = OUR_NUMBER, call_id: str = "a1") -> CallStarted:
    return CallStarted(call_id=call_id, direction=Direction.OUTBOUND, caller=caller, callee=callee, line=OUR_NUMBER)


def inbound(*, caller: str = CALLEE, call_id: str = "a1") -> CallStarted:
    return CallStarted(call_id=call_id, direction=Direction.INBOUND, caller=caller, callee=OUR_NUMBER, line=OUR_NUMBER)


def forward(*, callee: str = CALLEE, caller: str = OUR_NUMBER, call_id: str = "a1") -> CallStarted:
    return CallStarted(
        call_id=call_id,
        direction=Direction.FORWARD,
        caller=caller,
        callee=callee,
        line=OUR_NUMBER,
        parent_call_id="p1",
    )


def ended(
    *,
    seconds: int | None = None,
    answered_at: datetime | None = None,
    ended_at: datetime | None = None,
    cause: Cause = Cause.NORMAL,
) -> CallEnded:
    return CallEnded(call_id="a1", cause=cause, answered_at=answered_at, ended_at=ended_at, seconds=seconds)
