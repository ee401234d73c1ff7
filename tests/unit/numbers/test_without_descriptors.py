"""A process that serves needs no file to read a number: there may be no descriptor left for one."""

import subprocess
import sys

_READS = """
import resource
from gateway.numbers.metadata import category_of, country_of, load_plans
from gateway.numbers.short import emergency_number, is_short_number

if {is_loaded}:
    load_plans()
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
print(country_of("+493023125101"), category_of("+447400123456"))
print(emergency_number("110", "DE"), is_short_number("3200", "FR"))
"""


def reads(*, is_loaded: bool) -> "subprocess.CompletedProcess[str]":
    script = _READS.format(is_loaded=is_loaded)
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


def test_numbers_are_read_without_a_descriptor_once_the_plans_are_loaded() -> None:
    assert reads(is_loaded=True).stdout.split() == ["DE", "mobile", "110", "True"]


def test_before_that_a_plan_is_a_file() -> None:
    assert reads(is_loaded=False).returncode != 0
