"""Say in words why a call was refused, or connected and priced so; all from what is stored with it."""

from collections.abc import Sequence
from typing import assert_never

from gateway.domain.accounts.caps import say_cap
from gateway.domain.calls.call import CallState, CutReason, Flag
from gateway.domain.calls.counterfactual import counterfactual
from gateway.domain.calls.refusals import REFUSALS, Refusal
from gateway.domain.events import Direction
from gateway.domain.phone import WITHHELD, is_short
from gateway.domain.rates.rate import Rate
from gateway.numbers.parties import explain_dialled
from gateway.postgres.calls.calls import CallRow
from gateway.postgres.crm import CrmRow, CrmState

RULES = {
    "emergency": "an emergency number of the line's country is connected whatever the money or the state of the line",
    "R9": "an incoming call is free unless its number has an inbound rate",
    "R11": "the line's number does not work, so the call goes out by the account's main number",
    "R12": "calls of a SIP connector cost nothing per minute",
    "R14": "the call is allowed for as long as the money lasts, an hour at most",
    "R21": "its end came without its start, so it was opened and charged afterwards",
    "R40": "a harmonised number of social value is free in the EU unless a rate is for it",
    "R34": "the database was away when it started, and the account lets such calls through",
}
FLAGS = {
    Flag.OVER_GRANT: "more seconds were reported than granted; the granted ones are charged",
    Flag.NO_START: "its end came without a start",
    Flag.NO_RATE: "no rate could be found for it, so it was charged nothing",
    Flag.NO_LINE: "it names no line of ours, so nobody was charged",
    Flag.END_DIFFERS: "it ended a second time with other figures; the first stand, unless they were 0 s",
    Flag.END_LOST: "nobody knows its status; it was closed with a charge of 0",
    Flag.END_ASKED: "its end never came, or was in doubt, so the provider was asked",
    Flag.END_LATE: "its end came long after its deadline; it is charged all the same",
    Flag.CLOSED_BY_HAND: "its end never came; an operator said how long it talked",
    Flag.HOLD_SHORT: "it cost more than was held for it",
    Flag.CLOCK: "the provider's times contradict each other",
    Flag.UNAVAILABLE: "it was connected while the database was away",
    Flag.TOLD_OTHERWISE: (
        "the answer of the database was lost when it was decided, so its provider was told without it"
    ),
    Flag.ID_REUSED: "more than one call came under its id; all but the first are refused",
    Flag.REFUSED: "it was refused, and the provider reports seconds all the same",
    Flag.NOT_ANSWERED: "it ended as nobody answered, so it is charged nothing for the seconds that are reported",
    Flag.SECONDS_BOUNDED: (
        "more seconds were reported than can have passed by our own clock; those that passed are charged,"
        " and limits.seconds_tolerance more"
    ),
}
# What stands where digits of an old call's numbers were taken.
TAKEN = "******"
CUTS = {
    CutReason.LIMIT: "it reached its deadline",
    CutReason.CREDIT: "the money for more of it was not there, or its account may spend no more that day",
    CutReason.OPERATOR: "an operator ended it",
}
# Of a call that is still up, nobody has ended anything yet.
CUTS_UNDER_WAY = CUTS | {CutReason.OPERATOR: "an operator asked for it"}


def explain(call: CallRow, crm: Sequence[CrmRow] = (), *, numbers: str = "") -> list[str]:
    """Sentences, in the order in which things were decided and happened.

    `numbers` is the country whose national numbers its connection sends, empty for none.
    """
    return [
        *_decision(call, numbers),
        *_money(call),
        *_life(call),
        *(f"CRM {each.connection}: {_progress(each)}." for each in crm),
        *(f"Flag {flag}: {FLAGS[Flag(flag)] if flag in FLAGS else 'unknown'}." for flag in call.flags),
    ]


def explain_rate(rate: Rate, currency: str | None, *, is_short: bool = False) -> str:
    numbers = "short numbers" if is_short else "prefix"
    what = f"{numbers} {rate.prefix}" if rate.prefix else "incoming calls"
    if rate.caller_prefixes:
        what += f", for callers that begin with {rate.caller_prefixes.replace(' ', ', ')}"
    return (
        f"Rate {rate.id} ({what}): {rate.per_minute} {currency} a minute, connection fee {rate.connection_fee},"
        f" the first {rate.first_interval_s} s whole, then in steps of {rate.increment_s} s."
    )


def _decision(call: CallRow, numbers: str) -> list[str]:
    if call.reason is not None:
        refusal = REFUSALS[Refusal(call.reason)].sentence if call.reason in REFUSALS else call.reason
        why = say_cap(call.rule) or refusal
        refused = f"Refused by {call.rule}: {why} ({call.record_code} on record, {call.sip_code} to the provider)."
        return [*_counterfactual(call), refused, *_reading(call, numbers)]
    why = RULES.get(call.rule, "no words for this rule")
    sentences = [f"Connected by {call.rule}: {why}."]
    if call.caller_id and call.direction != Direction.INBOUND:
        shown = "nobody" if call.caller_id == WITHHELD else call.caller_id
        sentences.append(f"It went out by {call.line} and showed {shown}.")
    if call.parent_id is not None:
        sentences.append(f"It forwards call {call.parent_id}, and is charged by itself.")
    return sentences


def _counterfactual(call: CallRow) -> list[str]:
    """What would have had it connected; a reason of another version has no words."""
    if call.reason not in REFUSALS:
        return []
    refusal = Refusal(call.reason)
    sentence = counterfactual(refusal, rule=call.rule, rate=call.rate, available=call.available, currency=call.currency)
    return [sentence]


def _reading(call: CallRow, numbers: str) -> list[str]:
    """How a callee was read that is no number; what is stored of it is the text that came, while it is kept (R41)."""
    if call.reason != Refusal.CALLEE_INVALID or (call.callee or "").endswith(TAKEN):
        return []
    reading = explain_dialled(call.callee or "", line=call.line or "", numbers=numbers)
    return [f"How the callee was read: {reading.how}."]


def _money(call: CallRow) -> list[str]:
    sentences = []
    if call.rate is not None:
        sentences.append(explain_rate(call.rate, call.currency, is_short=is_short(call.callee or "")))
    elif call.state != CallState.REFUSED:
        sentences.append("No rate applies: it costs nothing.")
    if call.available is not None:
        sentences.append(f"Available at its start: {call.available} {call.currency}.")
    if call.granted_s:
        sentences.append(f"Granted: {call.granted_s} s.")
    return sentences


def _life(call: CallRow) -> list[str]:
    sentences = []
    if call.live is not None:
        live = call.live
        held = f"{live.hold} {call.currency or ''}".strip()
        sentences.append(f"Live: {held} held for {live.held_s} s, deadline {live.must_end_at}.")
        if live.cut_next_at is None:
            sentences.append("The gateway cannot end it; the provider was given the limit.")
        elif live.cut_attempts:
            sentences.append(f"The provider was asked to end it {live.cut_attempts} times.")
    if call.cut_reason is not None:
        reason = CutReason(call.cut_reason)
        is_under_way = call.live is not None
        sentences.append(f"To be cut: {CUTS_UNDER_WAY[reason]}." if is_under_way else f"Cut: {CUTS[reason]}.")
    if call.ended_at is not None:
        charge = f"charged {call.charge} {call.currency or ''}".strip()
        charged = "nothing charged yet" if call.charge is None else charge
        answered = "never answered" if call.answered_at is None else f"answered {call.answered_at}"
        sentences.append(
            f"Ended {call.ended_at} ({call.cause}): {answered}, {call.reported_s} s reported,"
            f" {call.billed_s or 0} s billed, {charged}."
        )
    if call.state == CallState.REFUSED and call.reported_s is not None:
        sentences.append(f"The provider reports {call.reported_s} s of it ({call.cause}): charged nothing.")
    if call.cost is not None:
        sentences.append(f"The provider's own cost: {call.cost} {call.cost_currency or ''}.")
    return sentences


def _progress(crm: CrmRow) -> str:
    """How far a CRM has been told of the call."""
    match crm.state:
        case CrmState.QUEUED:
            progress = f"to be registered there, next tried {crm.next_at}"
        case CrmState.REGISTERED:
            progress = f"registered as {crm.crm_call_id}, and to be finished there when the call is over"
        case CrmState.FINISHED:
            return f"registered as {crm.crm_call_id}, and finished"
        case CrmState.GIVEN_UP:
            progress = f"given up, tries: {crm.tries}"
        case _ as never:
            assert_never(never)
    return progress if crm.last_reply is None else f"{progress}; the last reply was: {crm.last_reply}"
