"""README's walk through a number's year: each command typed at its time prints what README says it prints."""

import doctest
from datetime import datetime, timedelta

import pytest

from gateway.domain.lines.billing_calendar import day_of, midnight
from gateway.usecases.accounts.warn_low_balance import warn_low_balances
from tests.docs.console import README, ZONE, block_with, section, typed
from tests.support.command_line import CONFIG, undone
from tests.support.command_line import Gateway as CommandLine
from tests.support.post import PLAIN, SENDER, Post, open_post
from tests.support.running import Gateway
from tests.support.smtp import smtp_server

TITLE = "A number's year"


@pytest.fixture
def command_line(dsn, tmp_path, gateway: Gateway):
    (tmp_path / "gateway.toml").write_text(CONFIG)
    environ = {
        "GATEWAY_DATABASE_URL": dsn,
        "GATEWAY_CONFIG": str(tmp_path / "gateway.toml"),
        "GATEWAY_MAIL_FROM": SENDER,
    }
    with undone():
        yield CommandLine(environ, gateway.clock)


class Served:
    """A gateway that serves all the while, as time passes."""

    def __init__(self, gateway: Gateway, post: Post) -> None:
        self._gateway = gateway
        self._post = post

    async def until(self, at: datetime) -> None:
        """What it does at each midnight until an instant, and then."""
        day = day_of(self._gateway.clock.at, ZONE)
        while (day := day + timedelta(days=1)) <= day_of(at, ZONE):
            await self._work(midnight(day, ZONE))
        await self._work(at)

    async def _work(self, at: datetime) -> None:
        self._gateway.clock.at = at
        await self._gateway.run_due()
        await warn_low_balances(self._gateway.process.context)
        await self._post.work()


@pytest.fixture
async def served(dsn, tmp_path, gateway: Gateway):
    async with (
        smtp_server() as server,
        open_post(dsn, tmp_path / "post", server.url(options=PLAIN), clock=gateway.clock) as post,
    ):
        yield Served(gateway, post)


async def test_r23_r24_r25_r31_each_command_of_a_numbers_year_prints_what_readme_says(
    gateway: Gateway, command_line: CommandLine, served: Served, tmp_path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rates.csv").write_text(block_with(README.read_text(), "kind,country,category,prefix"))
    commands = typed(section(TITLE))
    assert len(commands) > 10
    gateway.clock.at = commands[0].at
    wrong = []
    for each in commands:
        await served.until(each.at)

        result = await command_line.run(*each.arguments)

        if not _matches(each.printed, result.output):
            wrong.append(f"$ gateway {' '.join(each.arguments)}\n{result.output}")
    assert not wrong, "\n".join(wrong)


def _matches(expected: str, printed: str) -> bool:
    """As doctest compares: `...` stands for anything, and one space for any number of them."""
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return doctest.OutputChecker().check_output(expected.rstrip() + "\n", printed.rstrip() + "\n", flags)
