"""Pages of rates: what it costs, one price from a day on, a deck in three steps, the newest version undone."""

import re

import aiohttp
import pytest

from gateway.domain.access.roles import Role
from tests.integration.pages.conftest import SignIn
from tests.integration.pages.test_calls import FORM, text_of
from tests.support import world
from tests.support.browser import Browser
from tests.support.running import Gateway

HEAD = "kind,country,category,prefix,per_minute,connection_fee,first_interval_s,increment_s,valid_from,currency\n"
ROW = "outbound,,,{},{},0,60,60,2026-01-01,USD\n"
DECK = HEAD + "".join(ROW.format(prefix, "0.0270") for prefix in ("44", "4420", "49"))
SHORT = HEAD + ROW.format("44", "0.0300")


@pytest.fixture
async def operator(sign_in: SignIn) -> Browser:
    return await sign_in(Role.OPERATOR)


def file(deck: str) -> aiohttp.FormData:
    form = aiohttp.FormData({"key": "file"})
    form.add_field("file", deck.encode(), filename="deck.csv", content_type="text/csv")
    return form


async def compared(browser: Browser, deck: str) -> tuple[int, str, dict[str, str]]:
    """The page of the second step, and what its form has."""
    answer = await browser.post("/rates/import/compare", file(deck))  # type: ignore[arg-type]
    text = (await answer.text()).replace("\N{NO-BREAK SPACE}", " ")
    return answer.status, text, dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text))


async def imported(browser: Browser, deck: str, **filled: str) -> aiohttp.ClientResponse:
    _, _, form = await compared(browser, deck)
    return await browser.post("/rates/import", form | filled)


async def test_prices_are_found_with_those_of_lengths_and_rents(
    gateway: Gateway, operator: Browser, sign_in: SignIn
) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        account = await world.account(conn)
        await world.rate(conn, "49", "0.0270")
        await world.rate(conn, "", "4", kind="rent", fee="1", country="DE", category="toll_free")
    reader = await sign_in(Role.READER, account)

    own = await text_of(reader, f"/a/{account}/rates?q=Germany")
    operators = await text_of(operator, "/rates?q=%2B4930123456&currency=USD")
    unclear = await text_of(operator, "/rates?q=Nowhere")

    assert "$0.027" in own
    assert "$0.135" in own
    assert "$1.62" in own
    assert "toll-free" in own
    assert "$4.00" in own
    assert "/rates/import" not in own
    assert "$1.62" in operators
    assert 'role="alert"' in unclear


async def test_one_price_is_set_from_a_day_on_of_who_sets_it(gateway: Gateway, operator: Browser) -> None:
    form = FORM | {"kind": "outbound", "place": "+44", "currency": "usd", "per_minute": "0.05", "increment_s": "1"}

    done = await operator.post("/rates/price", form | {"valid_from": "2026-04-01"})
    found = await text_of(operator, "/rates?q=44&currency=USD&done=set")
    odd = await operator.post("/rates/price", form | {"key": "two", "per_minute": "much"})

    assert done.headers["Location"] == "/rates?q=44&currency=USD&done=set"
    assert 'datetime="2026-04-01T00:00:00+00:00"' in found
    assert "not yet" in found
    assert odd.status == 422
    assert 'value="much"' in await odd.text()


async def test_a_deck_is_compared_before_it_takes_effect(gateway: Gateway, operator: Browser) -> None:
    status, text, form = await compared(operator, DECK)
    before = await text_of(operator, "/rates/versions")
    unsure = await operator.post("/rates/import", form)
    twice = [await operator.post("/rates/import", form | {"sure": "yes"}) for _ in range(2)]
    versions = await text_of(operator, "/rates/versions?done=imported")

    assert (status, text.count("✓ added")) == (200, 3)
    assert "There are none" in before
    assert unsure.status == 422
    assert "✓ added" in await unsure.text()
    assert {each.headers["Location"] for each in twice} == {"/rates/versions?done=imported#version-1"}
    assert versions.count('<tr id="version-') == 1


async def test_what_ends_is_in_red_and_its_count_is_typed(gateway: Gateway, operator: Browser) -> None:
    await imported(operator, DECK, sure="yes")

    _, text, form = await compared(operator, SHORT)
    unsaid = await operator.post("/rates/import", form | {"sure": "yes"})
    too_few = await operator.post("/rates/import", form | {"sure": "yes", "ends": "1", "key": "few"})
    done = await operator.post("/rates/import", form | {"sure": "yes", "ends": "2", "key": "all"})

    assert text.count('<tr class="bad">') == 2
    assert text.index("✕ ended") < text.index("± changed")
    assert "Prices that end: 2" in text
    for refused in (unsaid, too_few):
        assert refused.status == 409
        assert "would end more prices" in await refused.text()
    assert done.status == 303


async def test_a_deck_is_valid_from_another_day_than_it_says(gateway: Gateway, operator: Browser) -> None:
    done = await imported(operator, DECK, sure="yes", valid_from="2026-05-01")
    found = await text_of(operator, "/rates?q=44&currency=USD")

    assert done.status == 303
    assert 'datetime="2026-05-01T00:00:00+00:00"' in found


async def test_a_file_that_is_no_deck_is_told_what_is_wrong(operator: Browser) -> None:
    status, text, form = await compared(operator, "a,b\n1,2\n")
    none = await operator.post("/rates/import/compare", {"key": "one"})
    forged = await operator.post("/rates/import", FORM | {"sure": "yes", "deck": "%%%"})
    bomb = await operator.post("/rates/import/compare", FORM | {"deck": "eJw"})

    assert (status, "deck" in form) == (200, False)
    assert "the columns must be" in text
    assert (none.status, forged.status, bomb.status) == (422, 400, 400)


async def test_the_newest_version_is_undone_by_who_may(gateway: Gateway, operator: Browser, sign_in: SignIn) -> None:
    await imported(operator, DECK, sure="yes")
    support = await sign_in(Role.SUPPORT)

    seen = await text_of(support, "/rates/versions")
    forbidden = await support.post("/rates/versions/1/undo", FORM | {"sure": "yes"})
    unsure = await operator.post("/rates/versions/1/undo", FORM)
    done = await operator.post("/rates/versions/1/undo", FORM | {"sure": "yes"})
    late = await operator.post("/rates/versions/1/undo", FORM | {"sure": "yes", "key": "two"})

    assert "/undo" not in seen
    assert (forbidden.status, unsure.status, done.status, late.status) == (403, 422, 303, 409)
    assert "undo of version 1" in await text_of(operator, "/rates/versions?done=undone")
