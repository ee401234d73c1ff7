"""On a slow link a replay comes to its end, and other calls' ends do not wait for it (R34)."""

from pathlib import Path

from tests.support.slow_link import replay_over_a_slow_link


async def test_r34_a_replay_over_80_ms_ends_and_new_ends_overtake_it(dsn: str, tmp_path: Path) -> None:
    told = await replay_over_a_slow_link(dsn, tmp_path, records=600, round_trip_s=0.08)

    assert told.seconds < 30
    assert told.charged > len(told.waits_s) / 2
