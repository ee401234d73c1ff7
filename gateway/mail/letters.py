"""What a mail says: its facts in the words of its language (`words/*.toml`), as text and as HTML. Pure.

Jinja2 is imported with the first letter: processes that only serve calls have no need of it.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, assert_never

from gateway.domain.mail.notices import NoticeKind
from gateway.mail.figures import Figures

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE: Final = Path(__file__).parent
# Beside the language that somebody reads, there is the one that everybody understands.
FALLBACK: Final = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A subject of one line, and the same said as text and as HTML."""

    subject: str
    text: str
    html: str


def write_letter(kind: NoticeKind, *, language: str, facts: Mapping[str, object]) -> Letter:
    """The letter of a kind; KeyError or ValueError if its facts are not those that `NoticeKind` names."""
    words = words_of(language)
    figures = Figures(language=language if language in languages() else FALLBACK, facts=facts)
    values = _values(kind, figures, words)
    message = words[variant(kind, facts)]
    footer = words["footer_operator"] if kind is NoticeKind.CALL_UNCUT else words["footer"]
    parts: dict[str, Any] = {
        "language": figures.language,
        "subject": message["subject"].format(**values),
        "paragraphs": [paragraph.format(**values) for paragraph in message["paragraphs"]],
        "footer": footer if kind is NoticeKind.CALL_UNCUT else footer.format(account=figures.text("account")),
    }
    environment = _environment()
    return Letter(
        subject=parts["subject"],
        text=environment.get_template("mail.txt").render(parts),
        html=environment.get_template("mail.html").render(parts),
    )


def variant(kind: NoticeKind, facts: Mapping[str, object]) -> str:
    """The name of the message: of some kinds there are several."""
    match kind:
        case NoticeKind.LINE_SUSPENDED:
            return f"{kind}_{facts['line_kind']}{_held(facts)}"
        case NoticeKind.RENT_DUE:
            return f"{kind}{_held(facts)}"
        case NoticeKind.LINE_DISCONNECTED:
            return f"{kind}_{facts['why']}"
        case _:
            return kind.value


def _held(facts: Mapping[str, object]) -> str:
    """Where only money is missing that calls hold, that is what is said."""
    return "" if Decimal(str(facts["missing"])) else "_held"


@cache
def languages() -> frozenset[str]:
    return frozenset(path.stem for path in (_HERE / "words").glob("*.toml"))


@cache
def words_of(language: str) -> Mapping[str, Any]:
    """The words of a language; of one that nobody has translated into, those of English."""
    name = language if language in languages() else FALLBACK
    return tomllib.loads((_HERE / "words" / f"{name}.toml").read_text(encoding="utf-8"))


def _values(kind: NoticeKind, figures: Figures, words: Mapping[str, Any]) -> dict[str, str]:  # noqa: C901 - a table
    """What the placeholders of a kind stand for."""
    values: dict[str, str] = {}
    if "line" in figures.facts:
        name = figures.text("line")
        is_connector = figures.facts.get("line_kind") == "connector"
        values["line"] = words["connector"].format(name=name) if is_connector else name
    match kind:
        case NoticeKind.LOW_BALANCE:
            values |= {"balance": figures.has_less("balance"), "minimum": figures.needs_more("minimum")}
            values |= {"missing": figures.needs_more("minimum", but_for="balance"), "spent": figures.money("spent")}
            values |= {"window": figures.days("window_days"), "ahead": figures.days("days_ahead")}
        case NoticeKind.LINE_SUSPENDED:
            values |= _rent_unpaid(figures)
            if figures.facts.get("reserved_until") is not None:
                values["reserved_until"] = figures.instant("reserved_until")
        case NoticeKind.LINE_RESTORED:
            values |= {"rent": figures.money("rent"), "due_on": figures.day("due_on")}
        case NoticeKind.DISCONNECTION_NEAR:
            values |= {"rent": figures.needs_more("rent"), "left": figures.days("days")}
            values["reserved_until"] = figures.instant("reserved_until")
        case NoticeKind.LINE_DISCONNECTED:
            pass
        case NoticeKind.RENT_DUE:
            values |= _rent_unpaid(figures)
        case NoticeKind.CAP_REFUSED:
            cap: str = words["caps"][figures.text("cap")]
            values |= {"cap": cap.format(limit=figures.limit()), "at": figures.instant("at")}
            values |= {"caller": figures.text("caller"), "callee": figures.text("callee")}
        case NoticeKind.CALL_UNCUT:
            values |= {name: figures.text(name) for name in ("call_id", "connection", "attempts")}
            values["must_end_at"] = figures.instant("must_end_at")
        case _:
            assert_never(kind)
    return values


def _rent_unpaid(figures: Figures) -> dict[str, str]:
    return {
        "rent": figures.needs_more("rent"),
        "due_on": figures.day("due_on"),
        "available": figures.has_less("available"),
        "missing": figures.needs_more("missing"),
        "held": figures.money("held"),
    }


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape  # noqa: PLC0415 - see above

    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
