"""`doctor`: what is wrong right now, worst first, each with what to do.

It asks the database and every provider, so that it needs most of the gateway, which is imported when it looks.
"""

import secrets
import sys
from collections.abc import Sequence

import click

from gateway.cli.context import CommandContext
from gateway.cli.output import csv_option, json_option, print_csv, print_many
from gateway.clock import machine_of
from gateway.domain.errors import GatewayError
from gateway.domain.problems import Problem, ProblemCode, Severity, worst_first
from gateway.settings import Settings

COLUMNS = ("problem", "severity", "since", "said", "do")


@click.command()
@csv_option
@json_option
@click.pass_obj
def doctor(context: CommandContext, *, as_csv: bool, as_json: bool) -> None:
    """Find what is wrong right now, worst first, each with what to do; exit 1 if there is an error.

    A warning is what will be wrong if nobody looks. Control URLs are asked about a call that was never made.
    """
    from gateway.usecases.doctor.machine import examine_machine, free_bytes  # noqa: PLC0415 - see above

    settings = context.all_settings()
    machine = examine_machine(settings, free=free_bytes(settings.data), now=context.now())
    problems = worst_first([*machine, *_examine_database(context, settings)])
    rows = [{name: getattr(each, name) for name in COLUMNS} for each in problems]
    if as_json:
        print_many(rows, as_json=True, columns=COLUMNS)
    elif as_csv:
        print_csv(rows, columns=COLUMNS)
    else:
        _print_problems(problems)
    if any(each.severity is Severity.ERROR for each in problems):
        sys.exit(1)


def _examine_database(context: CommandContext, settings: Settings) -> list[Problem]:
    from gateway.hook_client import ask_provider  # noqa: PLC0415 - see above
    from gateway.usecases.doctor.examine import examine_database  # noqa: PLC0415 - see above
    from gateway.usecases.doctor.finding import fact_of, problem_of  # noqa: PLC0415 - see above

    try:
        return context.run(
            lambda conn: examine_database(
                conn,
                settings=settings,
                ask=ask_provider,
                token=secrets.token_hex(6),
                machine=machine_of(context.clock),
                now=context.now(),
            ),
            settings=settings,
            as_it_is=True,
        )
    except GatewayError as error:
        return [problem_of(ProblemCode.DATABASE_UNUSABLE, fact_of("database_unusable", error=str(error)))]


def _print_problems(problems: Sequence[Problem]) -> None:
    for each in problems:
        since = "" if each.since is None else f", since {each.since:%Y-%m-%d %H:%M:%S} UTC"
        click.echo(f"{each.severity}: {each.said}{since}")
        click.echo(f"  {each.problem}: {each.do}")
    if not problems:
        click.echo("nothing is wrong")


COMMANDS: tuple[click.Command, ...] = (doctor,)
