"""10,000 mails in the outbox, in six languages, delivered by one gateway."""

import asyncio
import json
import time
from typing import Any

import asyncpg

from gateway.clock import SystemClock
from tests.bench.figures import Figure, Result
from tests.bench.processes import Server, module, tree_cpu_s
from tests.bench.rounds import Wrong
from tests.bench.stage import Stage

LIMIT_S = 600


async def mail(stage: Stage) -> Result:
    """10,000 mails in the outbox, delivered by one gateway to an SMTP server on this machine."""
    mails = 1_000 if stage.is_quick else 10_000
    dsn, world = await stage.world("main")
    await _queue(dsn, mails)
    with module(stage.directory, "scenarios.mail_sink") as sink:
        environment = {"GATEWAY_SMTP_URL": f"{sink.url}?tls=none", "GATEWAY_MAIL_FROM": "gateway@bench.example"}
        async with stage.subject("mail", dsn, world, environment=environment) as subject:
            before_s, postgres_s = subject.server.cpu_s(), tree_cpu_s(subject.postmaster)
            figures = await _until_sent(dsn, sink, mails)
            used_s, postgres_s = subject.server.cpu_s() - before_s, tree_cpu_s(subject.postmaster) - postgres_s
            rss_mb = subject.server.rss_mb()
    return Result(
        figures=[
            Figure(what="mails", value=mails / figures["seconds"], unit="mails/s", target=200, at_most=False),
            Figure(what="connections", value=figures["connections"], unit=""),
            Figure(what="processor, gateway", value=used_s / mails * 1000, unit="ms/mail"),
            Figure(what="processor, PostgreSQL", value=postgres_s / mails * 1000, unit="ms/mail"),
            Figure(what="memory after it", value=rss_mb, unit="MB"),
        ],
        raw=figures,
    )


async def _queue(dsn: str, mails: int) -> None:
    """Numbers that were suspended, each told in one of six languages; the table is empty before."""
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute("TRUNCATE mail")
        await conn.execute(
            """
            INSERT INTO mail (account_id, kind, key, recipient, language, facts, created_at, queued_at, due_at)
            SELECT
                1 + n % 2000, 'line_suspended', 'bench:' || n, 'a' || n || '@b.example',
                (ARRAY['en', 'de', 'es', 'pt', 'ru', 'fr'])[1 + n % 6],
                jsonb_build_object(
                    'account', 'Account ' || n, 'currency', 'EUR', 'time_zone', 'Europe/Berlin',
                    'line', '+4930' || n, 'line_kind', 'number', 'due_on', '2026-07-01', 'rent', '4.000000',
                    'available', '1.234500', 'missing', '2.765500', 'held', '0.000000',
                    'reserved_until', '2026-08-31T22:00:00+00:00'
                ),
                $2, $2, $2
            FROM generate_series(1, $1::integer) AS n
            """,
            mails,
            SystemClock().now(),
            timeout=120,
        )
    finally:
        await conn.close()


async def _until_sent(dsn: str, sink: Server, mails: int) -> dict[str, Any]:
    """The sink's figures once all mails are recorded as sent; Wrong if one was lost, or sent twice."""
    give_up_at = time.monotonic() + LIMIT_S
    conn = await asyncpg.connect(dsn)
    try:
        while await conn.fetchval("SELECT count(*) FROM mail WHERE state = 'sent'") < mails:
            if time.monotonic() > give_up_at:
                raise Wrong(f"not all of {mails} mails were sent within {LIMIT_S} s")
            await asyncio.sleep(0.5)
        tries = await conn.fetchval("SELECT sum(tries) FROM mail")
    finally:
        await conn.close()
    figures = await _ask(sink)
    if (figures["taken"], figures["twice"], tries) != (mails, 0, mails):
        raise Wrong(f"of {mails} mails {figures['taken']} were taken, {figures['twice']} twice, in {tries} tries")
    return figures


async def _ask(sink: Server) -> dict[str, Any]:
    reader, writer = await asyncio.open_connection("127.0.0.1", sink.port)
    await reader.readline()
    writer.write(b"FIGURES\r\n")
    figures: dict[str, Any] = json.loads(await reader.readline())
    writer.close()
    return figures
