"""What the database tells: its clock, the books, calls that should be over, and mails."""

from datetime import datetime, timedelta
from typing import Final

from gateway.clock import Clock
from gateway.domain.calls.months import what_is_wrong
from gateway.domain.problems import Problem, ProblemCode, problem_of
from gateway.postgres import doctor as rows
from gateway.postgres.access import factors
from gateway.postgres.accounts import large_sums
from gateway.postgres.calls import months
from gateway.postgres.replication import read_replication
from gateway.postgres.types import PgConnection
from gateway.settings import Settings
from gateway.usecases.accounts.check_ledger import check_ledger, compare_clocks

OVERDUE: Final = timedelta(minutes=1)
MAIL_LATE: Final = timedelta(hours=1)
REFUSED_WITHIN: Final = timedelta(days=7)
# How long a new operator may take to register a second factor.
REGISTERED_WITHIN: Final = timedelta(days=1)


async def examine_records(conn: PgConnection, *, settings: Settings, machine: Clock, now: datetime) -> list[Problem]:
    return [
        *await _replication(conn),
        *[
            problem_of(ProblemCode.DATABASE_CLOCK_APART, each.text)
            for each in await compare_clocks(conn, machine=machine)
        ],
        *await _books(conn, now),
        *await _calls(conn, now),
        *await _months(conn, now),
        *await _mails(conn, settings, now),
        *await _operators(conn, settings, now),
        *await _large_sums(conn),
    ]


async def _replication(conn: PgConnection) -> list[Problem]:
    found = await read_replication(conn)
    problems = []
    if not found.may_write:
        said = "the database is a standby" if found.is_standby else "the database's sessions are read-only"
        problems.append(problem_of(ProblemCode.DATABASE_READ_ONLY, said))
    if found.has_lost_synchronous:
        said = f"the database waits for {found.synchronous_names} of {found.followers} standbys that follow it"
        problems.append(problem_of(ProblemCode.STANDBY_LOST, said))
    if found.may_lose_acknowledged:
        said = f"the database has {found.followers} standbys and waits for none"
        problems.append(problem_of(ProblemCode.REPLICATION_MAY_LOSE, said))
    if found.careless_settings:
        said = f"off in the database: {', '.join(found.careless_settings)}"
        problems.append(problem_of(ProblemCode.CRASH_MAY_LOSE, said))
    return problems


async def _books(conn: PgConnection, now: datetime) -> list[Problem]:
    differences = (await check_ledger(conn, full=False, now=now)).differences
    if not differences:
        return []
    return [problem_of(ProblemCode.LEDGER_DIFFERS, f"{len(differences)} differences, the first: {differences[0].text}")]


async def _calls(conn: PgConnection, now: datetime) -> list[Problem]:
    calls = await rows.late_calls(conn, overdue_before=now - OVERDUE)
    problems = []
    if calls.overdue:
        said = f"{calls.overdue} calls are past their deadline and still up"
        problems.append(problem_of(ProblemCode.CALLS_NOT_CUT, said, since=calls.overdue_since))
    if calls.owed:
        said = f"{calls.owed} calls are over without an end, and still hold money"
        problems.append(problem_of(ProblemCode.HOLDS_OWED, said, since=calls.owed_since))
    return problems


async def _months(conn: PgConnection, now: datetime) -> list[Problem]:
    said = what_is_wrong(await months.look(conn), now=now)
    return [] if said is None else [problem_of(ProblemCode.MONTH_MISSING, said)]


async def _mails(conn: PgConnection, settings: Settings, now: datetime) -> list[Problem]:
    mails = await rows.stuck_mails(conn, failed_since=now - REFUSED_WITHIN)
    problems = []
    if mails.waiting_since is not None and settings.smtp_url is None:
        said = f"{mails.waiting} mails wait, and GATEWAY_SMTP_URL is not set"
        problems.append(problem_of(ProblemCode.NO_SMTP, said, since=mails.waiting_since))
    elif mails.waiting_since is not None and mails.waiting_since <= now - MAIL_LATE:
        said = f"{mails.waiting} mails wait, some for more than an hour"
        problems.append(problem_of(ProblemCode.MAILS_LATE, said, since=mails.waiting_since))
    if mails.failed:
        said = f"{mails.failed} mails of the last 7 days were not delivered"
        problems.append(problem_of(ProblemCode.MAILS_REFUSED, said, since=mails.failed_since))
    return problems


async def _operators(conn: PgConnection, settings: Settings, now: datetime) -> list[Problem]:
    """Where they need one, whoever has had the time to register it."""
    if not settings.operator_second_factor:
        return []
    without = await factors.operators_without(conn, since=now - REGISTERED_WITHIN)
    if not without.operators:
        return []
    said = f"{without.operators} operators have no second factor: who reads their mail can act as they"
    return [problem_of(ProblemCode.OPERATOR_WITHOUT_FACTOR, said, since=without.since)]


async def _large_sums(conn: PgConnection) -> list[Problem]:
    waiting = await large_sums.count_waiting(conn)
    if not waiting.sums:
        return []
    said = f"{waiting.sums} large sums wait for a second operator"
    return [problem_of(ProblemCode.LARGE_SUMS_WAIT, said, since=waiting.since)]
