"""What each thing that grows costs, beside the small database: live calls, numbers, and the calls of two years."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from tests.bench.figures import Figure, Result
from tests.bench.rounds import Round, alternate, check_ledger
from tests.bench.stage import Stage
from tests.bench.world import live_calls

TARGET: Final = 0.9


async def growth(stage: Stage) -> Result:
    """100,000 live calls, 1,000,000 numbers, 50,000,000 closed calls in 25 months, each beside the small database.

    The sizes are told on the command line; `quick` has a hundredth of them.
    """
    sizes, part = stage.sizes, 100 if stage.is_quick else 1
    grown = {
        "live calls": ({}, sizes.live_calls // part),
        "numbers": ({"numbers": max(sizes.numbers // part, 10_000)}, 0),
        "closed calls": ({"closed_calls": sizes.closed_calls // part}, 0),
    }
    figures, raw = list[Figure](), dict[str, Any]()
    for what, (world, live) in grown.items():
        turns = await _beside_the_small(stage, what, world, live=live)
        ratio = Round.median(turns[what]).per_second / Round.median(turns["small"]).per_second
        figures += [
            Figure(what=what, value=live or max(world.values()), unit=""),
            Figure(what="of the small database", value=ratio, unit="", target=TARGET, at_most=False),
        ]
        raw[what] = {name: [asdict(one) for one in rounds] for name, rounds in turns.items()}
    return Result(figures=figures, raw=raw)


async def _beside_the_small(stage: Stage, what: str, world: Mapping[str, int], *, live: int) -> dict[str, list[Round]]:
    small_dsn, small_world = await stage.world("main")
    dsn, grown_world = await stage.world(what, **world)
    if live:
        await live_calls(dsn, live)
    async with (
        stage.subject("small", small_dsn, small_world) as small,
        stage.subject(what, dsn, grown_world) as grown,
    ):
        turns = await alternate((small, grown), stage.empty, small.path, rounds=stage.rounds, seconds=stage.seconds)
    await check_ledger(dsn)
    return turns
