"""What some adapters can do beside. Each ability is found by `isinstance`, and an adapter may have several of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from gateway.domain.connection import Connection
from gateway.domain.events import CallStarted
from gateway.providers.base import Adapter, CallRef, CallStatus, Command, Obeyed, ProviderRequest, ProviderResponse


@runtime_checkable
class SecondHangUp(Protocol):
    """An adapter whose provider may want a call to be ended by another request than the first."""

    def second_hang_up(
        self, connection: Connection, call: CallRef, response: ProviderResponse, now: datetime
    ) -> ProviderRequest | None:
        """The other request, by the response to `hang_up`; None where that response stands."""


@runtime_checkable
class StatusInParts(Protocol):
    """An adapter whose provider needs several requests to tell what became of a call."""

    def ask_rest(self, connection: Connection, call: CallRef, now: datetime) -> Sequence[ProviderRequest]:
        """The requests after that of `ask_status`, each sent where the responses before it say Unknown."""

    def read_rest(self, response: ProviderResponse, call: CallRef, now: datetime) -> CallStatus:
        """Read the response to any of them. Raise ProviderFailed where it should be asked again."""


@runtime_checkable
class DecidesByCommand(Protocol):
    """An adapter whose provider does not read the reply to a webhook, and is told the decision by requests of ours.

    The requests are made from the reply, so a webhook that comes again leads to the same ones (R16). They are sent
    before the webhook is answered: if we die in between, the provider sends it again.
    """

    def commands(self, reply: bytes, connection: Connection) -> Sequence[Command]:
        """The requests for a reply, in their order. Sent twice within a minute, they do what they do once."""

    def second_start(self, reply: bytes) -> CallStarted | None:
        """The forwarded call that a reply asks to decide about, before anything is dialled (R13)."""

    def read_command(self, response: ProviderResponse) -> Obeyed:
        """What the provider made of one."""


@runtime_checkable
class SendsLongRecords(Protocol):
    """An adapter whose provider tells of a call by all that it knows of it, which may be more than 64 KiB (R33)."""

    @property
    def body_max(self) -> int:
        """The size of the largest hook that is taken, in bytes."""


@runtime_checkable
class ForgetsEndedCalls(Protocol):
    """An adapter whose provider forgets a call soon after its end, so that a lost end must be asked for before that."""

    @property
    def ask_every(self) -> timedelta:
        """How often it is asked about a live call."""


def ask_every(adapter: Adapter) -> timedelta | None:
    """How often a provider is asked about a live call; None where once, after the call's deadline, is enough."""
    return adapter.ask_every if isinstance(adapter, ForgetsEndedCalls) else None
