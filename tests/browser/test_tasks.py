"""An operator's day by pages: by mouse in few clicks, by keyboard alone, and without scripts."""

import pytest
from playwright.async_api import Browser

from tests.browser.day import PAGE, PICTURES, page
from tests.browser.demo import RunningDemo
from tests.browser.looking import entered
from tests.browser.tasks import ADMINISTRATOR, CLICKS_MAX, OPERATOR, TASKS, Task
from tests.browser.walk import Walk

CUT = "cut-a-call"
# What is tried by keyboard alone, and without scripts.
PLAIN = ("why-refused", "pay-in", CUT, "rent-a-number")
REFUSED = "status of 409"


async def done(walk: Walk, task: Task, demo: RunningDemo, call_id: str) -> None:
    """From the first page on; what is to be cut is up."""
    if task.name == CUT:
        await demo.call(call_id)
    await walk.open("/")
    await task.do(walk)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("person", [OPERATOR, ADMINISTRATOR])
async def test_what_a_day_brings_takes_five_clicks_at_most(browser: Browser, demo: RunningDemo, person: str) -> None:
    """In their order, as some need what others did."""
    async with entered(browser, demo.url, person) as looked:
        for task in (each for each in TASKS if each.person == person):
            walk = Walk(page=looked.page)
            await done(walk, task, demo, "cut-by-mouse")
            assert walk.clicks <= CLICKS_MAX, task.name
        # A refusal is no error of the page, but browsers tell of it.
        assert [each for each in looked.faults if REFUSED not in each] == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("person", [OPERATOR, ADMINISTRATOR])
@pytest.mark.parametrize("way", ["keyboard", "no_scripts"])
async def test_it_takes_neither_mouse_nor_scripts(browser: Browser, demo: RunningDemo, person: str, way: str) -> None:
    async with entered(browser, demo.url, person, java_script_enabled=way != "no_scripts") as looked:
        for task in (each for each in TASKS if each.person == person and each.name in PLAIN):
            walk = Walk(page=looked.page, by_keyboard=way == "keyboard", mark=way)
            await done(walk, task, demo, f"cut-by-{way}")


def test_the_library_shows_the_day_as_it_is_done() -> None:
    """`python -m tests.browser` writes the page and takes the pictures."""
    assert PAGE.read_text() == page()
    assert {each.stem for each in PICTURES.iterdir()} == {task.name for task in TASKS}
