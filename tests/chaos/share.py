"""Worlds beside each other, each a process with its own share of the seeds."""

import logging
import multiprocessing
import shutil
import tempfile
import traceback
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import Empty
from typing import Any

import structlog
import uvloop

from tests.chaos.clocks import find_faketime, with_faketime
from tests.chaos.databases import made_template
from tests.chaos.nursery import Nurseries, open_nursery, start_nursery
from tests.chaos.run import Outcome, run
from tests.chaos.scenario import Scenario, draw, failed_over, upgraded
from tests.chaos.small_disk import hide_mounts
from tests.chaos.world import open_world

LOGS = Path(tempfile.gettempdir()) / "gateway-chaos"
Tell = Callable[[Outcome], None]


def run_shares(seeds: Sequence[int], *, beside: int, older: Path | None, is_on_patroni: bool, tell: Tell) -> None:
    """Run every seed, and tell of each as soon as it is over."""
    hide_mounts()
    with ExitStack() as stack:
        ordinary = stack.enter_context(open_nursery())
        library = find_faketime()
        clocks = None if library is None else stack.enter_context(start_nursery(with_faketime(library)))
        # What is paid by use cases of the gateway is logged by nobody; the gateways' own logs are files.
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        template = None if older is not None or is_on_patroni else stack.enter_context(made_template(ordinary))
        nurseries = Nurseries(ordinary, clocks)
        worlds = _Worlds(nurseries=nurseries, template=template, older=older, is_on_patroni=is_on_patroni)
        _run_beside(seeds, min(beside, len(seeds)), worlds, tell)


def _run_beside(seeds: Sequence[int], beside: int, worlds: "_Worlds", tell: Tell) -> None:
    # They share what is read, as this process has one thread until the first seed is put.
    context = multiprocessing.get_context("fork")
    told: Any = context.Queue()
    left: Any = context.Queue()
    workers = [context.Process(target=worlds.work, args=(left, told)) for _ in range(beside)]
    for worker in workers:
        worker.start()
    for seed in (*seeds, *[None] * beside):
        left.put(seed)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Worlds:
    """Worlds one after the other, with what all of them share."""

    nurseries: Nurseries
    template: Path | None
    older: Path | None
    is_on_patroni: bool

    def work(self, left: Any, told: Any) -> None:
        while not uvloop.run(self._live(left, told)):
            pass

    async def _live(self, left: Any, told: Any) -> bool:
        """Run seeds in one world until there are none; False: the next ones need another world.

        So it is where something broke, or where the world was upgraded.
        """
        opened = open_world(self.nurseries, template=self.template, older=self.older, is_on_patroni=self.is_on_patroni)
        async with opened as world:
            while (seed := left.get()) is not None:
                scenario = self._draw(seed)
                outcome = await _run(world, scenario)
                told.put(outcome)
                if outcome.breaches:
                    _keep_logs(scenario, world.seats[0].installation.data.parent)
                if outcome.breaches or self.older is not None:
                    return False
        return True

    def _draw(self, seed: int) -> Scenario:
        if self.older is not None:
            return upgraded(draw(seed))
        return failed_over(draw(seed)) if self.is_on_patroni else draw(seed)


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
