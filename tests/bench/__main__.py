"""python -m tests.bench: what the gateway does on this machine, beside an empty handler. See README.md."""

import argparse
import asyncio
import json
import os
import platform
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.bench.rounds import Wrong
from tests.bench.scenarios.calls import SCENARIOS, Figure, Result
from tests.bench.stage import Sizes, stage


def say(text: str = "") -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=f"of {', '.join(SCENARIOS)}; else all")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured; the median counts")
    parser.add_argument("--seconds", type=int, default=10, help="length of a round")
    parser.add_argument("--profile", choices=("quick", "full"), default="full", help="quick: sizes of a tenth")
    parser.add_argument("--numbers", type=int, default=1_000_000, help="of `growth`")
    parser.add_argument("--closed-calls", type=int, default=50_000_000, help="of `growth`")
    parser.add_argument("--live-calls", type=int, default=100_000, help="of `growth`")
    parser.add_argument("--listed-calls", type=int, default=5_000_000, help="of `lists` and `pages`")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    arguments = parser.parse_args()
    names = arguments.scenarios or list(SCENARIOS)
    if unknown := set(names) - set(SCENARIOS):
        parser.error(f"no scenario {', '.join(sorted(unknown))}; there are {', '.join(SCENARIOS)}")
    failed = False
    report: dict[str, Any] = {"machine": machine(), "rounds": arguments.rounds, "seconds": arguments.seconds}
    report |= {"profile": arguments.profile, "scenarios": {}}
    sizes = Sizes(
        numbers=arguments.numbers,
        closed_calls=arguments.closed_calls,
        live_calls=arguments.live_calls,
        listed_calls=arguments.listed_calls,
    )
    is_quick = arguments.profile == "quick"
    with stage(rounds=arguments.rounds, seconds=arguments.seconds, is_quick=is_quick, sizes=sizes) as where:
        report["postgresql"] = where.database.version
        for name in names:
            try:
                result = asyncio.run(SCENARIOS[name](where))
            except Wrong as error:
                failed = True
                report["scenarios"][name] = {"wrong": str(error)}
                say(f"{name}: WRONG: {error}")
                continue
            report["scenarios"][name] = as_json(result)
            table(name, result)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    return 1 if failed else 0


def machine() -> dict[str, Any]:
    processor = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "processor": processor[0].partition(":")[2].strip() if processor else platform.machine(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def as_json(result: Result) -> dict[str, Any]:
    return {"figures": [asdict(figure) | {"is_met": figure.is_met} for figure in result.figures], "raw": result.raw}


def table(name: str, result: Result) -> None:
    """The figures of one scenario."""
    say(f"\n{name}: {SCENARIOS[name].__doc__}")
    for figure in result.figures:
        say(f"  {figure.what:32} {number(figure.value):>12} {figure.unit:14} {verdict(figure)}".rstrip())
    others = [one["others_cores"] for rounds in result.raw.values() if _is_rounds(rounds) for one in rounds]
    if others:
        say(f"  {'used by others meanwhile':32} {number(max(others)):>12} cores at most")


def _is_rounds(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and "others_cores" in value[0]


def number(value: float) -> str:
    if float(value).is_integer() or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def verdict(figure: Figure) -> str:
    if figure.target is None:
        return ""
    bound = "at most" if figure.at_most else "at least"
    return f"{'ok' if figure.is_met else 'MISSED'} ({bound} {figure.target:g})"


if __name__ == "__main__":
    sys.exit(main())
