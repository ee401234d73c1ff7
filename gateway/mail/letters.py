"""What a mail says: its facts in the words of its language (`words/*.toml`), as text and as HTML. Pure.

Jinja2 is imported with the first letter: processes that only serve calls have no need of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

from gateway.domain.accounts.caps import DEAR
from gateway.domain.mail.notices import OPERATORS, PEOPLE, NoticeKind
from gateway.domain.mail.top_up import TopUp
from gateway.words.figures import Figures
from gateway.words.vocabulary import fill, spoken, words_of

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE: Final = Path(__file__).parent
LINE_LENGTH: Final = 72
_NO_TOP_UP: Final = TopUp()
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
    "until": Figures.instant,
    "flags": Figures.counts,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A subject of one line, and the same said as text and as HTML, in this language."""

    language: str
    subject: str
    text: str
    html: str


def write_letter(kind: NoticeKind, *, language: str, facts: Mapping[str, object], top_up: TopUp = _NO_TOP_UP) -> Letter:
    """The letter of a kind; KeyError or ValueError if its facts are not those that `NoticeKind` names."""
    words = words_of(language)
    figures = Figures(language=spoken(language), facts=facts)
    values = _values(kind, figures, words)
    message = words[variant(kind, facts)]
    parts: dict[str, Any] = {
        "language": figures.language,
        "subject": fill(message["subject"], values),
        "paragraphs": [fill(paragraph, values) for paragraph in message["paragraphs"]],
        **_below(kind, words, figures, top_up),
    }
    environment = _environment()
    return Letter(
        language=figures.language,
        subject=parts["subject"],
        text=environment.get_template("mail.txt").render(parts),
        html=environment.get_template("mail.html").render(parts),
    )


def unwrapped(text: str) -> str:
    """The text of a letter with each of its paragraphs in one line, for what breaks lines by itself.

    A line was broken where the next word had no room; every other end of a line is meant.
    """
    lines = [""]
    before = ""
    for line in text.splitlines():
        word = line.partition(" ")[0]
        is_address = any(" " not in each and "://" in each for each in (before, line))
        if before and word and not is_address and len(before) + 1 + len(word) > LINE_LENGTH:
            lines[-1] += f" {line}"
        else:
            lines.append(line)
        before = line
    return "\n".join(lines[1:])


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


def _below(kind: NoticeKind, words: Mapping[str, Any], figures: Figures, top_up: TopUp) -> dict[str, Any]:
    """What stands below the paragraphs, by who reads it."""
    if kind in PEOPLE:
        return {"link": figures.facts["link"], "top_up_words": None, "footer": words["footer_person"]}
    return {"link": None} | (_to_operator(words) if kind in OPERATORS else _to_administrator(words, figures, top_up))


def _to_administrator(words: Mapping[str, Any], figures: Figures, top_up: TopUp) -> dict[str, Any]:
    """What stands below every message: how to top up, and why it was sent."""
    footer = fill(words["footer"], {"account": figures.text("account")})
    if top_up == _NO_TOP_UP:
        return {"top_up": None, "top_up_words": words["top_up_by_operator"], "footer": footer}
    return {"top_up": top_up, "top_up_words": words["top_up"], "footer": footer}


def _to_operator(words: Mapping[str, Any]) -> dict[str, Any]:
    return {"top_up": None, "top_up_words": None, "footer": words["footer_operator"]}


def _values(kind: NoticeKind, figures: Figures, words: Mapping[str, Any]) -> dict[str, str]:
    """What the placeholders of a kind stand for: its facts, and what it alone says in another way."""
    present = [name for name, fact in figures.facts.items() if fact is not None]
    values = {name: _WRITTEN.get(name, Figures.text)(figures, name) for name in present}
    if "line" in values:
        name, line_kind = {"name": values["line"]}, figures.text("line_kind")
        values["line"] = fill(words["lines"][line_kind], name)
        values["the_line"] = fill(words["the_lines"][line_kind], name)
    return values | _values_of_its_own(kind, figures, words)


def _values_of_its_own(kind: NoticeKind, figures: Figures, words: Mapping[str, Any]) -> dict[str, str]:
    match kind:
        case NoticeKind.LOW_BALANCE:
            missing = figures.needs_more("minimum", but_for="balance")
            return {"missing": missing, "window": figures.window("window_days"), "ahead": figures.days("days_ahead")}
        case NoticeKind.LINE_RESTORED:
            return {"rent": figures.money("rent")}  # it has been paid
        case NoticeKind.DISCONNECTION_NEAR:
            return {"left": figures.days("days")}
        case NoticeKind.CAP_REFUSED:
            caller = figures.text("caller") or words["withheld_caller"]
            return {"caller": caller, "cap": _cap(figures, words)}
        case _:
            return {}


def _cap(figures: Figures, words: Mapping[str, Any]) -> str:
    """What a cap limits; the list of dear destinations is no prefix, but a sentence of its own."""
    limit = figures.limit()
    name = "blocked_as_dear" if limit == DEAR else figures.text("cap")
    return fill(words["caps"][name], {"limit": limit})


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape  # noqa: PLC0415 - see above

    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["wrapped"] = _wrapped
    return environment


def _wrapped(text: str) -> str:
    """A paragraph in lines; a word that is too long for one is broken, unless it may be an address to be followed."""
    lines = wrap(text, LINE_LENGTH, break_long_words="://" not in text, break_on_hyphens=False)
    return "\n".join(line.rstrip() for line in lines)
