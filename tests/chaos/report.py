"""What is printed: each seed that broke a rule with its command, and at the end what was tried."""

import resource
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.chaos.needs import left_out
from tests.chaos.run import Outcome
from tests.chaos.share import LOGS

PROGRESS = 20


@dataclass(slots=True)
class Report:
    begun_at: float = field(default_factory=time.monotonic)
    seeds: int = 0
    calls: int = 0
    slowest_s: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)

    @property
    def has_breaches(self) -> bool:
        return bool(self.broken)

    def tell_what_is_left_out(self) -> None:
        for kind, why in left_out().items():
            _say(f"left out: {kind.value}, as {why}")

    def tell(self, outcome: Outcome) -> None:
        """Count an outcome, and say what is wrong with it."""
        scenario = outcome.scenario
        self.seeds += 1
        self.calls += outcome.calls
        self.slowest_s = max(self.slowest_s, outcome.seconds)
        self.faults.update(fault.kind.value for fault in scenario.faults if fault.kind not in left_out())
        self.broken.update({rule for rule, _ in outcome.breaches})
        if self.seeds % PROGRESS == 0:
            _say(f"{self.seeds} seeds in {time.monotonic() - self.begun_at:.0f} s")
        if outcome.breaches:
            struck = "; ".join(f"{each.kind.value} at {each.at_s:.1f} s" for each in scenario.faults)
            _say(f"\nseed {scenario.seed} ({struck}): python -m tests.chaos --seed {scenario.seed}")
            _say(f"  the logs of its gateways: {LOGS / scenario.name}")
            for rule, breach in outcome.breaches:
                _say(f"  {rule}: {breach}")

    def summarize(self) -> None:
        seconds = time.monotonic() - self.begun_at
        _say(f"\n{self.seeds} seeds, {self.calls} calls, {self.faults.total()} faults in {seconds:.0f} s")
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = (used.ru_utime + used.ru_stime) / max(self.seeds, 1)
        _say(f"{cpu_s:.1f} s of processor each; the longest took {self.slowest_s:.0f} s")
        for kind, count in sorted(self.faults.items()):
            _say(f"  {count:5} {kind}")
        _say("no rule was broken" if not self.broken else "rules that were broken, by seeds:")
        for rule, count in self.broken.most_common():
            _say(f"  {count:5} {rule}")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201
