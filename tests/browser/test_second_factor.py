"""Second factors in a real browser, whose authenticator is a virtual one: registered, signed in by, shown."""

from playwright.async_api import Browser, Page

from tests.browser.demo import RunningDemo
from tests.browser.looking import SCHEMES, WIDTHS, entered, violations

WHO = "olga@example.com"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def by_name(demo: RunningDemo) -> str:
    """Passkeys need a name."""
    return demo.url.replace("127.0.0.1", "localhost")


async def with_authenticator(page: Page) -> None:
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


async def enter_again(page: Page) -> None:
    """Another session of the same browser, which has shown nothing yet."""
    await page.context.clear_cookies()
    await page.goto("/sign-in")
    await page.locator(f'input[value="{WHO}"] + button').click()
    await page.wait_for_url(lambda url: "sign-in" not in url)


async def test_a_passkey_is_registered_signs_in_is_shown_and_taken_away(
    browser: Browser, demo: RunningDemo, axe: str
) -> None:
    async with entered(browser, by_name(demo), WHO) as looked:
        page = looked.page
        await with_authenticator(page)
        await page.goto("/second-factor?next=/money")
        assert await violations(page, axe) == []

        await page.fill("#passkey-name", "a phone")
        await page.click("form[data-does=register] button")
        await page.wait_for_url(f"{by_name(demo)}/money")
        await page.context.clear_cookies()
        await page.goto("/sign-in")
        assert await violations(page, axe) == []
        await page.click("form[data-does=sign-in] button")
        await page.wait_for_url(f"{by_name(demo)}/")
        await page.goto("/second-factor")
        assert await page.locator("form[data-does=show]").count() == 0

        await enter_again(page)
        await page.goto("/second-factor?why=show_second_factor&next=/money")
        assert await violations(page, axe) == []
        await page.click("form[data-does=show] button")
        await page.wait_for_url(f"{by_name(demo)}/money")

        await page.goto("/second-factor")
        assert await violations(page, axe) == []
        await page.click("summary >> nth=0")
        await page.check("#sure-1")
        await page.click("form[action$='passkey/remove'] button")
        await page.locator("td", has_text="a phone").wait_for(state="detached")
        assert looked.faults == []


async def test_one_time_passwords_are_set_up(browser: Browser, demo: RunningDemo, axe: str) -> None:
    for width in WIDTHS:
        for scheme in SCHEMES:
            async with entered(browser, demo.url, WHO, width=width, color_scheme=scheme) as looked:
                await looked.page.goto("/second-factor")
                if await looked.page.locator("form[action$='set-up'] button").count():
                    await looked.page.click("form[action$='set-up'] button")
                await looked.page.locator("svg.qr").wait_for()
                assert await violations(looked.page, axe) == []
                assert looked.faults == []
