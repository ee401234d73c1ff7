"""Amounts are written as Babel writes them, in every language."""

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from babel.numbers import format_currency, format_decimal

from gateway.domain.mail.languages import LANGUAGES
from gateway.web.pages.figures import ReaderFigures

AMOUNTS = ("0", "0.00", "-0.00", "0.054000", "1", "12.5", "1234.5", "-1234567.891", "99999999.999999", "1E+3")


@pytest.mark.parametrize("currency", ["USD", "EUR", "JPY", "BRL", "KWD", "CHF", "RUB"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_amount_has_all_its_places_and_no_fewer_than_its_currency(language: str, currency: str) -> None:
    figures = ReaderFigures(language=language, zone=ZoneInfo("UTC"))
    least = Decimal(1).scaleb({"JPY": 0, "KWD": -3}.get(currency, -2))

    for text in AMOUNTS:
        amount = Decimal(text)
        exact = amount.quantize(least) if amount == amount.quantize(least) else amount.normalize()
        expected = format_currency(
            exact or abs(exact), currency, locale=Locale.parse(language, sep="-"), decimal_quantization=False
        )
        written = figures.money(amount, currency)
        assert written.replace("\N{NO-BREAK SPACE}", "") == expected.replace("\N{NO-BREAK SPACE}", ""), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_amount_of_no_currency_is_a_number(language: str) -> None:
    figures = ReaderFigures(language=language, zone=ZoneInfo("UTC"))

    for text in ("0", "1234.5", "-7"):
        expected = format_decimal(Decimal(text), locale=Locale.parse(language, sep="-"), decimal_quantization=False)
        assert figures.money(Decimal(text), None) == expected
