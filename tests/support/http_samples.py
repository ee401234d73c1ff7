"""Recorded webhooks: `tests/providers/<provider>/samples/<case>.http`, and the connection they were sent to.

    # Where and when it was taken.
    # received_at: 2026-03-31T12:35:57Z
    POST /hooks/tw HTTP/1.1
    Host: gw.example.net
    Content-Type: application/x-www-form-urlencoded

    the body; the line break at the end of the file is not part of it

`received_at` may be left out where the time does not matter. A file whose first line is `HTTP/1.1 200 OK` is a
provider's response to us, and no hook. `connection.toml` in the same folder holds the settings of the connection:
`name`, `auth`, `secrets`, `control_url`, `options`.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from gateway.domain.connection import Connection
from gateway.providers.base import Hook
from gateway.providers.registry import providers

PROVIDERS = Path(__file__).parents[1] / "providers"
RESPONSE = re.compile(rb"\A(#.*\n)*HTTP/")
RECEIVED_AT = re.compile(r"^# received_at: (.*)$", re.MULTILINE)


class Headers(Mapping[str, str]):
    """Looked up in any case, as aiohttp's are."""

    def __init__(self, items: Mapping[str, str]) -> None:
        self._items = {name.lower(): value for name, value in items.items()}

    def __getitem__(self, name: str) -> str:
        return self._items[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


def samples(provider: str) -> dict[str, Hook]:
    """All recorded hooks of a provider, by the name of their file."""
    texts = {path.stem: path.read_bytes() for path in sorted(sample_folder(provider).glob("*.http"))}
    return {name: read_sample(text) for name, text in texts.items() if not RESPONSE.search(text)}


def sample_connection(provider: str) -> Connection | None:
    """The connection that a provider's samples were sent to; None if there are none."""
    path = sample_folder(provider) / "connection.toml"
    if not path.exists():
        return None
    settings = tomllib.loads(path.read_text())
    settings["secrets"] = tuple(settings["secrets"])
    return Connection(kind=provider, **settings)


def sample_folder(kind: str) -> Path:
    """Where the samples of a kind of connection are: a provider with several has a folder for each."""
    for provider in providers():
        if kind in (each.adapter.name for each in provider.kinds):
            folder = PROVIDERS / provider.name / "samples"
            return folder if len(provider.kinds) == 1 else folder / kind
    raise LookupError(kind)


def read_sample(text: bytes) -> Hook:
    """One hook of a file."""
    head, _, body = text.partition(b"\n\n")
    request, *lines = [line for line in head.decode().split("\n") if not line.startswith("#")]
    headers = Headers(dict(line.split(": ", 1) for line in lines))
    method, target, _ = request.split(" ")
    received_at = RECEIVED_AT.search(head.decode())
    return Hook(
        method=method,
        url=f"https://{headers['host']}{target}",
        headers=headers,
        body=body.removesuffix(b"\n"),
        received_at=datetime.fromisoformat(received_at[1]) if received_at else datetime(2026, 3, 31, tzinfo=UTC),
    )
