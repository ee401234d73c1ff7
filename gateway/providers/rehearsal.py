"""Calls that no provider dials: the hooks a real one would send, signed as it signs, and what it makes of the replies.

For an operator who wants to see that a connection works before the first customer calls by it. Each kind of connection
has a script, or a probe where only the provider can sign. Signing is that of the adapters; that a real provider signs
so, their own tests prove. Pure: who sends the hooks is `usecases/calls/shown/rehearse`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable
from urllib.parse import urlencode

import msgspec

from gateway.domain.connection import Connection
from gateway.providers.base import Hook
from gateway.providers.wire.forms import with_query

# Who calls, in every rehearsal: an own user of this name, so that its calls are known in any list.
CALLER = "gateway-test"
# The host of addresses that are nobody's.
NOBODY = "test.invalid"
SECRET = "the newest secret"  # noqa: S105 - a word for it
PUBLIC_URL = "the public URL"
CLOCK = "the clock (by more than five minutes)"

# Of the five minutes that clocks may differ by, this leaves most to clocks.
EARLY_MAX = timedelta(minutes=1)
_BUSY = frozenset({486, 600})
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """One outbound call of a line, answered for so many seconds, by 0 not at all. `token` is 12 hexadecimal digits."""

    connection: Connection
    public_url: str
    line: str
    callee: str
    seconds: int
    token: str
    now: datetime

    @property
    def secret(self) -> str:
        return self.connection.secrets[0]

    @property
    def hook_url(self) -> str:
        return f"{self.public_url}/hooks/{self.connection.name}"

    @property
    def line_url(self) -> str:
        """The URL of the kits that says whose call it is."""
        return with_query(self.hook_url, {"line": self.line})

    @property
    def over_at(self) -> datetime:
        """When it ends: after its seconds, for which nobody waits, but no later than a signature may be early."""
        return self.now + min(timedelta(seconds=self.seconds), EARLY_MAX)

    def uuid(self, part: str = "8e57") -> str:
        """An id of a provider whose ids are UUIDs: no real one looks like it."""
        return f"7e577e57-7e57-4e57-{part}-{self.token}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """What the provider would have done."""

    does: str
    connects: bool = False
    caller_id: str | None = None
    max_seconds: int | None = None


@runtime_checkable
class Script(Protocol):
    """The part of one provider: what it sends of a call, and what it makes of the reply to the start.

    Answer and end depend on that reply, as they may go to a URL that it named, or bring back what it said. `proof` is
    what a 403 may come from: what the provider proves itself by.
    """

    @property
    def proof(self) -> tuple[str, ...]: ...

    def call_id(self, call: Rehearsal) -> str:
        """The id that the call has on record: it begins with `test-` where the provider's ids may."""

    def start(self, call: Rehearsal) -> Hook: ...

    def read(self, call: Rehearsal, reply: bytes) -> Reaction: ...

    def answer(self, call: Rehearsal, reply: bytes) -> Hook: ...

    def end(self, call: Rehearsal, reply: bytes) -> Hook:
        """The end after the call's seconds; with none, of a call that nobody answered."""


@runtime_checkable
class HookProbe(Protocol):
    """For a provider whose calls cannot be rehearsed: one hook, and the status that shows that all is well."""

    @property
    def proof(self) -> tuple[str, ...]: ...

    @property
    def why(self) -> str:
        """Why no call can be rehearsed."""

    @property
    def status(self) -> int:
        """What the hook is answered with if all is well."""

    @property
    def shows(self) -> str:
        """What that status shows."""

    def check(self, connection: Connection) -> str:
        """What can be said without a hook; InvalidInput where that is wrong."""

    def hook(self, connection: Connection, *, public_url: str, now: datetime) -> Hook: ...


def dials(to: str, caller_id: str | None, max_seconds: int) -> Reaction:
    caller = f"caller ID {caller_id}" if caller_id else "a caller ID of its own choice"
    does = f"connects {to} with {caller}, for at most {max_seconds} s"
    return Reaction(does=does, connects=True, caller_id=caller_id or None, max_seconds=max_seconds)


def refuses(sip_code: int, why: str = "") -> Reaction:
    if sip_code in _BUSY:
        return Reaction(does=f"refuses as busy ({sip_code})")
    return Reaction(does=f"refuses with {sip_code}" + (f" ({why})" if why else ""))


def posted(call: Rehearsal, url: str, body: bytes, headers: Mapping[str, str]) -> Hook:
    """A hook; what follows a `#` in a URL of ours is for the provider and is not sent."""
    return Hook(method="POST", url=url.partition("#")[0], headers=headers, body=body, received_at=call.now)


def form_hook(call: Rehearsal, url: str, fields: Mapping[str, str]) -> Hook:
    return posted(call, url, urlencode(fields).encode(), _FORM)


def json_hook(call: Rehearsal, url: str, fields: Mapping[str, object]) -> Hook:
    return posted(call, url, msgspec.json.encode(fields), {"Content-Type": "application/json"})


def hook_of(connection: Connection, *, public_url: str, now: datetime, fields: Mapping[str, str]) -> Hook:
    """The form that a probe sends."""
    url = f"{public_url}/hooks/{connection.name}"
    return Hook(method="POST", url=url, headers=_FORM, body=urlencode(fields).encode(), received_at=now)


def with_proof(hook: Hook, proof: Mapping[str, str]) -> Hook:
    return Hook(
        method=hook.method,
        url=hook.url,
        headers={**hook.headers, **proof},
        body=hook.body,
        received_at=hook.received_at,
    )
