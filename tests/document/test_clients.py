"""Clients that are generated from the document run: one in Python, and one in TypeScript."""

import asyncio
import json
import os
import sys
from pathlib import Path

import msgspec
import pytest

from gateway.web.api.openapi import build_document
from gateway.web.api.routes import ROUTES
from tests.support.api import api_client
from tests.support.packages import npm_packages, pip_packages, require
from tests.support.running import Gateway

HERE = Path(__file__).parent / "clients"
GENERATOR = "openapi-python-client==0.29.1"
TYPESCRIPT = ("typescript@5.9.3", "openapi-typescript@7.13.0", "@types/node@20")
OPTIONS = ("--strict", "--target", "es2022", "--module", "es2022", "--moduleResolution", "bundler", "--types", "node")


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "openapi.json"
    path.write_bytes(msgspec.json.encode(build_document(ROUTES)))
    return path


async def run(*command: str | Path, said: str = "", **environment: str) -> str:
    """What a program prints; `said` is its input."""
    process = await asyncio.create_subprocess_exec(
        *map(str, command),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=os.environ | environment,
    )
    printed, _ = await process.communicate(said.encode())
    assert process.returncode == 0, printed.decode()
    return printed.decode()


async def test_a_client_in_python_opens_rents_and_reads(gateway: Gateway, document: Path, tmp_path: Path) -> None:
    library = await asyncio.to_thread(pip_packages, "openapi-python-client-0.29.1", GENERATOR)
    (tmp_path / "config.yaml").write_text("post_hooks: []\n")
    generated = tmp_path / "client"
    options = ("--path", document, "--config", tmp_path / "config.yaml", "--output-path", generated)
    await run(sys.executable, "-m", "openapi_python_client", "generate", *options, PYTHONPATH=str(library))
    operator = await api_client(gateway)
    url = str(gateway.client.make_url("")).rstrip("/")

    process = await asyncio.create_subprocess_exec(
        sys.executable,
        HERE / "shop.py",
        url,
        operator.token or "",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": f"{library}:{generated}"},
    )
    assert process.stdout is not None
    number = (await process.stdout.readline()).decode().strip()
    assert (await gateway.start("a1", "+442079460000", caller=number))["action"] == "connect"
    await gateway.end("a1", seconds=0)
    printed, _ = await process.communicate(b"\n")

    assert printed.decode().split() == ["ended", "2", "6.000000", "0"]


async def test_a_program_in_typescript_compiles_and_reads(gateway: Gateway, document: Path, tmp_path: Path) -> None:
    packages = await asyncio.to_thread(npm_packages, "typescript-openapi-7.13.0", *TYPESCRIPT)
    (tmp_path / "node_modules").symlink_to(packages)
    (tmp_path / "package.json").write_text(json.dumps({"type": "module"}))
    (tmp_path / "reader.ts").write_text((HERE / "reader.ts").read_text())
    node = require("node")
    operator = await api_client(gateway)
    await operator.post("/accounts", {"name": "Acme", "currency": "USD", "email": "a@b.example"})

    schema = tmp_path / "schema.d.ts"
    await run(node, packages / "openapi-typescript/bin/cli.js", document, "--output", schema)
    await run(
        node, packages / "typescript/bin/tsc", *OPTIONS, "--typeRoots", packages / "@types", tmp_path / "reader.ts"
    )
    url = str(gateway.client.make_url("")).rstrip("/")

    assert (await run(node, tmp_path / "reader.js", url, operator.token or "")).split() == ["Acme", "0"]
