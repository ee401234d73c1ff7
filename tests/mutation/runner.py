"""Run the tests that cover a module in a process of their own, which is given a mutant for it."""

import ast
import importlib
import importlib.util
import os
import resource
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType

import pytest

from tests.mutation.mutants import Mutant

# A mutant may never end; ordinary ones take a second or two.
CPU_S_MAX = 60
# What every test needs and no mutant is in: loaded once, before the processes part. What pytest hooks into may not be.
SHARED = ("asyncpg", "babel", "click", "jinja2", "msgspec", "phonenumbers", "structlog")
# Properties without a database: slower, asked where the unit tests noticed nothing.
PROPERTIES = (
    "accounts/test_caps.py",
    "accounts/test_low_balance.py",
    "accounts/test_money.py",
    "calls",
    "lines",
    "rates/test_deck_switch.py",
    "rates/test_rating.py",
)


class Runner:
    """Tells of mutants whether a test notices them."""

    def __init__(self, root: Path, tests: Sequence[str], *, with_properties: bool = False) -> None:
        self._root = root
        self._properties = [tuple(f"tests/property/{each}" for each in PROPERTIES)] if with_properties else []
        self._tests = tuple(tests)
        for name in SHARED:
            importlib.import_module(name)

    def is_killed(self, file: Path, mutant: Mutant) -> bool:
        """Whether a test fails, nearest first."""
        return any(_fails(file, mutant, tests) for tests in self._rounds(file))

    def _rounds(self, file: Path) -> list[tuple[str, ...]]:
        """The module's own tests, then those of its subject, then those of the domain, then the properties if asked."""
        if self._tests:
            return [self._tests]
        folder = self._root / "tests" / "unit" / file.parent.relative_to("gateway")
        near = [(str(each),) for each in (folder / f"test_{file.name}", folder) if each.exists()]
        return [*near, ("tests/unit/domain",), *self._properties]


def _fails(file: Path, mutant: Mutant, tests: Sequence[str]) -> bool:
    child = os.fork()
    if child == 0:
        _test(file, mutant, tests)
    _, status = os.waitpid(child, 0)
    return status != 0


def _test(file: Path, mutant: Mutant, tests: Sequence[str]) -> None:
    """Never returns; the tests say nothing."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S_MAX, CPU_S_MAX))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    sys.meta_path.insert(0, _InPlace(file, mutant.tree))
    options = ["-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--tb=no"]
    code = 1
    try:
        code = int(pytest.main([*options, *tests]))
    finally:
        os._exit(code)


class _InPlace(SourceFileLoader):
    """Finds one module, and gives its mutant for it."""

    def __init__(self, file: Path, tree: ast.Module) -> None:
        parts = file.with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        super().__init__(name, str(file.resolve()))
        self._tree = tree

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        return importlib.util.spec_from_file_location(name, self.path, loader=self) if name == self.name else None

    def get_code(self, _fullname: str) -> CodeType:
        return compile(self._tree, self.path, "exec")
