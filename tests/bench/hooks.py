"""Signed webhooks made beforehand, as the bytes that go over the wire."""

import itertools
import json
import random
from base64 import b64encode
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from gateway.clock import SystemClock
from gateway.providers.wire.signing import sign_standard
from tests.bench.world import CONNECTION, World

SECRET: Final = "whsec_" + b64encode(b"k" * 32).decode()
# So many calls are up while wrk runs: each end is sent this many starts after its start, long after the reply to it.
LIVE: Final = 200
_runs = itertools.count(1)


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(slots=True)
class Hooks:
    """A provider: starts calls that nobody has started before, and ends them in the order in which they began."""

    world: World
    run: str = ""
    started: int = 0
    ended: int = 0
    _live: deque[str] = field(default_factory=deque)
    _ids: Iterator[int] = field(default_factory=itertools.count)
    _chance: random.Random = field(default_factory=lambda: random.Random(3))
    _at: datetime = field(default_factory=lambda: SystemClock().now())

    def __post_init__(self) -> None:
        self.run = f"{next(_runs)}-{self._at:%H%M%S}"

    def refresh(self) -> None:
        """Date what follows now: a signature is good for five minutes."""
        self._at = SystemClock().now()

    def start(self) -> bytes:
        call_id = f"{self.run}-{self.started:08d}"
        self.started += 1
        self._live.append(call_id)
        line, callee = self._chance.choice(self.world.lines), self._chance.choice(self.world.callees)
        return self._signed(
            f'{{"type":"call.start","call_id":"{call_id}","direction":"outbound","caller":"{line}",'
            f'"callee":"{callee}","line":"{line}","at":"{_text(self._at)}"}}'
        )

    def end(self) -> bytes:
        call_id = self._live.popleft()
        self.ended += 1
        answered, ended = _text(self._at), _text(self._at + timedelta(seconds=61))
        return self._signed(
            f'{{"type":"call.end","call_id":"{call_id}","answered_at":"{answered}","ended_at":"{ended}",'
            '"seconds":61,"cause":"normal","cost":"0.0087","cost_currency":"USD"}'
        )

    def mixed(self, count: int) -> Iterator[bytes]:
        """Half starts, half ends, in turn."""
        for position in range(count):
            yield self.end() if position % 2 else self.start()

    def live(self, call_ids: Iterable[str]) -> None:
        """The calls that are really up: of what was prepared, not all is sent."""
        self._live = deque(call_ids)

    def _signed(self, body: str) -> bytes:
        raw = body.encode()
        message_id, timestamp = f"msg-{self.run}-{next(self._ids)}", str(int(self._at.timestamp()))
        return request(raw, message_id, timestamp)


def signed_headers(raw: bytes, message_id: str) -> dict[str, str]:
    """The headers that prove a body, for now."""
    timestamp = str(int(SystemClock().now().timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": sign_standard(SECRET, message_id, timestamp, raw).decode(),
    }


def request(raw: bytes, message_id: str, timestamp: str) -> bytes:
    """A webhook as it goes over the wire."""
    signature = sign_standard(SECRET, message_id, timestamp, raw).decode()
    head = (
        f"POST /hooks/{CONNECTION} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: */*\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(raw)}\r\nwebhook-id: {message_id}\r\n"
        f"webhook-timestamp: {timestamp}\r\nwebhook-signature: {signature}\r\n\r\n"
    )
    return head.encode() + raw


def repeat(call_id: str, *, line: str, callee: str) -> bytes:
    """A start once more, with the facts that were decided on: the stored reply must come back."""
    now = SystemClock().now()
    body = {"type": "call.start", "call_id": call_id, "direction": "outbound", "caller": line, "callee": callee}
    return request(json.dumps(body).encode(), f"again-{call_id}", str(int(now.timestamp())))


def write(path: Path, requests: Iterator[bytes]) -> int:
    """For load.lua: each request after its length in eight digits."""
    count = 0
    with path.open("wb") as file:
        for one in requests:
            file.write(b"%08d" % len(one))
            file.write(one)
            count += 1
    return count
