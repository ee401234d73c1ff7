"""R16, R2: old calls go to a file. Their ids are known for ever, and the books are right without them."""

import asyncio
import gzip
import json
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from gateway.domain.errors import Conflict, InvalidInput, NotFound
from gateway.postgres.accounts import ledger
from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.accounts.check_ledger import check_ledger
from gateway.usecases.accounts.watch_ledger import INTERVAL, LedgerWatch
from gateway.usecases.calls.archive import ArchivedMonth, archive_month, find_archivable, read_month
from gateway.usecases.calls.months import keep_months
from gateway.usecases.calls.roll_up import roll_up
from gateway.usecases.calls.shown.show import show_call
from tests.support import world
from tests.support.actors import CLERK
from tests.support.command_line import Gateway as CommandLine
from tests.support.command_line import undone
from tests.support.running import Gateway

D = Decimal
MARCH = read_month("2026-03")
LATER = datetime(2026, 7, 1, tzinfo=UTC)
GONE = {"action": "reject", "sip_code": 487, "reason": "call_ended"}


@pytest.fixture
async def account(pool: Pool) -> int:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="10")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.01")
    return account


@pytest.fixture
async def conn(pool: Pool, gateway: Gateway, account: int) -> AsyncIterator[PgConnection]:
    """In March three calls, of which one was charged, one refused, one has no start; a top-up; in July another call."""
    async with pool.acquire() as conn:
        await gateway.start("charged")
        gateway.clock.advance(60)
        await gateway.end("charged", seconds=60)
        await gateway.start("refused", "+81312345678")
        await gateway.end("unmatched", seconds=60)
        await world.adjust(conn, account, "5")
        await keep_months(gateway.process.context)
        gateway.clock.at = LATER
        await keep_months(gateway.process.context)
        await gateway.start("new")
        gateway.clock.advance(60)
        await gateway.end("new", seconds=60)
        yield conn


async def archive(conn: PgConnection, gateway: Gateway, file: Path) -> ArchivedMonth:
    limits = gateway.process.context.settings.limits
    return await archive_month(conn, MARCH, file, actor=CLERK, limits=limits, now=gateway.clock.now())


def lines(file: Path) -> list[Any]:
    return [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]


@contextmanager
def small_files() -> Iterator[None]:
    """As if the disk had room for a few bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def calls_on_record(conn: PgConnection) -> list[str]:
    return [row["provider_call_id"] for row in await conn.fetch("SELECT provider_call_id FROM call ORDER BY id")]


async def test_a_month_goes_to_a_file_and_the_books_are_right(
    gateway: Gateway, conn: PgConnection, account: int, tmp_path: Path
) -> None:
    while await roll_up(gateway.process.context):
        pass

    archived = await archive(conn, gateway, tmp_path / "march")

    assert (archived.month, archived.calls, archived.entries, archived.kept) == ("2026-03", 3, 1, 0)
    assert await conn.fetchval("SELECT count(DISTINCT call_id) FROM call_number") == 1
    written = await conn.fetch("SELECT actor_id, object FROM audit WHERE action = 'calls.archive'")
    assert [tuple(row) for row in written] == [("clerk", "month:2026-03")]
    assert [each["call"]["provider_call_id"] for each in lines(tmp_path / "march")] == [
        "charged",
        "refused",
        "unmatched",
    ]
    assert [each["entry"] and each["entry"]["amount"] for each in lines(tmp_path / "march")] == [-0.01, None, None]
    assert await calls_on_record(conn) == ["new"]
    assert (await check_ledger(conn)).ok
    assert (await check_ledger(conn, full=False)).ok
    assert await ledger.balances(conn, account_id=account, since=None, until=None) == (D("-0.01"), D("14.98"))


async def test_r16_an_archived_call_is_never_decided_anew(gateway: Gateway, conn: PgConnection, tmp_path: Path) -> None:
    await archive(conn, gateway, tmp_path / "march")

    for call_id in ("charged", "refused", "unmatched"):
        assert await gateway.start(call_id) == await gateway.start(call_id) == {"call_id": call_id, **GONE}
    # Neither is another call under its id.
    assert await gateway.start("charged", "+447400123456") == {"call_id": "charged", **GONE}
    assert await calls_on_record(conn) == ["new"]


async def test_r21_an_end_of_an_archived_call_is_acknowledged_and_charged_nothing(
    gateway: Gateway, conn: PgConnection, account: int, tmp_path: Path
) -> None:
    await archive(conn, gateway, tmp_path / "march")

    with capture_logs() as logged:
        ended = await gateway.end("charged", seconds=600)
        await gateway.answer("charged")

    assert ended["charged"] is None
    assert [each["provider_call_id"] for each in logged if each["event"] == "call.told_archived"] == ["charged"] * 2
    assert await conn.fetchval("SELECT balance::numeric FROM account WHERE id = $1", account) == D("14.98")
    assert await calls_on_record(conn) == ["new"]


async def test_a_month_with_calls_that_are_not_done_with_is_kept(
    gateway: Gateway, conn: PgConnection, tmp_path: Path
) -> None:
    await conn.execute(
        """
        INSERT INTO doubted_end (call_id, heard_at, due_at)
        SELECT id, started_at, started_at FROM call WHERE provider_call_id = 'charged'
        """
    )
    limits = gateway.process.context.settings.limits

    would = await find_archivable(conn, MARCH, limits=limits, now=LATER)
    with pytest.raises(Conflict, match="1 calls of 2026-03 are not done with"):
        await archive(conn, gateway, tmp_path / "march")

    assert (would.calls, would.entries, would.kept, would.file) == (3, 1, 1, None)
    assert not (tmp_path / "march").exists()
    # Its start has its reply still, and the month is taken later.
    assert (await gateway.start("charged"))["action"] == "connect"
    await conn.execute("DELETE FROM doubted_end")
    assert (await archive(conn, gateway, tmp_path / "march")).calls == 3


async def test_what_was_taken_out_is_written_later_where_its_file_could_not_be(
    gateway: Gateway, conn: PgConnection, account: int, tmp_path: Path
) -> None:
    limits = gateway.process.context.settings.limits
    with pytest.raises(OSError, match="File too large"), small_files():
        await archive(conn, gateway, tmp_path / "broken")
    with pytest.raises(Conflict, match="were taken out on 2026-07-01, and wait for a file"):
        await find_archivable(conn, MARCH, limits=limits, now=LATER)
    with pytest.raises(NotFound, match="was archived on 2026-07-01, with the calls of 2026-03: no file has it yet"):
        await show_call(conn, reference="pbx:charged")
    assert await gateway.start("charged") == {"call_id": "charged", **GONE}
    assert (await check_ledger(conn)).ok

    archived = await archive(conn, gateway, tmp_path / "march")

    assert (archived.calls, archived.entries) == (3, 1)
    assert len(lines(tmp_path / "march")) == 3
    with pytest.raises(Conflict, match="are archived already, in "):
        await archive(conn, gateway, tmp_path / "again")


async def test_only_a_whole_part_is_archived(gateway: Gateway, conn: PgConnection, tmp_path: Path) -> None:
    limits = gateway.process.context.settings.limits
    with pytest.raises(Conflict, match="calls of 2026-02 are kept with those of 2026-03: archive 2026-03"):
        await find_archivable(conn, read_month("2026-02"), limits=limits, now=LATER)
    with pytest.raises(Conflict, match="there is no month after 2026-09 yet"):
        await find_archivable(conn, read_month("2026-09"), limits=limits, now=datetime(2027, 1, 1, tzinfo=UTC))


async def test_a_later_month_is_archived_as_the_first_part_is(
    gateway: Gateway, conn: PgConnection, account: int, tmp_path: Path
) -> None:
    july, october = read_month("2026-07"), datetime(2026, 10, 1, tzinfo=UTC)
    limits = gateway.process.context.settings.limits
    new = await conn.fetchval("SELECT id FROM call WHERE provider_call_id = 'new'")
    # As a gateway of the version before books it, which knows nothing of months.
    await conn.execute(
        """
        WITH call AS (
            INSERT INTO call (connection, provider_call_id, account_id, direction, caller, callee, line, state, rule,
                record_code, sip_code, granted_s, started_at, answered_at, ended_at, billed_s, charge)
            VALUES ('pbx', 'old', $1, 'outbound', '', '', '', 'ended', 'R14', 200, 200, 60, $2, $2, $2, 60, 0.01)
            RETURNING id
        ), entry AS (
            INSERT INTO ledger_entry (account_id, kind, amount, balance_after, key, call_id, booked_at)
            SELECT $1, 'call', -0.01, 14.97, 'call:' || id, id, $2 FROM call
        )
        UPDATE account SET balance = 14.97 WHERE id = $1
        """,
        account,
        LATER,
    )
    gateway.clock.at = october

    archived = await archive_month(conn, july, tmp_path / "july", actor=CLERK, limits=limits, now=october)

    assert (archived.calls, archived.entries) == (2, 2)
    assert [each["entry"]["amount"] for each in lines(tmp_path / "july")] == [-0.01, -0.01]
    assert await calls_on_record(conn) == ["charged", "refused", "unmatched"]
    assert (await check_ledger(conn)).ok
    with pytest.raises(NotFound, match=f"call {new} was archived on 2026-10-01, with the calls of 2026-07: see "):
        await show_call(conn, reference=str(new))
    assert (await archive(conn, gateway, tmp_path / "march")).calls == 3
    assert (await check_ledger(conn)).ok
    assert (await check_ledger(conn, full=False)).ok
    assert await conn.fetchval("SELECT array_agg(kind ORDER BY id) FROM ledger_entry") == ["adjustment", "adjustment"]


async def test_what_may_be_charged_still_and_a_file_that_is_there_are_refused(
    gateway: Gateway, conn: PgConnection, tmp_path: Path
) -> None:
    file = tmp_path / "march"
    gateway.clock.at = MARCH.until + timedelta(days=60, seconds=-1)
    with pytest.raises(Conflict, match="may be charged until 2026-05-31"):
        await archive(conn, gateway, file)
    file.write_text("kept")
    gateway.clock.at = LATER
    with pytest.raises(Conflict, match="is there already"):
        await archive(conn, gateway, file)
    with pytest.raises(InvalidInput, match="no month"):
        read_month("March")
    assert (file.read_text(), len(await calls_on_record(conn))) == ("kept", 4)


async def test_r2_the_proof_goes_on_over_what_was_archived(
    gateway: Gateway, conn: PgConnection, account: int, tmp_path: Path
) -> None:
    watch = LedgerWatch(gateway.process.context)
    await watch.once()
    await archive(conn, gateway, tmp_path / "march")
    await world.adjust(conn, account, "1")

    for passed in (INTERVAL, timedelta(days=1)):
        gateway.clock.at += passed
        await watch.once()
        assert gateway.process.context.metrics.registry.get_sample_value("gateway_ledger_differences") == 0
    await conn.execute("UPDATE account_archive SET archived = archived + 1")
    assert [each.kind for each in (await check_ledger(conn)).differences] == ["balance"]
    gateway.clock.advance(60 * 60 * 24)
    await watch.once()
    assert gateway.process.context.metrics.registry.get_sample_value("gateway_ledger_differences") == 1


async def test_an_operator_archives_a_month_by_a_command(dsn: str, conn: PgConnection, tmp_path: Path) -> None:
    file = str(tmp_path / "march")

    with undone():
        company = CommandLine({"GATEWAY_DATABASE_URL": dsn}, clock=world.FakeClock(LATER))
        assert "Usage: " in await company.refused("archive", "2026-03", code=2)
        would = await company.json("archive", "2026-03", "--dry-run")
        await conn.execute("UPDATE account SET balance = balance + 1")
        assert "the books are not right" in await company.refused("archive", "2026-03", file)
        await conn.execute("UPDATE account SET balance = balance - 1")
        archived = await company.json("archive", "2026-03", file)

    assert would == {"month": "2026-03", "calls": 3, "entries": 1, "kept": 0, "file": None}
    assert archived == would | {"file": file}


@pytest.mark.parametrize("statement", ["DELETE FROM call", "DELETE FROM ledger_entry"])
async def test_r2_nothing_else_deletes_calls_or_entries(conn: PgConnection, statement: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError):
        await conn.execute(statement)


async def test_no_call_is_refused_while_a_month_is_taken_out(
    gateway: Gateway, conn: PgConnection, account: int, tmp_path: Path
) -> None:
    await conn.execute(
        """
        INSERT INTO call (id, connection, provider_call_id, account_id, direction, caller, callee, line, state, rule,
            record_code, sip_code, granted_s, started_at, answered_at, ended_at, billed_s, charge)
        OVERRIDING SYSTEM VALUE
        SELECT 1000 + n, 'pbx', 'old' || n, $1, 'outbound', '', '', '', 'ended', 'R14',
            200, 200, 60, $2, $2, $2, 60, 0.01
        FROM generate_series(1, 3000) AS n
        """,
        account,
        MARCH.since,
    )
    await conn.execute(
        """
        INSERT INTO ledger_entry (account_id, kind, amount, balance_after, key, call_id, booked_at)
        SELECT $1, 'call', -0.01, 14.98 - 0.01 * row_number() OVER (ORDER BY id), 'call:' || id, id, $2
        FROM call
        WHERE provider_call_id LIKE 'old%'
        """,
        account,
        MARCH.since,
    )
    await conn.execute("UPDATE account SET balance = balance - 30, credit_limit = 100")
    archiving = asyncio.create_task(archive(conn, gateway, tmp_path / "march"))

    replies = []
    while not archiving.done():
        call_id = f"now{len(replies)}"
        replies.append((await gateway.start(call_id))["action"])
        gateway.clock.advance(60)
        await gateway.end(call_id, seconds=60)

    assert (await archiving).calls == 3003
    assert set(replies) == {"connect"}
    assert len(lines(tmp_path / "march")) == 3003
    assert (await check_ledger(conn)).ok
