"""An installation that is healthy until something is done to it, and what can be done to it."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from gateway.domain.events import CallEnded, Cause
from gateway.domain.problems import ProblemCode, Severity
from gateway.postgres import connections as receipts
from gateway.postgres.connections import HooksRow, SecretRow
from gateway.postgres.mail import outbox
from gateway.postgres.types import PgConnection, Pool
from gateway.spool.file import SpoolFile, spool_directory
from gateway.spool.record import Record, line_of
from gateway.spool.set_aside import reject
from gateway.usecases.connections.receipts import fingerprint
from gateway.usecases.doctor.lost_lines import mark_lost_lines
from tests.support import calls, world
from tests.support.command_line import Gateway
from tests.support.postgres import DatabaseServer
from tests.support.running import FakeProvider
from tests.support.world import FakeClock

CONFIG = """
operator_email = "op@gw.example"
[connections.pbx]
kind = "native"
secrets = ["{key}"]
control_url = "{control_url}"

[connections.office]
kind = "native"
auth = "bearer"
secrets = ["new-word", "old-word"]

[connections.crm]
kind = "bitrix24"
secrets = ["token"]
account = "1"
user_id = "12"
rest_url = "https://acme.bitrix24.com/rest/12/key/"

[connections.off]
kind = "native"
"""
DAY = timedelta(days=1)


@dataclass(kw_only=True)
class Installation:
    """A healthy one, until something is done to it."""

    pool: Pool
    data: Path
    provider: FakeProvider
    postgres: DatabaseServer
    gateway: Gateway
    now: datetime

    async def found(self) -> list[dict[str, str]]:
        result = await self.gateway.run("doctor", "--json")
        problems = json.loads(result.stdout)
        assert result.exit_code == int(any(each["severity"] == Severity.ERROR for each in problems)), result.stderr
        return problems

    async def codes(self) -> list[str]:
        return [each["problem"] for each in await self.found()]

    async def do(self, work: Callable[[PgConnection], Awaitable[object]]) -> None:
        async with self.pool.acquire() as conn:
            await work(conn)

    async def execute(self, statement: str, *values: object) -> None:
        await self.do(lambda conn: conn.execute(statement, *values))

    async def hooks(self, connection: str = "office", **instants: datetime) -> None:
        refused = {"refused_status": 403, "refused_why": "no such token"} if "refused_at" in instants else {}
        row = HooksRow(connection=connection, **{"configured_at": self.now - 30 * DAY} | instants | refused)
        await self.do(lambda conn: receipts.note_hooks(conn, [row]))

    async def used(self, secret: str, at: datetime) -> None:
        row = SecretRow(connection="office", fingerprint=fingerprint("office", secret), used_at=at)
        await self.do(lambda conn: receipts.note_secrets(conn, [row]))

    async def call(self, at: datetime) -> None:
        async with self.pool.acquire() as conn:
            await world.number(conn, await world.account(conn), "+15550100001")
            await world.rate(conn, "44")
            await calls.start(conn, "a1", now=at)

    async def mail(self) -> None:
        mail = {"recipient": "op@gw.example", "kind": "call_uncut", "key": "k", "facts": {}}
        await self.do(lambda conn: outbox.queue_operator(conn, **mail, now=self.now - 2 * DAY))


async def database_unusable(its: Installation) -> None:
    its.gateway.environ["GATEWAY_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/gateway"


async def database_read_only(its: Installation) -> None:
    await its.execute(
        f'ALTER DATABASE "{await its.pool.fetchval("SELECT current_database()")}"'
        " SET default_transaction_read_only = on"
    )


async def ledger_differs(its: Installation) -> None:
    await its.do(world.account)
    await its.execute("UPDATE account SET balance = balance + 1")


async def calls_not_cut(its: Installation) -> None:
    await its.call(its.now - 2 * DAY)
    await its.execute("UPDATE live_call SET must_end_at = $1", its.now - DAY)


async def month_missing(its: Installation) -> None:
    await its.execute("ALTER TABLE call DETACH PARTITION call_default")


async def database_clock_apart(its: Installation) -> None:
    its.gateway.clock = FakeClock(its.now + timedelta(minutes=1))


def _spooled(its: Installation) -> SpoolFile:
    directory = spool_directory(its.data)
    directory.mkdir()
    return SpoolFile.create(directory)


def _record(its: Installation) -> Record:
    return Record(
        connection="pbx", received_at=its.now - DAY, ended=CallEnded(call_id="a1", seconds=1, cause=Cause.NORMAL)
    )


async def spool_waits(its: Installation) -> None:
    _spooled(its).append(line_of(_record(its)))


async def spool_rejected(its: Installation) -> None:
    reject(_spooled(its).path, line_of(_record(its)), "the database would not have it")


async def spool_unusable(its: Installation) -> None:
    (_spooled(its).path).mkdir()


async def hooks_refused(its: Installation) -> None:
    await its.hooks(accepted_at=its.now - 3 * DAY, refused_at=its.now - 2 * DAY)


async def control_unproven(its: Installation) -> None:
    its.provider.is_stranger = True


async def no_smtp(its: Installation) -> None:
    await its.mail()


async def mails_late(its: Installation) -> None:
    await its.mail()
    its.gateway.environ |= {"GATEWAY_SMTP_URL": "smtp://127.0.0.1:1?tls=none", "GATEWAY_MAIL_FROM": "gw@gw.example"}


async def mails_refused(its: Installation) -> None:
    await its.mail()
    await its.execute("UPDATE mail SET state = 'refused', due_at = NULL, last_reply = '550 no'")


async def holds_owed(its: Installation) -> None:
    await its.call(its.now - 2 * DAY)
    await its.execute("UPDATE live_call SET over_at = $1", its.now - DAY)


async def no_operator_email(its: Installation) -> None:
    config = its.data / "gateway.toml"
    config.write_text(config.read_text().replace('operator_email = "op@gw.example"', ""))


async def some_hooks_refused(its: Installation) -> None:
    await its.hooks(accepted_at=its.now, refused_at=its.now - timedelta(minutes=5))


async def operator_without_factor(its: Installation) -> None:
    await its.execute(
        "WITH added AS (INSERT INTO person (email, name, language, time_zone, created_at)"
        " VALUES ('anna@example.com', '', 'en', 'UTC', $1::timestamptz) RETURNING id)"
        " INSERT INTO membership (person_id, account_id, role, created_at)"
        " SELECT id, NULL, 'operator', $1::timestamptz FROM added",
        its.now - 2 * DAY,
    )


async def log_lost(its: Installation) -> None:
    mark_lost_lines(its.data, at=its.now)


async def no_hooks(its: Installation) -> None:
    await its.hooks(accepted_at=its.now - 8 * DAY)


async def provider_clock_apart(its: Installation) -> None:
    await its.call(its.now)
    await its.execute("UPDATE call SET provider_started_at = started_at - interval '36 s'")


async def old_secret_in_use(its: Installation) -> None:
    await its.used("new-word", its.now)
    await its.used("old-word", its.now - timedelta(hours=1))


async def old_secret_unused(its: Installation) -> None:
    await its.used("new-word", its.now)
    await its.used("old-word", its.now - 2 * DAY)


FAULTS = {
    ProblemCode(fault.__name__): fault
    for fault in (
        database_unusable,
        database_read_only,
        ledger_differs,
        calls_not_cut,
        month_missing,
        database_clock_apart,
        spool_waits,
        spool_unusable,
        spool_rejected,
        hooks_refused,
        control_unproven,
        no_smtp,
        mails_late,
        mails_refused,
        holds_owed,
        no_operator_email,
        operator_without_factor,
        log_lost,
        some_hooks_refused,
        no_hooks,
        provider_clock_apart,
        old_secret_in_use,
        old_secret_unused,
    )
}
