"""Ids on the command line are digits of ASCII."""

import click
import pytest

from gateway.cli.integers import integer


@pytest.mark.parametrize("text", ["\u0661", "1_0", " 1", "1 ", "+1", "", "1.0", "\uff11", "9" * 20])
def test_digits_of_another_script_are_no_id(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is not a valid integer"):
        integer(text)


@pytest.mark.parametrize(("text", "number"), [("7", 7), ("-7", -7), (7, 7), ("007", 7)])
def test_digits_are_a_number(text: str | int, number: int) -> None:
    assert integer(text) == number
