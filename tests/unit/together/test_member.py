"""Processes that serve together: one decides for all, and none depends on it."""

import asyncio
import fcntl
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import uvloop
from structlog.testing import capture_logs

from gateway.clock import Clock, DatabaseClock, Heard, SystemClock, steady_s
from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallEnded, CallStarted, Cause, Direction
from gateway.providers.base import Charged
from gateway.together.frames import Frames
from gateway.together.member import Member
from gateway.together.wire import ANYBODY, Time, encode
from gateway.usecases.calls.book import CallEvent
from gateway.usecases.calls.ends.end_request import EndResult
from gateway.usecases.calls.starts.start_request import Repeated, StartResult

PBX = Connection(name="pbx", kind="native")
TRUNK = Connection(name="trunk", kind="native")
END = CallEnded(call_id="a", cause=Cause.NORMAL, seconds=61)


@dataclass
class FakeBook:
    """Tells who was asked, once it may."""

    name: str
    asked: list[str] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    fault: Exception | None = None

    def __post_init__(self) -> None:
        self.gate.set()

    async def start(self, connection: Connection, call: CallStarted) -> StartResult:
        await self._ask(call.call_id)
        return Repeated(reply=f"{self.name} {connection.name} {call.call_id}".encode())

    async def take(self, connection: Connection, event: CallEvent) -> EndResult:
        await self._ask(event.call_id)
        return Charged(charged=None, currency=f"{self.name} {connection.name}")

    async def _ask(self, call_id: str) -> None:
        self.asked.append(call_id)
        await self.gate.wait()
        if self.fault is not None:
            raise self.fault


@pytest.fixture
def directory() -> Iterator[Path]:
    """A short path, as sockets need one."""
    with tempfile.TemporaryDirectory() as short:
        yield Path(short)


def a_member(directory: Path, book: FakeBook, *connections: Connection, clock: Clock | None = None) -> Member:
    return Member(directory, book, {each.name: each for each in connections or (PBX,)}, clock or SystemClock())


@asynccontextmanager
async def running(member: Member) -> AsyncIterator[None]:
    task = asyncio.create_task(member.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(is_so: Callable[[], bool], within_s: float = 5.0) -> None:
    give_up_at = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < give_up_at
        await asyncio.sleep(0.005)


@dataclass(frozen=True)
class Two:
    leads: FakeBook
    follows: FakeBook
    member: Member
    leader: AsyncExitStack


@pytest.fixture
async def two(directory: Path) -> AsyncIterator[Two]:
    """One that leads, and one that is led by it; `leader` is closed to end the first."""
    leads, follows = FakeBook("leader"), FakeBook("own")
    async with AsyncExitStack() as leader:
        await leader.enter_async_context(running(a_member(directory, leads)))
        await until((directory / "leader").exists)
        member = a_member(directory, follows, PBX, TRUNK)
        async with running(member):
            await until(lambda: member.is_led)
            yield Two(leads, follows, member, leader)


def a_start(call_id: str = "a") -> CallStarted:
    return CallStarted(call_id=call_id, direction=Direction.OUTBOUND, caller="+1", callee="+2", line="+1")


async def test_one_alone_is_led_by_nobody(directory: Path) -> None:
    member = a_member(directory, FakeBook("own"))

    async with running(member):
        await until((directory / "leader").exists)

        assert not member.is_led
        assert await member.start(PBX, a_start()) == Repeated(reply=b"own pbx a")


async def test_the_leader_decides_for_all(two: Two) -> None:
    assert await two.member.start(PBX, a_start()) == Repeated(reply=b"leader pbx a")
    assert await two.member.take(PBX, END) == Charged(charged=None, currency="leader pbx")
    assert two.follows.asked == []


def test_the_leader_decides_for_all_on_the_event_loop_of_a_gateway(directory: Path) -> None:
    async def ask() -> StartResult:
        async with running(a_member(directory, FakeBook("leader"))):
            await until((directory / "leader").exists)
            member = a_member(directory, FakeBook("own"))
            async with running(member):
                await until(lambda: member.is_led)
                return await member.start(PBX, a_start())

    assert uvloop.run(ask()) == Repeated(reply=b"leader pbx a")


async def test_many_that_come_together_each_get_their_own_result(two: Two) -> None:
    told = await asyncio.gather(*(two.member.start(PBX, a_start(f"a{number}")) for number in range(1000)))

    assert told == [Repeated(reply=f"leader pbx a{number}".encode()) for number in range(1000)]


async def test_what_the_leader_knows_no_connection_of_is_decided_here(two: Two) -> None:
    assert await two.member.start(TRUNK, a_start()) == Repeated(reply=b"own trunk a")
    assert await two.member.take(TRUNK, END) == Charged(charged=None, currency="own trunk")
    assert two.leads.asked == []


async def test_what_cannot_be_recorded_is_refused_as_the_leader_says(two: Two) -> None:
    two.leads.fault = MalformedHook("seconds: too many", "seconds")

    with pytest.raises(MalformedHook, match="seconds: too many") as refused:
        await two.member.take(PBX, END)

    assert refused.value.field == "seconds"
    assert two.follows.asked == []


async def test_what_cannot_be_handed_over_is_decided_here_and_keeps_nobody_waiting(two: Two) -> None:
    told = await asyncio.wait_for(
        asyncio.gather(
            two.member.start(PBX, a_start("\ud800")), two.member.start(PBX, a_start("b")), return_exceptions=True
        ),
        2,
    )

    assert two.follows.asked == ["\ud800"]
    assert told[1] == Repeated(reply=b"leader pbx b")


async def test_what_the_leader_fails_at_is_decided_here(two: Two) -> None:
    two.leads.fault = RuntimeError("no such table")

    assert await two.member.start(PBX, a_start()) == Repeated(reply=b"own pbx a")
    assert await two.member.take(PBX, END) == Charged(charged=None, currency="own pbx")


async def test_what_is_under_way_when_the_leader_ends_is_decided_here_and_the_place_is_taken(
    two: Two, directory: Path
) -> None:
    two.leads.gate.clear()
    waiting = asyncio.create_task(two.member.start(PBX, a_start()))
    await until(lambda: two.leads.asked == ["a"])

    with capture_logs() as logs:
        await two.leader.aclose()
        assert await waiting == Repeated(reply=b"own pbx a")
        await until(lambda: [line["event"] for line in logs] == ["process.leads"])

    third = a_member(directory, FakeBook("third"))
    async with running(third):
        await until(lambda: third.is_led)
        assert await third.start(PBX, a_start("b")) == Repeated(reply=b"own pbx b")


@pytest.mark.parametrize("answers", [0, 1])
async def test_a_leader_that_says_nothing_is_done_without(directory: Path, answers: int) -> None:
    left = answers

    def heard(frames: Frames, said: bytes) -> None:
        nonlocal left
        if left and said == encode([]):
            left -= 1
            frames.say((ANYBODY, Time(SystemClock().now(), steady_s())))

    server = await asyncio.get_running_loop().create_unix_server(
        lambda: Frames(heard, lambda _: None), directory / "leader"
    )
    member = a_member(directory, FakeBook("own"))
    with (directory / "leader.lock").open("w") as held, capture_logs() as logs:
        fcntl.flock(held, fcntl.LOCK_EX)
        async with server, running(member):
            if answers:
                await until(lambda: member.is_led)
            begun = time.monotonic()
            assert await member.start(PBX, a_start()) == Repeated(reply=b"own pbx a")
            assert time.monotonic() - begun < 1.5
            await until(lambda: not member.is_led)
            assert await member.take(PBX, END) == Charged(charged=None, currency="own pbx")
            await until(lambda: any(line["event"] == "leader.silent" for line in logs))


async def test_a_leader_that_waits_for_long_is_waited_for(two: Two) -> None:
    two.leads.gate.clear()
    waiting = asyncio.create_task(two.member.take(PBX, END))

    await asyncio.sleep(1.2)

    assert not waiting.done()
    two.leads.gate.set()
    assert await waiting == Charged(charged=None, currency="leader pbx")


async def test_who_is_led_goes_by_the_leaders_clock(directory: Path) -> None:
    hour = timedelta(hours=1)
    theirs, ours = DatabaseClock(), DatabaseClock()
    now = steady_s()
    theirs.set_by(Heard(said=SystemClock().now() + hour, asked_s=now, heard_s=now))
    member = a_member(directory, FakeBook("own"), clock=ours)

    async with running(a_member(directory, FakeBook("leader"), clock=theirs)):
        await until((directory / "leader").exists)
        async with running(member):
            await until(lambda: member.is_led)
            assert abs(ours.now() - theirs.now()) < timedelta(milliseconds=50)


async def test_where_nobody_can_listen_each_works_for_itself(tmp_path: Path) -> None:
    too_long = tmp_path / ("x" * 120)
    too_long.mkdir()
    member = a_member(too_long, FakeBook("own"))

    with capture_logs() as logs:
        await asyncio.wait_for(member.run(), 5)

    assert [line["event"] for line in logs] == ["leader.unheard"]
    assert await member.take(PBX, END) == Charged(charged=None, currency="own pbx")
    assert await member.start(PBX, a_start()) == Repeated(reply=b"own pbx a")
