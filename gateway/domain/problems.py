"""What can be wrong with an installation: each by a code, how bad it is, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from gateway.domain.described import Described
from gateway.domain.explanation import Fact


class Severity(StrEnum):
    """An error stops or loses something now; a warning will, if nobody looks."""

    ERROR = "error"
    WARNING = "warning"


class ProblemCode(Described):
    """Worst first."""

    DATABASE_UNUSABLE = "database_unusable", "The database does not answer, or cannot be used. No call is decided."
    MIGRATIONS_PENDING = "migrations_pending", "The database has not the schema of this version. Nothing else is known."
    DATABASE_READ_ONLY = "database_read_only", "The database cannot be written to. No call is decided."
    STANDBY_LOST = "standby_lost", "Commits wait for a synchronous standby that is not there. No call is decided."
    LEDGER_DIFFERS = "ledger_differs", "Balances, entries, holds and calls do not agree."
    CALLS_NOT_CUT = "calls_not_cut", "Calls are more than a minute past their deadline, and still up."
    MONTH_MISSING = (
        "month_missing",
        "There is no part of the tables for calls of the next month, or one is missing. Calls go on, in another part.",
    )
    DISK_LOW = "disk_low", "The disk of the data directory has less than 1 GiB left."
    DATABASE_CLOCK_APART = "database_clock_apart", "The clock of the database is more than 1 s from this machine's."
    SPOOL_WAITS = "spool_waits", "Call events have waited on disk for the database for more than a minute."
    SPOOL_UNUSABLE = "spool_unusable", "Call events cannot be kept on disk, or what is there cannot be read."
    SPOOL_REJECTED = "spool_rejected", "Call events were put aside: what they say cannot be recorded, or understood."
    HOOKS_REFUSED = "hooks_refused", "The last webhook of a connection was refused, and none has been taken since."
    CONTROL_UNPROVEN = (
        "control_unproven",
        "A control URL does not say that it knows no such call, so calls may not be cut.",
    )
    NO_SMTP = "no_smtp", "Mails wait, and there is no mail server to send them by."
    MAILS_LATE = "mails_late", "Mails have waited for more than an hour, though there is a mail server."
    MAILS_REFUSED = "mails_refused", "Mails of the last 7 days were refused for good, or given up."
    HOLDS_OWED = "holds_owed", "Calls are over whose end never came. What they hold is kept from the account."
    REPLICATION_MAY_LOSE = (
        "replication_may_lose",
        "Standbys follow the database and none is waited for: a failover may lose ends that were acknowledged.",
    )
    CRASH_MAY_LOSE = (
        "crash_may_lose",
        "A setting of the database is off, so a crash of its machine may lose or damage what was acknowledged.",
    )
    NO_OPERATOR_EMAIL = "no_operator_email", "Nobody is told of what only an operator can mend."
    OPERATOR_WITHOUT_FACTOR = (
        "operator_without_factor",
        "Somebody has been an operator for a day or more, and has no second factor.",
    )
    BOOKS_UNSEEN = "books_unseen", "Holds, live calls and lines could not be compared within the time that one waits."
    LARGE_SUMS_WAIT = "large_sums_wait", "Money waits for a second operator, and nothing of it is booked."
    LOG_LOST = "log_lost", "Lines of the log could not be written within the last day."
    SOME_HOOKS_REFUSED = "some_hooks_refused", "A webhook was refused within the last hour; others have been taken."
    NO_HOOKS = "no_hooks", "A connection has sent no webhook for 7 days."
    PROVIDER_CLOCK_APART = "provider_clock_apart", "The clock of a provider is more than 5 s from ours."
    OLD_SECRET_IN_USE = "old_secret_in_use", "A connection has two secrets, and the old one still proves webhooks."
    OLD_SECRET_UNUSED = (
        "old_secret_unused",
        "A connection has two secrets, and the old one has not been used for a day.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """How bad a problem is, and what an operator does about it."""

    severity: Severity
    do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong; `since` is None where nobody knows. `fact` is what `said` says in English."""

    problem: ProblemCode
    severity: Severity
    since: datetime | None
    fact: Fact
    said: str
    do: str


def _error(do: str) -> Treatment:
    return Treatment(severity=Severity.ERROR, do=do)


def _warning(do: str) -> Treatment:
    return Treatment(severity=Severity.WARNING, do=do)


TREATMENTS: Final[Mapping[ProblemCode, Treatment]] = {
    ProblemCode.DATABASE_UNUSABLE: _error("see that the server of GATEWAY_DATABASE_URL runs, or read postgres.log"),
    ProblemCode.MIGRATIONS_PENDING: _error("run `gateway migrate`, or start `gateway serve`, which does it too"),
    ProblemCode.DATABASE_READ_ONLY: _error(
        "name the primary in GATEWAY_DATABASE_URL, or all hosts: then the one is used that can be written to"
    ),
    ProblemCode.STANDBY_LOST: _error("bring the standby back, or take it out of `synchronous_standby_names`"),
    ProblemCode.LEDGER_DIFFERS: _error(
        "run `gateway check --full`, which names all; pay nothing in by hand until it is known why"
    ),
    ProblemCode.CALLS_NOT_CUT: _error(
        "see `gateway calls list --live`, end them at the provider, then `gateway calls close`"
    ),
    ProblemCode.MONTH_MISSING: _error(
        "see that `gateway serve` runs, which makes it, and that its account owns the tables and may create some"
    ),
    ProblemCode.DISK_LOW: _error("make room: a full disk stops the embedded database and loses ends of calls"),
    ProblemCode.DATABASE_CLOCK_APART: _error(
        "set both clocks by NTP: calls run by the database's, and no rent is settled while they are a minute apart"
    ),
    ProblemCode.SPOOL_WAITS: _error("start `gateway serve`, or run `gateway spool replay`"),
    ProblemCode.SPOOL_UNUSABLE: _error("make room on the disk, or have the files belong to the gateway's account"),
    ProblemCode.SPOOL_REJECTED: _error(
        "see `gateway spool show`, mend the cause and run `gateway spool replay --set-aside`;"
        " or close the calls with `gateway calls close`"
    ),
    ProblemCode.HOOKS_REFUSED: _error(
        "compare the secret and the address at the provider with `gateway kit CONNECTION`"
    ),
    ProblemCode.CONTROL_UNPROVEN: _error(
        "see that the control URL is right and its server runs; then `gateway connection test`"
    ),
    ProblemCode.NO_SMTP: _error("set GATEWAY_SMTP_URL and GATEWAY_MAIL_FROM, and start the gateway again"),
    ProblemCode.MAILS_LATE: _error("see `gateway mail list --state queued` for what the mail server says"),
    ProblemCode.MAILS_REFUSED: _warning(
        "see `gateway mail list --state refused`, mend the address, and `gateway mail send-again`"
    ),
    ProblemCode.HOLDS_OWED: _warning(
        "ask the provider how long they were, then `gateway calls close CALL --seconds N`"
    ),
    ProblemCode.REPLICATION_MAY_LOSE: _warning(
        "name two standbys in `synchronous_standby_names`, as `ANY 1 (a, b)`, or take the loss into account"
    ),
    ProblemCode.CRASH_MAY_LOSE: _warning(
        "set it on again for the server, the database and the role; full_page_writes may be off where the storage"
        " never writes half a page"
    ),
    ProblemCode.NO_OPERATOR_EMAIL: _warning("set GATEWAY_OPERATOR_EMAIL, and start the gateway again"),
    ProblemCode.OPERATOR_WITHOUT_FACTOR: _warning(
        "have them sign in and register a passkey or one-time passwords at /second-factor"
    ),
    ProblemCode.BOOKS_UNSEEN: _warning(
        "run `gateway check`, which takes its time, and see what keeps the database busy"
    ),
    ProblemCode.LARGE_SUMS_WAIT: _warning(
        "see `gateway large-sum list --state waiting`; another than who asked approves or refuses each"
    ),
    ProblemCode.LOG_LOST: _warning(
        "make room on the disk of the log, or see that somebody reads standard error; calls go on meanwhile"
    ),
    ProblemCode.SOME_HOOKS_REFUSED: _warning(
        "if it was not a stranger, compare the settings with `gateway kit CONNECTION`"
    ),
    ProblemCode.NO_HOOKS: _warning("try it with `gateway connection test`, or take the connection out"),
    ProblemCode.PROVIDER_CLOCK_APART: _warning("set the clock of the provider's server, or this machine's, by NTP"),
    ProblemCode.OLD_SECRET_IN_USE: _warning(
        "give the new secret to the provider; take the old one out when this is gone"
    ),
    ProblemCode.OLD_SECRET_UNUSED: _warning("take the old secret out of the configuration, and send SIGHUP"),
}


def worst_first(problems: list[Problem]) -> list[Problem]:
    """Errors before warnings, and within them as the codes stand; the order of those of one code is kept."""
    codes, severities = list(ProblemCode), list(Severity)
    return sorted(problems, key=lambda each: (severities.index(each.severity), codes.index(each.problem)))
