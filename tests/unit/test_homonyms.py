"""One word, one thing: no two public classes of the gateway have one name."""

import ast
from collections import defaultdict
from pathlib import Path

import gateway

ROOT = Path(gateway.__file__).parent


def test_no_two_public_classes_have_one_name() -> None:
    homes: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(str(path.relative_to(ROOT.parent)))

    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}
