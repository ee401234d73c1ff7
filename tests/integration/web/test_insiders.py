"""Figures, and details of health, are for those inside: everybody else learns only whether calls can be decided."""

import json
from pathlib import Path
from socket import socket as Socket  # noqa: N812 - a type

import pytest

from gateway.listeners import build_inside, build_web
from gateway.web.listening import listening
from tests.integration.web.sockets import Door, door

TOKEN = "m3tr1cs"
LOCAL = "Host: 127.0.0.1:8080"
WITH_TOKEN = f"{LOCAL}\r\nAuthorization: Bearer {TOKEN}"
BEYOND = {"host": "0.0.0.0"}  # noqa: S104 - only named, not listened on
GUARDED = {"metrics_token": TOKEN}


async def ask(at: Door, path: str, headers: str) -> tuple[int, bytes]:
    client = await at.client(f"GET {path} HTTP/1.1\r\n{headers}\r\n\r\n".encode())
    reply = await client.reply()
    return int(reply[9:12]), reply.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize(
    ("settings", "headers"),
    [
        ({}, LOCAL),
        ({}, "Host: localhost"),
        ({}, "Host: [::1]:8080"),
        (GUARDED, WITH_TOKEN),
        (BEYOND | GUARDED, WITH_TOKEN),
        (BEYOND | GUARDED, WITH_TOKEN.replace(LOCAL, "Host: calls.example.com")),
    ],
)
async def test_those_inside_see_figures_and_details(
    dsn: str, tmp_path: Path, settings: dict[str, str], headers: str
) -> None:
    async with door(dsn, tmp_path, **settings) as at:
        assert (await ask(at, "/metrics", headers))[0] == 200
        status, body = await ask(at, "/readyz", headers)
        assert (status, json.loads(body)["database"]) == (200, "external")


@pytest.mark.parametrize(
    ("settings", "headers"),
    [
        (BEYOND, LOCAL),
        (GUARDED, LOCAL),
        (GUARDED, f"{LOCAL}\r\nAuthorization: Bearer wrong"),
        (GUARDED, f"{LOCAL}\r\nAuthorization: Bearer \xfc"),
        (BEYOND | GUARDED, LOCAL),
        ({}, "Host: calls.example.com"),
        ({}, f"{LOCAL}\r\nX-Forwarded-For: 203.0.113.5"),
        ({}, f"{LOCAL}\r\nForwarded: for=203.0.113.5"),
    ],
)
async def test_those_outside_learn_only_whether_it_is_ready(
    dsn: str, tmp_path: Path, settings: dict[str, str], headers: str
) -> None:
    async with door(dsn, tmp_path, **settings) as at:
        assert await ask(at, "/metrics", headers) == (401, b"")
        status, body = await ask(at, "/readyz", headers)
        assert (status, json.loads(body)) == (200, {"ready": True})


async def test_a_listener_of_their_own_asks_nobody_for_a_token(dsn: str, tmp_path: Path) -> None:
    async with door(dsn, tmp_path, **BEYOND, **GUARDED) as at:
        with Socket() as socket:
            socket.bind(("127.0.0.1", 0))
            async with listening(build_inside(build_web(at.process)), socket, places=2):
                inside = Door(at.process, socket.getsockname()[1], at.clients)

                assert (await ask(inside, "/metrics", "Host: any"))[0] == 200
                assert json.loads((await ask(inside, "/readyz", "Host: any"))[1])["database"] == "external"
                assert (await ask(inside, "/livez", "Host: any"))[0] == 200
                assert (await ask(inside, "/hooks/pbx", "Host: any"))[0] == 404
