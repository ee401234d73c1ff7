"""The API is where webhooks come, on a listener of its own, or nowhere."""

from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.app import Running
from gateway.listeners import build_admin, build_web
from tests.support.running import Gateway


async def statuses(application: web.Application) -> dict[str, int]:
    async with TestClient(TestServer(application)) as client:
        paths = ("/", "/v1/me", "/openapi.json", "/docs/api", "/readyz")
        return {path: (await client.get(path, allow_redirects=False)).status for path in paths}


def changed(process: Running, **settings: Any) -> Running:
    """The same process with other settings."""
    context = replace(process.context, settings=replace(process.context.settings, **settings))
    return replace(process, context=context)


async def test_it_is_where_webhooks_come(gateway: Gateway) -> None:
    assert await statuses(build_web(gateway.process)) == {
        "/": 303,
        "/v1/me": 401,
        "/openapi.json": 200,
        "/docs/api": 200,
        "/readyz": 200,
    }


async def test_a_port_of_its_own_takes_it_away_from_providers(gateway: Gateway) -> None:
    process = changed(gateway.process, admin_port=9000)

    assert await statuses(build_web(process)) == {
        "/": 200,
        "/v1/me": 404,
        "/openapi.json": 404,
        "/docs/api": 404,
        "/readyz": 200,
    }
    assert await statuses(build_admin(process)) == {
        "/": 303,
        "/v1/me": 401,
        "/openapi.json": 200,
        "/docs/api": 200,
        "/readyz": 404,
    }


async def test_it_can_be_left_out(gateway: Gateway) -> None:
    found = await statuses(build_web(changed(gateway.process, has_api=False)))

    assert (found["/"], found["/v1/me"], found["/openapi.json"], found["/docs/api"]) == (307, 404, 404, 200)


async def test_the_document_is_valid(gateway: Gateway) -> None:
    document = await (await gateway.client.get("/openapi.json")).json()

    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


@pytest.mark.parametrize("path", ["/docs/errors/no_money", "/docs/reference/roles"])
async def test_what_problems_point_to_is_there(gateway: Gateway, path: str) -> None:
    assert (await gateway.client.get(path)).status == 200
