"""A rehearsed call of each connection, and what the adapter makes of its hooks."""

from dataclasses import replace

from gateway.domain.connection import Connection
from gateway.domain.events import CallStarted, Event
from gateway.providers.base import Connect, Hook, Outcome
from gateway.providers.registry import adapters, scripts
from gateway.providers.rehearsal import Rehearsal
from tests.providers.cases import NOW, PUBLIC_URL
from tests.providers.specimens import CALLEE
from tests.support.connections import CONNECTIONS
from tests.support.http_samples import Headers

LINE, SHOWN = "+15550100001", "+15550100009"
CONNECT = Connect(caller_id=SHOWN, max_seconds=2220)


def rehearsal(name: str, seconds: int = 61) -> Rehearsal:
    connection = CONNECTIONS[name]
    return Rehearsal(
        connection=connection,
        public_url=PUBLIC_URL,
        line=LINE,
        callee=CALLEE,
        seconds=seconds,
        token="0123456789ab",
        now=NOW,
    )


def taken(connection: Connection, hook: Hook) -> Event:
    """What the adapter makes of a hook that it takes for authentic."""
    adapter, hook = adapters()[connection.kind], replace(hook, headers=Headers(hook.headers))
    adapter.authenticate(hook, connection)
    return adapter.parse(hook, connection)


def replied(connection: Connection, event: Event, outcome: Outcome) -> bytes:
    return adapters()[connection.kind].reply(event, outcome, connection, public_url=PUBLIC_URL).body


def started(call: Rehearsal) -> CallStarted:
    event = taken(call.connection, scripts()[call.connection.kind].start(call))
    assert isinstance(event, CallStarted)
    return event


def hooks_of(name: str) -> list[Hook]:
    call = rehearsal(name)
    script = scripts()[call.connection.kind]
    reply = replied(call.connection, started(call), CONNECT)
    return [script.start(call), script.answer(call, reply), script.end(call, reply)]
