"""`account create`, `set`: what is agreed with an account."""

from typing import Any

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import json_option, print_one
from gateway.domain.accounts.when_withheld import WhenWithheld
from gateway.domain.mail.languages import LANGUAGES
from gateway.domain.money import parse_amount
from gateway.usecases.accounts import manage
from gateway.usecases.accounts.change import AccountChange, change_account


@click.command("create")
@click.argument("name")
@click.option("--currency", required=True, help="ISO 4217, like USD.")
@click.option("--email", required=True, help="The administrator's address.")
@click.option("--time-zone", default="UTC", show_default=True, help="Like Europe/Berlin.")
@click.option("--language", default="en", show_default=True, help=f"One of {', '.join(LANGUAGES)}.")
@click.option("--main-number", help="The main outgoing number, E.164.")
@click.option("--credit-limit", default="0", show_default=True, help="How far below 0 the balance may go.")
@click.option("--free-inbound-needs-balance", is_flag=True, help="Refuse free incoming calls without money.")
@click.option("--when-unavailable", default="reject", show_default=True, help="reject, or seconds a call is allowed.")
@click.option(
    "--when-withheld",
    type=click.Choice([each.value for each in WhenWithheld]),
    default=WhenWithheld.ANONYMOUS.value,
    show_default=True,
    help="What becomes of calls whose user withholds the number.",
)
@json_option
@click.pass_obj
def create_account(
    context: CommandContext,
    *,
    name: str,
    currency: str,
    email: str,
    time_zone: str,
    language: str,
    main_number: str | None,
    credit_limit: str,
    free_inbound_needs_balance: bool,
    when_unavailable: str,
    when_withheld: str,
    as_json: bool,
) -> None:
    """Open an account; it has the caps of `[new_accounts.caps]` from its first call."""
    limit = parse_amount(credit_limit)
    settings = context.settings()
    created = context.run(
        lambda conn: manage.create_account(
            conn,
            actor=context.actor,
            name=name,
            currency=currency,
            email=email,
            time_zone=time_zone,
            language=language,
            main_number=main_number,
            credit_limit=limit,
            free_inbound_needs_balance=free_inbound_needs_balance,
            when_unavailable=when_unavailable,
            when_withheld=WhenWithheld(when_withheld),
            first_caps=settings.new_account_caps,
            now=context.now(),
        ),
        settings=settings,
    )
    print_one(created, as_json=as_json)


@click.command("set")
@click.argument("account_id", metavar="ID", type=integer)
@click.option("--name", help="What it is called.")
@click.option("--email", help="The administrator's address; mails that are queued already go to the one of before.")
@click.option("--language", help=f"One of {', '.join(LANGUAGES)}; of mails that are written from now on.")
@click.option("--time-zone", help="Like Europe/Berlin; of all midnights to come, what is due by now is charged before.")
@click.option("--main-number", help='The main outgoing number, E.164; "": none.')
@click.option("--credit-limit", help="How far below 0 the balance may go; more pays overdue rents at once.")
@click.option(
    "--free-inbound-needs-balance/--free-inbound-needs-no-balance",
    default=None,
    help="Whether free incoming calls are refused without money.",
)
@click.option("--when-unavailable", help="reject, or seconds a call is allowed.")
@click.option(
    "--when-withheld",
    type=click.Choice([each.value for each in WhenWithheld]),
    help="What becomes of calls whose user withholds the number.",
)
@json_option
@click.pass_obj
def set_account(
    context: CommandContext,
    /,
    *,
    account_id: int,
    credit_limit: str | None,
    when_withheld: str | None,
    as_json: bool,
    **settings: Any,
) -> None:
    """Change what is set of an account; what is not named stays."""
    limit = None if credit_limit is None else parse_amount(credit_limit)
    withheld = None if when_withheld is None else WhenWithheld(when_withheld)
    change = AccountChange(credit_limit=limit, when_withheld=withheld, **settings)
    changed = context.run(
        lambda conn: change_account(conn, actor=context.actor, account_id=account_id, change=change, now=context.now())
    )
    print_one(changed, as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (create_account, set_account)
