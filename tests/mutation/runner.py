"""Load the tests once, then run those that cover a mutant in a process of its own."""

import ast
import os
import resource
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from enum import IntEnum
from pathlib import Path

import pytest

from gateway.embedded.server import start_embedded
from tests.mutation.coverage import Cover
from tests.mutation.in_place import put_in_place
from tests.mutation.mutants import Mutant
from tests.support.postgres import QUICK, throwaway_directory

# A mutant may never end; ordinary ones take a second, with a database a few.
CPU_S_MAX = 30
OPTIONS = ("-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--tb=no")
Drawn = tuple[Path, Mutant]
Tell = Callable[[Drawn, "Outcome"], None]


class Outcome(IntEnum):
    """What a process says by its status; one that ended otherwise noticed."""

    SURVIVED = 0
    NOTICED = 1
    NOT_TRIED = 77


class TestsFailUnmutatedError(Exception):
    """The tests fail with the code as it is, so they can say nothing of mutants."""

    __test__ = False


def run(drawn: Sequence[Drawn], cover: Cover, tell: Tell) -> None:
    """Tell the outcome of each mutant."""
    tests = dict.fromkeys(test for file, _ in drawn for test in cover.tests(file))
    trials = _Trials(drawn, cover, tell)
    pytest.main([*OPTIONS, *tests], plugins=[trials])
    if trials.fail_unmutated:
        raise TestsFailUnmutatedError


class _Trials:
    """A plugin for pytest: once the tests are loaded, it tries the mutants in place of running them."""

    def __init__(self, drawn: Sequence[Drawn], cover: Cover, tell: Tell) -> None:
        self._drawn, self._cover, self._tell = drawn, cover, tell
        self.fail_unmutated = False

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        with _one_server() if any("postgres" in item.fixturenames for item in _functions(session)) else nullcontext():
            self._try(session)
        return True

    def _try(self, session: pytest.Session) -> None:
        """An interrupt ends this: what was tried until then has its score."""
        self.fail_unmutated = _outcome(session, session.items, None) is not Outcome.SURVIVED
        if not self.fail_unmutated:
            for drawn in self._drawn:
                self._tell(drawn, _outcome(session, _covering(session, self._cover.tests(drawn[0])), drawn))


def _functions(session: pytest.Session) -> list[pytest.Function]:
    return [item for item in session.items if isinstance(item, pytest.Function)]


def _covering(session: pytest.Session, tests: Sequence[str]) -> list[pytest.Item]:
    """In the order of the paths: nearest first."""
    paths = {item: item.path.relative_to(session.config.rootpath) for item in session.items}
    return list(
        dict.fromkeys(item for test in tests for item, path in paths.items() if path.is_relative_to(test)),
    )


def _outcome(session: pytest.Session, items: Sequence[pytest.Item], drawn: Drawn | None) -> Outcome:
    child = os.fork()
    if child == 0:
        try:
            os._exit(_status(session, items, drawn))
        finally:
            os._exit(Outcome.NOTICED)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return Outcome(code) if code in set(Outcome) else Outcome.NOTICED


def _status(session: pytest.Session, items: Sequence[pytest.Item], drawn: Drawn | None) -> Outcome:
    """The first test that fails ends them. Of a mutant the tests say nothing else."""
    if drawn is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S_MAX, CPU_S_MAX))
        file, mutant = drawn
        if not put_in_place(file, ast.parse(mutant.source), mutant.made().tree):
            return Outcome.NOT_TRIED
        session.config.pluginmanager.unregister(name="terminalreporter")
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            break
    # What the tests opened is closed, databases above all.
    session.config.hook.pytest_sessionfinish(session=session, exitstatus=int(session.testsfailed > 0))
    return Outcome.NOTICED if session.testsfailed else Outcome.SURVIVED


@contextmanager
def _one_server() -> Iterator[None]:
    """A database server for all the processes, unless the environment names one; each makes databases of its own."""
    if "GATEWAY_TEST_DATABASE_URL" in os.environ:
        yield
        return
    with throwaway_directory(memory=True) as directory:
        server = start_embedded(directory / "data", extra_settings=QUICK)
        os.environ["GATEWAY_TEST_DATABASE_URL"] = server.dsn
        try:
            yield
        finally:
            del os.environ["GATEWAY_TEST_DATABASE_URL"]
            server.stop()
