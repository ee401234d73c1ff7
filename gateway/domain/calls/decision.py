"""What a start is decided from, and the decision: its rule, rate row and figures are stored with the call.

A refusal is a value, not an error.
"""

from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.accounts.caps import CapHit
from gateway.domain.accounts.paying_account import PayingAccount
from gateway.domain.calls.call import Limits
from gateway.domain.calls.refusals import REFUSALS, Refusal
from gateway.domain.events import Direction
from gateway.domain.lines.line import Line
from gateway.domain.money import ZERO
from gateway.domain.rates.rate import Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """The incoming call that a forwarded call belongs to; `in_a_circle`: the forward leads back to its beginning."""

    id: int
    account_id: int | None
    direction: Direction
    in_a_circle: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StartFacts:
    """What is known about a call that wants to start.

    `callee_possible`: the callee has an assigned country code and a possible length, or is a short number of the line's
    country. `callee_free`: it costs nothing where no rate is for it. `cuttable`: the gateway can end the provider's
    call, so a hold may cover a slice. `rate`: the row for the callee, or for our number if inbound.
    `bound_elsewhere`: the connection is bound to accounts, and the line is of another one. `callee_dear`: the account
    blocks destinations that are dear or abused, and the callee is one. `can_withhold`: the provider can place a call
    that shows nobody.
    """

    line: Line | None
    account: PayingAccount | None
    rate: Rate | None
    parent: Parent | None
    is_emergency: bool
    callee_possible: bool
    cuttable: bool
    bound_elsewhere: bool = False
    callee_dear: bool = False
    callee_free: bool = False
    can_withhold: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """A call that is connected: `held_s` of its `granted_s` seconds are covered by `hold`.

    A call that costs nothing holds nothing, and covers all of its seconds. `identity` is the number of a user who
    withholds it, for the carrier alone.
    """

    rule: str
    caller_id: str
    granted_s: int
    held_s: int
    hold: Decimal = ZERO
    rate: Rate | None = None
    parent_id: int | None = None
    available: Decimal | None = None
    identity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A call that is not connected: the SIP status on our record, and the one that the provider is given.

    `rate` and `available` are there where it got so far that they were looked at, `cap` where it was one that refused.
    """

    rule: str
    refusal: Refusal
    record_code: int
    sip_code: int
    rate: Rate | None = None
    parent_id: int | None = None
    available: Decimal | None = None
    cap: CapHit | None = None


Decision = Granted | Refused


def refuse(
    refusal: Refusal,
    direction: Direction,
    *,
    rule: str = "",
    rate: Rate | None = None,
    available: Decimal | None = None,
    parent_id: int | None = None,
    cap: CapHit | None = None,
) -> Refused:
    """A refusal in the codes of its direction: a forwarded call is refused to the caller of the incoming one."""
    codes = REFUSALS[refusal]
    return Refused(
        rule=rule or codes.rule,
        refusal=refusal,
        record_code=codes.record,
        sip_code=codes.outbound if direction is Direction.OUTBOUND else codes.inbound,
        rate=rate,
        available=available,
        parent_id=parent_id,
        cap=cap,
    )


def connect_free(
    rule: str, caller_id: str, limits: Limits, *, rate: Rate | None = None, parent_id: int | None = None
) -> Granted:
    """A call that costs nothing is allowed the whole hour (R14)."""
    seconds = limits.call_seconds_max
    return Granted(rule=rule, caller_id=caller_id, rate=rate, granted_s=seconds, held_s=seconds, parent_id=parent_id)
