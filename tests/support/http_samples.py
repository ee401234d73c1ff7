"""Recorded webhooks: `tests/samples/<provider>/<case>.http`, and the connection they were sent to.

    # Where and when it was taken.
    # received_at: 2026-03-31T12:35:57Z
    POST https://gw.example.net/hooks/tw HTTP/1.1
    Content-Type: application/x-www-form-urlencoded

    the body; the line break at the end of the file is not part of it

`connection.toml` in the same folder holds the settings of the connection: `auth`, `secrets`, `control_url`, `options`.
"""

import tomllib
from datetime import datetime
from pathlib import Path

from gateway.domain.connection import Connection
from gateway.providers.base import Hook

SAMPLES = Path(__file__).parents[1] / "samples"


class Headers(dict[str, str]):
    """Looked up in any case, as aiohttp's are."""

    def __init__(self, items: dict[str, str]) -> None:
        super().__init__({name.lower(): value for name, value in items.items()})

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override] - one default is enough
        return super().get(name.lower(), default)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())


def samples(provider: str) -> dict[str, Hook]:
    """All recorded hooks of a provider, by the name of their file."""
    return {path.stem: read_sample(path.read_bytes()) for path in sorted((SAMPLES / provider).glob("*.http"))}


def sample_connection(provider: str) -> Connection | None:
    """The connection that a provider's samples were sent to; None if there are none."""
    path = SAMPLES / provider / "connection.toml"
    if not path.exists():
        return None
    settings = tomllib.loads(path.read_text())
    settings["secrets"] = tuple(settings["secrets"])
    return Connection(kind=provider, **settings)


def read_sample(text: bytes) -> Hook:
    head, _, body = text.partition(b"\n\n")
    lines = head.decode().split("\n")
    comments = [line[2:] for line in lines if line.startswith("# ")]
    request, *headers = [line for line in lines if not line.startswith("#")]
    method, url, _ = request.split(" ")
    received_at = next(line for line in comments if line.startswith("received_at: "))
    return Hook(
        method=method,
        url=url,
        headers=Headers(dict(line.split(": ", 1) for line in headers)),
        body=body.removesuffix(b"\n"),
        received_at=datetime.fromisoformat(received_at.removeprefix("received_at: ")),
    )
