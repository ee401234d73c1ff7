"""What people type is what the API is told."""

import pytest

from gateway.web.pages.filling import amount, whole


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("5", "5"),
        ("5.50", "5.50"),
        ("5,50", "5.50"),
        ("1 250,5", "1250.5"),
        ("1\N{NARROW NO-BREAK SPACE}250", "1250"),
        ("1,250.50", "1,250.50"),
        ("much", "much"),
    ],
)
def test_an_amount_is_read_with_a_comma_as_well(typed: str, told: str) -> None:
    assert amount(typed) == told


@pytest.mark.parametrize(("typed", "told"), [("7", "7"), ("", None), (None, None), ("a", None), ("²", None)])
def test_an_id_is_digits_or_nothing(typed: str | None, told: str | None) -> None:
    assert whole(typed) == told
