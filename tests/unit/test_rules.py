"""Every rule of the requirements has tests that are found by its number: `pytest -k R24` runs those of R24.

So has every trap that the notes on programmable providers list: `pytest -k trap4`.
"""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
# R35, the REST API, is not built yet.
RULES = [number for number in range(1, 39) if number != 35]
NAMED = {
    rule
    for file in TESTS.rglob("test_*.py")
    for name in re.findall(r"^\s*(?:async )?def (test_\w+)", file.read_text(), re.MULTILINE)
    for rule in re.findall(r"_(r[0-9]+|trap[0-9]+)(?=_|$)", name)
}


@pytest.mark.parametrize("rule", [*(f"r{number}" for number in RULES), *(f"trap{number}" for number in range(1, 11))])
def test_a_rule_has_tests_of_its_name(rule: str) -> None:
    assert rule in NAMED
