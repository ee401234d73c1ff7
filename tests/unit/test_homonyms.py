"""One word, one thing: no two public classes of the gateway have one name.

What the API shows of a thing has the thing's own name, which programs read in its document: those names stand once
there.
"""

import ast
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import gateway

ROOT = Path(gateway.__file__).parent
SHOWN = ROOT / "web/api/resources"


def shared_names(paths: Iterable[Path]) -> dict[str, list[str]]:
    homes: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(paths):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(str(path.relative_to(ROOT.parent)))
    return {name: paths for name, paths in homes.items() if len(paths) > 1}


def test_no_two_public_classes_have_one_name() -> None:
    assert shared_names(path for path in ROOT.rglob("*.py") if SHOWN not in path.parents) == {}


def test_no_two_things_that_the_api_shows_have_one_name() -> None:
    assert shared_names(SHOWN.rglob("*.py")) == {}
