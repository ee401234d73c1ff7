"""What a CRM is told of calls, and what it replies. Pure, as all adapters."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable

from gateway.domain.calls.call import CallState
from gateway.domain.connection import Connection
from gateway.domain.events import Cause, Direction
from gateway.providers.base import ProviderRequest, ProviderResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmCall:
    """A call as a CRM is told of it. What it cost is known when it is over.

    `crm_call_id` is the CRM's own id, None until it has one; `crm_user_id` is whose call it is there, if it is not the
    connection's user's.
    """

    id: int
    direction: Direction
    caller: str
    callee: str
    line: str
    state: CallState
    started_at: datetime
    reason: str | None
    record_code: int
    seconds: int
    cause: Cause | None
    charge: Decimal | None
    currency: str
    crm_call_id: str | None
    crm_user_id: str | None

    @property
    def party(self) -> str:
        """The far one: who was called, or who called one of our lines."""
        return self.caller if self.direction is Direction.INBOUND else self.callee


class Verdict(StrEnum):
    """What a CRM made of a request."""

    DONE = "done"
    MISSING = "missing"  # it has no such call
    REFUSED = "refused"  # for good: this call is not told
    FAILED = "failed"  # this call again, later and later
    LIMITED = "limited"  # too many requests: all calls wait
    EXPIRED = "expired"  # the access token is over: a new one is fetched
    BARRED = "barred"  # no call can be told until an operator does something


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmReply:
    """What a CRM said: its id of the call where it gave one; in words for the log otherwise."""

    verdict: Verdict
    crm_call_id: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What opens a CRM, for how many seconds; `refresh` gets the next ones."""

    access: str
    refresh: str
    lives_s: int


@runtime_checkable
class Crm(Protocol):
    """An adapter whose provider is a CRM, which is told of the calls that others carry.

    `access` is an access token; empty where the connection's URL is the permission.
    """

    def account_of(self, connection: Connection) -> int | None:
        """The account whose calls are registered there; None: none are."""

    def first_refresh(self, connection: Connection) -> str | None:
        """The refresh token of the settings; None where no tokens are needed."""

    def ask_tokens(self, connection: Connection, refresh: str) -> ProviderRequest:
        """The request for new tokens."""

    def read_tokens(self, response: ProviderResponse, refresh: str) -> Tokens:
        """Read its reply. Raise ProviderFailed where there are none in it."""

    def register(self, connection: Connection, call: CrmCall, access: str) -> ProviderRequest:
        """The request that makes a call known; sent twice, it makes it known once."""

    def finish(self, connection: Connection, call: CrmCall, access: str) -> ProviderRequest:
        """The request that says how a call ended, and what it cost."""

    def look_up(self, connection: Connection, call: CrmCall, access: str) -> ProviderRequest:
        """The request that asks whether a call is finished already, for a CRM that does not finish one twice."""

    def read_register(self, response: ProviderResponse) -> CrmReply: ...

    def read_finish(self, response: ProviderResponse) -> CrmReply: ...

    def read_look_up(self, response: ProviderResponse) -> CrmReply: ...
