"""What is over is forgotten: sessions, what was given to sign in them, links; an hour after it is."""

from gateway.usecases.access.forget import forget
from gateway.usecases.access.people import PersonView
from tests.support.browser import Browser
from tests.support.running import Gateway

DAY = 24 * 3600


async def counts(gateway: Gateway) -> tuple[int, int, int]:
    row = await gateway.process.context.pool.fetchrow(
        "SELECT (SELECT count(*) FROM session), (SELECT count(*) FROM passkey_challenge), (SELECT count(*) FROM login)"
    )
    return tuple(row)


async def test_sessions_and_challenges_that_are_over_are_forgotten(
    gateway: Gateway, anna: PersonView, signed_in: Browser
) -> None:
    assert (await signed_in.post_json("/second-factor/passkey/begin", {})).status == 200
    assert await counts(gateway) == (1, 1, 1)

    gateway.clock.advance(2 * 3600)
    assert await forget(gateway.process.context) is False
    assert await counts(gateway) == (1, 0, 0)
    gateway.clock.advance(7 * DAY)
    await forget(gateway.process.context)
    assert await counts(gateway) == (0, 0, 0)
