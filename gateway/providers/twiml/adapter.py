"""One adapter for those who speak TwiML in full: Twilio, and SignalWire, whose cXML and API are dialects of Twilio's.

What the hooks mean is in `hooks`, what is replied in `documents`, the API in `rest`. A provider is the data in which it
differs: its words, its signature, where its API is, and what its kit has to know.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Check, Connection, Option
from gateway.domain.errors import BadSignature, ProviderFailed
from gateway.domain.events import Event
from gateway.providers.base import CallRef, CallStatus, HangUp, Hook, Outcome, ProviderRequest, ProviderResponse, Reply
from gateway.providers.twiml import documents, hooks, rest
from gateway.providers.wire.forms import Form, query_of, read_pairs
from gateway.providers.wire.kit import fill_kit

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TwimlAdapter:
    """`owner` is what a hook names in `AccountSid`, and `owner_option` the setting that must say the same."""

    name: str
    title: str
    options: Mapping[str, Option]
    secrets: Mapping[str, Check]
    decision_type: str = documents.CONTENT_TYPE
    can_withhold: bool = False
    dialect: documents.Dialect
    owner: str
    owner_option: str
    # Refuses a hook that is not signed by one of the secrets; else gives the fields that it brought.
    require_signature: Callable[[Hook, tuple[str, ...]], Pairs]
    # The fields of a hook, signed or not.
    read_fields: Callable[[Hook], Pairs]
    # Where the API of a connection's account is, and what proves us to it.
    api_of: Callable[[Connection], rest.ApiAccount]
    # The package with the file `kit.txt`, and what is filled in there beside the name and the URL of the hooks.
    package: str
    kit_values: Callable[[Connection], Mapping[str, str]]

    def authenticate(self, hook: Hook, connection: Connection) -> None:
        fields = Form(self.require_signature(hook, connection.secrets))
        if fields.get("AccountSid") != connection.options[self.owner_option]:
            raise BadSignature(f"the hook is not of this connection's {self.owner}")

    def parse(self, hook: Hook, connection: Connection) -> Event:
        query = Form(read_pairs(query_of(hook.url)))
        default_line = connection.options.get("default_line")
        fields = Form(self.read_fields(hook))
        numbers = connection.numbers
        return hooks.read(fields, query, dialect=self.dialect, default_line=default_line, numbers=numbers)

    def reply(self, event: Event, outcome: Outcome, connection: Connection, *, public_url: str) -> Reply:
        return documents.reply(event, outcome, connection, public_url=public_url, dialect=self.dialect)

    def can_cut(self, connection: Connection, call: CallRef) -> bool:
        return True

    def hang_up(self, connection: Connection, call: CallRef, reason: CutReason, now: datetime) -> ProviderRequest:
        return rest.hang_up(self.api_of(connection), self._require_first_leg(call))

    def read_hang_up(self, response: ProviderResponse) -> HangUp:
        return rest.read_hang_up(response)

    def ask_status(self, connection: Connection, call: CallRef, now: datetime) -> ProviderRequest | None:
        sid = self.dialect.first_leg(call)
        return None if sid is None else rest.ask_status(self.api_of(connection), sid)

    def read_status(self, response: ProviderResponse, call: CallRef) -> CallStatus:
        return rest.read_status(response, call)

    def ask_rest(self, connection: Connection, call: CallRef, now: datetime) -> Sequence[ProviderRequest]:
        return (rest.ask_first_leg(self.api_of(connection), self._require_first_leg(call)),)

    def read_rest(self, response: ProviderResponse, call: CallRef, now: datetime) -> CallStatus:
        return rest.read_first_leg(response, call, now)

    def kit(self, connection: Connection, *, public_url: str) -> str:
        values = {"name": connection.name, "hook_url": f"{public_url}/hooks/{connection.name}"}
        return fill_kit(self.package, "kit.txt", {**values, **self.kit_values(connection)})

    def _require_first_leg(self, call: CallRef) -> str:
        sid = self.dialect.first_leg(call)
        if sid is None:
            raise ProviderFailed(f"the call's id is not one of {self.title}'s")
        return sid
