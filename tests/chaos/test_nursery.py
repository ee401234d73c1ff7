"""A gateway of the nursery is a process as any other: it says what it says, ends as it ends, and can be killed."""

import atexit
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from signal import SIGKILL

import pytest

from gateway import __version__
from gateway.clock import SystemClock
from tests.chaos.clocks import CLOCK, find_faketime, with_faketime
from tests.chaos.nursery import Born, Nursery, open_nursery, start_nursery
from tests.support.processes import Installation, until

ENDS_WITHIN_S = 20


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    with open_nursery() as opened:
        yield opened


def launched(nursery: Nursery, log: Path, *command: str, **environment: str) -> Born:
    with log.open("wb") as errors:
        return nursery.launch(command, {"PATH": os.environ["PATH"], **environment}, errors.fileno())


def test_it_says_what_the_program_says(nursery: Nursery, tmp_path: Path) -> None:
    with launched(nursery, tmp_path / "log", "--version") as born:
        assert born.wait(ENDS_WITHIN_S) == 0
        assert __version__.encode() in born.stdout.read()


def test_it_ends_with_the_code_and_the_words_of_the_program(nursery: Nursery, tmp_path: Path) -> None:
    with launched(nursery, tmp_path / "log", "no-such-command") as born:
        assert born.wait(ENDS_WITHIN_S) == 2
    assert b"no-such-command" in (tmp_path / "log").read_bytes()


def test_it_does_last_what_the_program_wants_done_last_and_nothing_of_the_nursery(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def program() -> None:
        atexit.register(os.write, 2, b"the last line")
        sys.exit(3)

    monkeypatch.setattr("tests.chaos.programs.run_gateway", program)
    of_others = atexit.register(lambda: os.write(2, b"of others"))
    with open_nursery() as nursery, launched(nursery, tmp_path / "log") as born:
        assert born.wait(ENDS_WITHIN_S) == 3
    atexit.unregister(of_others)
    assert (tmp_path / "log").read_bytes() == b"the last line"


def test_it_has_an_environment_of_its_own(nursery: Nursery, tmp_path: Path) -> None:
    with launched(nursery, tmp_path / "log", "serve", GATEWAY_CONFIG=str(tmp_path / "none.toml")) as born:
        assert born.wait(ENDS_WITHIN_S) != 0
    assert b"none.toml" in (tmp_path / "log").read_bytes()


def test_it_has_nothing_open_of_the_nursery_and_can_be_killed(nursery: Nursery, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/none"
        with launched(nursery, tmp_path / "log", "migrate", GATEWAY_DATABASE_URL=url) as born:
            waiting, _ = silent.accept()
            opened = {link.readlink().name for link in Path(f"/proc/{born.pid}/fd").iterdir()}
            assert (born.poll(), "anon_inode:[pidfd]" in opened) == (None, False)
            with pytest.raises(subprocess.TimeoutExpired):
                born.wait(0)

            born.kill()

            assert born.wait(ENDS_WITHIN_S) == born.poll() == -SIGKILL
            waiting.close()


@pytest.mark.skipif(find_faketime() is None, reason="there is no libfaketime, which is in Debian's package faketime")
async def test_it_has_a_clock_of_its_own(dsn: str, tmp_path: Path) -> None:
    with start_nursery(with_faketime(str(find_faketime()))) as clocks:
        ahead = Installation(data=tmp_path, database_url=dsn, environment={CLOCK: "+10m"}, launch=clocks.launch)
        async with ahead.serve() as gateway:
            await until(lambda: bool(gateway.events("server.started")))
            [started] = gateway.events("server.started")

    is_ahead_by = datetime.fromisoformat(started["at"]) - SystemClock().now()
    assert timedelta(minutes=9) < is_ahead_by < timedelta(minutes=11)
