"""A run of everything tells and keeps no secret: every route by every role, webhooks of every kind, a person signed in.

What is secret is marked, and searched for in replies, in the log, in every row of the database and in every file.
"""

import itertools
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest
from aiohttp.test_utils import unused_port
from cryptography.fernet import Fernet

from gateway.domain.access.actions import GRANTS, Reach
from gateway.domain.access.roles import Role
from gateway.domain.connection import Connection
from gateway.log import configure
from gateway.providers.registry import adapters
from gateway.settings import load_settings
from gateway.usecases.access.members import Invitation, invite
from gateway.usecases.connections.captures import HookWriter
from gateway.usecases.connections.receipts import ReceiptsWriter
from gateway.usecases.connections.redaction import is_name_of_secret
from gateway.web.api.route import CSV, Route
from gateway.web.api.routes import ROUTES
from tests.integration.api.sending import send
from tests.integration.sign_in.test_one_time_passwords import set_up
from tests.support.actors import CLERK
from tests.support.api import Answer, ApiClient, api_client
from tests.support.api_examples import path_of, query_of
from tests.support.browser import Browser, secret_of
from tests.support.command_line import undone
from tests.support.connections import CONNECTIONS, toml_of
from tests.support.running import SECRET, FakeProvider, Gateway, fake_provider, gateway_by
from tests.support.sides import Side, side
from tests.support.told import Told
from tests.support.world import FakeClock

pytestmark = pytest.mark.usefixtures("uncounted")
ANNA = "anna@example.com"
_digits = itertools.count(1)
# Their specimens have words that stand in any text; these take any word.
PLAIN = (
    "asterisk-1",
    "bearer-1",
    "bitrix24-1",
    "freeswitch-1",
    "jambonz-1",
    "kamailio-1",
    "signalwire-1",
    "voximplant-1",
)
# An address in it proves who sends, so operators alone are told, who paste it into the provider.
KIT: Final = "show_kit by operator"
NUMBERS: Final = ["+442079460000", "442079460000", "sip:+442079460000@carrier.example"]
_NUMBER: Final = re.compile(rb"(?<![0-9])[1-9][0-9]{9,14}(?![0-9])")
# Instants, and what providers call their calls.
_NAMES: Final = re.compile(rb'"(?:at|call_id|request_id)":"[^"]*"')
IN_SETTINGS = (
    *("markedrestkey01", "marked-database-password", "marked-smtp-password", "marked-metrics-token"),
    "marked-control-password",
)


def marked(connection: Connection) -> Connection:
    """With secrets that stand nowhere else, where its kind takes any word."""
    word = f"marked{connection.name.replace('-', '')}0123456789"
    options = {name: word if is_name_of_secret(name) else value for name, value in connection.options.items()}
    if connection.kind == "bitrix24":
        options |= {"account": "1", "user_id": "12", "rest_url": f"https://acme.bitrix24.com/rest/12/{IN_SETTINGS[0]}/"}
    return replace(connection, secrets=(word,) if connection.name in PLAIN else connection.secrets, options=options)


MARKED = [marked(each) for each in CONNECTIONS.values()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A gateway whose settings have all that can be secret, and what it says."""

    gateway: Gateway
    told: Told
    data: Path
    secrets: list[str]


@pytest.fixture
def log() -> Iterator[BytesIO]:
    stream = BytesIO()
    with undone():
        configure("json", to=stream)
        yield stream


@pytest.fixture
async def run(dsn: str, tmp_path: Path, log: BytesIO) -> AsyncIterator[Run]:
    data, key = tmp_path / "data", Fernet.generate_key().decode()
    data.mkdir()
    async with fake_provider() as provider:
        config = tmp_path / "gateway.toml"
        config.write_text(toml_of(_pbx(provider), *MARKED))
        environ = {
            "HOME": str(tmp_path),
            "GATEWAY_CONFIG": str(config),
            "GATEWAY_DATA": str(data),
            "GATEWAY_DATABASE_URL": dsn.replace("postgres@", "postgres:marked-database-password@"),
            "GATEWAY_SMTP_URL": "smtp://gateway:marked-smtp-password@127.0.0.1:1",
            "GATEWAY_MAIL_FROM": "gateway@gw.example",
            "GATEWAY_METRICS_TOKEN": "marked-metrics-token",
            "GATEWAY_ENCRYPTION_KEYS": key,
            "GATEWAY_OPERATOR_EMAIL": "op@gw.example",
            "GATEWAY_API_RATE": "100000",
            "GATEWAY_PORT": str(unused_port()),
        }
        settings = load_settings(environ, kinds=adapters())
        opened = gateway_by(settings, str(settings.database_url), FakeClock(), provider, port=settings.port)
        async with opened as gateway:
            secrets = [secret for each in settings.connections.values() for secret in each.secrets]
            secrets += [value for each in MARKED for name, value in each.options.items() if is_name_of_secret(name)]
            yield Run(gateway=gateway, told=Told(log), data=data, secrets=[*IN_SETTINGS, key, *secrets])


def _pbx(provider: FakeProvider) -> Connection:
    control_url = provider.url.replace("http://", "http://gateway:marked-control-password@")
    return Connection(name="pbx", kind="native", secrets=(SECRET,), control_url=control_url)


async def test_no_secret_is_in_any_reply_row_file_or_line_of_a_run_of_everything(run: Run) -> None:
    created = await _every_route(run)
    await _webhooks(run)
    links, others = await _somebody_signs_in(run)
    await _every_read(run)
    await run.told.look(run.gateway.process.context.pool, run.data)

    assert {"hook.body", "idempotency.reply", "audit.after", "show_hook", "the log"} <= run.told.places()
    for secret in created:
        assert run.told.where(secret) == {"create_token"}, "once, to who creates it"
    for secret in links:
        assert run.told.where(secret) == {"mail.facts"}, "for as long as the mail waits"
    for secret in [*run.secrets, *others]:
        assert run.told.where(secret) <= {KIT}, secret


async def test_no_line_of_the_log_has_a_whole_number(run: Run) -> None:
    await _every_route(run)
    await _webhooks(run)

    lines = [_NAMES.sub(b"", line) for line in run.told.lines()]

    assert len(lines) > len(ROUTES)
    assert [line for line in lines if _NUMBER.search(line)] == []


async def _every_route(run: Run) -> list[str]:
    """As an operator asks, and again where it has a key; the secrets of the tokens that are created."""
    operator, created = await api_client(run.gateway), []
    run.secrets.append(str(operator.token))
    for route in ROUTES:
        own = await side(run.gateway, next(_digits))
        for place in _places(route, own):
            answer = run.told.hear(_name(route, Role.OPERATOR), await _send(operator, route, place))
            if route.tells_secret:
                created.append(answer.data["token"])
            if route.needs_key and answer.status < 300:
                assert (await _send(operator, route, place)).raw == answer.raw
    return created


async def _every_read(run: Run) -> None:
    """By every role that may, and lists as CSV too."""
    for role in Role:
        own = await side(run.gateway, next(_digits))
        client = await api_client(run.gateway, role, own.account_id if role.is_of_account else None)
        run.secrets.append(str(client.token))
        for route in ROUTES:
            if route.is_write or GRANTS[route.action].of(role) is Reach.NONE:
                continue
            for place in _places(route, own):
                run.told.hear(_name(route, role), await _send(client, route, place))
            if route.is_list:
                listed = await client.ask("GET", path_of(route, own.places), headers={"Accept": CSV}, **query_of(route))
                run.told.hear(_name(route, role), listed)


def _name(route: Route, role: Role) -> str:
    return f"{route.name} by {role}" if route.name == "show_kit" else route.name


def _places(route: Route, own: Side) -> list[Side]:
    """A side, with each connection where one is named."""
    if "connection" not in route.parameters:
        return [own]
    return [replace(own, places=own.places | {"connection": each}) for each in ("pbx", *(each.name for each in MARKED))]


async def _send(client: ApiClient, route: Route, own: Side) -> Answer:
    return await send(client, route, own, named=True, key=f"{route.name} {own.places['connection']}")


async def _webhooks(run: Run) -> None:
    """Good ones; and to each connection one that is not, with its secrets where a provider may have them."""
    await run.gateway.answer("call-1")
    await run.gateway.end("call-1", seconds=61)
    await run.gateway.hook({"type": "call.start", "call_id": "odd", "direction": "outbound", "caller": NUMBERS[0]})
    await run.gateway.hook({"type": "call.start", "call_id": "odd", "caller": NUMBERS, "callee": {"to": NUMBERS}})
    for each in (await _pbx_of(run), *MARKED):
        for secret in each.secrets:
            body = json.dumps({"call_id": "x", "caller": NUMBERS[0], "to": NUMBERS, "note": f"it is {secret}"})
            form = {"caller": NUMBERS[0], "token": secret, "CallSid": "x", "words": f"it is {secret}"}
            address = f"/hooks/{each.name}?secret={quote(secret)}&caller={quote(NUMBERS[0])}"
            for data in (body, form):
                bearer = {"Authorization": f"Bearer {secret}"}
                await run.gateway.client.post(address, data=data, headers=bearer)
                await run.gateway.client.post(f"/hooks/{each.name}", data=data)
        await HookWriter(run.gateway.process.context).once()
    await ReceiptsWriter(run.gateway.process.context).once()


async def _pbx_of(run: Run) -> Connection:
    return run.gateway.process.context.settings.connections["pbx"]


async def _somebody_signs_in(run: Run) -> tuple[list[str], list[str]]:
    """By a link from a mail, with one-time passwords as a second factor: secrets of links that wait, and all others."""
    browser, pool = Browser(run.gateway), run.gateway.process.context.pool
    invitation = Invitation(email=ANNA, role=Role.OPERATOR, account_id=None, name="Anna", language="en")
    async with pool.acquire() as conn:
        await invite(conn, actor=CLERK, invitation=invitation, now=run.gateway.clock.now())
    await browser.post("/sign-in", {"email": ANNA})
    links = [secret_of(row[0]) for row in await pool.fetch("SELECT facts ->> 'link' FROM mail WHERE kind = 'sign_in'")]
    newest = links[-1]
    await browser.get(f"/sign-in/link?secret={newest}")
    assert (await browser.post("/sign-in/link", {"secret": newest})).status == 303
    [session] = browser.cookies.values()
    authenticator = await set_up(run.gateway, browser)
    return links, [session, authenticator.secret, authenticator.at(run.gateway.clock.now())]
