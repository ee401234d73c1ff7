"""The shape every provider adapter has: bytes to event, outcome to bytes. Pure: no network, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Check, Connection, Option
from gateway.domain.events import CallEnded, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """One webhook request as it came.

    `url` is the URL the provider was told and signs: the public address of the gateway and the raw request target.
    `headers` is looked up case-insensitively. `received_at` is aware UTC.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    status: int = 200
    content_type: str = "application/json"
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect:
    """Connect the call with this caller ID for at most so many seconds from its answer.

    A caller ID of `anonymous` shows nobody. `identity` is the number of a user who withholds it, for the carrier alone.
    """

    caller_id: str
    max_seconds: int
    identity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """Refuse the call. `reason` is a refusal code of `domain.calls.refusals`."""

    sip_code: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Charged:
    """The end of a call is booked; `charged` is None where the call has no account."""

    charged: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """The event is safe (in the database or on disk) and there is nothing to say about it."""


Outcome = Connect | Reject | Charged | Acknowledged


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRef:
    """What a provider needs to be told which call is meant. `control_url` is the call's own, from its start.

    `answered_at` is what its answer told, where its status is asked.
    """

    call_id: str
    control_url: str | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRequest:
    """An HTTP request to a provider. It is sent without following redirects."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderResponse:
    status: int
    body: bytes


class HangUp(StrEnum):
    """What a provider made of a request to end a call."""

    TAKEN = "taken"  # the end event is the proof
    GONE = "gone"  # no such call any more: its status is asked
    FAILED = "failed"  # asked again with back-off


class Obeyed(StrEnum):
    """What a provider made of a command."""

    DONE = "done"
    GONE = "gone"  # no such call any more: there is nothing left to command
    REFUSED = "refused"  # for good: it is not sent again
    FAILED = "failed"  # sent again


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A request by which a provider is told what to do; `otherwise` is sent where it refuses that for good."""

    request: ProviderRequest
    otherwise: ProviderRequest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """The provider says that the call is still up. `answered_at` is None where it does not say since when."""

    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The provider cannot say."""


CallStatus = CallEnded | Live | Unknown


class Adapter(Protocol):
    """One provider. `call` arguments that a provider does not need are ignored by it."""

    @property
    def name(self) -> str:
        """The kind of the connections that it is for."""

    @property
    def options(self) -> Mapping[str, Option]:
        """What the settings of such a connection may be (`domain.connection.Kind`)."""

    @property
    def secrets(self) -> Mapping[str, Check]:
        """What a secret of it must be, by what `auth` may be."""

    @property
    def decision_type(self) -> str:
        """The content type of the reply to a start."""

    @property
    def can_withhold(self) -> bool:
        """Whether the provider has a way to place a call that shows nobody (R43)."""

    def authenticate(self, hook: Hook, connection: Connection) -> None:
        """Raise BadSignature unless the hook is authentic; also when the connection has no secret."""

    def parse(self, hook: Hook, connection: Connection) -> Event:
        """Read the event, or raise MalformedHook naming the field. Unknown kinds are Ignored."""

    def reply(self, event: Event, outcome: Outcome, connection: Connection, *, public_url: str) -> Reply:
        """What the provider is told."""

    def can_cut(self, connection: Connection, call: CallRef) -> bool:
        """Whether the gateway can end this call (R15)."""

    def hang_up(self, connection: Connection, call: CallRef, reason: CutReason, now: datetime) -> ProviderRequest:
        """The request that ends a call; only made where can_cut says so."""

    def read_hang_up(self, response: ProviderResponse) -> HangUp:
        """What the provider made of it."""

    def ask_status(self, connection: Connection, call: CallRef, now: datetime) -> ProviderRequest | None:
        """The request that asks what became of a call (R22); None where the provider cannot be asked."""

    def read_status(self, response: ProviderResponse, call: CallRef) -> CallStatus:
        """Read its reply. Raise ProviderFailed where it should be asked again."""

    def kit(self, connection: Connection, *, public_url: str) -> str:
        """What an operator pastes into the provider, filled in (R36)."""
