"""What is wrong: with the installation, and with the books."""

from dataclasses import replace
from datetime import datetime
from typing import Final

import msgspec

from gateway.clock import machine_of
from gateway.domain.access.actions import Action
from gateway.domain.problems import Problem, ProblemCode, Severity
from gateway.usecases.accounts import check_ledger as checking
from gateway.usecases.accounts.check_ledger import LedgerCheck
from gateway.usecases.doctor.find_problems import find_problems
from gateway.web.api.route import Asked, Method, NoQuery, Route, Rows
from gateway.web.api.said import Language, Said, said
from gateway.words.vocabulary import HEALTH


class FaultQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`language`: that of `said`."""

    language: Language = Language.EN


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong, and what to do; `since` is null where nobody knows. `fact` is `said` for programs."""

    problem: ProblemCode
    severity: Severity
    since: datetime | None
    said: str
    do: str
    fact: Said


async def list_faults(asked: Asked[FaultQuery, None]) -> Rows[Fault]:
    """Worst first, as `gateway doctor` says it; nothing on an installation that is well.

    The servers at control URLs are asked about a call that was never made, so it may take some seconds.
    """
    found = await find_problems(asked.context)
    return Rows(data=[_fault(each, asked.query.language) for each in found], next=None)


def _fault(problem: Problem, language: Language) -> Fault:
    fact = said(problem.fact, language, subject=HEALTH)
    return Fault(
        problem=problem.problem,
        severity=problem.severity,
        since=problem.since,
        said=fact.text,
        do=problem.do,
        fact=fact,
    )


async def check_ledger(asked: Asked[NoQuery, None]) -> LedgerCheck:
    """As `gateway check`: what was booked since each account was proved last is added up."""
    clocks = await checking.compare_clocks(asked.conn, machine=machine_of(asked.context.clock))
    books = await checking.check_ledger(asked.conn, full=False, now=asked.now)
    return replace(books, ok=books.ok and not clocks, differences=[*clocks, *books.differences])


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/health",
        name="list_faults",
        tag="health",
        action=Action.HEALTH_READ,
        summary="What is wrong now, and what is to be done?",
        handle=list_faults,
        query=FaultQuery,
        reply=Fault,
        is_list=True,
        columns=("problem", "severity", "since", "said", "do"),
    ),
    Route(
        method=Method.GET,
        path="/checks/ledger",
        name="check_ledger",
        tag="health",
        action=Action.LEDGER_CHECK,
        summary="Do balances, entries, holds and calls agree?",
        handle=check_ledger,
        reply=LedgerCheck,
    ),
)
