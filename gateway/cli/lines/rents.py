"""`rents run`: what the calendar does by itself every second, done now; `simulate`: what it will do."""

from collections.abc import Iterator

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import json_option, print_many, print_one
from gateway.domain.errors import GatewayError
from gateway.postgres.types import PgConnection
from gateway.usecases.accounts.forecast import AccountForecast, forecast_account
from gateway.usecases.lines.run_due import RentTally, run_all_due

EXPECTED_COLUMNS = ("on", "what", "line", "amount", "balance")


@click.group()
def rents() -> None:
    """Rents of numbers and connectors."""


@rents.command("run")
@json_option
@click.pass_obj
def run_rents(context: CommandContext, *, as_json: bool) -> None:
    """Charge, suspend and disconnect all that is due by now, whether `serve` runs or not."""

    async def run(conn: PgConnection) -> RentTally:
        return await run_all_due(conn, now=context.now())

    tally = context.run(run)
    print_one(tally.results(), as_json=as_json)
    if tally.failed:
        failed = ", ".join(map(str, tally.failed))
        raise GatewayError(f"these accounts could not be worked, and are tried again in five minutes: {failed}")


@click.command()
@click.argument("account_id", metavar="ACCOUNT", type=integer)
@click.option("--days", default=90, show_default=True, help="How far to look.")
@json_option
@click.pass_obj
def simulate(context: CommandContext, *, account_id: int, days: int, as_json: bool) -> None:
    """Say what will become of an account's money and numbers if nobody pays in; nothing is changed."""
    settings = context.settings()
    forecast = context.run(
        lambda conn: forecast_account(
            conn,
            account_id=account_id,
            days=days,
            rule=settings.low_balance,
            now=context.now(),
        ),
        settings=settings,
    )
    if as_json:
        print_one(forecast, as_json=True)
        return
    print_many(forecast.expected, as_json=False, columns=EXPECTED_COLUMNS)
    for sentence in _sentences(forecast):
        click.echo(sentence)


def _sentences(forecast: AccountForecast) -> Iterator[str]:
    """What people want to know of it."""
    money = f"{forecast.balance} {forecast.currency}, with calls at {forecast.calls_a_day} a day,"
    gone = forecast.money_gone_on
    yield f"{money} lasts beyond {forecast.until}." if gone is None else f"{money} is gone on {gone}."
    for stop in forecast.stops:
        lost = "" if stop.disconnected_on in (None, stop.on) else f" and is lost on {stop.disconnected_on}"
        yield f"{stop.line} stops on {stop.on}{lost}."


COMMANDS: tuple[click.Command, ...] = (rents, simulate)
