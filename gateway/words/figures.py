"""The figures in a mail, as people of its language write them: amounts, days, instants (R32).

Babel is imported where it is used: processes that only serve calls have no need of it and should stay small.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from functools import cache
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from gateway.domain.accounts.caps import Cap
from gateway.words.vocabulary import fill, words_of

if TYPE_CHECKING:
    from babel import Locale

TEXT_LENGTH_MAX: Final = 200
_LETTERS_AND_DIGITS: Final = re.compile(r"(?<=[A-Z])(?=[0-9])")
_COUNT: Final = re.compile(r": (\d+)")
_CAPS_OF_MONEY: Final = frozenset({Cap.SPEND_A_DAY, Cap.DEAREST_RATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The facts of a mail (`NoticeKind` says which there are), each as text on demand."""

    language: str
    facts: Mapping[str, object]

    def text(self, name: str) -> str:
        """A fact as one line without control characters, whatever somebody put into a name."""
        printable = "".join(mark if mark.isprintable() else " " for mark in str(self.facts[name]))
        line = " ".join(printable.split())
        return line if len(line) <= TEXT_LENGTH_MAX else f"{line[: TEXT_LENGTH_MAX - 1]}…"

    def counts(self, name: str) -> str:
        """What is counted, each with its number in brackets: a colon is set otherwise in each language."""
        return _COUNT.sub(r" (\1)", self.text(name))

    def has_less(self, name: str) -> str:
        """Money there is, rounded down to the currency's decimals."""
        return self._money(self._amount(name), ROUND_FLOOR)

    def needs_more(self, name: str, *, but_for: str | None = None) -> str:
        """Money that is needed, beside what there is of it, rounded up: whoever pays as much has paid enough."""
        amount = self._amount(name) - (Decimal(0) if but_for is None else self._amount(but_for))
        return self._money(max(amount, Decimal(0)), ROUND_CEILING)

    def money(self, name: str) -> str:
        return self._money(self._amount(name), ROUND_HALF_UP)

    def price(self, name: str) -> str:
        """A rate, with as many decimals as it needs."""
        amount, least = self._amount(name).normalize(), self._quantum()
        return self._money_text(amount if amount != amount.quantize(least) else amount.quantize(least))

    def days(self, name: str) -> str:
        """A number of days, with the word in its right form."""
        return self._duration(timedelta(days=int(str(self.facts[name]))), "day")

    def window(self, name: str) -> str:
        """Days that have passed; one day is 24 hours, so that whatever stands beside it is always a plural."""
        days = int(str(self.facts[name]))
        return self._duration(timedelta(days=days), "hour" if days == 1 else "day")

    def day(self, name: str) -> str:
        """A day, or the one that an instant falls on in the account's time zone."""
        from babel.dates import format_date  # noqa: PLC0415 - see above

        value = str(self.facts[name])
        day = self._instant(value).date() if "T" in value else date.fromisoformat(value)
        pattern = "first_day_of_month" if day.day == 1 else "day"
        return format_date(day, words_of(self.language)[pattern], locale=_locale(self.language))

    def instant(self, name: str) -> str:
        """A day and a time, in the account's time zone, which is named; a day alone begins at midnight."""
        value = str(self.facts[name])
        at = self._instant(value) if "T" in value else datetime.fromisoformat(value)
        parts = {
            "day": self.day(name),
            "time": f"{at:%H:%M}",
            "hour": str(at.hour),
            "minute": f"{at:%M}",
            "zone": str(self.facts["time_zone"]),
        }
        return fill(words_of(self.language)["instant"], parts)

    def limit(self) -> str:
        """The limit of a cap: money where the cap is one of money."""
        cap = Cap(str(self.facts["cap"]))
        if cap not in _CAPS_OF_MONEY:
            return self.text("limit")
        return self.price("limit") if cap is Cap.DEAREST_RATE else self.money("limit")

    def _duration(self, duration: timedelta, unit: Literal["day", "hour"]) -> str:
        from babel.dates import format_timedelta  # noqa: PLC0415 - see above

        # The threshold keeps weeks and months out.
        return format_timedelta(duration, unit, threshold=1000, locale=_locale(self.language))

    def _instant(self, value: str) -> datetime:
        return datetime.fromisoformat(value).astimezone(ZoneInfo(str(self.facts["time_zone"])))

    def _amount(self, name: str) -> Decimal:
        return Decimal(str(self.facts[name]))

    def _currency(self) -> str:
        return str(self.facts["currency"])

    def _quantum(self) -> Decimal:
        from babel.numbers import get_currency_precision  # noqa: PLC0415 - see above

        return Decimal(1).scaleb(-get_currency_precision(self._currency()))

    def _money(self, amount: Decimal, rounding: str) -> str:
        rounded = amount.quantize(self._quantum(), rounding)
        # Never -0.00.
        return self._money_text(rounded or abs(rounded))

    def _money_text(self, amount: Decimal) -> str:
        """An amount with just the decimals that it has."""
        from babel.numbers import format_currency  # noqa: PLC0415 - see above

        text = format_currency(amount, self._currency(), locale=_locale(self.language), decimal_quantization=False)
        # By the Unicode project's rules a currency's letters are kept apart from digits; Babel does not do so.
        return _LETTERS_AND_DIGITS.sub("\N{NO-BREAK SPACE}", text)


@cache
def _locale(language: str) -> "Locale":
    from babel import Locale  # noqa: PLC0415 - see above

    return Locale.parse(language, sep="-")
