"""README's walk through a number's year: each command typed at its time prints what README says it prints."""

import doctest
from datetime import datetime, timedelta

import pytest

from gateway.domain.billing_calendar import day_of, midnight
from gateway.usecases.warn_low_balance import warn_low_balances
from tests.support.command_line import CONFIG, undone
from tests.support.command_line import Gateway as CommandLine
from tests.support.readme import README, ZONE, block_with, section, typed
from tests.support.running import Gateway

TITLE = "A number's year"


@pytest.fixture
def command_line(dsn, tmp_path, gateway: Gateway):
    (tmp_path / "gateway.toml").write_text(CONFIG)
    environ = {
        "GATEWAY_DATABASE_URL": dsn,
        "GATEWAY_CONFIG": str(tmp_path / "gateway.toml"),
        "GATEWAY_MAIL_FROM": "Gateway <gateway@example.com>",
    }
    with undone():
        yield CommandLine(environ, gateway.clock)


async def _serve_until(gateway: Gateway, at: datetime) -> None:
    """What a gateway that serves does until an instant: at each midnight, and then."""
    day = day_of(gateway.clock.at, ZONE)
    while (day := day + timedelta(days=1)) <= day_of(at, ZONE):
        await _work(gateway, midnight(day, ZONE))
    await _work(gateway, at)


async def _work(gateway: Gateway, at: datetime) -> None:
    gateway.clock.at = at
    await gateway.keep_calendar()
    await warn_low_balances(gateway.process.deps)


async def test_r23_r24_r25_r31_each_command_of_a_numbers_year_prints_what_readme_says(
    gateway: Gateway, command_line: CommandLine, tmp_path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rates.csv").write_text(block_with(README.read_text(), "kind,country,category,prefix"))
    commands = typed(section(TITLE))
    assert len(commands) > 10
    gateway.clock.at = commands[0].at
    wrong = []
    for each in commands:
        await _serve_until(gateway, each.at)

        result = await command_line.run(*each.arguments)

        if not _matches(each.printed, result.output):
            wrong.append(f"$ gateway {' '.join(each.arguments)}\n{result.output}")
    assert not wrong, "\n".join(wrong)


def _matches(expected: str, printed: str) -> bool:
    """As doctest compares: `...` stands for anything, and one space for any number of them."""
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return doctest.OutputChecker().check_output(expected.rstrip() + "\n", printed.rstrip() + "\n", flags)
