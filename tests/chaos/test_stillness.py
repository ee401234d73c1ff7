"""A machine that gives no turn is known by what its scheduler says, and by sleep that takes too long."""

import asyncio
import os
import time

import pytest

from tests.chaos.stillness import LOOKS_EVERY_S, Stillness

LOOK = LOOKS_EVERY_S


def test_what_is_waited_for_a_processor_counts_where_it_was_waited() -> None:
    still = Stillness()

    for look, waited_s in enumerate((5.0, 5.0, 5.02, 5.03, 5.03)):
        still.note(look * LOOK, {7: waited_s})

    assert still.within(0.0, LOOK) == 0.0
    assert still.within(LOOK, 2 * LOOK) == pytest.approx(0.02)
    assert still.within(0.0, 4 * LOOK) == pytest.approx(0.03)
    assert still.within(3 * LOOK, 4 * LOOK) == 0.0


def test_what_several_wait_adds_up_to_no_more_than_has_passed() -> None:
    still = Stillness()

    still.note(0.0, {7: 0.0, 8: 0.0})
    still.note(LOOK, {7: 0.01, 8: 0.02})
    still.note(2 * LOOK, {7: 0.05, 8: 0.06})

    assert still.within(0.0, LOOK) == pytest.approx(0.03)
    assert still.within(LOOK, 2 * LOOK) == pytest.approx(LOOK)


def test_a_process_that_is_new_has_waited_for_nothing_yet() -> None:
    still = Stillness()

    still.note(0.0, {7: 5.0})
    still.note(LOOK, {8: 9.0})

    assert still.within(0.0, LOOK) == 0.0


def test_where_nobody_looked_nothing_is_known() -> None:
    still = Stillness()
    assert still.within(0.0, 9.0) == 0.0

    still.note(5.0, {})
    still.note(5.0 + 3 * LOOK, {})

    assert still.within(0.0, 9.0) == pytest.approx(2 * LOOK)
    assert still.within(6.0, 9.0) == still.within(9.0, 6.0) == 0.0


async def test_a_process_that_sleeps_too_long_stood_still() -> None:
    still = Stillness(lambda: [os.getpid()])
    begun_at, begun_still = time.monotonic(), still.now()

    async with still.watched():
        await asyncio.sleep(0.01)
        time.sleep(0.2)  # noqa: ASYNC251 - nobody has a turn meanwhile
        await asyncio.sleep(0.06)

    assert 0.1 < still.within(begun_at, time.monotonic()) < 0.4
    assert still.now() - begun_still < time.monotonic() - begun_at - 0.1
