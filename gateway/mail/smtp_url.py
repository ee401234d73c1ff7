"""Where mails go: the SMTP URL, read.

    smtp://user:password@host:587?tls=starttls      TLS is asked for after the greeting, and required
    smtps://user:password@host                      TLS from the first byte
    smtp://host?tls=none                            in clear, which a password never is

Without `tls`, a URL with a login has STARTTLS required; one without takes what the server offers, as a relay of one's
own often has a certificate that nobody signed. `ca=/path/ca.pem` names the authorities to be trusted instead of the
system's. Names and passwords are percent-encoded.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

_FORM: Final = "must be a URL like smtp://user:password@host:587?tls=starttls or smtps://host"


class Security(StrEnum):
    """How the connection is protected: TLS at once, by STARTTLS, by STARTTLS where it is offered, or not at all."""

    TLS = "tls"
    STARTTLS = "starttls"
    OFFERED = "offered"
    NONE = "none"


_PORTS: Final = {Security.TLS: 465, Security.STARTTLS: 587, Security.OFFERED: 25, Security.NONE: 25}


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    host: str
    port: int
    security: Security
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    # A file of certificates in PEM; None: those that the system trusts.
    ca: Path | None = None


def read_smtp_url(url: str) -> SmtpServer:
    """What the URL says, or ValueError with what would be right; never with the password."""
    parts = _split(url)
    options = _options(parts)
    login = parts.username is not None
    if login and not (parts.username and parts.password):
        raise ValueError("needs both a user and a password: smtp://user:password@host, each percent-encoded")
    security = _security(parts.scheme, options.get("tls"), has_login=login)
    return SmtpServer(
        host=parts.hostname or "",
        port=parts.port or _PORTS[security],
        security=security,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        ca=_ca(options.get("ca"), security),
    )


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(_FORM) from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or " " in url or parts.fragment or port == 0:
        raise ValueError(_FORM)
    if parts.path not in ("", "/"):
        raise ValueError(f"has a path, which SMTP has no use for; it {_FORM}")
    return parts


def _options(parts: SplitResult) -> dict[str, str]:
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    options = dict(pairs)
    if unknown := sorted(options.keys() - {"tls", "ca"}):
        raise ValueError(f"has the option {unknown[0]!r}; there are tls=starttls, tls=none and ca=/path/ca.pem")
    if len(options) != len(pairs):
        raise ValueError("gives an option twice")
    return options


def _security(scheme: str, tls: str | None, *, has_login: bool) -> Security:
    if scheme == "smtps":
        if tls is not None:
            raise ValueError("has tls=…, but smtps:// is TLS from the first byte: leave it out, or write smtp://")
        return Security.TLS
    if tls is None:
        return Security.STARTTLS if has_login else Security.OFFERED
    if tls not in ("starttls", "none"):
        raise ValueError(f"has tls={tls}: write tls=starttls or tls=none, or smtps:// for TLS from the first byte")
    if tls == "none" and has_login:
        raise ValueError("has a password and tls=none: it would be sent in clear")
    return Security(tls)


def _ca(path: str | None, security: Security) -> Path | None:
    if path is None:
        return None
    if security in (Security.NONE, Security.OFFERED):
        raise ValueError("has ca=…, but nothing is checked without tls=starttls or smtps://")
    file = Path(path).expanduser()
    if not file.is_file():
        raise ValueError(f"has ca={path}: there is no such file")
    return file
