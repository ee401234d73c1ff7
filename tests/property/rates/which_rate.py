"""A random deck, lines and questions, and a plain model of which rate applies that shares nothing with the product."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from gateway.postgres.types import PgConnection
from tests.support import world
from tests.support.world import NOON

CURRENCIES = ("USD", "EUR")
COUNTRIES = ("US", "GB", "DE")
CATEGORIES = ("geographic", "mobile", "toll_free")
# Of each a number that may be called; their endings are drawn.
CALLEES = ("+4420794600", "+4479111234", "+4930901820", "+49151234567", "+121255501", "+141655501", "+414466818")
# Of the lines +15550100000 to +15550100023, and of others.
CALLERS = (("1555010000", "44"), ("1",), ("15550100", "155501000"), ("15550100012", "49"), ("33", "49"))
DAYS = 40
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True)
class ModelRate:
    """A row; `price` in millionths is its own, so that a row can be told by it."""

    id: int
    kind: str
    currency: str
    country: str
    category: str
    prefix: str
    begins: datetime
    ends: datetime | None
    price: int
    caller_prefixes: tuple[str, ...] = ()

    def is_for(self, question: "Question") -> bool:
        if self.currency != question.currency or self.kind != question.kind:
            return False
        if self.kind == "outbound":
            is_for_caller = not self.caller_prefixes or self.caller_digits(question) > 0
            return is_for_caller and question.callee.removeprefix("+").startswith(self.prefix)
        if question.is_connector:
            return self.category == "connector" and self.country in ("", question.country)
        return self.country in ("", question.country) and self.category in ("", question.category)

    def is_valid(self, at: datetime) -> bool:
        return self.begins <= at and (self.ends is None or at < self.ends)

    def caller_digits(self, question: "Question") -> int:
        fitting = [len(each) for each in self.caller_prefixes if question.line[1:].startswith(each)]
        return max(fitting, default=0)

    def precedence(self, question: "Question") -> tuple[object, ...]:
        if self.kind == "outbound":
            price = self.price if self.caller_prefixes else 0
            return (len(self.prefix), self.caller_digits(question), price, self.begins, self.id)
        return (self.country != "", self.category != "", self.begins, self.id)


@dataclass(frozen=True, kw_only=True)
class Question:
    """A call or a rent of a line at an instant."""

    kind: str
    line: str
    currency: str
    country: str
    category: str
    callee: str
    at: datetime
    is_connector: bool = False

    def answer(self, deck: Sequence[ModelRate]) -> ModelRate | None:
        """The row that applies."""
        applying = [rate for rate in deck if rate.is_for(self) and rate.is_valid(self.at)]
        return max(applying, key=lambda rate: rate.precedence(self), default=None)


def random_callee(random: Random) -> str:
    beginning = random.choice(CALLEES)
    return beginning + "".join(random.choice("0123456789") for _ in range(2))


def random_instant(random: Random, deck: Sequence[ModelRate]) -> datetime:
    """Any instant, or the very one at which a rate begins or ends, or one beside it."""
    if random.random() < 0.5:
        return NOON + timedelta(seconds=random.randrange(DAYS * 86_400))
    rate = random.choice(deck)
    edge = rate.ends if rate.ends is not None and random.random() < 0.5 else rate.begins
    return edge + random.choice((-MICROSECOND, timedelta(0), MICROSECOND))


async def make_deck(conn: PgConnection, random: Random) -> list[ModelRate]:
    """Rates of all kinds that overlap, some of which were never valid; of a destination one is open-ended at most."""
    deck: list[ModelRate] = []
    for kind, currency, country, category, prefix, callers in _destinations(random):
        spans = [_span(random) for _ in range(random.choice((1, 2, 3)))]
        if random.random() < 0.5:
            spans.append((_span(random)[0], None))
        for begins, ends in spans:
            price = len(deck) + 1
            rate_id = await world.rate(
                conn,
                prefix,
                f"0.{price:06}",
                kind=kind,
                currency=currency,
                country=country,
                category=category,
                valid_from=begins,
                valid_until=ends,
                caller_prefixes=" ".join(callers),
            )
            deck.append(
                ModelRate(
                    id=rate_id,
                    kind=kind,
                    currency=currency,
                    country=country,
                    category=category,
                    prefix=prefix,
                    begins=begins,
                    ends=ends,
                    price=price,
                    caller_prefixes=callers,
                )
            )
    return deck


def _destinations(random: Random) -> Iterator[tuple[str, str, str, str, str, tuple[str, ...]]]:
    """Kind, currency, country, category, prefix and callers; country and category of an outbound row are labels."""
    for currency in CURRENCIES:
        prefixes = {random_callee(random)[1 : random.randrange(2, 14)] for _ in range(60)}
        for prefix in sorted(prefixes):
            for callers in ((), *random.sample(CALLERS, random.choice((0, 0, 1, 2)))):
                labels = random.choice(("", *COUNTRIES)), random.choice(("", *CATEGORIES))
                if callers or random.random() < 0.9:
                    yield "outbound", currency, *labels, prefix, callers
        for country in ("", *COUNTRIES):
            for category in ("", *CATEGORIES, "connector"):
                for kind in ("rent", "inbound"):
                    if random.random() < 0.6:
                        yield kind, currency, country, category, "", ()


def _span(random: Random) -> tuple[datetime, datetime]:
    begins = NOON + timedelta(days=random.randrange(-5, DAYS))
    return begins, begins + timedelta(days=random.randrange(0, 15))
