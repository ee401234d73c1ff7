"""The `[connections.<name>]` tables of the configuration file."""

import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.domain.connection import Connection
from gateway.settings import values
from gateway.settings.source import CONNECTIONS, Found, Source

NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
# It travels in a header, so printable ASCII without spaces.
SECRET = re.compile(r"[!-~]+")
NATIVE = "native"
SECRETS_MAX = 2
# The Standard Webhooks specification: a key of 24 to 64 bytes.
KEY_BYTES_MIN = 24
KEY_BYTES_MAX = 64

_COMMON = ("kind", "auth", "secrets", "control_url", "reports_answers")
_AUTH: Mapping[str, Literal["signature", "bearer"]] = {"signature": "signature", "bearer": "bearer"}


@dataclass(frozen=True, slots=True)
class _Table:
    """One connection's table, and how its keys are called in messages."""

    source: Source
    name: str
    values: Mapping[str, object]

    def key(self, key: str) -> str:
        return f"{CONNECTIONS}.{self.name}.{key}"

    def wrong(self, key: str, what: str) -> None:
        self.source.wrong(self.source.in_file(self.key(key)), what)

    def found(self, key: str) -> Found | None:
        return self.source.raw(self.values[key], self.key(key)) if key in self.values else None


def read_connections(source: Source, kinds: Mapping[str, Mapping[str, bool]]) -> Mapping[str, Connection]:
    """All connections by their names; `kinds` holds each kind's own options and whether they are required."""
    if CONNECTIONS not in source.table:
        return {}
    connections: dict[str, Connection] = {}
    for name, value in source.section(source.table[CONNECTIONS], CONNECTIONS).items():
        key = f"{CONNECTIONS}.{name}"
        if NAME.fullmatch(name) is None:
            source.wrong(source.in_file(key), "a name is made of a-z, 0-9, _ and -, the first a letter or a digit")
        table = _Table(source, name, source.section(value, key))
        if not isinstance(value, dict):
            continue
        connection = _read_connection(table, kinds)
        if connection is not None:
            connections[name] = connection
    return connections


def _read_connection(table: _Table, kinds: Mapping[str, Mapping[str, bool]]) -> Connection | None:
    kind = table.values.get("kind")
    if not isinstance(kind, str) or kind not in kinds:
        said = "is missing" if kind is None else f"{kind!r} is not known"
        table.wrong("kind", f"{said}: it is one of {', '.join(sorted(kinds))}")
        return None
    auth = _read_auth(table, kind)
    control_url = None
    if found := table.found("control_url"):
        control_url = table.source.convert(found, values.http_url, default=None)
    return Connection(
        name=table.name,
        kind=kind,
        auth=auth,
        secrets=_read_secrets(table, is_key=kind == NATIVE and auth == "signature"),
        control_url=control_url,
        reports_answers=_read_reports_answers(table),
        options=_read_options(table, kind, kinds[kind]),
    )


def _read_auth(table: _Table, kind: str) -> str:
    found = table.found("auth")
    if found is None:
        return "signature"
    auth = table.source.convert(found, values.choice(_AUTH), default="signature")
    if auth == "bearer" and kind != NATIVE:
        table.wrong("auth", f"must be signature: only a connection of the kind {NATIVE} may use bearer")
        return "signature"
    return auth


def _read_reports_answers(table: _Table) -> bool:
    value = table.values.get("reports_answers", True)
    if not isinstance(value, bool):
        table.wrong("reports_answers", "must be true or false: whether the provider reports when a call is answered")
        return True
    return value


def _read_secrets(table: _Table, *, is_key: bool) -> tuple[str, ...]:
    """One or two, the newest first; without any the connection is off (R33)."""
    listed = table.values.get("secrets", [])
    if not isinstance(listed, list):
        table.wrong("secrets", 'must be a list, like ["…"] or [{ env = "NAME" }]')
        return ()
    if len(listed) > SECRETS_MAX:
        table.wrong("secrets", f"holds {len(listed)}: there are at most two, the newest first")
    secrets = []
    for position, value in enumerate(listed, start=1):
        key = f"secrets[{position}]"
        found = table.source.raw(value, table.key(key))
        if found is None:
            continue
        secret = found.value
        if not isinstance(secret, str) or SECRET.fullmatch(secret) is None:
            table.wrong(key, "must be text of printable ASCII without spaces")
        elif is_key and not is_signing_secret(secret):
            table.wrong(key, f"must be whsec_ and base64 of {KEY_BYTES_MIN} to {KEY_BYTES_MAX} bytes")
        else:
            secrets.append(secret)
    return tuple(secrets)


def is_signing_secret(secret: str) -> bool:
    """`whsec_` and base64 of 24 to 64 bytes (the Standard Webhooks specification)."""
    if not secret.startswith("whsec_"):
        return False
    try:
        key = b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        return False
    return KEY_BYTES_MIN <= len(key) <= KEY_BYTES_MAX


def _read_options(table: _Table, kind: str, known: Mapping[str, bool]) -> Mapping[str, str]:
    """The settings that only this kind has; numbers, such as ids, are taken as text."""
    options: dict[str, str] = {}
    for key in table.values:
        if key in _COMMON:
            continue
        if key not in known:
            allowed = ", ".join((*_COMMON, *known))
            table.wrong(key, f"is no setting of a connection of the kind {kind}, which has {allowed}")
        elif found := table.found(key):
            if isinstance(found.value, str) and (not found.value or not found.value.replace("\n", "").isprintable()):
                table.wrong(key, "must be text without control characters")
            options[key] = str(found.value)
    for key, is_required in known.items():
        if is_required and key not in table.values:
            table.wrong(key, f"is missing: a connection of the kind {kind} needs it")
    return options
