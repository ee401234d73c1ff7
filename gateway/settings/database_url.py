"""The URL of a database as libpq reads it: one host or several, each with its port, and what a session must be.

The driver is handed one host at a time, always in the same spelling, so what it reads otherwise than libpq does not
matter: several hosts with brackets among them, a plus in a value, parameters that only libpq knows.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import quote, unquote

EXAMPLE: Final = "postgresql://user:password@host:5432/gateway"
PORT: Final = 5432
PORT_MAX: Final = 65_535

_URL: Final = re.compile(
    r"(?:postgresql|postgres)://(?:(?P<user>[^/?#@]*)@)?(?P<hosts>[^/?#@]*)(?:/(?P<database>[^?#]*))?(?:\?(?P<query>[^#]*))?"
)
_IN_BRACKETS: Final = re.compile(r"\[(?P<name>[^\[\]]+)\](?::(?P<port>.*))?")

SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
# Of libpq alone. The gateway waits, keeps alive and chooses in its own way.
_WITHOUT_EFFECT: Final = frozenset(
    {
        "connect_timeout",
        "keepalives",
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
        "tcp_user_timeout",
        "load_balance_hosts",
        "fallback_application_name",
        "client_encoding",
        "sslcompression",
        "sslsni",
        "sslcertmode",
        "channel_binding",
        "gssencmode",
    }
)
_CANNOT_BE_REQUIRED: Final = ("channel_binding", "gssencmode")
_UNKNOWN_TO_THE_DRIVER: Final = ("hostaddr", "require_auth", "replication")


class Session(StrEnum):
    """What a session must be to be used, by libpq's words."""

    ANY = "any"
    READ_WRITE = "read-write"
    READ_ONLY = "read-only"
    PRIMARY = "primary"
    STANDBY = "standby"
    PREFER_STANDBY = "prefer-standby"


@dataclass(frozen=True, slots=True)
class Host:
    """One place where a server may listen: a name, an address, or the directory of a socket."""

    name: str
    port: int

    def __str__(self) -> str:
        return f"{self._in_brackets}:{self.port}"

    @property
    def _in_brackets(self) -> str:
        return f"[{self.name}]" if ":" in self.name else self.name

    @property
    def as_parameters(self) -> Mapping[str, str]:
        return {"host": self._in_brackets, "port": str(self.port)}


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseUrl:
    """`hosts` is empty where the URL names none: the driver then looks at the usual places."""

    user: str
    database: str
    hosts: tuple[Host, ...]
    session: Session | None
    parameters: Mapping[str, str]

    def at(self, host: Host | None) -> str:
        """The same database at this one host, as the driver reads it."""
        parameters = {**self.parameters, **({} if host is None else host.as_parameters)}
        query = "&".join(f"{key}={quote(value, safe='')}" for key, value in parameters.items() if value)
        return f"postgresql://{self.user}{'@' if self.user else ''}/{self.database}{'?' if query else ''}{query}"


def read_database_url(url: str) -> DatabaseUrl:
    """Read a URL, or raise ValueError saying what would be right, without a word of what stands in it."""
    parts = _URL.fullmatch(url)
    if parts is None:
        raise ValueError(f"must be a URL like {EXAMPLE}; in a password, @ / ? # are %40 %2F %3F %23")
    parameters = _read_query(parts["query"] or "")
    hosts = _read_hosts(parts["hosts"], parameters.pop("host", ""), parameters.pop("port", ""))
    session = parameters.pop("target_session_attrs", "")
    if session and session not in set(Session):
        raise ValueError(f"has a target_session_attrs that is none of {', '.join(Session)}")
    _check_parameters(parameters)
    return DatabaseUrl(
        user=parts["user"] or "",
        database=parts["database"] or "",
        hosts=hosts,
        session=Session(session) if session else None,
        parameters={key: value for key, value in parameters.items() if key not in _WITHOUT_EFFECT},
    )


def _read_query(query: str) -> dict[str, str]:
    """The parameters; of one that stands twice the last counts, as libpq has it."""
    parameters = {}
    for pair in filter(None, query.split("&")):
        key, equals, value = pair.partition("=")
        if not key or not equals:
            raise ValueError("must have key=value pairs behind its ?, with & between them")
        parameters[unquote(key)] = unquote(value)
    return parameters


def _check_parameters(parameters: Mapping[str, str]) -> None:
    if parameters.get("sslmode", SSL_MODES[0]) not in SSL_MODES:
        raise ValueError(f"has an sslmode that is none of {', '.join(SSL_MODES)}")
    if parameters.get("sslrootcert") == "system":
        raise ValueError("cannot have sslrootcert=system: name the file, as /etc/ssl/certs/ca-certificates.crt")
    for key in _CANNOT_BE_REQUIRED:
        if parameters.get(key) == "require":
            raise ValueError(f"cannot have {key}=require, which the driver does not know; sslmode=verify-full it does")
    for key in _UNKNOWN_TO_THE_DRIVER:
        if key in parameters:
            raise ValueError(f"cannot have {key}, which the driver does not know")


def _read_hosts(before_path: str, in_query: str, ports: str) -> tuple[Host, ...]:
    if before_path and in_query:
        raise ValueError("names hosts twice, before its path and as host=: name them once")
    names = [_read_name(unquote(each), is_in_query=bool(in_query)) for each in (before_path or in_query).split(",")]
    if len(names) == 1 and not names[0][0]:
        return (Host("localhost", _port(ports or names[0][1])),) if ports or names[0][1] else ()
    if not all(name for name, _ in names):
        raise ValueError("has a host without a name between its commas")
    if not ports:
        return tuple(Host(name, _port(port)) for name, port in names)
    if any(port for _, port in names):
        raise ValueError("names ports twice, behind its hosts and as port=: name them once")
    each = ports.split(",")
    if len(each) not in {1, len(names)}:
        raise ValueError(f"names {len(each)} ports for {len(names)} hosts: one for all, or one for each")
    each *= len(names) if len(each) == 1 else 1
    return tuple(Host(name, _port(port)) for (name, _), port in zip(names, each, strict=True))


def _read_name(text: str, *, is_in_query: bool) -> tuple[str, str]:
    """The name and the port, empty where none stands there. An IPv6 address has brackets, but in a query."""
    if text.startswith("/"):
        return text, ""
    if (inside := _IN_BRACKETS.fullmatch(text)) is not None:
        return inside["name"], inside["port"] or ""
    if text.count(":") > 1 and is_in_query:
        return text, ""
    name, _, port = text.partition(":")
    if ":" in port or "[" in name or "]" in text:
        raise ValueError("must have brackets around an IPv6 address, like [::1]:5432")
    return name, port


def _port(text: str) -> int:
    """The usual one where none stands there."""
    if not text:
        return PORT
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(PORT_MAX)) and 0 < int(text) <= PORT_MAX):
        raise ValueError(f"has a port that is no whole number from 1 to {PORT_MAX}")
    return int(text)
