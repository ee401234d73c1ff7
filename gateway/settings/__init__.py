"""Everything an operator can change, read once at the start and checked as a whole.

A value is looked for on the command line, then in the environment (`GATEWAY_<NAME>`, or `GATEWAY_<NAME>_FILE` with the
path of a file that holds it), then in the TOML file; an empty variable counts as unset. All that is wrong is reported
at once.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from gateway.domain.accounts.low_balance import LowBalanceRule
from gateway.domain.calls.call import Limits
from gateway.domain.connection import Connection, Kind
from gateway.domain.errors import InvalidInput
from gateway.mail.smtp_url import read_smtp_url
from gateway.settings import values
from gateway.settings.connections import read_connections
from gateway.settings.source import Source, open_source

__all__ = ["Settings", "default_data", "load_settings"]

# How many connections of a provider, and how many processes, a machine can be asked for by mistake.
PROCESSES_MAX = 64
_NOTHING: Mapping[str, str] = MappingProxyType({})
_LOG: Mapping[str, Literal["json", "console"]] = {"json": "json", "console": "console"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of `outside.md`; `database_url` is None for the embedded server."""

    database_url: str | None = field(default=None, repr=False)
    data: Path
    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = "http://127.0.0.1:8080"
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    # Who is told of what only the operator can mend; None: nobody.
    operator_email: str | None = None
    log: Literal["json", "console"] = "json"
    processes: int = 1
    pg_bindir: Path | None = None
    pg_os_user: str | None = None
    connections: Mapping[str, Connection] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    low_balance: LowBalanceRule = field(default_factory=LowBalanceRule)


def load_settings(
    environ: Mapping[str, str],
    *,
    kinds: Mapping[str, Kind],
    config: Path | None = None,
    overrides: Mapping[str, str] = _NOTHING,
    is_terminal: bool = False,
) -> Settings:
    """Read and check all settings, or raise InvalidInput with one line for each thing that is wrong.

    `kinds` holds what connections may be, by the names of their kinds; `overrides` what the command line gave, by the
    name of the setting; `is_terminal` decides how the log looks when nobody says so.
    """
    source = open_source(environ, config=config, overrides=overrides)
    host = source.read("host", values.host, default="127.0.0.1")
    port = source.read("port", values.whole(0, 65_535), default=8080)
    smtp_url = source.read("smtp_url", _smtp_url, default=None)
    mail_from = source.read("mail_from", values.sender, default=None)
    if smtp_url is not None and mail_from is None and not source.is_set("mail_from"):
        source.wrong("GATEWAY_MAIL_FROM", "is required with GATEWAY_SMTP_URL: the address that mails come from")
    settings = Settings(
        database_url=source.read("database_url", values.database_url, default=None),
        data=source.read_path("data", default=default_data(environ, is_root=os.geteuid() == 0)),
        host=host,
        port=port,
        public_url=source.read("public_url", values.base_url, default=_address(host, port)),
        smtp_url=smtp_url,
        mail_from=mail_from,
        operator_email=source.read("operator_email", values.mailbox, default=None),
        log=source.read("log", values.choice(_LOG), default="console" if is_terminal else "json"),
        processes=source.read("processes", values.whole(1, PROCESSES_MAX), default=1),
        pg_bindir=source.read_path("pg_bindir", default=None),
        pg_os_user=source.read("pg_os_user", values.text, default=None),
        connections=read_connections(source, kinds),
        limits=_read_limits(source),
        low_balance=_read_low_balance(source),
    )
    source.check_nothing_unknown()
    if source.problems:
        raise InvalidInput("\n".join(source.problems))
    return settings


def default_data(environ: Mapping[str, str], *, is_root: bool) -> Path:
    """Where state is kept when nobody says so: the system's place for root, else the user's (XDG)."""
    if is_root:
        return Path("/var/lib/gateway")
    state = environ.get("XDG_STATE_HOME", "")
    # The XDG specification has relative paths ignored.
    if state.startswith("/"):
        return Path(state) / "gateway"
    return Path(environ.get("HOME") or Path.home()) / ".local/state/gateway"


def _read_limits(source: Source) -> Limits:
    """R14, R15: no call is longer than an hour, whatever is configured."""
    seconds = values.whole(1, 3600)
    return Limits(
        call_seconds_max=source.read("call_seconds_max", seconds, section="limits", default=3600),
        hold_slice_s=source.read("hold_slice_seconds", seconds, section="limits", default=300),
        ring_s=source.read("ring_seconds", seconds, section="limits", default=90),
    )


def _read_low_balance(source: Source) -> LowBalanceRule:
    """R30: over how many days spending is averaged, for how many the balance is to last, and whether rents count."""
    return LowBalanceRule(
        window_days=source.read("window_days", values.whole(1, 90), section="low_balance", default=10),
        days_ahead=source.read("days_ahead", values.whole(1, 30), section="low_balance", default=2),
        count_rent=source.read_truth("rent_counts", section="low_balance", default=True),
    )


def _address(host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


def _smtp_url(raw: values.Raw) -> str:
    """The URL as it stands, once it has been read without a complaint."""
    url = values.text(raw)
    read_smtp_url(url)
    return url
