"""What a setting may be: each function reads one raw value or raises ValueError saying what would be right.

A message never repeats a value that may hold a password.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from email.utils import parseaddr
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import SplitResult, urlsplit

from gateway.domain.accounts.large_sums import LargeSums
from gateway.domain.errors import InvalidInput
from gateway.domain.mail.mailbox import is_address
from gateway.domain.money import parse_amount
from gateway.mail.smtp_url import read_smtp_url
from gateway.settings.database_url import Session, read_database_url

Raw = str | int
_TOKEN = re.compile(r"[!-~]+")
_CURRENCY = re.compile(r"[A-Z]{3}")
_KEY_LENGTH_MIN: Final = 32
T = TypeVar("T")


def text(raw: Raw) -> str:
    if not isinstance(raw, str) or not raw.strip() or not raw.isprintable():
        raise ValueError("must be text without control characters")
    return raw.strip()


def token(raw: Raw) -> str:
    """What travels in a header: a secret, or an id that a provider gave."""
    if not isinstance(raw, str) or _TOKEN.fullmatch(raw) is None:
        raise ValueError("must be text of printable ASCII without spaces")
    return raw


def keys(raw: Raw) -> tuple[str, ...]:
    """Keys that were drawn at random, the newest first."""
    parts = raw.split(",") if isinstance(raw, str) else []
    if not parts or any(_TOKEN.fullmatch(part) is None or len(part) < _KEY_LENGTH_MIN for part in parts):
        raise ValueError(f"must be keys of at least {_KEY_LENGTH_MIN} characters, with a comma between them")
    return tuple(parts)


def whole(low: int, high: int) -> Callable[[Raw], int]:
    """A whole number from low to high."""

    def read(raw: Raw) -> int:
        if isinstance(raw, str):
            digits = raw.strip()
            number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 9 else None
        else:
            number = raw
        if number is None or not low <= number <= high:
            raise ValueError(f"must be a whole number from {low} to {high}, not {raw!r}")
        return number

    return read


def amount(raw: Raw) -> Decimal:
    """Of money, in whatever currency."""
    try:
        return parse_amount(str(raw))
    except InvalidInput as error:
        raise ValueError(f"must be an amount: {error}") from error


def large_sums(raw: Raw) -> LargeSums:
    """`1000`, or `USD=1000, JPY=150000, 900`: an amount without a currency is of all that are not named."""
    elsewhere: Decimal | None = None
    by_currency: dict[str, Decimal] = {}
    for part in str(raw).split(","):
        code, has_code, written = part.strip().rpartition("=")
        if has_code and (_CURRENCY.fullmatch(code) is None or code in by_currency):
            raise ValueError("must be an amount, or amounts by currency like USD=1000, JPY=150000, each currency once")
        if has_code:
            by_currency[code] = amount(written)
        elif elsewhere is not None:
            raise ValueError("must have one amount without a currency at most")
        else:
            elsewhere = amount(written)
    return LargeSums(elsewhere=elsewhere, by_currency=by_currency)


def choice(allowed: Mapping[str, T]) -> Callable[[Raw], T]:
    """One of these words."""

    def read(raw: Raw) -> T:
        if not isinstance(raw, str) or raw not in allowed:
            raise ValueError(f"must be {' or '.join(allowed)}, not {raw!r}")
        return allowed[raw]

    return read


truth = choice({"true": True, "false": False})


def host(raw: Raw) -> str:
    """A host name or an address, as it is listened on."""
    name = text(raw).removeprefix("[").removesuffix("]")
    if any(mark in name for mark in "/ @?#") or not name:
        raise ValueError(f"must be a host name or an IP address like 127.0.0.1, not {raw!r}")
    return name


def path(raw: Raw) -> Path:
    """A path; `~` is the home directory."""
    if not isinstance(raw, str) or not raw or "\0" in raw:
        raise ValueError(f"must be a path, not {raw!r}")
    return Path(raw).expanduser()


def http_url(raw: Raw) -> str:
    if not _has_host(url := text(raw), "http", "https"):
        raise ValueError("must be a URL like https://host/path")
    return url


def base_url(raw: Raw) -> str:
    """An http(s) URL that paths are appended to, so without query, fragment and closing slash."""
    url = http_url(raw)
    if "?" in url or "#" in url:
        raise ValueError("must be a URL without ? and #, like https://gateway.example.com")
    return url.rstrip("/")


def database_url(raw: Raw) -> str:
    """The database that decides, so sessions that may write."""
    url = text(raw)
    wanted = read_database_url(url).session
    if wanted in {Session.READ_ONLY, Session.STANDBY, Session.PREFER_STANDBY}:
        raise ValueError(f"has target_session_attrs={wanted}, but who decides writes: {Session.READ_WRITE} it must be")
    return url


def database_read_url(raw: Raw) -> str:
    """A database that reports are read from: of several hosts a standby, unless the URL wants another."""
    url = text(raw)
    read = read_database_url(url)
    if len(read.hosts) <= 1 or read.session is not None:
        return url
    return f"{url}{'&' if '?' in url else '?'}target_session_attrs={Session.PREFER_STANDBY}"


def smtp_url(raw: Raw) -> str:
    """The URL of a mail server as it stands, once it has been read without a complaint."""
    url = text(raw)
    read_smtp_url(url)
    return url


def mailbox(raw: Raw) -> str:
    """An e-mail address alone."""
    if not is_address(text(raw)):
        raise ValueError(f"must be an e-mail address like operator@example.com, not {raw!r}")
    return text(raw)


def sender(raw: Raw) -> str:
    """An e-mail address, or a name with an address in angle brackets."""
    if not is_address(parseaddr(text(raw))[1]):
        raise ValueError(f"must be an e-mail address like gateway@example.com, not {raw!r}")
    return text(raw)


def _has_host(url: str, *schemes: str) -> bool:
    parts = _split(url)
    return parts is not None and parts.scheme in schemes and bool(parts.hostname) and " " not in url


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
