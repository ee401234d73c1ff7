"""What a browser loads at its first visit: the page, the style and the script, compressed, and nothing else."""

import gzip
import re

from gateway.domain.access.roles import Role
from tests.integration.pages.conftest import SignIn
from tests.support.running import Gateway
from tests.support.sides import side

FIRST_VISIT_MAX = 60_000


async def test_a_first_visit_is_small(gateway: Gateway, sign_in: SignIn) -> None:
    own = await side(gateway, 1)
    browser = await sign_in(Role.OPERATOR)

    for path in ("/sign-in", "/", f"/a/{own.account_id}", "/calls"):
        html = await (await browser.get(path)).text()
        loaded = [html, *[await (await browser.get(each)).text() for each in re.findall(r'"(/static/[^"]+)"', html)]]
        assert sum(len(gzip.compress(each.encode())) for each in loaded) <= FIRST_VISIT_MAX
        assert len(loaded) >= 2
        assert re.findall(r'(?:src|href)="(https?:)?//', html) == []
