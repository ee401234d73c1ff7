"""What stands at the foot of pages as the same by the command line is a command, with its options."""

import html
import re
import shlex

import click
import pytest

from gateway.cli import cli
from gateway.domain.access.roles import Role
from gateway.web.pages.page import Page
from gateway.web.pages.routes import PAGES
from tests.integration.pages.conftest import SignIn
from tests.integration.pages.test_table import filled
from tests.support.running import Gateway
from tests.support.sides import Side, side

QUERIES = {
    "/calls": "?number=%2B15550100001&from=2026-03-01&state=ended&min_charge=1&country=GB&flag=clock",
    "/numbers": "?state=active&country=US&due_before=2026-05-01",
    "/rates": "?q=44&currency=USD",
}


@pytest.fixture(scope="module")
def gateway(lasting_gateway: Gateway) -> Gateway:
    """One for all tests, as they only look."""
    return lasting_gateway


@pytest.fixture(scope="module")
async def own(gateway: Gateway) -> Side:
    return await side(gateway, 1)


def wrong_options(command: str) -> list[str]:
    """What a command line has that the program does not know."""
    name, *words = shlex.split(command)
    assert name == "gateway"
    found: click.Command = cli
    context = click.Context(cli)
    while isinstance(found, click.Group):
        next_one = found.get_command(context, words.pop(0))
        assert next_one is not None, command
        found = next_one
    options = {option for each in found.params for option in (*each.opts, *each.secondary_opts)}
    return [word for word in words if word.startswith("--") and word not in options]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
async def test_the_command_of_a_page_is_one(own: Side, sign_in: SignIn, page: Page) -> None:
    operator = await sign_in(Role.OPERATOR)
    query = QUERIES.get(page.path.removeprefix("/a/{account_id}"), "")

    text = await (await operator.get(filled(page.path, own) + query)).text()

    for command in re.findall(r'data-copy="([^"]+)"', text.partition("<footer>")[2]):
        assert wrong_options(html.unescape(command)) == []
