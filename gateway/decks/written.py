"""What price lists write otherwise than our own decks: prices with units, intervals in one cell, dates of a country."""

import re
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from gateway.currencies import is_currency

_PRICE = re.compile(r"([^0-9.,+-]*)([0-9]*[.,]?[0-9]+|[0-9]+[.,]?)([^0-9.,+-]*)")
_HUNDREDTHS = frozenset({"p", "pence", "c", "¢", "ct", "cts", "cent", "cents"})
# Whose signs these are; a dollar sign also stands for pesos.
_CURRENCIES_OF_SIGNS = MappingProxyType(
    {
        "€": "EUR",
        "£": "GBP GIP FKP SHP EGP LBP SDG SSP SYP",
        "$": "USD CAD AUD NZD SGD HKD TWD BSD BBD BZD BMD BND KYD FJD GYD JMD LRD NAD SBD SRD TTD XCD"
        " MXN ARS CLP COP CUP DOP UYU BRL NIO MOP TOP WST CVE",
        "¥": "JPY CNY",
        "₽": "RUB",
        "₹": "INR",
        "₴": "UAH",
        "₺": "TRY",
        "₪": "ILS",
        "₸": "KZT",
        "₩": "KRW KPW",
    }
)
_CODE = re.compile(r"\b[A-Z]{3}\b")
_SECONDS = re.compile(r"([0-9]+)\s*(?:s|secs?|seconds?)?\.?", re.IGNORECASE)
_INTERVALS = re.compile(r"\s*[/+:-]\s*")
# What people write of a date, and what reads it.
_DATE_WORDS = (("YYYY", "%Y"), ("YY", "%y"), ("MMM", "%b"), ("MM", "%m"), ("DD", "%d"), ("HH", "%H"), ("mm", "%M"))


def price_written(text: str, *, decimal_mark: str) -> tuple[str, bool]:
    """The digits of a price, with a full stop, and whether they are hundredths."""
    found = _PRICE.fullmatch(text.strip())
    if found is None or ("." if decimal_mark == "," else ",") in found[2]:
        raise ValueError(f"{text!r} is not an amount like 0{decimal_mark}0270")
    whole, mark, places = found[2].partition(decimal_mark)
    digits = f"{whole or '0'}.{places}" if mark and places else whole
    return digits, found[3].strip().lower() in _HUNDREDTHS


@lru_cache(maxsize=4096)
def require_currency_of(price: str, currency: str) -> None:
    """A price that says its currency, by a sign or a code, says that of its row."""
    signs = [currencies for sign, currencies in _CURRENCIES_OF_SIGNS.items() if sign in price]
    codes = [code for code in _CODE.findall(price) if is_currency(code)]
    if not all(currency in currencies for currencies in (*signs, *codes)):
        raise ValueError(f"{price!r} is not in {currency}, the currency of its row")


def seconds_written(text: str) -> str:
    """`60s` is `60`."""
    found = _SECONDS.fullmatch(text.strip())
    return text if found is None else found[1]


def intervals_written(text: str) -> tuple[str, str]:
    """`60/1` is the first interval and the increment, `60` is both."""
    parts = [seconds_written(part) for part in _INTERVALS.split(text.strip())]
    if len(parts) > 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise ValueError(f"{text!r} is not two intervals in seconds, like 60/1")
    return parts[0], parts[-1]


def pattern_of(date_format: str) -> str:
    """A format as people write it, like DD/MM/YYYY, for strptime."""
    for word, directive in _DATE_WORDS:
        date_format = (
            date_format.replace(word, directive) if "%" not in date_format or word in date_format else date_format
        )
    return date_format


def date_written(text: str, *, date_format: str | None, zone: str | None) -> str:
    """A date as our own decks have it; without a format or a zone it comes back as it is."""
    if date_format is None and zone is None:
        return text
    try:
        at = datetime.fromisoformat(text) if date_format is None else datetime.strptime(text, pattern_of(date_format))  # noqa: DTZ007 - the zone follows
    except ValueError:
        raise ValueError(f"{text!r} is not a date like {date_format or '2026-01-01'}") from None
    if zone is None:
        return at.date().isoformat() if at.time() == datetime.min.time() else f"{at.isoformat()}+00:00"
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).isoformat()
