"""A number is told to be in its one spelling only if the whole metadata spells it so."""

import phonenumbers
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.numbers.plain import is_plain

CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


def spelled(text: str) -> str | None:
    """The spelling of a possible number; None of anything else."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@given(st.sampled_from(CODES), st.text("0123456789", min_size=3, max_size=13))
@example(44, "07400123456")
@example(1, "19005551234")
@example(49, "0900123456")
@example(39, "0612345678")
@example(870, "773111632")
def test_a_plain_number_is_spelled_as_the_metadata_has_it(code: int, national: str) -> None:
    text = f"+{code}{national}"

    assert not is_plain(text) or spelled(text) == text


@given(st.text(max_size=17))
@example("442079460000")
@example("+44 2079460000")
@example("+442079460000\n")
@example("+٤٤٢٠٧٩٤٦٠٠٠٠")
@example("+0442079460000")
@example("+21012345678")
def test_what_is_no_number_is_not_plain(text: str) -> None:
    assert not is_plain(text) or spelled(text) == text


def test_ordinary_numbers_are_plain() -> None:
    numbers = ["+442079460000", "+15550100001", "+74951230001", "+4930123456", "+390612345678", "+870773111632"]
    assert [number for number in numbers if not is_plain(number)] == []
