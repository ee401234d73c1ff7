"""How much of what is wrong the tests notice: `python -m tests.mutation gateway/domain [--most N] [--seed S]`.

The tests are loaded once. Each mutant is a forked process that runs its module's code anew in place, so that whoever
imported names from it is given the new ones too, and then the tests that cover the file. Survivors are printed, then a
score. It says how good the tests are; it fails nothing.
"""

import argparse
import ast
import random
from pathlib import Path

from tests.mutation.mutants import Mutant, mutants
from tests.mutation.runner import Runner

ROOT = Path(__file__).parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, help="modules, or folders of them")
    parser.add_argument("--most", type=int, help="so many mutants of all, drawn by chance")
    parser.add_argument("--seed", type=int, default=0, help="of the draw")
    parser.add_argument("--tests", nargs="*", default=[], help="run these instead of the unit tests")
    parser.add_argument("--properties", action="store_true", help="ask the properties too, where nothing was noticed")
    asked = parser.parse_args()
    files = sorted(file for path in asked.paths for file in ([path] if path.is_file() else path.rglob("*.py")))
    every = [(file, mutant) for file in files for mutant in mutants(file.read_text())]
    if asked.most is not None:
        draw = random.Random(asked.seed)
        every = sorted(draw.sample(every, min(asked.most, len(every))), key=lambda each: (each[0], each[1].line))
    runner = Runner(ROOT, asked.tests, with_properties=asked.properties)
    for file in {file for file, _ in every}:
        if runner.is_killed(file, Mutant(0, "", "", ast.parse(file.read_text()))):
            parser.exit(2, f"the tests of {file} fail as it is: they can say nothing of its mutants\n")
    _run(runner, every)


def _run(runner: Runner, every: list[tuple[Path, Mutant]]) -> None:
    survived = 0
    for file, mutant in every:
        if not runner.is_killed(file, mutant):
            survived += 1
            print(f"{file}:{mutant.line}\n  - {mutant.before}\n  + {mutant.after}", flush=True)  # noqa: T201
    killed = len(every) - survived
    score = f"{killed} of {len(every)} mutants were noticed"
    print(score if not every else f"{score}: {100 * killed / len(every):.1f} %")  # noqa: T201


main()
