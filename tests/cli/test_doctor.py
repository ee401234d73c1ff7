"""`gateway doctor` and `/v1/health` show each fault that is brought about, and nothing once it is mended."""

from collections.abc import AsyncIterator

import pytest

from gateway.domain.problems import TREATMENTS, ProblemCode
from gateway.usecases.doctor.machine import examine_machine
from tests.support.command_line import undone
from tests.support.configured import load
from tests.support.faults import FAULTS
from tests.support.faults.connections import control_unproven, hooks_refused, provider_clock_apart
from tests.support.faults.machine import no_operator_email
from tests.support.faults.records import ledger_differs, no_smtp
from tests.support.installation import DAY, Installation, healthy_installation

# They need a standby: tests/integration/postgres/test_replication.py has one.
WITH_A_STANDBY = {ProblemCode.STANDBY_LOST, ProblemCode.REPLICATION_MAY_LOSE}


@pytest.fixture
async def installation(dsn, tmp_path, postgres) -> AsyncIterator[Installation]:
    with undone():
        async with healthy_installation(dsn, tmp_path, postgres) as installation:
            yield installation


@pytest.fixture(scope="module")
async def lasting(postgres, tmp_path_factory) -> AsyncIterator[Installation]:
    async with (
        postgres.database() as dsn,
        healthy_installation(dsn, tmp_path_factory.mktemp("lasting"), postgres) as installation,
    ):
        yield installation


@pytest.fixture
async def mended(lasting) -> AsyncIterator[Installation]:
    """One that whatever was done to it has left healthy, and as it was set."""
    with undone():
        yield lasting
    await lasting.set_as_before()


def test_each_problem_is_brought_about_and_says_what_it_means_and_what_to_do():
    assert {*FAULTS, *WITH_A_STANDBY} == set(ProblemCode) == set(TREATMENTS)
    assert not WITH_A_STANDBY & {*FAULTS}
    assert all(code.meaning.endswith(".") and TREATMENTS[code].do for code in ProblemCode)


async def test_nothing_is_wrong_with_a_healthy_installation(installation):
    await installation.hooks(accepted_at=installation.now)
    await installation.hooks("crm")

    shown, health = await installation.gateway.run("doctor"), await installation.health()

    assert (await installation.found(), health.data["data"]) == ([], [])
    assert (shown.exit_code, shown.stdout) == (0, "nothing is wrong\n")


@pytest.mark.parametrize("code", FAULTS)
async def test_a_fault_that_is_brought_about_is_shown_until_it_is_mended(mended, code):
    before = await mended.health()
    async with FAULTS[code](mended):
        by_command, by_api = await mended.found(), await mended.health()
    mended_by_command, mended_by_api = await mended.found(), await mended.health()

    [told] = [each for each in by_command if each["problem"] == code]
    assert (told["severity"], told["do"]) == (TREATMENTS[code].severity, TREATMENTS[code].do)
    assert told["said"]
    if code is ProblemCode.DATABASE_UNUSABLE:  # by which the gateway would know who asks
        assert (by_api.status, by_api.data["code"]) == (503, "unavailable")
    else:
        assert code in [each["problem"] for each in by_api.data["data"]]
    assert (before.data["data"], mended_by_command, mended_by_api.data["data"]) == ([], [], [])


async def test_a_disk_that_is_nearly_full_is_shown(installation):
    settings = load(installation.gateway.environ)
    full = examine_machine(settings, free=300 << 20, now=installation.now)

    assert [(each.problem, each.said) for each in full] == [
        (ProblemCode.DISK_LOW, f"the disk of {installation.data} has 300 MiB left")
    ]
    assert examine_machine(settings, free=1 << 30, now=installation.now) == []


async def test_the_worst_comes_first_with_what_to_do_below(installation):
    async with no_operator_email(installation), no_smtp(installation), ledger_differs(installation):
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
    async with no_operator_email(installation):
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
    async with fault(installation):
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
