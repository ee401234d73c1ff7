"""A machine that gives no turn is known by what its scheduler says, and by sleep that takes too long."""

import asyncio
import os
import time

import pytest

from tests.chaos.stillness import Stillness


def nobody() -> list[int]:
    return []


def test_what_is_waited_for_a_processor_within_a_second_counts() -> None:
    still = Stillness(nobody)

    for at, waited_s in ((0.0, 5.0), (0.5, 5.2), (1.0, 5.3), (1.5, 5.35)):
        still.note(at, {7: waited_s})

    assert still.longest_s == pytest.approx(0.3)


def test_a_gateway_that_is_new_has_waited_for_nothing_yet() -> None:
    still = Stillness(nobody)

    still.note(0.0, {7: 5.0})
    still.note(0.1, {8: 9.0})

    assert still.longest_s == 0.0


async def test_a_process_that_sleeps_too_long_stood_still() -> None:
    still = Stillness(lambda: [os.getpid()])

    async with still.watched():
        await asyncio.sleep(0.01)
        time.sleep(0.2)  # noqa: ASYNC251 - nobody has a turn meanwhile
        await asyncio.sleep(0.06)

    assert still.longest_s > 0.1
