"""Everything an operator can change, read once at the start and checked as a whole.

A value is looked for on the command line, then in the environment (`GATEWAY_<NAME>`, or `GATEWAY_<NAME>_FILE` with the
path of a file that holds it), then in the TOML file; an empty variable counts as unset. All that is wrong is reported
at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from gateway.domain.accounts.caps import Caps
from gateway.domain.accounts.large_sums import LargeSums
from gateway.domain.accounts.low_balance import LowBalanceRule
from gateway.domain.calls.call import Limits
from gateway.domain.connection import Connection, Kind
from gateway.domain.errors import InvalidInput, NotFound
from gateway.domain.mail.top_up import TopUp, TopUps
from gateway.mail.letterhead import Letterhead
from gateway.privileges import ROOT, began_as_root
from gateway.settings import rules, table
from gateway.settings.connections import read_connections
from gateway.settings.new_accounts import read_new_account_caps
from gateway.settings.origins import SettingView, view_settings
from gateway.settings.source import Source, open_source
from gateway.settings.top_up import read_top_ups

__all__ = ["Settings", "default_data", "load_settings"]

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of `outside.md`; `database_url` is None for the embedded server."""

    database_url: str | None = field(default=None, repr=False)
    database_read_url: str | None = field(default=None, repr=False)
    data: Path
    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = "http://127.0.0.1:8080"
    has_api: bool = True
    insecure: bool = False
    api_rate: int = 50
    admin_url: str | None = None
    admin_host: str = "127.0.0.1"
    # The listener of the API and the docs; None: they are where webhooks come.
    admin_port: int | None = None
    # The newest first; what was sealed with any is read.
    encryption_keys: tuple[str, ...] = field(default=(), repr=False)
    metrics_token: str | None = field(default=None, repr=False)
    metrics_host: str = "127.0.0.1"
    # The second listener; None: there is none.
    metrics_port: int | None = None
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    mail_reply_to: str | None = None
    top_ups: TopUps = field(default_factory=TopUps)
    # Who is told of what only the operator can mend; None: nobody.
    operator_email: str | None = None
    # Whether people of the operator's side show a second factor before they move money.
    operator_second_factor: bool = True
    # For how many days the numbers of calls are kept whole; None: for ever.
    numbers_days: int | None = None
    # For how many days webhooks are kept as they came; 0: none is.
    hooks_days: int = 7
    log: Literal["json", "console"] = "json"
    processes: int = 1
    pg_bindir: Path | None = None
    pg_os_user: str | None = None
    # None: the account of the embedded server, or nobody.
    run_as: str | None = None
    connections: Mapping[str, Connection] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    low_balance: LowBalanceRule = field(default_factory=LowBalanceRule)
    new_account_caps: Caps = field(default_factory=Caps)
    # As whom a visitor on this machine may enter the demo, by their mail addresses; the first runs it.
    demo_people: tuple[str, ...] = ()
    # Whether the demo opens its pages in a browser where there is a screen.
    opens_browser: bool = False
    support_refund_max: Decimal = rules.SUPPORT_REFUND_MAX.default
    # Above which amounts money waits for a second operator.
    large_sums: LargeSums = rules.SECOND_OPERATOR_ABOVE.default
    # Where each of them comes from, as operators are told.
    views: tuple[SettingView, ...] = field(default_factory=view_settings, repr=False)

    @property
    def pages_url(self) -> str:
        """Where people find the pages."""
        elsewhere = None if self.admin_port is None else _address(self.admin_host, self.admin_port)
        return self.admin_url or elsewhere or self.public_url

    def require_connection(self, name: str) -> Connection:
        """A connection that is configured, or NotFound."""
        connection = self.connections.get(name)
        if connection is None:
            names = ", ".join(self.connections) or "none"
            raise NotFound(f"there is no connection {name}; the configuration has {names}")
        return connection

    def letterhead(self, *, sender: str) -> Letterhead:
        """What stands on every mail of a sender."""
        return Letterhead(sender=sender, reply_to=self.mail_reply_to, top_ups=self.top_ups)


def load_settings(
    environ: Mapping[str, str],
    *,
    kinds: Mapping[str, Kind] | None,
    config: Path | None = None,
    overrides: Mapping[str, str] = _NOTHING,
    is_terminal: bool = False,
) -> Settings:
    """Read and check all settings, or raise InvalidInput with one line for each thing that is wrong.

    `kinds` holds what connections may be, by the names of their kinds. Without it neither the mail server is
    read nor what only one kind has, so that secrets may be missing. `overrides` is what the command line gave, by the
    name of the setting; `is_terminal` decides how the log looks when nobody says so.
    """
    source = open_source(environ, config=config, overrides=overrides)
    host, port = source.read(table.HOST), source.read(table.PORT)
    smtp_url, mail_from = _read_mail_server(source, is_wanted=kinds is not None)
    limits = _read_limits(source)
    run_as, pg_os_user = _read_os_users(source)
    numbers_days = _read_numbers_days(source, limits)
    settings = Settings(
        database_url=source.read(table.DATABASE_URL),
        database_read_url=source.read(table.DATABASE_READ_URL),
        data=source.read_path(table.DATA, default=default_data(environ, is_root=began_as_root())),
        host=host,
        port=port,
        public_url=source.read_else(table.PUBLIC_URL, default=_address(host, port)),
        has_api=source.read_truth(table.API),
        insecure=source.read_truth(table.INSECURE),
        api_rate=source.read(table.API_RATE),
        admin_url=source.read(table.ADMIN_URL),
        admin_host=source.read(table.ADMIN_HOST),
        admin_port=source.read(table.ADMIN_PORT),
        encryption_keys=source.read_if(table.ENCRYPTION_KEYS, is_wanted=kinds is not None),
        metrics_token=source.read(table.METRICS_TOKEN),
        metrics_host=source.read(table.METRICS_HOST),
        metrics_port=source.read(table.METRICS_PORT),
        smtp_url=smtp_url,
        mail_from=mail_from,
        mail_reply_to=source.read(table.MAIL_REPLY_TO),
        top_ups=read_top_ups(source, everywhere=_read_top_up(source)),
        operator_email=source.read(table.OPERATOR_EMAIL),
        operator_second_factor=source.read_truth(rules.OPERATOR_SECOND_FACTOR),
        log=source.read_else(table.LOG, default="console" if is_terminal else "json"),
        processes=source.read(table.PROCESSES),
        pg_bindir=source.read_path(table.PG_BINDIR, default=None),
        run_as=run_as,
        pg_os_user=pg_os_user,
        connections=read_connections(source, kinds),
        limits=limits,
        numbers_days=numbers_days,
        hooks_days=_read_hooks_days(source, numbers_days),
        low_balance=_read_low_balance(source),
        new_account_caps=read_new_account_caps(source),
        support_refund_max=source.read(rules.SUPPORT_REFUND_MAX),
        large_sums=source.read(rules.SECOND_OPERATOR_ABOVE),
        # The last: by now all has been looked for.
        views=view_settings(source.found),
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


def _read_mail_server(source: Source, *, is_wanted: bool) -> tuple[str | None, str | None]:
    """Its URL and the sender of mails, which goes with it."""
    smtp_url, mail_from = source.read_if(table.SMTP_URL, is_wanted=is_wanted), source.read(table.MAIL_FROM)
    if smtp_url is not None and mail_from is None and not source.is_set(table.MAIL_FROM):
        source.wrong("GATEWAY_MAIL_FROM", "is required with GATEWAY_SMTP_URL: the address that mails come from")
    return smtp_url, mail_from


def _read_os_users(source: Source) -> tuple[str | None, str | None]:
    """Who the gateway goes on as must be able to start the embedded server again."""
    run_as, pg_os_user = source.read(table.RUN_AS), source.read(table.PG_OS_USER)
    if run_as in (None, ROOT) or not began_as_root():
        return run_as, pg_os_user
    if pg_os_user not in (None, run_as):
        source.wrong(table.RUN_AS.variable, f"must be as {table.PG_OS_USER.variable}: leave that out")
    return run_as, run_as


def _read_limits(source: Source) -> Limits:
    return Limits(
        call_seconds_max=source.read(rules.CALL_SECONDS_MAX),
        hold_slice_s=source.read(rules.HOLD_SLICE_SECONDS),
        ring_s=source.read(rules.RING_SECONDS),
        end_days_max=source.read(rules.END_DAYS_MAX),
        owed_limits_calls=source.read(rules.OWED_LIMITS_CALLS),
        seconds_tolerance_s=source.read(rules.SECONDS_TOLERANCE),
    )


def _read_numbers_days(source: Source, limits: Limits) -> int | None:
    """For as long as an end may be charged, its call's numbers and reply are needed."""
    days = source.read(rules.NUMBERS_DAYS)
    if days is not None and days < limits.end_days_max:
        source.wrong(rules.NUMBERS_DAYS.variable, f"must be at least end_days_max, {limits.end_days_max}")
    return days


def _read_hooks_days(source: Source, numbers_days: int | None) -> int:
    """They have telephone numbers, so for no longer than those are kept."""
    days_max = rules.HOOKS_DAYS.default if numbers_days is None else numbers_days
    days = source.read_else(rules.HOOKS_DAYS, default=min(rules.HOOKS_DAYS.default, days_max))
    if numbers_days is not None and days > numbers_days:
        source.wrong(rules.HOOKS_DAYS.variable, f"must be at most numbers_days, {numbers_days}")
    return days


def _read_top_up(source: Source) -> TopUp:
    return TopUp(url=source.read(table.TOP_UP_URL) or "", line=source.read(table.TOP_UP_LINE) or "")


def _read_low_balance(source: Source) -> LowBalanceRule:
    """R30: over how many days spending is averaged, for how many the balance is to last, and whether rents count."""
    return LowBalanceRule(
        window_days=source.read(rules.WINDOW_DAYS),
        days_ahead=source.read(rules.DAYS_AHEAD),
        count_rent=source.read_truth(rules.RENT_COUNTS),
    )


def _address(host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"
