"""A call's start as it reaches us, in one of three ways, and what comes back for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from gateway.domain.accounts.paying_account import PayingAccount
from gateway.domain.calls.call import CALL_AGE_MAX, instant_of
from gateway.domain.calls.decision import Decision, Granted, Refused, StartFacts
from gateway.domain.connection import Connection
from gateway.domain.events import CallStarted
from gateway.numbers.callee import is_callable, is_free_callee
from gateway.numbers.dear import is_dear
from gateway.postgres.calls.starts import GatheredStart
from gateway.providers.base import Adapter, CallRef, Connect, Outcome, Reject
from gateway.usecases.calls.starts.emergency import is_emergency


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What a provider tells of a start, and who replies to it.

    `received_at` is when its webhook came, which for one that waited on disk is a while ago.
    """

    connection: Connection
    adapter: Adapter
    call: CallStarted
    public_url: str
    received_at: datetime

    @property
    def is_cuttable(self) -> bool:
        """Whether the gateway can end the call."""
        call = CallRef(call_id=self.call.call_id, control_url=self.call.control_url)
        return self.adapter.can_cut(self.connection, call)

    def reply(self, outcome: Outcome) -> bytes:
        """An outcome in the words of the provider."""
        return self.adapter.reply(self.call, outcome, self.connection, public_url=self.public_url).body


@dataclass(frozen=True, slots=True)
class AskedStart:
    """A call that wants to start, and may be refused."""

    arrival: Arrival


@dataclass(frozen=True, slots=True)
class AllowedStart:
    """A call that was connected for `allowed_s` seconds while the database was away, with this reply (R34)."""

    arrival: Arrival
    allowed_s: int
    reply: bytes | None


@dataclass(frozen=True, slots=True)
class RefusedStart:
    """A call that was refused with this reply, as nobody could hear what was decided about it (R34)."""

    arrival: Arrival
    reply: bytes


@dataclass(frozen=True, slots=True)
class ImpliedStart:
    """A call that is known only by its end, which tells of its start (R21)."""

    arrival: Arrival


StartRequest = AskedStart | AllowedStart | RefusedStart | ImpliedStart


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """The reply to a start that was decided just now, on the money of an account or for want of one."""

    reply: bytes
    decision: Decision
    account_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """The reply to a start of a call that is on record already."""

    reply: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedUnrecorded:
    """The reply to a start that was connected without the database; the call will be on record later (R34)."""

    reply: bytes


StartResult = Decided | Repeated | ConnectedUnrecorded


def started_at(request: StartRequest) -> datetime:
    """When a call started: when we heard of it, by our clock. What is over already may have started long before."""
    arrival = request.arrival
    match request:
        case AskedStart() | AllowedStart() | RefusedStart():
            return arrival.received_at
        case ImpliedStart():
            received_at = arrival.received_at
            return instant_of(arrival.call.at, earliest=received_at - CALL_AGE_MAX, now=received_at)
        case _ as never:
            assert_never(never)


def owned_at(request: StartRequest) -> datetime | None:
    """As of when a call's line is looked up; a call that asks is decided about by whose the line is now."""
    match request:
        case AskedStart():
            return None
        case AllowedStart() | RefusedStart():
            return request.arrival.received_at
        case ImpliedStart():
            return started_at(request)
        case _ as never:
            assert_never(never)


def facts_of(arrival: Arrival, gathered: GatheredStart, account: PayingAccount | None) -> StartFacts:
    """The facts of a start; of its account, what calls that were decided before it leave."""
    call = arrival.call
    return StartFacts(
        line=gathered.line,
        account=account,
        rate=gathered.rate,
        parent=gathered.parent,
        is_emergency=is_emergency(call, gathered.line, account),
        callee_possible=is_callable(call),
        callee_free=is_free_callee(call),
        cuttable=arrival.is_cuttable,
        callee_dear=is_blocked_as_dear(call.callee, account),
        can_withhold=arrival.adapter.can_withhold,
        bound_elsewhere=gathered.line is not None and not arrival.connection.is_open_to(gathered.line.account_id),
    )


def is_blocked_as_dear(callee: str, account: PayingAccount | None) -> bool:
    """Whether the account blocks what is dear or abused, and the callee is so."""
    return account is not None and account.capped is not None and account.capped.caps.block_dear and is_dear(callee)


def outcome_of(decision: Decision) -> Outcome:
    """What the provider is told of a decision."""
    match decision:
        case Granted():
            return Connect(caller_id=decision.caller_id, max_seconds=decision.granted_s, identity=decision.identity)
        case Refused():
            return Reject(sip_code=decision.sip_code, reason=decision.refusal.value)
        case _ as never:
            assert_never(never)
