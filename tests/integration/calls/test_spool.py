"""The spool: what is acknowledged is on disk, whole and in order, until the database has it (R34)."""

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest
from structlog.testing import capture_logs

from gateway.domain.errors import DatabaseAway, NotFound
from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction
from gateway.postgres.types import Pool
from gateway.spool.file import SUFFIX, SpoolFile, read_records, spool_directory, spool_files
from gateway.spool.record import Record
from gateway.spool.set_aside import REJECTED_SUFFIX, UNREADABLE_SUFFIX, count_set_aside
from gateway.spool.spool import Spool, open_spool
from gateway.usecases.calls.book import CallBook
from gateway.usecases.calls.ends import replay as replaying
from gateway.usecases.calls.ends.replay import CHUNK, Replay, replay_spool
from tests.support import world
from tests.support.running import Gateway
from tests.support.world import NOON

D = Decimal


class FakeBook:
    """Takes records as the database would; can be away, slow, or refuse a call."""

    def __init__(self) -> None:
        self.taken: list[Record] = []
        self.away_after: int | None = None
        self.refused: set[str] = set()
        self.faulty: set[str] = set()
        self.locked: set[str] = set()
        self.gate = asyncio.Event()
        self.gate.set()

    async def see_database(self) -> None:
        if self.away_after is not None and len(self.taken) >= self.away_after:
            raise DatabaseAway("gone")

    async def replay(self, record: Record) -> None:
        await self.gate.wait()
        if self.away_after is not None and len(self.taken) >= self.away_after:
            raise DatabaseAway("gone")
        await asyncio.sleep(0)
        if call_id(record) in self.refused:
            raise NotFound("no such account")
        if call_id(record) in self.faulty:
            raise asyncpg.UndefinedTableError("no such table")
        if call_id(record) in self.locked:
            raise DatabaseAway("somebody has the account locked")
        self.taken.append(record)

    def call_ids(self) -> list[str]:
        return [call_id(record) for record in self.taken]


def call_id(record: Record) -> str:
    event = record.started or record.answered or record.ended
    assert event is not None
    return event.call_id


async def replay(spool: Spool, book: FakeBook) -> int:
    return await replay_spool(spool, cast("CallBook", book))


def end(name: str) -> Record:
    return Record(connection="pbx", received_at=NOON, ended=CallEnded(call_id=name, cause=Cause.NORMAL, seconds=60))


def answer(name: str) -> Record:
    return Record(connection="pbx", received_at=NOON, answered=CallAnswered(call_id=name, at=NOON))


def start(name: str, *, parent: str | None = None) -> Record:
    call = CallStarted(
        call_id=name,
        direction=Direction.OUTBOUND if parent is None else Direction.FORWARD,
        caller="+15550100001",
        callee="+442079460000",
        line="+15550100001",
        parent_call_id=parent,
        control_url="https://switch.example/a",
    )
    return Record(connection="pbx", received_at=NOON, started=call, allowed_s=60, replied=b'{"action":"connect"}\x00')


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    async with open_spool(tmp_path) as opened:
        yield opened


@pytest.fixture
def book() -> FakeBook:
    return FakeBook()


async def dead(data: Path, *records: Record) -> Path:
    """What a process leaves behind that dies with these records on disk."""
    async with open_spool(data) as spool:
        for record in records:
            await spool.append(record)
        return spool.file.path


async def test_what_is_acknowledged_stands_in_the_file_in_its_order(spool: Spool) -> None:
    records = [start("a"), answer("a"), end("a"), *(end(f"b{number}") for number in range(50))]

    await asyncio.gather(*(spool.append(record) for record in records))

    assert list(read_records(spool.file.path)) == records
    assert spool.count == len(records)


async def test_a_replay_gives_the_records_in_order_and_empties_the_file(spool: Spool, book: FakeBook) -> None:
    for number in range(3):
        await spool.append(end(f"a{number}"))

    assert await replay(spool, book) == 3

    assert book.call_ids() == ["a0", "a1", "a2"]
    assert (spool.count, spool.file.path.stat().st_size) == (0, 0)
    assert await replay(spool, book) == 0


async def test_the_records_of_a_call_are_replayed_one_after_the_other(spool: Spool, book: FakeBook) -> None:
    records = [start("a"), start("b"), answer("a"), end("b"), start("c", parent="a"), end("a"), end("c")]
    for record in records:
        await spool.append(record)

    await replay(spool, book)

    of_a = [record for record in book.taken if call_id(record) in {"a", "c"}]
    assert of_a == [records[0], records[2], records[4], records[5], records[6]]
    assert [record for record in book.taken if call_id(record) == "b"] == [records[1], records[3]]


async def test_without_the_database_everything_stays_and_what_it_has_is_not_sent_again(
    spool: Spool, book: FakeBook
) -> None:
    count = CHUNK + 10
    await asyncio.gather(*(spool.append(end(f"a{number}")) for number in range(count)))
    book.away_after = CHUNK

    with pytest.raises(DatabaseAway):
        await replay(spool, book)
    assert spool.count == 10

    book.away_after = None
    assert await replay(spool, book) == 10
    assert book.call_ids() == [f"a{number}" for number in range(count)]


async def test_while_a_replay_goes_on_new_records_are_acknowledged(spool: Spool, book: FakeBook) -> None:
    await spool.append(end("a"))
    book.gate.clear()
    replaying = asyncio.create_task(replay(spool, book))
    await asyncio.sleep(0)

    await asyncio.wait_for(spool.append(end("b")), 5)

    book.gate.set()
    assert await replaying == 2
    assert book.call_ids() == ["a", "b"]
    assert spool.count == 0


async def test_progress_is_kept_by_the_record(spool: Spool, book: FakeBook) -> None:
    """On a slow link some of a batch go through in time, and the others do not."""
    names = [f"a{number}" for number in range(CHUNK + 50)]
    await asyncio.gather(*(spool.append(end(name)) for name in names))
    turn = Replay(spool, cast("CallBook", book))
    book.locked = set(names[10:])

    assert await turn.once() == 10
    book.locked = set(names[20:])
    assert await turn.once() == 10
    book.locked = set()
    assert await turn.once() == CHUNK + 30

    assert book.call_ids() == names
    assert spool.count == 0


async def test_what_waits_for_a_locked_account_keeps_only_its_own_call_back(spool: Spool, book: FakeBook) -> None:
    for record in (answer("a"), answer("b"), end("a"), end("b")):
        await spool.append(record)
    book.locked = {"a"}

    assert await replay(spool, book) == 2

    assert book.taken == [answer("b"), end("b")]
    book.locked = set()
    assert await replay(spool, book) == 2
    assert book.taken[2:] == [answer("a"), end("a")]


async def test_a_fault_of_the_surroundings_leaves_a_record_where_it_is(
    spool: Spool, book: FakeBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A right that is missing, a table that is not there yet: it is tried again, and nothing is put aside."""
    monkeypatch.setattr(replaying, "REST_S", 0.2)
    for record in (answer("a"), end("a"), end("b")):
        await spool.append(record)
    book.faulty = {"a"}
    turn = Replay(spool, cast("CallBook", book))

    with capture_logs() as logs:
        assert await turn.once() == 1
        await spool.append(end("c"))
        assert await turn.once() == 1
    assert (book.call_ids(), spool.count) == (["b", "c"], 2)
    assert [(line["event"], line["why"]) for line in logs if line["log_level"] == "error"] == [
        ("spool.failed", "no such table")
    ]

    book.faulty = set()
    assert await turn.once() == 0
    await asyncio.sleep(0.25)
    assert await turn.once() == 2
    assert book.taken[2:] == [answer("a"), end("a")]
    assert [path for path in spool.directory.iterdir() if path.suffix != SUFFIX] == []


async def test_what_is_free_when_its_turn_comes_is_not_written(spool: Spool) -> None:
    await spool.append(end("a"))

    behind, free, after = await asyncio.gather(
        spool.append_unless(end("a"), lambda: False),
        spool.append_unless(answer("b"), lambda: True),
        spool.append_unless(end("a"), lambda: True),
    )

    # The last one follows one of its call that is written with it.
    assert (behind, free, after) == (True, False, True)
    assert list(read_records(spool.file.path)) == [end("a"), end("a"), end("a")]


async def test_what_dead_processes_left_behind_is_replayed_and_deleted(
    tmp_path: Path, spool: Spool, book: FakeBook
) -> None:
    left = [await dead(tmp_path, end("a")), await dead(tmp_path, end("b"))]
    await spool.append(end("c"))
    book.away_after = 0

    with pytest.raises(DatabaseAway):
        await replay(spool, book)
    assert spool.count == 3
    assert all(path.exists() for path in left)

    book.away_after = None
    assert await replay(spool, book) == 3
    assert book.call_ids() == ["a", "b", "c"]
    assert spool_files(spool_directory(tmp_path)) == [spool.file.path]


async def test_what_waits_at_the_end_is_left_to_the_next_process(tmp_path: Path, book: FakeBook) -> None:
    await dead(tmp_path, end("a"))
    book.away_after = 0
    async with open_spool(tmp_path) as spool:
        with pytest.raises(DatabaseAway):
            await replay(spool, book)
        await spool.append(end("b"))
    book.away_after = None

    async with open_spool(tmp_path) as spool:
        assert await replay(spool, book) == 2

    assert book.call_ids() == ["a", "b"]
    assert list(spool_directory(tmp_path).iterdir()) == []


async def test_what_a_living_process_has_is_left_alone(tmp_path: Path, spool: Spool, book: FakeBook) -> None:
    async with open_spool(tmp_path) as other:
        await other.append(end("a"))

        assert await replay(spool, book) == 0

        assert await replay(other, book) == 1
    assert book.call_ids() == ["a"]


async def test_a_file_that_was_deleted_before_it_could_be_locked_is_nobodys(tmp_path: Path) -> None:
    path = await dead(tmp_path, end("a"))
    first = SpoolFile.take(path)
    assert first is not None
    assert SpoolFile.take(path) is None
    for entry in first.read(0, 1):
        first.mark_applied(entry)
    first.close()

    assert SpoolFile.take(path) is None
    assert not path.exists()


async def test_a_torn_line_is_passed_over(tmp_path: Path, spool: Spool, book: FakeBook) -> None:
    path = await dead(tmp_path, end("a"))
    with path.open("ab") as file:
        file.write(b'{"connection":"pbx","rec')

    assert await replay(spool, book) == 1

    assert book.call_ids() == ["a"]
    assert not path.exists()


async def test_a_line_that_cannot_be_read_is_put_aside_and_keeps_nothing_back(
    tmp_path: Path, spool: Spool, book: FakeBook
) -> None:
    path = await dead(tmp_path, end("a"))
    bad = b'{"connection":"pbx"}\n\xff\xfe\n'
    path.write_bytes(bad + path.read_bytes())

    assert await replay(spool, book) == 3

    assert book.call_ids() == ["a"]
    assert path.with_suffix(UNREADABLE_SUFFIX).read_bytes() == bad


async def test_a_record_that_the_database_will_not_take_is_put_aside(spool: Spool, book: FakeBook) -> None:
    book.refused = {"b"}
    for name in "abc":
        await spool.append(end(name))

    assert await replay(spool, book) == 3

    assert book.call_ids() == ["a", "c"]
    assert spool.count == 0
    (line,) = spool.file.path.with_suffix(REJECTED_SUFFIX).read_text().splitlines()
    assert '"why":"no such account"' in line
    assert '"call_id":"b"' in line


@contextmanager
def a_full_disk(limit: int) -> Iterator[None]:
    """No file of this process can grow beyond this."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_on_a_full_disk_nothing_is_acknowledged_and_nothing_half_written_stays(
    spool: Spool, book: FakeBook
) -> None:
    large = "x" * 100_000
    await spool.append(end("a"))

    with a_full_disk(50_000):
        results = await asyncio.gather(spool.append(end(large)), spool.append(end("b")), return_exceptions=True)
        assert [type(result) for result in results] == [OSError, OSError]
        await spool.append(end("c"))
    await spool.append(end("d"))

    assert list(read_records(spool.file.path)) == [end("a"), end("c"), end("d")]
    assert await replay(spool, book) == 3


async def test_what_cannot_be_put_aside_on_a_full_disk_waits(
    spool: Spool, book: FakeBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "REST_S", 0.0)
    await spool.append(end("a"))
    await spool.append(end("b"))
    book.refused = {"a"}
    turn = Replay(spool, cast("CallBook", book))

    with a_full_disk(10), capture_logs():
        assert await turn.once() == 1
    assert (book.call_ids(), spool.count) == (["b"], 1)

    assert await turn.once() == 1
    assert spool.count == 0
    assert count_set_aside(spool.directory) == 1


@contextmanager
def no_descriptors() -> Iterator[None]:
    """This process can open nothing more."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def test_without_descriptors_what_waits_is_replayed_and_nothing_is_put_aside(
    tmp_path: Path, spool: Spool, book: FakeBook
) -> None:
    await dead(tmp_path, end("left"))
    for name in "abc":
        await spool.append(end(name))
    book.refused = {"b"}

    with no_descriptors():
        assert await replay(spool, book) == 2
        await spool.append(end("d"))
    book.refused = set()

    assert await replay(spool, book) == 3
    assert book.call_ids() == ["a", "c", "left", "b", "d"]


async def test_a_spool_without_a_file_has_one_when_there_is_something_to_keep(tmp_path: Path, book: FakeBook) -> None:
    """A gateway that starts on a full disk, or without descriptors, decides calls all the same."""
    spool_directory(tmp_path).mkdir()
    with no_descriptors():
        opening = open_spool(tmp_path)
        spool = await opening.__aenter__()
        assert "Too many open files" in str(spool.trouble)
        with pytest.raises(OSError, match="Too many open files"):
            await spool.append(end("a"))
        assert (await replay(spool, book), spool.failures) == (0, 2)

    await spool.append(end("a"))

    assert spool.trouble is None
    assert await replay(spool, book) == 1
    await opening.__aexit__(None, None, None)


async def test_a_file_that_cannot_be_opened_keeps_nothing_else_back_and_is_told_of_once(
    spool: Spool, book: FakeBook
) -> None:
    (spool.directory / f"strange{SUFFIX}").mkdir()
    await spool.append(end("a"))

    with capture_logs() as logs:
        assert await replay(spool, book) == 1
        await replay(spool, book)

    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["spool.failed"]


async def test_a_webhook_that_nobody_waits_for_any_more_does_not_hold_up_the_others(spool: Spool) -> None:
    with a_full_disk(10):
        gone = asyncio.create_task(spool.append(end("a")))
        other = asyncio.create_task(spool.append(end("b")))
        await asyncio.sleep(0)
        gone.cancel()
        with pytest.raises(OSError, match="large"):
            await asyncio.wait_for(other, 5)

    await asyncio.wait_for(spool.append(end("c")), 5)


# With the real book, on a database.


@pytest.fixture
async def account(pool: Pool) -> int:
    async with pool.acquire() as conn:
        account_id = await world.account(conn, balance="1", unavailable_allow_s=60)
        await world.number(conn, account_id, "+15550100001")
        await world.rate(conn, "44", "0.0270")
    return account_id


async def test_r34_a_call_that_was_connected_without_the_database_is_held_and_charged(
    gateway: Gateway, pool: Pool, account: int
) -> None:
    spool = gateway.process.context.spool
    await spool.append(start("a1"))
    await gateway.replay()
    async with pool.acquire() as conn:
        assert await world.money(conn, account) == (D(1), D("0.027"))

        again = await gateway.hook(
            {
                "type": "call.start",
                "call_id": "a1",
                "direction": "outbound",
                "caller": "+15550100001",
                "callee": "+442079460000",
            }
        )
        assert await again.read() == start("a1").replied
        gateway.clock.advance(90)
        await gateway.end("a1", seconds=90)

        assert await world.money(conn, account) == (D("0.973"), D(0))
        assert set(await conn.fetchval("SELECT flags FROM call")) == {"unavailable", "over_grant"}


async def test_r34_its_end_may_be_written_by_another_process_first(gateway: Gateway, pool: Pool, account: int) -> None:
    gateway.clock.advance(90)
    await gateway.end("a1", seconds=90)
    await gateway.process.context.spool.append(start("a1"))

    await gateway.replay()

    async with pool.acquire() as conn:
        # Sixty seconds were allowed, and no more are charged.
        assert await world.money(conn, account) == (D("0.973"), D(0))
        row: Any = await conn.fetchrow("SELECT state, granted_s, flags FROM call")
        assert (row["state"], row["granted_s"]) == ("ended", 60)
        assert {"unavailable", "over_grant"} <= set(row["flags"])


async def test_while_records_wait_later_events_go_behind_them(gateway: Gateway, pool: Pool, account: int) -> None:
    await gateway.start("a1")
    spool = gateway.process.context.spool
    await spool.append(answer("a1"))
    gateway.clock.advance(60)

    reply = await gateway.end("a1", seconds=60)

    assert reply == {"call_id": "a1"}
    assert spool.count == 2
    await gateway.replay()
    async with pool.acquire() as conn:
        assert await conn.fetchval("SELECT state FROM call") == "ended"
        assert await world.money(conn, account) == (D("0.973"), D(0))
    assert (await gateway.end("a1", seconds=60))["charged"] == "0.027000"


async def test_a_record_of_a_connection_that_is_gone_is_put_aside(gateway: Gateway, pool: Pool, account: int) -> None:
    spool = gateway.process.context.spool
    call = start("a1").started
    await spool.append(Record(connection="gone", received_at=NOON, started=call, allowed_s=60, replied=b"{}"))

    await gateway.replay()

    assert "no connection 'gone' is configured" in spool.file.path.with_suffix(REJECTED_SUFFIX).read_text()
    async with pool.acquire() as conn:
        assert await world.money(conn, account) == (D(1), D(0))
