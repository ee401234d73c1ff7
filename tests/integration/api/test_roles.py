"""Every route by every role: who may, may; who may not is told so; and what is another's is not there."""

import itertools

import pytest

from gateway.domain.access.actions import GRANTS, Reach
from gateway.domain.access.roles import Role
from gateway.web.api.route import Route
from gateway.web.api.routes import ROUTES
from tests.integration.api.sending import send
from tests.support.api import ApiClient, api_client
from tests.support.running import Gateway
from tests.support.sides import Side, side

# Each route has tests of its own, which are counted.
pytestmark = pytest.mark.usefixtures("uncounted")
_digits = itertools.count(1)
TAGS = sorted({route.tag for route in ROUTES})


@pytest.fixture(scope="module")
def gateway(lasting_gateway: Gateway) -> Gateway:
    """One for all tests, as each of them changes what is of its own accounts."""
    return lasting_gateway


@pytest.fixture(scope="module")
async def untouched(gateway: Gateway) -> Side:
    """The account of those who only read, or are refused."""
    return await side(gateway, next(_digits))


def names_an_account(route: Route) -> bool:
    return "account_id" in route.parameters or route.owner is not None or route.narrows


@pytest.mark.parametrize("tag", TAGS)
async def test_a_route_needs_a_token(gateway: Gateway, untouched: Side, tag: str) -> None:
    for route in (each for each in ROUTES if each.tag == tag):
        for client in (ApiClient(gateway, None), ApiClient(gateway, "gw_o_" + "x" * 43)):
            assert (await send(client, route, untouched)).status == 401, route.name


@pytest.mark.parametrize("tag", TAGS)
async def test_a_route_is_open_to_the_roles_of_its_action(gateway: Gateway, untouched: Side, tag: str) -> None:
    for route in (each for each in ROUTES if each.tag == tag):
        for role in Role:
            may = GRANTS[route.action].of(role) is not Reach.NONE
            own = await side(gateway, next(_digits)) if may and route.is_write else untouched
            client = await api_client(gateway, role, own.account_id if role.is_of_account else None)

            answer = await send(client, route, own, named=True)

            assert (answer.status == 403) is not may, (route.name, role, answer.raw)
            assert not may or answer.status not in (404, 422, 500, 503), (route.name, role, answer.raw)


@pytest.mark.parametrize("tag", TAGS)
async def test_what_is_anothers_is_not_there(gateway: Gateway, untouched: Side, tag: str) -> None:
    own = await side(gateway, next(_digits))
    for route in (each for each in ROUTES if each.tag == tag):
        for role in (Role.ADMINISTRATOR, Role.READER):
            if GRANTS[route.action].of(role) is not Reach.OWN or not names_an_account(route):
                continue
            client = await api_client(gateway, role, own.account_id)

            answer = await send(client, route, untouched, named=True)

            assert answer.status == 404, (route.name, role, answer.raw)
