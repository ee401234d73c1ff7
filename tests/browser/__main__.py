"""`python -m tests.browser`: write the page of the day by pages, with its pictures, of a demo started for it."""

import asyncio
from typing import Final

from playwright.async_api import FloatRect, Page

from tests.browser.day import PAGE, PICTURES, page, picture
from tests.browser.demo import running_demo
from tests.browser.looking import chromium, entered
from tests.browser.tasks import ADMINISTRATOR, OPERATOR, TASKS
from tests.browser.test_tasks import done
from tests.browser.walk import Walk
from tests.support.postgres import throwaway_directory

HEIGHT_MAX: Final = 560


async def _answer(page: Page) -> FloatRect:
    """What the page says first, without the navigation above it."""
    await page.evaluate("scrollTo(0, 0)")  # a picture is cut out of the whole page, the box is that of what is in sight
    box = await page.locator("main").bounding_box()
    assert box is not None
    return {"x": box["x"], "y": box["y"], "width": box["width"], "height": min(box["height"], HEIGHT_MAX)}


async def take_pictures() -> None:
    with throwaway_directory() as directory:
        async with running_demo(directory) as demo, chromium() as browser:
            for person in (OPERATOR, ADMINISTRATOR):
                async with entered(browser, demo.url, person, width=1000, height=680) as looked:
                    for task in (each for each in TASKS if each.person == person):
                        await done(Walk(page=looked.page), task, demo, "cut-by-mouse")
                        await looked.page.screenshot(
                            path=picture(task), clip=await _answer(looked.page), full_page=True
                        )


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    PAGE.write_text(page())
    asyncio.run(take_pictures())
