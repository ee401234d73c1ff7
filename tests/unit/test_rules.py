"""Every rule of the requirements has tests that are found by its number: `pytest -k R24` runs those of R24."""

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
    for rule in re.findall(r"_r([0-9]+)(?=_|$)", name)
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_tests_of_its_name(rule: int) -> None:
    assert str(rule) in NAMED
