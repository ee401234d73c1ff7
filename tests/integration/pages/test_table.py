"""Every page by every role: who may see it, sees it; who may not is told so; and what is another's is not there."""

import re

import pytest

from gateway.domain.access.actions import GRANTS, Reach
from gateway.domain.access.roles import Role
from gateway.web.pages.page import Page
from gateway.web.pages.routes import DEEDS, PAGES
from tests.integration.pages.conftest import SignIn
from tests.support.browser import Browser
from tests.support.running import Gateway
from tests.support.sides import Side, side

# What each page shows has tests of its own, which are counted.
pytestmark = pytest.mark.usefixtures("uncounted")


@pytest.fixture(scope="module")
def gateway(lasting_gateway: Gateway) -> Gateway:
    """One for all tests, as they only look."""
    return lasting_gateway


@pytest.fixture(scope="module")
async def own(gateway: Gateway) -> Side:
    return await side(gateway, 1)


@pytest.fixture(scope="module")
async def other(gateway: Gateway) -> Side:
    return await side(gateway, 2)


def filled(path: str, own: Side) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: own.places[name[1]], path)


def may(page: Page, role: Role) -> bool:
    """The operator's pages are of all accounts; an account's are seen by its people, and by the operator's side."""
    reach = GRANTS[page.action].of(role)
    return reach is Reach.ALL if not page.is_own else reach is not Reach.NONE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
async def test_a_page_needs_somebody_who_has_signed_in(gateway: Gateway, own: Side, page: Page) -> None:
    answer = await Browser(gateway).get(filled(page.path, own))

    assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
async def test_a_page_is_seen_by_the_roles_of_its_action(own: Side, sign_in: SignIn, page: Page) -> None:
    for role in Role:
        if role.is_of_account and not page.is_own:
            continue
        browser = await sign_in(role, own.account_id if role.is_of_account else None)

        answer = await browser.get(filled(page.path, own))

        assert answer.status == (200 if may(page, role) else 403), (role, await answer.text())


@pytest.mark.parametrize("page", [each for each in PAGES if each.is_own], ids=lambda page: page.path)
async def test_a_page_of_another_account_is_not_there(own: Side, other: Side, sign_in: SignIn, page: Page) -> None:
    browser = await sign_in(Role.ADMINISTRATOR, own.account_id)

    assert (await browser.get(filled(page.path, other))).status == 404


async def test_an_administrator_is_led_to_the_same_page_of_their_account(own: Side, sign_in: SignIn) -> None:
    browser = await sign_in(Role.ADMINISTRATOR, own.account_id)

    first, calls = [await browser.get(path) for path in ("/", "/calls")]

    assert [each.headers["Location"] for each in (first, calls)] == [
        f"/a/{own.account_id}",
        f"/a/{own.account_id}/calls",
    ]


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "pt-BR", "ru"])
async def test_every_page_has_its_words_in_every_language(own: Side, sign_in: SignIn, language: str) -> None:
    browser = await sign_in(Role.OPERATOR, language=language)

    for page in PAGES:
        answer = await browser.get(filled(page.path, own))
        assert answer.status == 200, (page.path, await answer.text())
        assert f'<html lang="{language}">' in await answer.text()


def test_no_two_pages_and_no_two_deeds_have_one_path() -> None:
    assert len({each.path for each in PAGES}) == len(PAGES)
    assert len({each.path for each in DEEDS}) == len(DEEDS)
    assert {each.page for each in DEEDS} <= {each.path for each in PAGES}
