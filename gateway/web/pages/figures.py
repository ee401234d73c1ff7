"""Amounts, instants, lengths and numbers as people of a language write them, in the zone of who reads.

Babel is imported where it is used: processes that only serve calls have no need of it and should stay small.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import phonenumbers
from markupsafe import Markup

if TYPE_CHECKING:
    from babel import Locale

# What stands where there is no figure.
NOTHING: Final = "\N{EN DASH}"
_EXAMPLE: Final = re.compile(r"(?P<before>\D*)1(?P<group>\D)234(?P=group)567(?P<point>\D)891(?P<after>\D*)")
_LETTERS_AND_DIGITS: Final = re.compile(r"(?<=[A-Z])(?=[0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderFigures:
    """How one reader's figures are written."""

    language: str
    zone: ZoneInfo

    def money(self, amount: Decimal | str | None, currency: str | None) -> str:
        """All decimals that it has, and no fewer than its currency has."""
        return NOTHING if amount is None else _money(Decimal(amount), currency or "", self.language)

    def count(self, number: int | Decimal) -> str:
        from babel.numbers import format_decimal  # noqa: PLC0415 - see above

        return format_decimal(number, locale=_locale(self.language))

    def percent(self, part: Decimal | float | None) -> str:
        from babel.numbers import format_percent  # noqa: PLC0415 - see above

        return NOTHING if part is None else format_percent(part, locale=_locale(self.language))

    def day(self, at: datetime | date | None) -> str:
        """A day, with its year."""
        if at is None:
            return NOTHING
        return _day(at.astimezone(self.zone).date() if isinstance(at, datetime) else at, self.language)

    def weekday(self, at: date | None) -> str:
        """A day, with the day of the week and the year."""
        from babel.dates import format_date  # noqa: PLC0415 - see above

        return NOTHING if at is None else format_date(at, "full", locale=_locale(self.language))

    def month(self, name: str) -> str:
        """A month, as 2026-11, with its year."""
        from babel.dates import format_skeleton  # noqa: PLC0415 - see above

        written = format_skeleton("yMMMM", date.fromisoformat(f"{name}-01"), locale=_locale(self.language))
        return written[:1].upper() + written[1:]

    def short_day(self, day: date) -> str:
        """A day without its year, as charts have room for."""
        from babel.dates import format_skeleton  # noqa: PLC0415 - see above

        text: str = format_skeleton("MMMd", datetime.combine(day, time(), tzinfo=UTC), locale=_locale(self.language))
        return text

    def instant(self, at: datetime | None) -> str:
        """A day and a time to the second, in the reader's zone."""
        if at is None:
            return NOTHING
        here = at.astimezone(self.zone)
        return f"{_day(here.date(), self.language)}, {here.hour:02}:{here.minute:02}:{here.second:02}"

    def when(self, at: datetime | None) -> str:
        """The same, as a page says it, for programs too."""
        return NOTHING if at is None else Markup(f'<time datetime="{at.isoformat()}">{self.instant(at)}</time>')  # noqa: S704 - no mark of HTML is in either

    def length(self, seconds: int | None) -> str:
        """Hours, minutes and seconds, as clocks of calls show them."""
        if seconds is None:
            return NOTHING
        minutes, rest = divmod(int(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

    def ago(self, at: datetime, now: datetime) -> str:
        """How long ago, in the largest unit that says it."""
        from babel.dates import format_timedelta  # noqa: PLC0415 - see above

        return format_timedelta(min(at - now, timedelta()), add_direction=True, locale=_locale(self.language))

    def number(self, number: str | None) -> str:
        """A telephone number in groups; what is none stays as it is."""
        return "" if number is None else _grouped(number)

    def country(self, code: str | None) -> str:
        """A country's name, by its code. Without its flag, which machines without such letters show as boxes."""
        return _locale(self.language).territories.get(code, code) if code else ""


@cache
def language_name(tag: str) -> str:
    """What a language calls itself."""
    name: str = _locale(tag).get_display_name() or tag
    return name[:1].upper() + name[1:]


def digits(amount: Decimal) -> str:
    """An amount as it is filled in, without the places that say nothing."""
    return f"{amount.normalize():f}"


def filters(figures: ReaderFigures) -> dict[str, Any]:
    """What templates call: by the names of the figures."""
    names = (
        "money",
        "count",
        "percent",
        "day",
        "weekday",
        "month",
        "instant",
        "when",
        "length",
        "ago",
        "number",
        "country",
    )
    return {name: getattr(figures, name) for name in names} | {"language_name": language_name, "digits": digits}


@lru_cache(maxsize=1024)
def _day(day: date, language: str) -> str:
    from babel.dates import format_date  # noqa: PLC0415 - see above

    return format_date(day, "medium", locale=_locale(language))


@lru_cache(maxsize=4096)
def _money(amount: Decimal, currency: str, language: str) -> str:
    """As Babel writes it, whose own way takes too long for every row of a list."""
    least, shapes = _shapes(currency, language)
    amount = amount.normalize()
    _, _, exponent = amount.as_tuple()
    places = max(least, -int(exponent))
    shape = shapes[amount < 0]
    figures = f"{abs(amount):,.{places}f}".translate({ord(","): shape.group, ord("."): shape.point})
    return f"{shape.before}{figures}{shape.after}"


class _Shape(NamedTuple):
    """What stands around an amount, between its thousands, and before what is less than one."""

    before: str
    group: str
    point: str
    after: str


@cache
def _shapes(currency: str, language: str) -> tuple[int, tuple[_Shape, _Shape]]:
    """How many places an amount has at least, and how one above nothing and one below are written."""
    from babel.numbers import format_currency, format_decimal, get_currency_precision  # noqa: PLC0415 - see above

    def shape(example: Decimal) -> _Shape:
        locale = _locale(language)
        if currency:
            text = format_currency(example, currency, locale=locale, decimal_quantization=False)
        else:
            text = format_decimal(example, locale=locale, decimal_quantization=False)
        found = _EXAMPLE.fullmatch(_LETTERS_AND_DIGITS.sub("\N{NO-BREAK SPACE}", text))
        assert found is not None, text  # noqa: S101
        return _Shape(**found.groupdict())

    least = get_currency_precision(currency) if currency else 0
    return least, (shape(Decimal("1234567.891")), shape(Decimal("-1234567.891")))


@lru_cache(maxsize=16_384)
def _grouped(number: str) -> str:
    if not number.startswith("+"):
        return number
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    grouped: str = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return grouped.replace(" ", "\N{NO-BREAK SPACE}")


@cache
def _locale(language: str) -> "Locale":
    from babel import Locale  # noqa: PLC0415 - see above

    return Locale.parse(language, sep="-")
