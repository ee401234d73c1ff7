"""What a price list of a provider does not say, and the operator therefore does."""

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal

from gateway.decks.layouts import Layout
from gateway.domain.errors import InvalidInput

# Of -100 % every call would be free.
MARKUP_ABOVE = -100
MARKUP_MAX = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """`markup` in percent is added to every price, which is then rounded once, half-up to six places.

    `increment_s` is what calls are rounded up to where the list does not say; `dearest_origin`: see `price_list`.
    `any_prefix`, for our own decks too: prefixes may begin no country's numbers, or another's than the row's own.
    """

    currency: str | None = None
    valid_from: str | None = None
    increment_s: int | None = None
    markup: Decimal | None = None
    dearest_origin: bool = False
    any_prefix: bool = False

    @property
    def given(self) -> list[str]:
        """The names of those that somebody said, and that are for price lists alone."""
        terms = {each.name: getattr(self, each.name) for each in fields(self)}
        return [
            name for name, value in terms.items() if value is not None and value is not False and name != "any_prefix"
        ]

    def fill(self, layout: Layout, *, now: datetime | None) -> dict[str, str]:
        """The texts that are the same for all rows: what the layout says, and before that what is said here."""
        terms = {"currency": self.currency, "valid_from": self.valid_from, "increment_s": self.increment_s}
        texts = {**layout.constants, **{name: str(value) for name, value in terms.items() if value is not None}}
        problems = [
            f"{name}: the list says it itself, in its column {layout.columns[name]!r}"
            for name, value in terms.items()
            if value is not None and name in layout.columns
        ]
        if "currency" not in texts and "currency" not in layout.columns:
            problems.append("currency: the price list does not say it, so it must be given")
        if self.markup is not None and not (self.markup.is_finite() and MARKUP_ABOVE < self.markup <= MARKUP_MAX):
            problems.append(f"markup: {self.markup} is not a percentage above {MARKUP_ABOVE} and up to {MARKUP_MAX}")
        if problems:
            raise InvalidInput("\n".join(problems))
        if now is not None and "valid_from" not in layout.columns:
            texts.setdefault("valid_from", now.isoformat())
        return texts
