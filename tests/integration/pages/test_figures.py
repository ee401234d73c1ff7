"""Every figure that a page shows is the API's: as it stands in an answer, or what rows of an answer add up to.

The demo's world is shown, with all words of pages without their own digits, while what the API answers is noted. Each
figure that is read on a page must then be one that those answers say in the reader's language: a value, the number of
rows, the sum of a column, also of one currency, how long ago an instant is, or how long after the one before it. The
days and hours that charts are drawn over are a calendar's, and no figures.
"""

import dataclasses
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.demo.building import build_world
from gateway.demo.calls import SIGNED
from gateway.domain.access.roles import Role
from gateway.domain.connection import Connection
from gateway.web.api.in_process import InProcessApi
from gateway.web.api.route import Rows
from gateway.web.pages import words
from gateway.web.pages.figures import ReaderFigures
from gateway.web.pages.routes import PAGES
from gateway.words import vocabulary
from tests.integration.pages.conftest import SignIn
from tests.support.running import SECRET, Gateway, gateway_on
from tests.support.world import FakeClock

FIGURE = re.compile(r"\d(?:[\d.,:'\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}-]*\d)?")
QUIET = ("svg", "script", "style", "option", "code", "pre", "select")
CONNECTION = Connection(name=SIGNED, kind="native", secrets=(SECRET,))
FIGURES = ReaderFigures(language="en", zone=ZoneInfo("UTC"))


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    """One that serves the demo's world."""
    await build_world(dsn, FakeClock(), CONNECTION)
    async with gateway_on(dsn, tmp_path, connections={SIGNED: CONNECTION}) as running:
        yield running


class Reader(HTMLParser):
    """What is read in the main part of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("input", "br", "meta", "link", "rect", "line", "circle", "polyline"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        is_calendar = {"figure", "th"} <= set(self._open)
        if "main" in self._open and not is_calendar and not set(QUIET) & set(self._open):
            self.texts.append(data)


def figures_of(text: str) -> set[str]:
    return set(FIGURE.findall(text))


def leaves(answer: Any) -> Iterator[Any]:
    """Every value of an answer; of rows how many there may be of a kind, and their sums."""
    match answer:
        case Rows():
            yield from range(len(answer.data) + 1)
            yield from sums(answer.data)
            yield from leaves([answer.data, answer.summary])
        case Mapping():
            yield from leaves([*answer, *answer.values()])
        case str() | bytes():
            yield answer
        case Sequence():
            yield len(answer)
            for each in answer:
                yield from leaves(each)
        case _ if fields := fields_of(answer):
            yield from leaves(list(fields.values()))
        case _:
            yield answer


def fields_of(answer: Any) -> dict[str, Any]:
    names = getattr(answer, "__struct_fields__", None)
    if names is None and dataclasses.is_dataclass(answer):
        names = [each.name for each in dataclasses.fields(answer)]
    return {name: getattr(answer, name) for name in names or ()}


def sums(rows: Sequence[Any]) -> Iterator[Any]:
    """Of each column, of all rows and of those of one currency."""
    table = [fields_of(each) for each in rows]
    for group in (table, *([each for each in table if each.get("currency") == it] for it in ("USD", None))):
        for name in table[0] if table else ():
            column = [each[name] for each in group if each[name] is not None]
            if all(isinstance(value, int | Decimal) for value in column):
                yield sum(column)


def gaps(values: Sequence[Any]) -> list[int]:
    """The seconds between instants that follow one another."""
    instants = sorted({each for each in values if isinstance(each, datetime)})
    return [round((later - before).total_seconds()) for before, later in pairwise(instants)]


def said(value: Any, now: datetime) -> Iterator[str]:
    """How a reader of English is shown a value."""
    match value:
        case bool() | None:
            return
        case int():
            yield from (str(value), FIGURES.count(value), FIGURES.length(value), FIGURES.length(value // 60))
        case Decimal():
            yield from (FIGURES.money(value, "USD"), FIGURES.money(value, None), FIGURES.count(value), str(value))
            yield from (FIGURES.percent(value), FIGURES.length(round(value)))
        case datetime():
            yield from (FIGURES.instant(value), FIGURES.ago(value, now), value.isoformat())
            yield FIGURES.length(round((now - value).total_seconds()))
        case date():
            yield from (FIGURES.day(value), FIGURES.weekday(value), FIGURES.short_day(value))
        case str():
            yield from (value, FIGURES.number(value))
            if re.fullmatch(r"\d{4}-\d\d", value):
                yield FIGURES.month(value)
            if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
                yield from said(date.fromisoformat(value), now)


def read(html: str) -> str:
    reader = Reader()
    reader.feed(html)
    return " ".join(reader.texts)


def unknown(html: str, answers: Sequence[Any], now: datetime) -> set[str]:
    """The figures of a page that are none of those that were told."""
    told = [*leaves(answers), now]
    told += gaps(told)
    return figures_of(read(html)) - {
        figure for value in told for text in said(value, now) for figure in figures_of(text)
    }


def without_digits(tree: Any) -> Any:
    match tree:
        case str():
            return re.sub(r"\d", "#", tree)
        case Mapping():
            return {name: without_digits(value) for name, value in tree.items()}
        case list():
            return [without_digits(each) for each in tree]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What the API was asked and has answered since somebody looked."""
    noted: list[Any] = []
    read = InProcessApi.read

    async def noting(self: InProcessApi, name: str, *more: Any, **wanted: Any) -> Any:
        answer = await read(self, name, *more, **wanted)
        noted.extend([answer, wanted])
        return answer

    words._found.cache_clear()
    monkeypatch.setattr(InProcessApi, "read", noting)
    monkeypatch.setattr(words, "words_of", lambda tag, of="": without_digits(vocabulary.words_of(tag, of)))
    yield noted
    words._found.cache_clear()


async def paths(gateway: Gateway) -> list[str]:
    """Each page once; of calls one of each reason, and one that was charged."""
    fetch = gateway.process.context.pool.fetch
    places = {
        "account": "SELECT min(id) AS it FROM account",
        "account_id": "SELECT min(id) AS it FROM account",
        "call": "SELECT max(id) AS it FROM call WHERE reason IS NOT NULL OR charge > 0 GROUP BY reason ORDER BY 1",
        "mail_id": "SELECT max(id) AS it FROM mail",
        "member_id": "SELECT 1 AS it",
        "number": "SELECT '+442079460158' AS it",
        "name": "SELECT 'dora-office' AS it",
        "person_id": "SELECT max(id) AS it FROM person",
        "connection": f"SELECT '{SIGNED}' AS it",
        "month": "SELECT '2026-02' AS it",
    }
    known = {name: [str(row["it"]) for row in await fetch(query)] for name, query in places.items()}
    return sorted({path for page in PAGES if "hook_id" not in page.path for path in filled(page.path, known)})


def filled(path: str, known: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """With each of the last that it names, and the first of the others."""
    [*names] = re.findall(r"\{(\w+)\}", path)
    firsts = {name: known[name][0] for name in names}
    for last in known[names[-1]] if names else [""]:
        yield path.format_map(firsts | ({names[-1]: last} if names else {}))


async def test_every_figure_is_the_apis(gateway: Gateway, sign_in: SignIn, answers: list[Any]) -> None:
    browser = await sign_in(Role.OPERATOR)
    now = gateway.clock.now().astimezone(UTC)
    strange: dict[str, set[str]] = {}
    shown = 0

    for path in await paths(gateway):
        answers.clear()
        html = await (await browser.get(path)).text()
        shown += len(figures_of(read(html)))
        if found := unknown(html, [*answers, *path.split("/")], now):
            strange[path] = found

    assert strange == {}, "\n".join(f"{path}: {sorted(each)}" for path, each in strange.items())
    assert shown > 1000


def test_a_figure_that_nobody_told_is_found() -> None:
    html = "<main><p>Of $1,234.50 there are 3 calls, and 17 more. <code>99</code></p></main>"
    rows = Rows(data=[{"amount": Decimal(1000)}, {"amount": Decimal("234.5")}, {}], next=None)

    assert unknown(html, [rows, Decimal("1234.5")], datetime(2026, 3, 11, tzinfo=UTC)) == {"17"}
