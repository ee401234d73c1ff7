"""What there is to know of the configured connections, without anything that is secret."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from gateway.domain.connection import Connection
from gateway.postgres.calls.found_calls import clock_differences
from gateway.postgres.types import PgConnection
from gateway.settings import Settings
from gateway.usecases.connections.receipts import HookHistory, SecretUse, read_histories


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionView:
    """A connection and how it is; `state` is off for one without a secret (R33).

    `secret_used` is which of its secrets proved the last webhook, 1 being the newest. `clock_difference_s` is by how
    many seconds our clock is ahead of its provider's.
    """

    name: str
    kind: str
    auth: str
    state: str
    secrets: int
    last_hook_at: datetime | None
    secret_used: int | None
    secrets_used: list[SecretUse]
    last_refused_at: datetime | None
    last_refused_status: int | None
    last_refused_why: str | None
    webhook_url: str
    control_url: str | None
    clock_difference_s: float | None


async def list_connection_views(conn: PgConnection, settings: Settings) -> list[ConnectionView]:
    """All that are configured, in the order of the configuration."""
    apart = await clock_differences(conn)
    histories = await read_histories(conn, settings.connections)
    return [
        _view(each, histories[each.name], apart.get(each.name), public_url=settings.public_url)
        for each in settings.connections.values()
    ]


async def show_connection(conn: PgConnection, settings: Settings, name: str) -> ConnectionView:
    """One of them, or NotFound."""
    connection = settings.require_connection(name)
    apart = await clock_differences(conn)
    history = (await read_histories(conn, {name: connection}))[name]
    return _view(connection, history, apart.get(name), public_url=settings.public_url)


def write_kit(settings: Settings, name: str, *, with_secrets: bool) -> str:
    """What is pasted into a connection's provider. An address in it may prove who sends; it is left out for others."""
    from gateway.providers.registry import adapters  # noqa: PLC0415 - a list of connections needs none of them

    connection = settings.require_connection(name)
    if not with_secrets:
        connection = replace(connection, secrets=(), control_url=without_credentials(connection.control_url))
    return adapters()[connection.kind].kit(connection, public_url=settings.public_url)


def without_credentials(url: str | None) -> str | None:
    """An address without what somebody proves who they are by: its user, and its parameters."""
    if url is None:
        return None
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))


def _view(connection: Connection, history: HookHistory, apart: timedelta | None, *, public_url: str) -> ConnectionView:
    return ConnectionView(
        name=connection.name,
        kind=connection.kind,
        auth=connection.auth,
        state="on" if connection.secrets else "off",
        secrets=len(connection.secrets),
        **_of_history(history),
        webhook_url=f"{public_url}/hooks/{connection.name}",
        control_url=connection.control_url,
        clock_difference_s=None if apart is None else round(apart.total_seconds(), 1),
    )


def _of_history(history: HookHistory) -> Mapping[str, Any]:
    """What the webhooks of a connection were like."""
    hooks, used = history.hooks, history.last_used
    return {
        "last_hook_at": None if hooks is None else hooks.accepted_at,
        "secret_used": None if used is None else used.position,
        "secrets_used": list(history.secrets),
        "last_refused_at": None if hooks is None else hooks.refused_at,
        "last_refused_status": None if hooks is None else hooks.refused_status,
        "last_refused_why": None if hooks is None else hooks.refused_why,
    }
