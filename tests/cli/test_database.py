"""Commands and their database: external or embedded, served or not, away, old or new."""

import asyncio
import json
import os
import socket
import subprocess
import sys

import pytest

from gateway.postgres.session import connected
from tests.support import calls, world
from tests.support.command_line import CONFIG, Gateway, undone
from tests.support.postgres import throwaway_directory


@pytest.fixture
def gateway(dsn, tmp_path):
    (tmp_path / "gateway.toml").write_text(CONFIG)
    with undone():
        yield Gateway({"GATEWAY_DATABASE_URL": dsn, "GATEWAY_CONFIG": str(tmp_path / "gateway.toml")})


@pytest.fixture
async def account(gateway) -> str:
    created = await gateway.json("account", "create", "Acme", "--currency", "USD", "--email", "a@b.example")
    return str(created["id"])


async def test_a_database_that_is_not_there_is_one_line(gateway):
    gateway.environ["GATEWAY_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/gateway"

    said = await gateway.refused("check")

    assert said.startswith("Error: the database cannot be used: ")
    assert said.count("\n") == 1


async def test_a_database_without_our_schema_asks_for_migrate_which_makes_it(gateway, postgres):
    async with postgres.database(template="template0") as empty:
        gateway.environ["GATEWAY_DATABASE_URL"] = empty

        assert "run `gateway migrate`" in await gateway.refused("check")
        applied = (await gateway.json("migrate"))["applied"]

        assert applied[0].startswith("0001_")
        assert await gateway.json("migrate") == {"applied": []}
        assert (await gateway.json("check"))["ok"]


async def test_a_database_of_a_newer_gateway_is_one_line(gateway, dsn):
    async with connected(dsn, application_name="test") as conn:
        await conn.execute("INSERT INTO migration (version, name, checksum) VALUES (9999, '9999_future', 'x')")

    assert "the database is newer than this code" in await gateway.refused("check")


async def test_what_the_database_refuses_is_one_line(gateway, account, dsn):
    async with connected(dsn, application_name="test") as conn:
        await conn.execute("ALTER TABLE line RENAME TO lines")

    assert "Error: the database refused: " in await gateway.refused("number", "list", account)


def test_commands_work_on_an_embedded_database_that_nobody_runs():
    with throwaway_directory() as directory:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
        environ["GATEWAY_DATA"] = str(directory / "data")

        def run(*arguments: str):
            done = subprocess.run(
                [sys.executable, "-m", "gateway", *arguments, "--json"], env=environ, capture_output=True, check=True
            )
            return json.loads(done.stdout)

        account = run("account", "create", "Acme", "--currency", "USD", "--email", "a@b.example")
        run("topup", str(account["id"]), "5", "--external-id", "x")

        assert run("check") == {"ok": True, "accounts": 1, "entries": 1, "since": None, "differences": []}
        assert run("migrate") == {"applied": []}


async def test_a_live_call_is_counted_by_its_account(gateway, account, dsn):
    async with connected(dsn, application_name="test") as conn:
        await world.connector(conn, int(account), "office")
        await calls.start(conn, "a1", line="office")

    assert (await gateway.json("account", "show", account))["live_calls"] == 1


def test_commands_attach_to_the_database_that_serve_runs():
    with throwaway_directory() as directory:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
        environ["GATEWAY_DATA"] = str(directory / "data")
        gateway = [sys.executable, "-m", "gateway"]
        with subprocess.Popen(
            [*gateway, "serve", "--port", "0", "--json"], env=environ, stdout=subprocess.PIPE
        ) as serving:
            try:
                said = json.loads(serving.stdout.readline())
                done = subprocess.run([*gateway, "check", "--json"], env=environ, capture_output=True, check=True)
            finally:
                serving.terminate()

    assert said["listening"].startswith("http://127.0.0.1:")
    assert said["database"] == "embedded"
    assert json.loads(done.stdout)["ok"]
    assert serving.returncode == 0


async def test_an_address_that_is_taken_is_one_line(gateway):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        said = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "gateway", "serve", "--port", str(taken.getsockname()[1])],
            env={**os.environ, **gateway.environ},
            capture_output=True,
            text=True,
            check=False,
        )

    assert (said.returncode, said.stdout) == (1, "")
    assert "Error: " in said.stderr
    assert "Traceback" not in said.stderr
