"""What is no HTTP, or not what a provider sends: one line at info, and nothing of it in the line or in the reply."""

import gzip
import json
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.log_events import LogEvent
from gateway.web.api.problems import ErrorCode
from tests.integration.web.sockets import GET, door

TOKEN = b"tok-7f3a9c"
POST = b"POST /hooks/pbx HTTP/1.1\r\nHost: gateway\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


def _lines(log: "list[dict[str, object]]") -> list[tuple[object, object]]:
    return [(line["event"], line["log_level"]) for line in log]


MALFORMED = {
    "no HTTP": TOKEN + b"\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + TOKEN + b"\r\n\r\n",
    "a folded header": POST + b"Authorization: Bearer\r\n " + TOKEN + b"\r\nContent-Length: 2\r\n\r\n{}",
    "a header without a colon": POST + TOKEN + b"\r\n\r\n",
    "a header too long": POST + b"Authorization: " + TOKEN * 1000 + b"\r\n\r\n",
    "a path too long": b"POST /" + TOKEN * 1000 + b" HTTP/1.1\r\nHost: gateway\r\n\r\n",
    "a length that is none": POST + b"Content-Length: " + TOKEN + b"\r\n\r\n",
    "a NUL in a header": POST + b"Authorization: " + TOKEN + b"\0\r\n\r\n",
    "a method that is none": TOKEN + b" /hooks/pbx HTTP/1.1\r\nHost: gateway\r\n\r\n",
    "a version that is none": b"POST /hooks/pbx HTTP/" + TOKEN + b"\r\n\r\n",
    "an encoding of transfer that is none": POST + b"Transfer-Encoding: " + TOKEN + b"\r\n\r\n",
    "a chunk that is none": CHUNKED + TOKEN + b"\r\n",
    "a chunk that is none, where nobody reads it": CHUNKED.replace(b"/hooks/pbx", b"/nowhere") + TOKEN + b"\r\n",
}


@pytest.mark.parametrize("sent", MALFORMED.values(), ids=MALFORMED)
async def test_a_request_that_is_no_http_is_told_in_one_line_at_info(dsn: str, tmp_path: Path, sent: bytes) -> None:
    async with door(dsn, tmp_path) as at:
        with capture_logs() as log:
            said = await (await at.client(sent)).rest()

        assert _lines(log) == [(LogEvent.HTTP_MALFORMED, "info")]
        assert TOKEN.decode() not in str(log)
        assert TOKEN not in said
        head, _, body = said.partition(b"\r\n\r\n")
        assert head.split()[1] == b"400"
        assert b"Content-Type: application/problem+json" in head
        assert json.loads(body) == {
            "type": "/docs/errors/malformed",
            "title": ErrorCode.MALFORMED.meaning,
            "status": 400,
            "detail": "this cannot be read as HTTP",
            "code": "malformed",
            "request_id": log[0]["request_id"],
        }
        assert at.figure("gateway_http_malformed_total") == 1


@pytest.mark.parametrize("sent", [POST + b"Content-Length: 100\r\n\r\n" + TOKEN, CHUNKED + b"64\r\n" + TOKEN])
async def test_a_sender_that_goes_away_in_its_body_is_told_in_one_line_at_info(
    dsn: str, tmp_path: Path, sent: bytes
) -> None:
    async with door(dsn, tmp_path) as at:
        with capture_logs() as log:
            await (await at.client(sent)).close()
            await at.until("gateway_http_malformed_total", 1)

        assert _lines(log) == [(LogEvent.HTTP_MALFORMED, "info")]


async def test_an_expectation_that_nobody_can_meet_is_not_repeated(dsn: str, tmp_path: Path) -> None:
    async with door(dsn, tmp_path) as at:
        client = await at.client(POST + b"Expect: " + TOKEN + b"\r\nContent-Length: 0\r\n\r\n")

        assert TOKEN not in await client.reply()


async def test_a_body_is_awaited_that_is_sent_when_it_is_asked_for(dsn: str, tmp_path: Path) -> None:
    async with door(dsn, tmp_path) as at:
        client = await at.client(POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert await client.reply() == b"HTTP/1.1 100 Continue\r\n\r\n"

        client.send(b"{}")

        assert (await client.reply()).startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize("encoding", [b"gzip", b"GZIP", b"deflate", b"br", b"zstd", b"identity, gzip"])
async def test_a_compressed_body_is_refused_and_not_inflated(dsn: str, tmp_path: Path, encoding: bytes) -> None:
    body = gzip.compress(b" " * 60_000)

    async with door(dsn, tmp_path) as at:
        sent = POST + b"Content-Encoding: " + encoding + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body

        assert (await (await at.client(sent)).rest()).startswith(b"HTTP/1.1 415 ")


async def test_a_request_that_went_well_leaves_its_connection_open_for_the_next(dsn: str, tmp_path: Path) -> None:
    async with door(dsn, tmp_path) as at:
        client = await at.client(GET)
        for _ in range(3):
            assert (await client.reply()).endswith(b'{"live": true}')
            client.send(GET)
