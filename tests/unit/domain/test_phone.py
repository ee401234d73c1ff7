"""Numbers: their shape and their masking."""

import pytest

from gateway.domain.phone import is_e164, is_short, mask


@pytest.mark.parametrize("number", ["+1234567", "+442079460000", "+123456789012345"])
def test_a_number_is_a_plus_and_7_to_15_digits(number: str) -> None:
    assert is_e164(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "442079460000",
        "+123456",
        "+1234567890123456",
        "+0442079460",
        "+44 20",
        "+442079460000\n",
        "+44٢079460000",
    ],
)
def test_anything_else_is_no_number(text: str) -> None:
    assert not is_e164(text)


@pytest.mark.parametrize("text", ["10", "112", "000", "123456"])
def test_a_short_number_is_2_to_6_digits(text: str) -> None:
    assert is_short(text)


@pytest.mark.parametrize("text", ["", "1", "1234567", "+112", "11a", "112\n", "١١٢"])
def test_anything_else_is_no_short_number(text: str) -> None:
    assert not is_short(text)


@pytest.mark.parametrize(
    ("text", "masked"),
    [("+442079460000", "*********0000"), ("12345", "*2345"), ("112", "112"), ("", "")],
)
def test_r37_a_number_is_masked_to_its_last_four_characters(text: str, masked: str) -> None:
    assert mask(text) == masked
