"""Worlds beside each other, each a process with its own share of the seeds."""

import asyncio
import multiprocessing
import shutil
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty
from typing import Any

from tests.chaos.run import Outcome, run
from tests.chaos.scenario import Scenario, draw, upgraded
from tests.chaos.world import open_world

LOGS = Path(tempfile.gettempdir()) / "gateway-chaos"
Tell = Callable[[Outcome], None]


def run_shares(seeds: Sequence[int], *, beside: int, older: Path | None, tell: Tell) -> None:
    """Run every seed, and tell of each as soon as it is over."""
    beside = min(beside, len(seeds))
    context = multiprocessing.get_context("spawn")
    told: Any = context.Queue()
    left: Any = context.Queue()
    for seed in seeds:
        left.put(seed)
    workers = [context.Process(target=_work, args=(left, told, older)) for _ in range(beside)]
    for worker in workers:
        worker.start()
    for _ in seeds:
        tell(_next(told, workers))
    for worker in workers:
        worker.join()


def _next(told: Any, workers: Sequence[Any]) -> Outcome:
    while True:
        try:
            outcome: Outcome = told.get(timeout=1)
        except Empty:
            if not any(worker.is_alive() for worker in workers):
                raise RuntimeError("the worlds have ended before their seeds") from None
        else:
            return outcome


def _work(left: Any, told: Any, older: Path | None) -> None:
    while not asyncio.run(_live(left, told, older)):
        pass


async def _live(left: Any, told: Any, older: Path | None) -> bool:
    """Run seeds in one world until there are none; False: the next ones need another world.

    So it is where something broke, or where the world was upgraded.
    """
    async with open_world(older) as world:
        while True:
            try:
                seed = left.get(timeout=0.2)
            except Empty:
                return True
            scenario = draw(seed) if older is None else upgraded(draw(seed))
            outcome = await _run(world, scenario)
            told.put(outcome)
            if outcome.breaches:
                _keep_logs(scenario, world.seats[0].installation.data.parent)
            if outcome.breaches or older is not None:
                return False


async def _run(world: Any, scenario: Scenario) -> Outcome:
    try:
        return await run(world, scenario)
    except Exception:  # noqa: BLE001 - whatever it was, the seed is told of
        broken = [("ran_to_its_end", traceback.format_exc())]
        return Outcome(scenario=scenario, seconds=0, calls=0, breaches=broken)


def _keep_logs(scenario: Scenario, directory: Path) -> None:
    """What the gateways of a seed that broke a rule wrote, where it outlives its world."""
    kept = LOGS / scenario.name
    shutil.rmtree(kept, ignore_errors=True)
    for log in directory.glob("*/gateway-*.log"):
        kept.mkdir(parents=True, exist_ok=True)
        shutil.copy(log, kept / f"{log.parent.name}-{log.name}")
