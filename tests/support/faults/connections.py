"""What can befall connections, until it is over."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from tests.support.installation import DAY, Installation


@asynccontextmanager
async def hooks_refused(its: Installation) -> AsyncIterator[None]:
    await its.hooks(accepted_at=its.now - 3 * DAY, refused_at=its.now - 2 * DAY)
    yield
    await its.hooks(accepted_at=its.now)


@asynccontextmanager
async def some_hooks_refused(its: Installation) -> AsyncIterator[None]:
    await its.hooks(accepted_at=its.now, refused_at=its.now - timedelta(minutes=5))
    yield
    await its.execute("UPDATE connection_hooks SET refused_at = $1", its.now - 2 * timedelta(hours=1))


@asynccontextmanager
async def no_hooks(its: Installation) -> AsyncIterator[None]:
    await its.hooks(accepted_at=its.now - 8 * DAY)
    yield
    await its.hooks(accepted_at=its.now)


@asynccontextmanager
async def control_unproven(its: Installation) -> AsyncIterator[None]:
    its.provider.is_stranger = True
    yield
    its.provider.is_stranger = False


@asynccontextmanager
async def provider_clock_apart(its: Installation) -> AsyncIterator[None]:
    await its.call(its.now)
    await its.execute("UPDATE call SET provider_started_at = started_at - interval '36 s'")
    yield
    await its.execute("UPDATE call SET provider_started_at = started_at")


@asynccontextmanager
async def old_secret_in_use(its: Installation) -> AsyncIterator[None]:
    await its.used("new-word", its.now)
    await its.used("old-word", its.now - timedelta(hours=1))
    yield
    _take_out_the_old_secret(its)


@asynccontextmanager
async def old_secret_unused(its: Installation) -> AsyncIterator[None]:
    await its.used("new-word", its.now)
    await its.used("old-word", its.now - 2 * DAY)
    yield
    _take_out_the_old_secret(its)


def _take_out_the_old_secret(its: Installation) -> None:
    config = its.data / "gateway.toml"
    config.write_text(config.read_text().replace('"new-word", "old-word"', '"new-word"'))
