"""Plays a session of the VoxEngine scenario in the fake engine, and reads what it sent with the Voximplant adapter."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.domain.connection import Connection
from gateway.domain.events import CallEnded, CallStarted, Direction, Event
from gateway.providers.base import Connect, Hook, Outcome, Reject
from gateway.providers.voximplant.adapter import Voximplant
from tests.support.packages import ask, require

PUBLIC_URL = "https://gw.example.net"
HERE = Path(__file__).parent
SESSION = 3841557776
CONTROL_URL = "https://www-eu-01-234.voximplant.com:12093/request/5E31.1773239326.87_192.0.2.1/0011223344556677"
CONNECTION = Connection(
    name="vox",
    kind="voximplant",
    secrets=("new secret", "old secret"),
    options={"outbound_line": "+15550100001", "inbound_user": "{line}", "currency": "USD"},
)
FORWARDING = Connection(
    name="vox", kind="voximplant", secrets=CONNECTION.secrets, options={"inbound_user": "+442079460000"}
)
OUTBOUND = {"kind": "user", "callerid": "alice", "destination": "011447700900123"}
INBOUND = {"kind": "pstn", "callerid": "447700900123", "destination": "15550100001"}
CONNECTED = Connect(caller_id="+15550100001", max_seconds=2220)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """`hooks` are what the gateway saw, `events` what the adapter read, `did` what was done in the engine, when."""

    hooks: list[Hook]
    events: list[Event]
    at_ms: list[int]
    did: list[tuple[int, str]]
    state: str

    @property
    def deeds(self) -> list[str]:
        return [what for _, what in self.did]

    def when(self, what: str) -> int:
        return next(ms for ms, deed in self.did if deed == what)

    def starts(self) -> list[CallStarted]:
        return [event for event in self.events if isinstance(event, CallStarted)]

    def ends(self) -> list[CallEnded]:
        return [event for event in self.events if isinstance(event, CallEnded)]


def says(outcome: Outcome, direction: str = "outbound", connection: Connection = CONNECTION) -> dict[str, Any]:
    """What the gateway really replies to the start of the session's call of this direction."""
    start = CallStarted(
        call_id=f"{SESSION}-{direction}",
        direction=Direction(direction),
        caller="+447700900123",
        callee="+15550100001" if direction == "inbound" else "+442079460000",
        line="+15550100001",
    )
    reply = Voximplant().reply(start, outcome, connection, public_url=PUBLIC_URL)
    return {"code": reply.status, "text": reply.body.decode()}


def play(
    call: dict[str, str],
    starts: list[dict[str, Any]],
    *steps: dict[str, Any],
    ends: list[dict[str, Any]] | None = None,
    connection: Connection = CONNECTION,
) -> Played:
    """One session. Every request it made is proven and read by the adapter."""
    adapter = Voximplant()
    replies = {"call.start": starts, **({"call.end": ends} if ends else {})}
    plan = {
        "kit": adapter.kit(connection, public_url=PUBLIC_URL),
        "secret": connection.secrets[0],
        "secret_name": "GATEWAY_SECRET",
        "session": {"sessionId": SESSION, "accessURL": "http://192.0.2.1/", "accessSecureURL": CONTROL_URL},
        "call": call,
        "cost": {"A": 0.004, "B": 0.545996},
        "replies": replies,
        "steps": list(steps),
    }
    told = ask([require("node"), HERE / "fake_engine.js"], plan)
    hooks = [
        Hook(
            method=request["method"],
            url=request["url"],
            headers={name.lower(): value for name, value in request["headers"].items()},
            body=request["body"].encode(),
            received_at=datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=request["unix_ms"]),
        )
        for request in told["requests"]
    ]
    for hook in hooks:
        assert hook.url == f"{PUBLIC_URL}/hooks/vox"
        adapter.authenticate(hook, connection)
    return Played(
        hooks=hooks,
        events=[adapter.parse(hook, connection) for hook in hooks],
        at_ms=[request["at_ms"] for request in told["requests"]],
        did=[(ms, what) for ms, what in told["log"]],
        state=told["state"],
    )


def step(ms: int, what: str, **more: Any) -> dict[str, Any]:
    return {"ms": ms, "what": what, **more}


REFUSED = Reject(sip_code=486, reason="number_suspended")
