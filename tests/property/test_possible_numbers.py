"""The quick answer whether a number is possible is the answer of `phonenumbers`."""

import phonenumbers
from hypothesis import example, given
from hypothesis import strategies as st

from gateway import numbering


def _by_the_library(number: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return False


codes = st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)).map(str)
anything = st.text("0123456789", min_size=6, max_size=14)
# What countries put before their numbers at home, and may not be part of them.
prefixed = st.tuples(st.sampled_from(["0", "00", "1", "8", "06", "01", "15"]), anything).map("".join)


@given(code=codes, national=anything | prefixed)
@example(code="44", national="02079460000")
@example(code="54", national="91123456789")
@example(code="39", national="0612345678")
@example(code="1", national="12025550100")
@example(code="800", national="12345678")
@example(code="21", national="12345678")
def test_r10_the_quick_answer_is_the_right_one(code, national):
    number = f"+{code}{national}"[:16]

    assert numbering.is_possible(number) == _by_the_library(number)


@given(number=st.text("123456789", min_size=7, max_size=15).map("+{}".format))
def test_r10_a_number_of_no_country_is_not_possible(number):
    assert numbering.is_possible(number) == _by_the_library(number)
