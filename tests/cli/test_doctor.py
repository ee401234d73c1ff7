"""`gateway doctor` shows each fault that is brought about, and nothing on a healthy installation."""

from collections.abc import AsyncIterator

import pytest

from gateway.clock import SystemClock
from gateway.domain.problems import TREATMENTS, ProblemCode
from gateway.usecases.calls.months import make_months
from gateway.usecases.doctor.machine import examine_machine
from tests.support.command_line import KEY, Gateway, undone
from tests.support.configured import load
from tests.support.faults import (
    CONFIG,
    DAY,
    FAULTS,
    Installation,
    control_unproven,
    hooks_refused,
    ledger_differs,
    no_operator_email,
    no_smtp,
    provider_clock_apart,
)
from tests.support.running import fake_provider

# What is not brought about by doing something to an installation of this version has tests of its own.
ELSEWHERE = {
    ProblemCode.MIGRATIONS_PENDING,
    ProblemCode.DISK_LOW,
    ProblemCode.STANDBY_LOST,
    ProblemCode.REPLICATION_MAY_LOSE,
    ProblemCode.CRASH_MAY_LOSE,
}


@pytest.fixture
async def installation(dsn, pool, tmp_path, postgres) -> AsyncIterator[Installation]:
    with undone():
        async with fake_provider() as provider:
            config = tmp_path / "gateway.toml"
            config.write_text(CONFIG.format(key=KEY, control_url=provider.url))
            environ = {
                "GATEWAY_DATABASE_URL": dsn,
                "GATEWAY_CONFIG": str(config),
                "GATEWAY_DATA": str(tmp_path),
            }
            async with pool.acquire() as conn:
                await make_months(conn, SystemClock().now().date())
            yield Installation(
                pool=pool,
                data=tmp_path,
                provider=provider,
                postgres=postgres,
                gateway=Gateway(environ),
                now=SystemClock().now(),
            )


def test_each_problem_is_brought_about_and_says_what_it_means_and_what_to_do():
    assert {*FAULTS, *ELSEWHERE} == set(ProblemCode) == set(TREATMENTS)
    assert all(code.meaning.endswith(".") and TREATMENTS[code].do for code in ProblemCode)


async def test_nothing_is_wrong_with_a_healthy_installation(installation):
    await installation.hooks(accepted_at=installation.now)
    await installation.hooks("crm")

    shown = await installation.gateway.run("doctor")

    assert await installation.found() == []
    assert (shown.exit_code, shown.stdout) == (0, "nothing is wrong\n")


@pytest.mark.parametrize("code", FAULTS)
async def test_a_fault_that_is_brought_about_is_shown(installation, code):
    await FAULTS[code](installation)

    found = {each["problem"]: each for each in await installation.found()}

    assert found[code]["severity"] == TREATMENTS[code].severity
    assert found[code]["do"] == TREATMENTS[code].do
    assert found[code]["said"]


async def test_missing_migrations_are_all_that_is_known_of_an_older_database(installation):
    async with installation.postgres.database(template="template1") as empty:
        installation.gateway.environ["GATEWAY_DATABASE_URL"] = empty

        assert await installation.codes() == [ProblemCode.MIGRATIONS_PENDING]


async def test_a_disk_that_is_nearly_full_is_shown(installation):
    settings = load(installation.gateway.environ)
    full = examine_machine(settings, free=300 << 20, now=installation.now)

    assert [(each.problem, each.said) for each in full] == [
        (ProblemCode.DISK_LOW, f"the disk of {installation.data} has 300 MiB left")
    ]
    assert examine_machine(settings, free=1 << 30, now=installation.now) == []


async def test_the_worst_comes_first_with_what_to_do_below(installation):
    await no_operator_email(installation)
    await no_smtp(installation)
    await ledger_differs(installation)

    shown = await installation.gateway.run("doctor")

    assert shown.exit_code == 1
    lines = shown.stdout.splitlines()
    assert [line.split(":")[0].strip() for line in lines] == [
        "error",
        "ledger_differs",
        "error",
        "no_smtp",
        "warning",
        "no_operator_email",
    ]
    assert f"since {installation.now - 2 * DAY:%Y-%m-%d %H:%M:%S} UTC" in lines[2]


async def test_problems_are_csv_too(installation):
    await no_operator_email(installation)

    shown = await installation.gateway.run("doctor", "--csv")

    assert [line.split(",")[0] for line in shown.stdout.splitlines()] == ["problem", "no_operator_email"]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (
            hooks_refused,
            "the last webhook of office was refused with 403: no such token, and none has been taken since",
        ),
        (control_unproven, "the control URL of pbx: "),
        (provider_clock_apart, "the clock of pbx's provider is 36.0 s behind ours"),
    ],
)
async def test_a_problem_names_its_connection_and_why(installation, fault, words):
    await fault(installation)

    [problem] = await installation.found()

    assert problem["said"].startswith(words)


async def test_a_connection_that_never_sent_anything_is_told_of_after_seven_days(installation):
    await installation.hooks(configured_at=installation.now - 6 * DAY)
    early = await installation.codes()
    await installation.execute("UPDATE connection_hooks SET configured_at = configured_at - interval '2 days'")

    assert (early, await installation.codes()) == ([], [ProblemCode.NO_HOOKS])


async def test_an_old_secret_alone_in_use_is_told_of_and_one_that_nobody_used_is_no_problem(installation):
    unused = await installation.codes()
    await installation.used("old-word", installation.now - 9 * DAY)

    assert (unused, await installation.codes()) == ([], [ProblemCode.OLD_SECRET_IN_USE])
