"""The library over HTTP."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.web import docs
from tests.support.running import Gateway


@pytest.fixture
async def client():
    application = web.Application()
    application.add_routes(docs.routes("https://calls.example.org"))
    async with TestClient(TestServer(application)) as client:
        yield client


async def test_the_gateway_serves_it(gateway: Gateway) -> None:
    response = await gateway.client.get("/docs")

    assert response.status == 200
    assert str(response.url.path) == "/docs/"
    assert "<h1" in await response.text()


async def test_a_page_is_html_that_may_load_nothing_from_elsewhere(client) -> None:
    response = await client.get("/docs/connect/twilio")

    assert response.status == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert "unsafe" not in policy
    assert "script-src" not in policy


async def test_a_page_that_has_not_changed_is_not_sent_again(client) -> None:
    first = await client.get("/docs/connect/twilio")

    again = await client.get("/docs/connect/twilio", headers={"If-None-Match": first.headers["ETag"]})
    other = await client.get("/docs/connect/twilio", headers={"If-None-Match": '"another"'})

    assert (again.status, await again.read()) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert other.status == 200


async def test_head_tells_what_get_would_send(client) -> None:
    got, asked = await client.get("/docs/"), await client.head("/docs/")

    assert (asked.status, await asked.read()) == (200, b"")
    for header in ("ETag", "Content-Length", "Content-Type"):
        assert asked.headers[header] == got.headers[header]


async def test_a_search_needs_nothing_but_its_address(client) -> None:
    response = await client.get("/docs/search", params={"q": "402"})

    assert response.status == 200
    assert "<mark>402</mark>" in await response.text()


async def test_the_style_is_served_beside_the_pages(client) -> None:
    response = await client.get("/docs/style.css")

    assert response.headers["Content-Type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize("path", ["/docs/no-such-page", "/docs/../app.py", "/docs/%2e%2e/%2e%2e/app.py", "/docs//"])
async def test_what_is_not_a_page_is_not_there(client, path: str) -> None:
    response = await client.get(path)

    assert response.status == 404


async def test_a_page_that_is_not_there_offers_the_search(client) -> None:
    response = await client.get("/docs/no/such/page")

    assert response.status == 404
    assert 'action="../../search"' in await response.text()
