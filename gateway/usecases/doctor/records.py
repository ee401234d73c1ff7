"""What the database tells: its clock, the books, calls that should be over, and mails."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from gateway.clock import Clock
from gateway.domain.calls.months import what_is_wrong
from gateway.domain.problems import Problem, ProblemCode
from gateway.postgres import doctor as rows
from gateway.postgres.access import factors
from gateway.postgres.accounts import large_sums, proven
from gateway.postgres.calls import months
from gateway.postgres.replication import read_replication
from gateway.postgres.types import PgConnection
from gateway.settings import Settings
from gateway.usecases.accounts.check_ledger import Difference, check_ledger, check_live, clocks_apart
from gateway.usecases.doctor.finding import fact_of, problem_of

# Whoever asks what is wrong waits for that.
BOOKS_WITHIN_S: Final = 2.0
OVERDUE: Final = timedelta(minutes=1)
MAIL_LATE: Final = timedelta(hours=1)
REFUSED_WITHIN: Final = timedelta(days=7)
# How long a new operator may take to register a second factor.
REGISTERED_WITHIN: Final = timedelta(days=1)


async def examine_records(conn: PgConnection, *, settings: Settings, machine: Clock, now: datetime) -> list[Problem]:
    return [
        *await _replication(conn),
        *await _clock(conn, machine),
        *await _books(conn, now),
        *await _calls(conn, now),
        *await _months(conn, now),
        *await _mails(conn, settings, now),
        *await _operators(conn, settings, now),
        *await _large_sums(conn),
    ]


async def _clock(conn: PgConnection, machine: Clock) -> list[Problem]:
    apart = await clocks_apart(conn, machine=machine)
    if apart is None:
        return []
    fact = fact_of("database_clock_apart", apart=f"{apart.total_seconds():+.1f}")
    return [problem_of(ProblemCode.DATABASE_CLOCK_APART, fact)]


async def _replication(conn: PgConnection) -> list[Problem]:
    found = await read_replication(conn)
    problems = []
    if not found.may_write:
        fact = fact_of("database_standby" if found.is_standby else "database_sessions")
        problems.append(problem_of(ProblemCode.DATABASE_READ_ONLY, fact))
    if found.has_lost_synchronous:
        fact = fact_of("standby_lost", names=found.synchronous_names, followers=found.followers)
        problems.append(problem_of(ProblemCode.STANDBY_LOST, fact))
    if found.may_lose_acknowledged:
        fact = fact_of("replication_may_lose", followers=found.followers)
        problems.append(problem_of(ProblemCode.REPLICATION_MAY_LOSE, fact))
    if found.careless_settings:
        fact = fact_of("crash_may_lose", settings=", ".join(found.careless_settings))
        problems.append(problem_of(ProblemCode.CRASH_MAY_LOSE, fact))
    return problems


async def _books(conn: PgConnection, now: datetime) -> list[Problem]:
    """Where proving them now takes too long: what is live, and what they were when last proved, minutes ago."""
    try:
        async with asyncio.timeout(BOOKS_WITHIN_S):
            differences = (await check_ledger(conn, full=False, now=now)).differences
    except TimeoutError:
        return [*await _last_proof(conn), *await _live(conn, now)]
    return _told(differences)


async def _live(conn: PgConnection, now: datetime) -> list[Problem]:
    try:
        async with asyncio.timeout(BOOKS_WITHIN_S):
            differences = await check_live(conn, now=now)
    except TimeoutError:
        return [problem_of(ProblemCode.BOOKS_UNSEEN, fact_of("books_unseen", seconds=round(BOOKS_WITHIN_S)))]
    return _told(differences)


def _told(differences: Sequence[Difference]) -> list[Problem]:
    if not differences:
        return []
    fact = fact_of("ledger_differs", count=len(differences), first=differences[0].text)
    return [problem_of(ProblemCode.LEDGER_DIFFERS, fact)]


async def _last_proof(conn: PgConnection) -> list[Problem]:
    wrong = await proven.wrong_accounts(conn)
    if wrong is None or not wrong.accounts:
        return []
    fact = fact_of("accounts_differ", accounts=wrong.accounts, first=str(wrong.first_id))
    return [problem_of(ProblemCode.LEDGER_DIFFERS, fact)]


async def _calls(conn: PgConnection, now: datetime) -> list[Problem]:
    calls = await rows.late_calls(conn, overdue_before=now - OVERDUE)
    problems = []
    if calls.overdue:
        fact = fact_of("calls_not_cut", calls=calls.overdue)
        problems.append(problem_of(ProblemCode.CALLS_NOT_CUT, fact, since=calls.overdue_since))
    if calls.owed:
        fact = fact_of("holds_owed", calls=calls.owed)
        problems.append(problem_of(ProblemCode.HOLDS_OWED, fact, since=calls.owed_since))
    return problems


async def _months(conn: PgConnection, now: datetime) -> list[Problem]:
    fact = what_is_wrong(await months.look(conn), now=now)
    return [] if fact is None else [problem_of(ProblemCode.MONTH_MISSING, fact)]


async def _mails(conn: PgConnection, settings: Settings, now: datetime) -> list[Problem]:
    mails = await rows.stuck_mails(conn, failed_since=now - REFUSED_WITHIN)
    problems = []
    if mails.waiting_since is not None and settings.smtp_url is None:
        fact = fact_of("no_smtp", mails=mails.waiting)
        problems.append(problem_of(ProblemCode.NO_SMTP, fact, since=mails.waiting_since))
    elif mails.waiting_since is not None and mails.waiting_since <= now - MAIL_LATE:
        fact = fact_of("mails_late", mails=mails.waiting)
        problems.append(problem_of(ProblemCode.MAILS_LATE, fact, since=mails.waiting_since))
    if mails.failed:
        fact = fact_of("mails_refused", mails=mails.failed)
        problems.append(problem_of(ProblemCode.MAILS_REFUSED, fact, since=mails.failed_since))
    return problems


async def _operators(conn: PgConnection, settings: Settings, now: datetime) -> list[Problem]:
    """Where they need one, whoever has had the time to register it."""
    if not settings.operator_second_factor:
        return []
    without = await factors.operators_without(conn, since=now - REGISTERED_WITHIN)
    if not without.operators:
        return []
    fact = fact_of("operator_without_factor", operators=without.operators)
    return [problem_of(ProblemCode.OPERATOR_WITHOUT_FACTOR, fact, since=without.since)]


async def _large_sums(conn: PgConnection) -> list[Problem]:
    waiting = await large_sums.count_waiting(conn)
    if not waiting.sums:
        return []
    fact = fact_of("large_sums_wait", sums=waiting.sums)
    return [problem_of(ProblemCode.LARGE_SUMS_WAIT, fact, since=waiting.since)]
