"""When a standby is asked a second time how far it is behind."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

import pytest

from gateway.postgres.replication import replica_lag

HOUR = timedelta(hours=1)
LITTLE = timedelta(milliseconds=20)


class Standby:
    def __init__(self, answers: Sequence[timedelta | None]) -> None:
        self.left = list(answers)

    async def fetchval(self, _query: str) -> timedelta | None:
        return self.left.pop(0)


@pytest.mark.parametrize(
    ("answers", "lag"),
    [
        ([HOUR, timedelta()], timedelta()),  # it got something after a quiet hour
        ([HOUR, HOUR], HOUR),
        ([LITTLE], LITTLE),
        ([timedelta()], timedelta()),
        ([None], None),
    ],
)
async def test_a_standby_that_seems_far_behind_is_asked_once_more(
    answers: Sequence[timedelta | None], lag: timedelta | None
) -> None:
    standby = Standby(answers)

    assert await replica_lag(cast("Any", standby)) == lag
    assert standby.left == []
