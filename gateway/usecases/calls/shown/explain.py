"""Why a call was refused, or connected and priced so, as facts; all from what is stored with it."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import assert_never

from gateway.domain.accounts.caps import read_cap
from gateway.domain.calls.call import CallState, CutReason
from gateway.domain.calls.counterfactual import counterfactual
from gateway.domain.calls.refusals import REFUSALS, Refusal
from gateway.domain.events import Direction
from gateway.domain.explanation import Fact, Money
from gateway.domain.phone import WITHHELD, is_short
from gateway.domain.rates.rate import Rate
from gateway.numbers.parties import explain_dialled
from gateway.postgres.calls.calls import CallRow, LiveRow
from gateway.postgres.crm import CrmRow, CrmState

# What stands where digits of an old call's numbers were taken.
TAKEN = "******"


def explain(call: CallRow, crm: Sequence[CrmRow] = (), *, numbers: str = "") -> list[Fact]:
    """In the order in which things were decided and happened; of a refused call first what would have allowed it.

    `numbers` is the country whose national numbers its connection sends, empty for none.
    """
    return [
        *_decision(call, numbers),
        *_money(call),
        *_life(call),
        *(Fact("explanation.crm", {"connection": each.connection, "progress": _progress(each)}) for each in crm),
        *(Fact("explanation.flag", {"flag": flag, "why": Fact(f"flags.{flag}")}) for flag in call.flags),
    ]


def counterfactual_of(call: CallRow) -> Fact | None:
    """What would have had it connected; None for one that was, or was refused for what another version knows."""
    if call.reason not in REFUSALS:
        return None
    refusal = Refusal(call.reason)
    return counterfactual(refusal, rule=call.rule, rate=call.rate, available=call.available, currency=call.currency)


def why_refused(reason: str, rule: str) -> Fact:
    """Why a refusal was: by its cap, where it was one."""
    if (hit := read_cap(rule)) is not None:
        cap, limit = hit
        return Fact(f"caps.{cap}", {"limit": limit})
    return Fact(f"refusals.{reason}")


def explain_rate(rate: Rate, currency: str | None, *, is_short: bool = False) -> Fact:
    what = ("short" if is_short else "prefix") if rate.prefix else "incoming"
    callers = rate.caller_prefixes.replace(" ", ", ")
    beginnings = Fact(f"what.{what}{'_of_callers' if callers else ''}", {"prefix": rate.prefix, "callers": callers})
    return Fact(
        "explanation.rate",
        {
            "id": str(rate.id),
            "what": beginnings,
            "per_minute": Money(amount=rate.per_minute, currency=currency),
            "connection_fee": str(rate.connection_fee),
            "first_interval_s": rate.first_interval_s,
            "increment_s": rate.increment_s,
        },
    )


def _decision(call: CallRow, numbers: str) -> Iterator[Fact]:
    if call.reason is not None:
        if (needed := counterfactual_of(call)) is not None:
            yield needed
        codes = {"record_code": call.record_code, "sip_code": call.sip_code}
        yield Fact("explanation.refused", {"rule": call.rule, "why": why_refused(call.reason, call.rule), **codes})
        yield from _reading(call, numbers)
        return
    yield Fact("explanation.connected", {"rule": call.rule, "why": Fact(f"rules.{call.rule}")})
    if call.caller_id == WITHHELD and call.direction != Direction.INBOUND:
        yield Fact("explanation.went_out_hidden", {"line": call.line})
    elif call.caller_id and call.direction != Direction.INBOUND:
        yield Fact("explanation.went_out", {"line": call.line, "shown": call.caller_id})
    if call.parent_id is not None:
        yield Fact("explanation.forwards", {"parent_id": call.parent_id})


def _reading(call: CallRow, numbers: str) -> Iterator[Fact]:
    """How a callee was read that is no number; what is stored of it is the text that came, while it is kept (R41)."""
    if call.reason == Refusal.CALLEE_INVALID and not (call.callee or "").endswith(TAKEN):
        reading = explain_dialled(call.callee or "", line=call.line or "", numbers=numbers)
        yield Fact("explanation.read_how", {"how": reading.how})


def _money(call: CallRow) -> Iterator[Fact]:
    if call.rate is not None:
        yield explain_rate(call.rate, call.currency, is_short=is_short(call.callee or ""))
    elif call.state != CallState.REFUSED:
        yield Fact("explanation.no_rate")
    if call.available is not None:
        yield Fact("explanation.available", {"available": _amount(call, call.available)})
    if call.granted_s:
        yield Fact("explanation.granted", {"granted_s": call.granted_s})


def _life(call: CallRow) -> Iterator[Fact]:
    if call.live is not None:
        yield from _live(call, call.live)
    if call.cut_reason is not None:
        yield _cut(CutReason(call.cut_reason), is_under_way=call.live is not None)
    if call.ended_at is not None:
        yield _end(call)
    if call.state == CallState.REFUSED and call.reported_s is not None:
        yield Fact("explanation.refused_talked", {"reported_s": call.reported_s, "cause": str(call.cause)})
    if call.cost is not None:
        yield Fact("explanation.cost", {"cost": Money(amount=call.cost, currency=call.cost_currency)})


def _live(call: CallRow, live: LiveRow) -> Iterator[Fact]:
    hold = _amount(call, live.hold)
    yield Fact("explanation.live", {"hold": hold, "held_s": live.held_s, "must_end_at": live.must_end_at})
    if live.cut_next_at is None:
        yield Fact("explanation.uncuttable")
    elif live.cut_attempts:
        yield Fact("explanation.asked_to_end", {"times": live.cut_attempts})


def _cut(reason: CutReason, *, is_under_way: bool) -> Fact:
    """Of a call that is still up, nobody has ended anything yet."""
    if not is_under_way:
        return Fact("explanation.cut", {"why": Fact(f"cuts.{reason}")})
    suffix = "_under_way" if reason is CutReason.OPERATOR else ""
    return Fact("explanation.to_be_cut", {"why": Fact(f"cuts.{reason}{suffix}")})


def _end(call: CallRow) -> Fact:
    assert call.ended_at is not None, "it has ended"  # noqa: S101
    charged = Fact("charged.nothing_yet")
    if call.charge is not None:
        charged = Fact("charged.amount", {"charge": _amount(call, call.charge)})
    answered = Fact("answered.never")
    if call.answered_at is not None:
        answered = Fact("answered.at", {"at": call.answered_at})
    return Fact(
        "explanation.ended",
        {
            "at": call.ended_at,
            "cause": str(call.cause),
            "answered": answered,
            "reported_s": str(call.reported_s),
            "billed_s": call.billed_s or 0,
            "charged": charged,
        },
    )


def _progress(crm: CrmRow) -> Fact:
    """How far a CRM has been told of the call."""
    match crm.state:
        case CrmState.QUEUED:
            progress = Fact("crm.queued", {"next_at": str(crm.next_at)})
        case CrmState.REGISTERED:
            progress = Fact("crm.registered", {"crm_call_id": str(crm.crm_call_id)})
        case CrmState.FINISHED:
            return Fact("crm.finished", {"crm_call_id": str(crm.crm_call_id)})
        case CrmState.GIVEN_UP:
            progress = Fact("crm.given_up", {"tries": crm.tries})
        case _ as never:
            assert_never(never)
    if crm.last_reply is None:
        return progress
    return Fact("crm.with_reply", {"progress": progress, "reply": crm.last_reply})


def _amount(call: CallRow, amount: Decimal) -> Money:
    return Money(amount=amount, currency=call.currency)
