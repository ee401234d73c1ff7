"""What the webhooks of connections were like is written down by each process, and read by whoever asks."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.domain.connection import Connection
from gateway.postgres.types import Pool
from gateway.usecases.connections.receipts import HookHistory, ReceiptsWriter, fingerprint, read_histories
from tests.support.running import Gateway, gateway_on
from tests.support.world import FakeClock

OFFICE = Connection(name="office", kind="native", auth="bearer", secrets=("new-word", "old-word"))
ANSWER = b'{"type": "call.answer", "call_id": "1"}'


@pytest.fixture
async def gateway(dsn, tmp_path):
    async with gateway_on(dsn, tmp_path, connections={"office": OFFICE}) as running:
        yield running


async def told(gateway: Gateway, word: str, body: bytes = ANSWER) -> int:
    headers = {"authorization": f"Bearer {word}"}
    response = await gateway.client.post("/hooks/office", data=body, headers=headers)
    return response.status


async def history(gateway: Gateway, connections: Mapping[str, Connection] | None = None) -> HookHistory:
    context = gateway.process.context
    await ReceiptsWriter(context).once()
    async with context.pool.acquire() as conn:
        return (await read_histories(conn, connections or context.settings.connections))["office"]


async def test_a_connection_that_nobody_used_is_known_since_it_was_configured(gateway):
    office = await history(gateway)

    assert (office.hooks.configured_at, office.hooks.accepted_at) == (gateway.clock.now(), None)
    assert office.last_used is None


async def test_the_secret_that_proved_the_last_webhook_is_known_by_its_place(gateway):
    assert await told(gateway, "new-word") == 200
    first = (await history(gateway)).last_used
    gateway.clock.advance(60)
    assert await told(gateway, "old-word") == 200
    office = await history(gateway)

    assert (first.position, office.last_used.position) == (1, 2)
    assert [gateway.clock.now() - each.used_at for each in office.secrets] == [timedelta(minutes=1), timedelta()]
    assert office.hooks.accepted_at == gateway.clock.now()


async def test_a_refused_webhook_is_known_with_its_reason_and_takes_nothing_from_those_that_were_taken(gateway):
    await told(gateway, "new-word")
    await history(gateway)
    gateway.clock.advance(60)

    assert await told(gateway, "another-word") == 403
    office = await history(gateway)

    assert gateway.clock.now() - office.hooks.accepted_at == timedelta(minutes=1)
    assert (office.hooks.refused_at, office.hooks.refused_status) == (gateway.clock.now(), 403)
    assert office.hooks.refused_why


@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b"x" * 65_537, 413)])
async def test_what_cannot_be_read_is_a_refused_webhook_too(gateway, body, status):
    assert await told(gateway, "new-word", body) == status

    assert (await history(gateway)).hooks.refused_status == status


async def test_what_cannot_be_read_was_proven_all_the_same(gateway):
    await told(gateway, "old-word", b"{")

    office = await history(gateway)

    assert (office.hooks.accepted_at, office.last_used.position) == (None, 2)


async def test_secrets_that_were_read_again_are_told_apart_by_their_fingerprints(gateway):
    await told(gateway, "new-word")
    changed = replace(OFFICE, secrets=("newest-word", "new-word"))
    gateway.process.connections.replace({"office": changed})
    await told(gateway, "new-word")

    office = await history(gateway, {"office": changed})

    assert office.last_used.position == 2
    await told(gateway, "newest-word")
    assert (await history(gateway)).secrets[0].used_at is not None


async def test_of_two_processes_the_latest_stands(gateway, dsn, tmp_path):
    later = FakeClock(gateway.clock.now() + timedelta(hours=1))
    async with gateway_on(dsn, tmp_path / "other", clock=later, connections={"office": OFFICE}) as other:
        await told(other, "another-word")
        await told(other, "new-word")
        await history(other)
    await told(gateway, "someone's")
    await told(gateway, "new-word")

    office = await history(gateway)

    assert office.hooks.configured_at == later.now()
    assert (office.hooks.accepted_at, office.hooks.refused_at) == (later.now(), later.now())
    assert office.secrets[0].used_at == later.now()


async def test_what_cannot_be_written_is_kept_until_it_can(gateway, pool: Pool):
    writer = ReceiptsWriter(gateway.process.context)
    await told(gateway, "old-word")
    async with pool.acquire() as conn:
        await conn.execute("ALTER TABLE connection_secret RENAME TO hidden")
        with pytest.raises(Exception, match="connection_secret"):
            await writer.once()
        await told(gateway, "another-word")
        await conn.execute("ALTER TABLE hidden RENAME TO connection_secret")

    office = await history(gateway)

    assert office.last_used.position == 2
    assert office.hooks.refused_at is not None


async def test_nothing_new_writes_nothing(gateway, pool: Pool):
    writer = ReceiptsWriter(gateway.process.context)
    await writer.once()
    async with pool.acquire() as conn:
        await conn.execute("DELETE FROM connection_hooks")

    await writer.once()

    assert await pool.fetchval("SELECT count(*) FROM connection_hooks") == 0


def test_a_fingerprint_is_short_and_of_one_connection():
    assert len(fingerprint("office", "word")) == 6
    assert fingerprint("office", "word") != fingerprint("pbx", "word")
