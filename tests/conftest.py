"""The fixtures that every test may use: a server, a fresh database, a pool on it."""

import gc
import os
import re
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from gateway.postgres.pool import open_pool
from tests.support.counting import not_counted
from tests.support.postgres import DatabaseServer, server
from tests.support.running import PATIENT, Gateway, gateway_on

if TYPE_CHECKING:
    import asyncpg

# A slow machine is no finding.
COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", COMMON, max_examples=50)
settings.register_profile("ci", COMMON, max_examples=300, derandomize=True, print_blob=True)
settings.register_profile("night", COMMON, max_examples=5000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))

# Where tests run side by side, who comes to a long one last keeps all others waiting: these files take longest.
LONGEST = (
    "browser/test_every_page.py",
    "e2e/test_image.py",
    "e2e/test_database_away.py",
    "browser/test_tasks.py",
    "document/test_clients.py",
    "property/accounts/test_ledger_machine.py",
    "docs/test_console_blocks.py",
    "e2e/test_backup.py",
    "property/accounts/test_account_machine.py",
    "e2e/test_processes.py",
    "e2e/test_crash.py",
    "integration/calls/test_at_once.py",
    "property/rates/test_which_rate.py",
    "e2e/test_demo.py",
    "integration/api/test_writes.py",
    "providers/signalwire/test_sdk.py",
    "e2e/test_mail_crash.py",
    "cli/test_rehearsal.py",
    "calls/test_odd_calls.py",
    "browser/test_second_factor.py",
    "providers/kamailio/sip/test_strangers.py",
    "e2e/test_patroni.py",
    "document/test_document.py",
    "providers/test_every_providers_ends.py",
    "integration/postgres/test_embedded.py",
    "e2e/test_shutdown.py",
    "providers/kamailio/sip/test_restarts.py",
    "providers/asterisk/test_real_calls.py",
    "e2e/test_log_streams.py",
)


# Patterns that are kept compiled. The library of telephone numbers has some thousands, of which 512 would be kept:
# tests that go through all countries would compile each of them over and over.
re._MAXCACHE = 1 << 14


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays: the garbage is not looked for in it, neither on the way nor, later, in every test."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, the others in the order that they had."""
    ranks = {Path(__file__).parent / file: rank for rank, file in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path, len(LONGEST)))


@pytest.fixture
def uncounted() -> Iterator[None]:
    """Coverage is not counted, which takes nearly half of the time of a test that only computes."""
    with not_counted():
        yield


@pytest.fixture(scope="session")
async def postgres() -> AsyncIterator[DatabaseServer]:
    """The session's server, with the migrated template."""
    async with server() as running:
        yield running


@pytest.fixture
async def dsn(postgres: DatabaseServer) -> AsyncIterator[str]:
    """A fresh migrated database for this test alone."""
    async with postgres.database() as url:
        yield url


@pytest.fixture
async def database(dsn: str) -> str:
    """The same as `dsn`."""
    return dsn


@pytest.fixture
async def pool(dsn: str) -> "AsyncIterator[asyncpg.Pool[asyncpg.Record]]":
    """The production pool on this test's database, but that a slow machine is given time for its locks."""
    opened = await open_pool(dsn, size=5, opened_at_once=1, application_name="gateway-test", lock_timeout=PATIENT.lock)
    try:
        yield opened
    finally:
        opened.terminate()


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    """A gateway on this test's database; its clock stands still, its workers turn when the test says so."""
    async with gateway_on(dsn, tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
async def lasting_gateway(postgres: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gateway]:
    """One for all tests of a file, each of which leaves alone what the others look at.

    A gateway and its database take a third of a second of the processor, and the look at a page a hundredth.
    """
    async with postgres.database() as url, gateway_on(url, tmp_path_factory.mktemp("gateway")) as running:
        yield running
