"""Numbers and connectors: what happens to them next; of one, its whole life; given up, kept after all, lost."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final, NamedTuple
from urllib.parse import quote

from gateway.domain.access.actions import Action
from gateway.domain.accounts.account_state import AccountState
from gateway.domain.lines.life import NextStep
from gateway.domain.lines.line import LineKind, LineState
from gateway.web.api.problems import Declined, ErrorCode
from gateway.web.api.resources.lines import ShownLine
from gateway.web.pages.account_names import account_names
from gateway.web.pages.asking import filled, require_tick, required, told
from gateway.web.pages.filling import whole
from gateway.web.pages.listing import next_href
from gateway.web.pages.page import OWN, Deed, Page, Shown
from gateway.web.pages.visit import PageVisit

# What is due before then is due soon.
SOON: Final = timedelta(days=7)
PROPOSED_MAX: Final = 200
_DONE: Final = ("given_up", "kept", "lost", "moved", "placed", "rented")


class LineSubject(NamedTuple):
    """Numbers, or connectors: what they are called in addresses and routes."""

    kind: LineKind
    plural: str
    place: str


NUMBERS: Final = LineSubject(LineKind.NUMBER, "numbers", "number")
CONNECTORS: Final = LineSubject(LineKind.CONNECTOR, "connectors", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeStage:
    """A part of a line's life: what it is, when it was, is or will be, and whether it is now."""

    name: str
    at: date | datetime | None
    is_now: bool = False


def stages(line: ShownLine) -> Iterator[LifeStage]:
    """From when it was rented to what becomes of it if nobody does anything."""
    yield LifeStage(name="rented", at=line.created_at)
    if line.state is LineState.DISCONNECTED:
        yield LifeStage(name="over", at=line.disconnected_at, is_now=True)
        return
    if line.suspended_since is not None:
        yield LifeStage(name="suspended_since", at=line.suspended_since, is_now=True)
    elif line.state is LineState.SUSPENDED:
        yield LifeStage(name="suspended", at=None, is_now=True)
    elif line.due_on is not None:
        yield LifeStage(name="paid_until", at=line.due_on, is_now=True)
    else:
        yield LifeStage(name="works", at=None, is_now=True)
    match line.next.what:
        case NextStep.ENDED:
            yield LifeStage(name="ends", at=line.ends_at)
        case NextStep.LOST:
            yield LifeStage(name="reserved_until", at=line.reserved_until)
        case NextStep.CHARGED:
            yield LifeStage(name="charged", at=line.due_on)
        case _:
            pass


async def list_lines(subject: LineSubject, visit: PageVisit) -> Shown:
    given = {name: value for name, value in visit.query.items() if name != "done"}
    query = given | filled(account_id=visit.account_id)
    found, problem = await told(visit, visit.ask(f"list_{subject.plural}", query=query))
    lines = [] if found is None else list(found.data)
    return Shown(
        values={
            "subject": subject,
            "lines": lines,
            "account_names": await account_names(visit, (line.account_id for line in lines)),
            "lives": {line.id: list(stages(line)) for line in lines},
            "next_href": None if found is None else next_href(visit, f"list_{subject.plural}", found),
            "problem": problem,
            "filters": given,
            "states": list(LineState),
            "due_soon": (visit.visit.now.astimezone(visit.zone).date() + SOON).isoformat(),
            "account": await _account(visit, visit.account_id),
            "may_rent": visit.account_id is not None and visit.may(Action.NUMBERS_RENT),
            "done": _done(visit),
        },
        list_route="" if found is None else f"list_{subject.plural}",
        query={name: str(value) for name, value in query.items() if name != "after"},
        api=f"/{subject.plural}",
        command=_command(subject, **query),
    )


async def show_line(subject: LineSubject, visit: PageVisit) -> Shown:
    line = await line_shown(subject, visit)
    is_over = line.state is LineState.DISCONNECTED
    may_change = visit.may(Action.NUMBERS_CHANGE) and not is_over
    may_move = may_change and subject is NUMBERS and visit.account_id is None
    return Shown(
        values={
            "subject": subject,
            "line": line,
            "stages": list(stages(line)),
            "account": await _account(visit, line.account_id),
            "may_give_up": visit.may(Action.NUMBERS_GIVE_UP) and line.ends_at is None and not is_over,
            "may_keep": visit.may(Action.NUMBERS_GIVE_UP) and line.ends_at is not None and not is_over,
            "may_lose": may_change,
            "may_move": may_move,
            "may_place": may_change and subject is CONNECTORS,
            "takers": await _takers(visit, line) if may_move else [],
            "href": href_of(subject, visit, line.name),
            "done": _done(visit),
        },
        api=f"/{subject.plural}/{line.name}",
        command=_command(subject, line=line.name),
    )


async def give_up(subject: LineSubject, visit: PageVisit) -> str:
    require_tick(visit)
    return await _change(subject, visit, "give_up", "given_up")


async def keep(subject: LineSubject, visit: PageVisit) -> str:
    return await _change(subject, visit, "undo", "kept")


async def lose(subject: LineSubject, visit: PageVisit) -> str:
    require_tick(visit)
    return await _change(subject, visit, "lost", "lost")


async def move(visit: PageVisit) -> str:
    """To another account, at once; what is no id the API refuses."""
    require_tick(visit)
    line, taker = await line_shown(NUMBERS, visit), required(visit, "account")
    body = {"account_id": int(taker) if whole(taker) else taker}
    await visit.do("move_number", path={"number": line.name}, body=body)
    return f"{href_of(NUMBERS, visit, line.name)}?done=moved"


async def _takers(visit: PageVisit, line: ShownLine) -> list[object]:
    """Accounts that are proposed; of many the oldest."""
    found = await visit.ask("list_accounts", query={"state": AccountState.OPEN, "limit": PROPOSED_MAX})
    return [each for each in found.data if each.id != line.account_id]


async def _change(subject: LineSubject, visit: PageVisit, verb: str, done: str) -> str:
    line = await line_shown(subject, visit)
    await visit.do(f"{verb}_{subject.kind}", path={subject.place: line.name})
    if verb == "lost":  # of its name there may be another soon
        return f"{visit.own}/{subject.plural}?done={done}"
    return f"{href_of(subject, visit, line.name)}?done={done}"


async def line_shown(subject: LineSubject, visit: PageVisit) -> ShownLine:
    """On the pages of an account only what is its own."""
    path = {subject.place: visit.path[subject.place]}
    line: ShownLine = await visit.ask(f"show_{subject.kind}", path=path)
    if visit.account_id not in (None, line.account_id):
        raise Declined(code=ErrorCode.NOT_FOUND, detail="")
    return line


async def _account(visit: PageVisit, account_id: int | None) -> object:
    """By whose main number calls of a suspended number go out."""
    return None if account_id is None else await visit.ask("show_account", path={"account_id": str(account_id)})


def href_of(subject: LineSubject, visit: PageVisit, name: str) -> str:
    return f"{visit.own}/{subject.plural}/{quote(name)}"


def _command(subject: LineSubject, **wanted: object) -> str:
    names = {"account_id": "account"}
    told = [
        (f"--{names.get(name, name)}".replace("_", "-"), str(value))
        for name, value in wanted.items()
        if name != "after"
    ]
    return shlex.join(("gateway", subject.kind.value, "list", *(part for option in told for part in option)))


def _done(visit: PageVisit) -> str:
    return done if (done := visit.query.get("done", "")) in _DONE else ""


_ALL: Final = tuple((side, subject) for side in ("", OWN) for subject in (NUMBERS, CONNECTORS))


def path_of(subject: LineSubject, side: str) -> str:
    return f"{side}/{subject.plural}/{{{subject.place}}}"


PAGES: Final[tuple[Page, ...]] = (
    *(
        Page(
            path=f"{side}/{subject.plural}",
            name="numbers.list",
            action=Action.NUMBERS_READ,
            show=partial(list_lines, subject),
            place=40 if subject is NUMBERS else None,
        )
        for side, subject in _ALL
    ),
    *(
        Page(
            path=path_of(subject, side),
            name="numbers.one",
            action=Action.NUMBERS_READ,
            show=partial(show_line, subject),
        )
        for side, subject in _ALL
    ),
)
DEEDS: Final[tuple[Deed, ...]] = (
    *(
        Deed(
            path=f"{path_of(subject, side)}/{verb}", page=path_of(subject, side), action=action, do=partial(do, subject)
        )
        for side, subject in _ALL
        for verb, action, do in (
            ("give-up", Action.NUMBERS_GIVE_UP, give_up),
            ("keep", Action.NUMBERS_GIVE_UP, keep),
            ("lost", Action.NUMBERS_CHANGE, lose),
        )
    ),
    Deed(path=f"{path_of(NUMBERS, '')}/move", page=path_of(NUMBERS, ""), action=Action.NUMBERS_CHANGE, do=move),
)
