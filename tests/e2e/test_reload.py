"""SIGHUP: connections and secrets are read again by every process, and nothing stops."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.postgres.connections import list_secrets
from gateway.usecases.connections.receipts import fingerprint
from tests.support.processes import GatewayProcess, Installation, Provider, connected, provider, until

BEARER = '[connections.pbx]\nkind = "native"\nauth = "bearer"\nsecrets = ["{secret}"]\n'
CRM = """[connections.b24]
kind = "bitrix24"
secrets = ["token"]
account = "1"
user_id = "12"
rest_url = "https://acme.bitrix24.com/rest/12/key/"
"""


@pytest.fixture
async def pbx() -> AsyncIterator[Provider]:
    async with provider() as opened:
        yield opened


@pytest.fixture
def installation(dsn: str, tmp_path: Path) -> Installation:
    return Installation(data=tmp_path, database_url=dsn)


def configure(installation: Installation, text: str) -> None:
    (installation.data / "gateway.toml").write_text(text)


async def statuses(pbx: Provider, gateway: GatewayProcess, secret: str, *, times: int = 1) -> set[int]:
    """What a webhook with a bearer token is answered with; several meet all processes of a gateway."""
    url = f"{gateway.url}/hooks/pbx"
    return {await pbx.bearer(url, secret) for _ in range(times)}


async def hang_up(gateway: GatewayProcess, event: str, *, times: int = 1) -> None:
    before = len(gateway.events(event))
    gateway.signal(signal.SIGHUP)
    await until(lambda: len(gateway.events(event)) == before + times)


async def test_a_changed_secret_holds_after_sighup(installation: Installation, pbx: Provider) -> None:
    async with installation.serve() as gateway:
        configure(installation, BEARER.format(secret="first"))
        await hang_up(gateway, "settings.reloaded")
        assert await statuses(pbx, gateway, "first") == {400}

        configure(installation, BEARER.format(secret="second"))
        await hang_up(gateway, "settings.reloaded")

        assert await statuses(pbx, gateway, "first") == {403}
        assert await statuses(pbx, gateway, "second") == {400}
        last = gateway.events("settings.reloaded")[-1]
        assert (last["added"], last["changed"], last["removed"]) == ([], ["pbx"], [])
        assert await gateway.stop() == 0


async def test_which_secret_is_in_use_is_known_through_a_rotation(
    installation: Installation, pbx: Provider, dsn: str
) -> None:
    both = BEARER.replace('["{secret}"]', '["second", "first"]')
    async with installation.serve() as gateway, connected(dsn) as conn:
        configure(installation, BEARER.format(secret="first"))
        await hang_up(gateway, "settings.reloaded")
        await statuses(pbx, gateway, "first")
        configure(installation, both)
        await hang_up(gateway, "settings.reloaded")
        await statuses(pbx, gateway, "second")

        async def are_written() -> bool:
            used = {each.fingerprint for each in await list_secrets(conn)}
            return used == {fingerprint("pbx", "first"), fingerprint("pbx", "second")}

        await until(are_written)
        assert await gateway.stop() == 0


async def test_settings_that_are_wrong_change_nothing(installation: Installation, pbx: Provider) -> None:
    async with installation.serve() as gateway:
        configure(installation, BEARER.format(secret="first"))
        await hang_up(gateway, "settings.reloaded")

        configure(installation, BEARER.format(secret="second") + "colour = 1\n")
        await hang_up(gateway, "settings.refused")

        assert "colour" in gateway.events("settings.refused")[0]["why"]
        assert await statuses(pbx, gateway, "first") == {400}


async def test_what_else_was_changed_is_said_to_need_a_restart(installation: Installation) -> None:
    async with installation.serve() as gateway:
        configure(installation, f"{BEARER.format(secret='first')}{CRM}[limits]\nring_seconds = 20\n")
        await hang_up(gateway, "settings.reloaded")

        [told] = gateway.events("settings.reloaded")
        assert (told["added"], told["removed"]) == (["b24"], ["trunk"])
        assert told["need_restart"] == ["limits", "connections.b24"]


async def test_every_process_reads_them_again(installation: Installation, pbx: Provider) -> None:
    async with installation.serve("--processes", "2") as gateway:
        configure(installation, BEARER.format(secret="first"))
        await hang_up(gateway, "settings.reloaded", times=2)

        assert await statuses(pbx, gateway, "first", times=20) == {400}
        assert await gateway.stop() == 0


async def test_workers_alone_read_them_again(installation: Installation) -> None:
    async with installation.run("work") as gateway:
        await until(lambda: gateway.events("server.started") != [])
        await hang_up(gateway, "settings.reloaded")
        assert await gateway.stop() == 0
