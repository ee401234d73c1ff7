"""The `[connections.<name>]` tables of the configuration file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gateway.domain.connection import Check, Connection, Kind
from gateway.settings.source import CONNECTIONS, Found, Source

NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
SECRETS_MAX = 2
SIGNATURE = "signature"
CONTROL_URL = "control_url"

ACCOUNT_ID_MAX = 2**63 - 1

_COMMON = ("kind", "auth", "secrets", "reports_answers", "accounts", "numbers")


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

    def read(self, key: str, value: object, check: Check) -> str | None:
        """What the check makes of a value that stands at this key; None where there is none, or a wrong one."""
        found = self.source.raw(value, self.key(key))
        if found is None:
            return None
        try:
            return check(str(found.value))
        except ValueError as error:
            self.wrong(key, str(error))
            return None


def read_connections(source: Source, kinds: Mapping[str, Kind] | None) -> Mapping[str, Connection]:
    """All connections by their names, each as its kind has it; without kinds only what any has that is no secret."""
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
        connection = _read_open_part(table) if kinds is None else _read_connection(table, kinds)
        if connection is not None:
            connections[name] = connection
    return connections


def _read_open_part(table: _Table) -> Connection:
    """Whose calls come by a connection, and how it writes numbers."""
    kind = str(table.values.get("kind", ""))
    return Connection(name=table.name, kind=kind, accounts=_read_accounts(table), numbers=_read_numbers(table))


def _read_connection(table: _Table, kinds: Mapping[str, Kind]) -> Connection | None:
    name = table.values.get("kind")
    if not isinstance(name, str) or name not in kinds:
        said = "is missing" if name is None else f"{name!r} is not known"
        table.wrong("kind", f"{said}: it is one of {', '.join(sorted(kinds))}")
        return None
    kind = kinds[name]
    auth = _read_auth(table, kind)
    options = _read_options(table, kind)
    return Connection(
        name=table.name,
        kind=name,
        auth=auth,
        secrets=_read_secrets(table, kind.secrets[auth]),
        control_url=options.pop(CONTROL_URL, None),
        reports_answers=_read_reports_answers(table),
        accounts=_read_accounts(table),
        numbers=_read_numbers(table),
        options=options,
    )


def _read_auth(table: _Table, kind: Kind) -> str:
    """How webhooks are proven: by a signature, or whatever else a kind of this name has."""
    found = table.found("auth")
    if found is None:
        return SIGNATURE
    if found.value not in kind.secrets:
        # Without the value, as a token may stand there.
        table.wrong("auth", f"must be {' or '.join(kind.secrets)}")
        return SIGNATURE
    return str(found.value)


def _read_reports_answers(table: _Table) -> bool:
    value = table.values.get("reports_answers", True)
    if not isinstance(value, bool):
        table.wrong("reports_answers", "must be true or false: whether the provider reports when a call is answered")
        return True
    return value


def _read_accounts(table: _Table) -> frozenset[int]:
    """The ids of the accounts that the connection is bound to; without the setting it is bound to none."""
    if "accounts" not in table.values:
        return frozenset()
    listed = table.values["accounts"]
    texts = [str(each) for each in listed if type(each) in (int, str)] if isinstance(listed, list) else []
    ids = {int(text) for text in texts if text.isascii() and text.isdigit() and 0 < int(text) <= ACCOUNT_ID_MAX}
    if not isinstance(listed, list) or not ids or len(texts) != len(listed) or len(ids) != len(set(texts)):
        table.wrong("accounts", 'must be a list of the ids of accounts, like ["1", "7"]')
    return frozenset(ids)


def _read_numbers(table: _Table) -> str:
    """The country whose national numbers the connection sends; empty for E.164."""
    value = table.values.get("numbers", "")
    if value == "":
        return ""
    from gateway.numbers.metadata import has_plan  # noqa: PLC0415 - an eighth of the imports of a short command

    if isinstance(value, str) and has_plan(value):
        return value
    table.wrong("numbers", "must be the country whose national numbers it sends, like US")
    return ""


def _read_secrets(table: _Table, check: Check) -> tuple[str, ...]:
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
        if type(value) is int:  # which may be spelled otherwise than it was meant
            table.wrong(key, "must be text of printable ASCII without spaces")
        elif (secret := table.read(key, value, check)) is not None:
            secrets.append(secret)
    return tuple(secrets)


def _read_options(table: _Table, kind: Kind) -> dict[str, str]:
    """The settings that only this kind has, those that are right; numbers, such as ids, are taken as text."""
    options: dict[str, str] = {}
    given = [key for key in table.values if key not in _COMMON]
    for key in given:
        option = kind.options.get(key)
        if option is None:
            allowed = ", ".join((*_COMMON, *kind.options))
            table.wrong(key, f"is no setting of a connection of the kind {table.values['kind']}, which has {allowed}")
            continue
        value = table.read(key, table.values[key], option.check)
        if value is not None:
            options[key] = value
        if lacking := [name for name in option.needs if name not in given]:
            table.wrong(key, f"is of no use without {' and '.join(lacking)}")
    for key, option in kind.options.items():
        if option.is_required and key not in given:
            table.wrong(key, f"is missing: a connection of the kind {table.values['kind']} needs it")
    return options
