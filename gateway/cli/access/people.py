"""`person`: who can sign in, as what, and by which link."""

import click

from gateway.cli.access.tokens import role_named
from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import csv_option, data_of, json_option, print_csv, print_many, print_one
from gateway.domain.access.roles import Role
from gateway.domain.errors import NotFound
from gateway.postgres.access.factors import FactorCount
from gateway.postgres.types import PgConnection
from gateway.usecases.access import people
from gateway.usecases.access.factors import forget_factors
from gateway.usecases.access.links import Link, make_link
from gateway.usecases.access.members import Invitation, invite, remove_member
from gateway.usecases.access.people import PersonChange, PersonView, change_person, find_person

PERSON_COLUMNS = ("id", "email", "name", "language", "time_zone", "created_at", "disabled_at", "roles")


@click.group()
def person() -> None:
    """People: who can sign in, and as what."""


@person.command("invite")
@click.argument("email", metavar="EMAIL")
@click.option("--operator", "is_operator", is_flag=True, help="They may do everything.")
@click.option("--support", "is_support", is_flag=True, help="They may do what the operator's staff may.")
@click.option("--account", "account_id", type=integer, metavar="ID", help="They are of this account, with --role.")
@click.option("--role", type=click.Choice([each.value for each in Role if each.is_of_account]), help="Of --account.")
@click.option("--name", default="", help="What they are called.")
@click.option("--language", help="What they read; else the account's language, or English.")
@json_option
@click.pass_obj
def invite_person(
    context: CommandContext,
    *,
    email: str,
    is_operator: bool,
    is_support: bool,
    account_id: int | None,
    role: str | None,
    name: str,
    language: str | None,
    as_json: bool,
) -> None:
    """Let somebody sign in, and print a link that does so once, within 15 minutes; with a mail server it is mailed."""
    settings = context.settings()
    named = role_named(is_operator=is_operator, is_support=is_support, role=role)
    invitation = Invitation(email=email, role=named, account_id=account_id, name=name, language=language)

    async def work(conn: PgConnection) -> Link:
        async with conn.transaction():
            await invite(conn, actor=context.actor, invitation=invitation, now=context.now())
            found = await find_person(conn, email=email)
            return await make_link(
                conn,
                actor=context.actor,
                person=found,
                base_url=settings.pages_url,
                is_mailed=settings.mail_from is not None,
                now=context.now(),
            )

    print_one(context.run(work, settings=settings), as_json=as_json)


@person.command("link")
@click.argument("email", metavar="EMAIL")
@click.option("--operator", "is_operator", is_flag=True, help="Only if they are an operator.")
@click.option("--account", "account_id", type=integer, metavar="ID", help="Only if they are of this account.")
@click.option("--role", type=click.Choice([each.value for each in Role]), help="Only if this is what they are there.")
@json_option
@click.pass_obj
def link(
    context: CommandContext, *, email: str, is_operator: bool, account_id: int | None, role: str | None, as_json: bool
) -> None:
    """Print a link that signs somebody in, once, within 15 minutes: whoever has it is they."""
    settings = context.settings()
    wanted = Role.OPERATOR.value if is_operator else role

    async def work(conn: PgConnection) -> Link:
        async with conn.transaction():
            found = await find_person(conn, email=email)
            _require_member(found, account_id, wanted)
            return await make_link(
                conn, actor=context.actor, person=found, base_url=settings.pages_url, now=context.now()
            )

    print_one(context.run(work, settings=settings), as_json=as_json)


def _require_member(found: PersonView, account_id: int | None, role: str | None) -> None:
    """Refuse where somebody is not what was said that they are."""
    if account_id is None and role is None:
        return
    if not any(each.account_id == account_id and role in (None, each.role.value) for each in found.memberships):
        raise NotFound(f"{found.email} is not that: invite them first")


@person.command("list")
@click.option("--before", type=integer, help="Only those before the person of this id.")
@click.option("--limit", default=100, show_default=True, help="At most so many.")
@csv_option
@json_option
@click.pass_obj
def list_people(context: CommandContext, *, before: int | None, limit: int, as_csv: bool, as_json: bool) -> None:
    """List people, newest first, with all that they are."""
    found = context.read(lambda conn: people.list_people(conn, before=before, limit=limit))
    rows = [data_of(each) | {"roles": _roles(each)} for each in found]
    if as_csv:
        print_csv(rows, columns=PERSON_COLUMNS)
    else:
        print_many(rows, as_json=as_json, columns=PERSON_COLUMNS)


def _roles(view: PersonView) -> list[str]:
    """`operator`, `reader of 7`."""
    return [
        each.role.value if each.account_id is None else f"{each.role.value} of {each.account_id}"
        for each in view.memberships
    ]


@person.command("remove")
@click.argument("email", metavar="EMAIL")
@click.option(
    "--operator", "is_operators_side", is_flag=True, help="From the operator's side, whatever they are there."
)
@click.option("--account", "account_id", type=integer, metavar="ID", help="From this account.")
@json_option
@click.pass_obj
def remove(
    context: CommandContext, *, email: str, is_operators_side: bool, account_id: int | None, as_json: bool
) -> None:
    """Take a membership of somebody away; what else they are stays."""
    if is_operators_side is (account_id is not None):
        raise click.UsageError("say from where: --operator, or --account ID")

    async def work(conn: PgConnection) -> PersonView:
        async with conn.transaction():
            found = await find_person(conn, email=email)
            member_id = _member_id(found, account_id)
            await remove_member(
                conn, actor=context.actor, account_id=account_id, member_id=member_id, now=context.now()
            )
            return await find_person(conn, email=email)

    print_one(context.run(work), as_json=as_json)


def _member_id(found: PersonView, account_id: int | None) -> int:
    for each in found.memberships:
        if each.account_id == account_id:
            return each.id
    raise NotFound(f"{found.email} is no member there")


@person.command("set")
@click.argument("email", metavar="EMAIL")
@click.option("--name", help="What they are called.")
@click.option("--language", help="What they read.")
@click.option("--time-zone", help="Like Europe/Berlin.")
@json_option
@click.pass_obj
def set_person(
    context: CommandContext,
    *,
    email: str,
    name: str | None,
    language: str | None,
    time_zone: str | None,
    as_json: bool,
) -> None:
    """Change what somebody is called, reads, and by which clock they live; what is not given stays."""
    _change(context, email, PersonChange(name=name, language=language, time_zone=time_zone), as_json=as_json)


@person.command("disable")
@click.argument("email", metavar="EMAIL")
@json_option
@click.pass_obj
def disable(context: CommandContext, *, email: str, as_json: bool) -> None:
    """Let somebody sign in no more, and end what they have open, at once."""
    _change(context, email, PersonChange(is_disabled=True), as_json=as_json)


@person.command("enable")
@click.argument("email", metavar="EMAIL")
@json_option
@click.pass_obj
def enable(context: CommandContext, *, email: str, as_json: bool) -> None:
    """Let somebody sign in again."""
    _change(context, email, PersonChange(is_disabled=False), as_json=as_json)


@person.command("forget-factors")
@click.argument("email", metavar="EMAIL")
@json_option
@click.pass_obj
def forget_second_factors(context: CommandContext, *, email: str, as_json: bool) -> None:
    """Take all passkeys and one-time passwords of somebody away, who has lost them, and end what they have open."""

    async def work(conn: PgConnection) -> FactorCount:
        found = await find_person(conn, email=email)
        return await forget_factors(conn, actor=context.actor, person_id=found.id, now=context.now())

    print_one(context.run(work), as_json=as_json)


def _change(context: CommandContext, email: str, change: PersonChange, *, as_json: bool) -> None:
    async def work(conn: PgConnection) -> PersonView:
        found = await find_person(conn, email=email)
        return await change_person(conn, actor=context.actor, person_id=found.id, change=change, now=context.now())

    print_one(context.run(work), as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (person,)
