"""How much of what is wrong the tests notice: `python -m tests.mutation gateway/domain [--most N] [--seed S]`.

The tests are loaded once. Each mutant is a forked process that puts the mistake in place, then runs the tests that
cover the file, nearest first. Survivors are printed, then a score, also after an interrupt (Ctrl-C). It says how good
the tests are; it fails nothing.
"""

import argparse
import random
import resource
from collections import Counter
from pathlib import Path

from tests.mutation.coverage import Cover
from tests.mutation.mutants import mutants
from tests.mutation.runner import Drawn, Outcome, TestsFailUnmutatedError, run


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, help="modules, or folders of them")
    parser.add_argument("--most", type=int, help="so many mutants of all, drawn by chance")
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    parser.add_argument("--tests", nargs="*", default=[], help="run these instead of the tests that cover the file")
    parser.add_argument("--properties", action="store_true", help="ask the properties too, where nothing was noticed")
    asked = parser.parse_args()
    files = sorted(file for path in asked.paths for file in ([path] if path.is_file() else path.rglob("*.py")))
    drawn = _drawn([(file, mutant) for file in files for mutant in mutants(file.read_text())], asked.most, asked.seed)
    counts = Counter[Outcome]()
    try:
        run(drawn, Cover(tuple(asked.tests), with_properties=asked.properties), lambda *trial: _tell(counts, *trial))
    except TestsFailUnmutatedError:
        parser.exit(2, "the tests fail as it is: they can say nothing of mutants\n")
    _print_score(counts)


def _drawn(every: list[Drawn], most: int | None, seed: int) -> list[Drawn]:
    """In any order, so that a run that is interrupted has seen a bit of everything."""
    return random.Random(seed).sample(every, len(every) if most is None else min(most, len(every)))


def _tell(counts: Counter[Outcome], drawn: Drawn, outcome: Outcome) -> None:
    counts[outcome] += 1
    file, mutant = drawn
    if outcome is Outcome.SURVIVED:
        made = mutant.made()
        print(f"{file}:{mutant.line}\n  - {made.before}\n  + {made.after}", flush=True)  # noqa: T201


def _print_score(counts: Counter[Outcome]) -> None:
    noticed, tried = counts[Outcome.NOTICED], counts[Outcome.NOTICED] + counts[Outcome.SURVIVED]
    cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
    each = (cpu.ru_utime + cpu.ru_stime) / max(tried, 1)
    score = f"{100 * noticed / max(tried, 1):.1f} %, {each:.1f} CPU seconds each"
    print(f"{noticed} of {tried} mutants were noticed: {score}")  # noqa: T201
    print(f"{counts[Outcome.NOT_TRIED]} were not tried: they stand in a class body or in a default")  # noqa: T201


if __name__ == "__main__":
    main()
