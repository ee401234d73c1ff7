"""What can be done to what the database keeps, until it is mended."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.support import world
from tests.support.installation import DAY, Installation


@asynccontextmanager
async def ledger_differs(its: Installation) -> AsyncIterator[None]:
    await its.do(world.account)
    await its.execute("UPDATE account SET balance = balance + 1")
    yield
    await its.execute("UPDATE account SET balance = balance - 1")


@asynccontextmanager
async def calls_not_cut(its: Installation) -> AsyncIterator[None]:
    await its.call(its.now)
    await its.execute("UPDATE live_call SET must_end_at = $1", its.now - DAY)
    yield
    await its.execute("UPDATE live_call SET must_end_at = $1", its.now + DAY)


@asynccontextmanager
async def holds_owed(its: Installation) -> AsyncIterator[None]:
    await its.call(its.now)
    await its.execute("UPDATE live_call SET over_at = $1", its.now)
    yield
    await its.execute("UPDATE live_call SET over_at = NULL")


@asynccontextmanager
async def no_smtp(its: Installation) -> AsyncIterator[None]:
    await its.mail()
    yield
    await its.execute("UPDATE mail SET state = 'sent', due_at = NULL, sent_at = queued_at")


@asynccontextmanager
async def mails_late(its: Installation) -> AsyncIterator[None]:
    its.gateway.environ |= {"GATEWAY_SMTP_URL": "smtp://127.0.0.1:1?tls=none", "GATEWAY_MAIL_FROM": "gw@gw.example"}
    async with no_smtp(its):
        yield


@asynccontextmanager
async def mails_refused(its: Installation) -> AsyncIterator[None]:
    async with no_smtp(its):
        await its.execute(
            "UPDATE mail SET state = 'refused', due_at = NULL, last_reply = '550 no' WHERE state = 'queued'"
        )
        yield


@asynccontextmanager
async def operator_without_factor(its: Installation) -> AsyncIterator[None]:
    await its.execute(
        "WITH added AS (INSERT INTO person (email, name, language, time_zone, created_at)"
        " VALUES ('anna@example.com', '', 'en', 'UTC', $1::timestamptz) RETURNING id)"
        " INSERT INTO membership (person_id, account_id, role, created_at)"
        " SELECT id, NULL, 'operator', $1::timestamptz FROM added",
        its.now - 2 * DAY,
    )
    yield
    await its.execute("UPDATE person SET disabled_at = $1", its.now)


@asynccontextmanager
async def large_sums_wait(its: Installation) -> AsyncIterator[None]:
    await its.do(world.account)
    await its.execute(
        "INSERT INTO large_sum (account_id, kind, amount, external_id, asked_by, asked_at)"
        " SELECT min(id), 'top_up', 1000, 'payment-1', 'cli:anna', $1::timestamptz FROM account",
        its.now - DAY,
    )
    yield
    await its.execute("UPDATE large_sum SET state = 'refused', decided_by = 'cli:boris', decided_at = asked_at")


@asynccontextmanager
async def books_unseen(its: Installation) -> AsyncIterator[None]:
    async with its.pool.acquire() as conn, conn.transaction():
        await conn.execute("LOCK TABLE ledger_entry")
        yield
