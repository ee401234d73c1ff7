"""`person`: who can sign in, as what, and by which link. `session`: who has."""

import click

from gateway.cli.access.tokens import role_named
from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import csv_option, data_of, json_option, print_csv, print_many, print_one
from gateway.domain.access.roles import Role
from gateway.domain.errors import NotFound
from gateway.postgres.access.factors import FactorCount
from gateway.postgres.access.sessions import SessionRow
from gateway.postgres.types import PgConnection
from gateway.usecases.access import people, sessions
from gateway.usecases.access.factors import forget_factors
from gateway.usecases.access.links import Link, make_link
from gateway.usecases.access.members import Invitation, invite
from gateway.usecases.access.people import PersonChange, PersonView, change_person, find_person

PERSON_COLUMNS = ("id", "email", "name", "language", "time_zone", "created_at", "disabled_at", "roles")
SESSION_COLUMNS = tuple(SessionRow.__dataclass_fields__)


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


@click.group()
def session() -> None:
    """What people have open in their browsers."""


@session.command("list")
@click.option("--person", "email", metavar="EMAIL", help="Only theirs.")
@click.option("--before", type=integer, help="Only those before the session of this id.")
@click.option("--limit", default=100, show_default=True, help="At most so many.")
@csv_option
@json_option
@click.pass_obj
def list_sessions(
    context: CommandContext, *, email: str | None, before: int | None, limit: int, as_csv: bool, as_json: bool
) -> None:
    """List sessions that count, newest first."""

    async def work(conn: PgConnection) -> list[SessionRow]:
        person_id = None if email is None else (await find_person(conn, email=email)).id
        now = context.now()
        return await sessions.list_sessions(conn, person_id=person_id, now=now, before=before, limit=limit)

    rows = context.run(work)
    if as_csv:
        print_csv(rows, columns=SESSION_COLUMNS)
    else:
        print_many(rows, as_json=as_json, columns=SESSION_COLUMNS)


@session.command("revoke")
@click.argument("session_id", metavar="ID", type=integer)
@json_option
@click.pass_obj
def revoke(context: CommandContext, *, session_id: int, as_json: bool) -> None:
    """Have a session count no more, at once."""
    ended = context.run(
        lambda conn: sessions.end_session(conn, actor=context.actor, session_id=session_id, now=context.now())
    )
    print_one(ended, as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (person, session)
