"""All processes have one time, that of the database, as far as the time that its answers take lets them see it."""

from datetime import timedelta

import pytest

from gateway import clock as clocks
from gateway.clock import DatabaseClock, Heard, machine_of
from tests.support.world import NOON, FakeClock


class Steady:
    """Seconds that the test has pass."""

    def __init__(self) -> None:
        self.s = 1000.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> Steady:
    passed = Steady()
    monkeypatch.setattr(clocks, "steady_s", passed)
    return passed


def hear(clock: DatabaseClock, steady: Steady, said_s: float, *, took_s: float = 0.0) -> float:
    """Have a clock go by what the database says now, in seconds after noon; how far that moved it."""
    said = NOON + timedelta(seconds=said_s)
    return clock.set_by(Heard(said=said, asked_s=steady.s - took_s, heard_s=steady.s)).total_seconds()


def after_noon_s(clock: DatabaseClock) -> float:
    return (clock.now() - NOON).total_seconds()


def test_until_the_database_is_asked_it_is_the_machines() -> None:
    machine = FakeClock(NOON)
    clock = DatabaseClock(machine)
    machine.advance(7)

    assert after_noon_s(clock) == 7
    assert machine_of(clock) is machine
    assert machine_of(machine) is machine


@pytest.mark.parametrize("wrong_s", [600, -600, 1.5])
def test_a_machine_whose_clock_is_wrong_goes_by_the_databases(steady: Steady, wrong_s: float) -> None:
    machine = FakeClock(NOON + timedelta(seconds=wrong_s))
    clock = DatabaseClock(machine)

    assert hear(clock, steady, 0) == 0

    assert after_noon_s(clock) == 0
    assert clock.ahead().total_seconds() == wrong_s


def test_a_machine_whose_clock_is_set_meanwhile_changes_nothing(steady: Steady) -> None:
    machine = FakeClock(NOON)
    clock = DatabaseClock(machine)
    hear(clock, steady, 0)

    machine.advance(-3600)
    steady.s += 5

    assert after_noon_s(clock) == 5


def test_the_clock_is_moved_as_far_as_an_answer_proves_and_no_further(steady: Steady) -> None:
    clock = DatabaseClock(FakeClock(NOON))
    hear(clock, steady, 0)

    # It said 0 somewhere within the second before now: our 0 may be right.
    assert hear(clock, steady, 0, took_s=1) == 0
    assert hear(clock, steady, -0.9, took_s=1) == 0
    # Behind by 0.2 at least, then ahead by 0.3 at least.
    assert hear(clock, steady, 0.2, took_s=1) == pytest.approx(0.2)
    assert hear(clock, steady, -1.1, took_s=1) == pytest.approx(-0.3)
    assert after_noon_s(clock) == pytest.approx(-0.1)


def test_of_the_first_answer_the_middle_counts(steady: Steady) -> None:
    clock = DatabaseClock(FakeClock(NOON))

    hear(clock, steady, 0, took_s=0.4)

    assert after_noon_s(clock) == pytest.approx(0.2)
