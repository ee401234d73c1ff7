"""What a mail says: its facts in the words of its language (`words/*.toml`), as text and as HTML. Pure.

Jinja2 is imported with the first letter: processes that only serve calls have no need of it.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gateway.domain.mail.notices import OPERATORS, NoticeKind
from gateway.mail.figures import Figures

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE: Final = Path(__file__).parent
# Beside the language that somebody reads, there is the one that everybody understands.
FALLBACK: Final = "en"
# How a fact is written, whatever mail it is in; one that is not here is a text.
_WRITTEN: Final[Mapping[str, Callable[[Figures, str], str]]] = {
    "balance": Figures.has_less,
    "available": Figures.has_less,
    "minimum": Figures.needs_more,
    "missing": Figures.needs_more,
    "rent": Figures.needs_more,
    "spent": Figures.money,
    "held": Figures.money,
    "due_on": Figures.day,
    "day": Figures.day,
    "reserved_until": Figures.instant,
    "at": Figures.instant,
    "must_end_at": Figures.instant,
}


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
    footer = words["footer_operator"] if kind in OPERATORS else words["footer"]
    parts: dict[str, Any] = {
        "language": figures.language,
        "subject": message["subject"].format(**values),
        "paragraphs": [paragraph.format(**values) for paragraph in message["paragraphs"]],
        "footer": footer if kind in OPERATORS else footer.format(account=figures.text("account")),
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


def _values(kind: NoticeKind, figures: Figures, words: Mapping[str, Any]) -> dict[str, str]:
    """What the placeholders of a kind stand for: its facts, and what it alone says in another way."""
    present = [name for name, fact in figures.facts.items() if fact is not None]
    values = {name: _WRITTEN.get(name, Figures.text)(figures, name) for name in present}
    if figures.facts.get("line_kind") == "connector":
        values["line"] = words["connector"].format(name=values["line"])
    return values | _values_of_its_own(kind, figures, words)


def _values_of_its_own(kind: NoticeKind, figures: Figures, words: Mapping[str, Any]) -> dict[str, str]:
    match kind:
        case NoticeKind.LOW_BALANCE:
            missing = figures.needs_more("minimum", but_for="balance")
            return {"missing": missing, "window": figures.days("window_days"), "ahead": figures.days("days_ahead")}
        case NoticeKind.LINE_RESTORED:
            return {"rent": figures.money("rent")}  # it has been paid
        case NoticeKind.DISCONNECTION_NEAR:
            return {"left": figures.days("days")}
        case NoticeKind.CAP_REFUSED:
            cap: str = words["caps"][figures.text("cap")]
            return {"cap": cap.format(limit=figures.limit())}
        case _:
            return {}


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
