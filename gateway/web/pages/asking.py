"""What pages ask the API for that people type: what it cannot answer is said beside the form, which stays."""

from collections.abc import Awaitable
from datetime import date, datetime, time
from typing import Any, Final, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from gateway.domain.errors import DatabaseAway, GatewayError
from gateway.web.api.problems import Declined, ErrorCode, refused_by
from gateway.web.api.said import Amount, Said
from gateway.web.pages.visit import PageVisit
from gateway.words.refusals import refusal_in
from gateway.words.vocabulary import fill

R = TypeVar("R")
# Whose words say all there is to say.
_SAY_ALL: Final = (ErrorCode.FORBIDDEN, ErrorCode.NOT_FOUND)


class Told(NamedTuple, Generic[R]):
    """An answer, or why there is none."""

    answer: R | None
    problem: str


async def told(visit: PageVisit, asked: Awaitable[R]) -> Told[R]:
    """What the API says; what it refuses, in the reader's language."""
    try:
        return Told(await asked, "")
    except DatabaseAway:
        raise
    except Declined as declined:
        return Told(None, said_of(visit, declined))
    except GatewayError as error:
        return Told(None, said_of(visit, refused_by(error)))


def said_of(visit: PageVisit, refused: Declined) -> str:
    """What was refused, in the reader's language, and what exactly."""
    return f"{visit.words('frame')(f'refused.{refused.code.value}')} {detail_of(visit, refused)}".strip()


def detail_of(visit: PageVisit, refused: Declined) -> str:
    """Why, in a sentence of the reader's language, where it has been translated."""
    return _sentence(_detail_of(visit, refused))


def _detail_of(visit: PageVisit, refused: Declined) -> str:
    """Of what nobody has translated, the field that is wrong, or what the API says."""
    said = None if refused.error is None else refusal_in(visit.language, refused.error)
    if said is not None:
        return said
    words, field = visit.words("frame"), (refused.field or "").rpartition("/")[2]
    if refused.code is ErrorCode.INVALID and (label := words.find(f"fields.{field}")):
        return words("see_field", field=label)
    return "" if refused.code in _SAY_ALL else refused.detail


def _sentence(text: str) -> str:
    ended = text if not text or text[-1] in ".!?" else f"{text}."
    return ended[:1].upper() + ended[1:]


def worded(visit: PageVisit, said: Said) -> str:
    """What the API says, with its figures as its reader writes them."""
    figures = visit.figures
    filled_in = {
        name: figures.money(value.amount, value.currency) if isinstance(value, Amount) else str(value)
        for name, value in said.figures.items()
    }
    return fill(visit.words("frame").explained(said.code), filled_in)


def begin_of(text: str, zone: ZoneInfo) -> datetime:
    """The first instant of a day that somebody typed, or the minute, in their zone."""
    try:
        at = datetime.fromisoformat(text) if "T" in text else datetime.combine(date.fromisoformat(text), time())
    except ValueError as error:
        raise Declined(code=ErrorCode.INVALID, detail=text) from error
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)


def required(visit: PageVisit, name: str) -> str:
    """What somebody filled in; a form that lacks it is refused."""
    value = visit.form.get(name, "").strip()
    if not value:
        raise Declined(code=ErrorCode.INVALID, detail=name, field=f"/{name}")
    return value


def require_tick(visit: PageVisit) -> None:
    """What is dangerous is done by who has said so twice: by the button and by the tick beside it."""
    if visit.form.get("sure") != "yes":
        raise Declined(code=ErrorCode.INVALID, detail=visit.words("frame")("tick_first"))


def filled(**given: Any) -> dict[str, Any]:
    """Without what was left empty."""
    return {name: value for name, value in given.items() if value not in (None, "")}
