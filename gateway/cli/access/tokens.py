"""`token`: what programs show to be let in."""

import re
from datetime import timedelta
from typing import Final

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import csv_option, json_option, print_csv, print_many, print_one
from gateway.domain.access.roles import Role
from gateway.postgres.access.tokens import TokenRow
from gateway.usecases.access import tokens
from gateway.usecases.access.tokens import TokenTerms

COLUMNS = tuple(TokenRow.__dataclass_fields__)
_SPAN: Final = re.compile(r"([1-9][0-9]{0,3})([dh])")
_UNITS: Final = {"d": timedelta(days=1), "h": timedelta(hours=1)}


def span(text: str) -> timedelta:
    """`90d` or `12h`; ValueError is wrong usage."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return int(found[1]) * _UNITS[found[2]]


@click.group()
def token() -> None:
    """What programs show to be let in."""


@token.command("create")
@click.option("--operator", "is_operator", is_flag=True, help="It may do everything.")
@click.option("--support", "is_support", is_flag=True, help="It may do what the operator's staff may.")
@click.option("--account", "account_id", type=integer, metavar="ID", help="It is of this account, with --role.")
@click.option("--role", type=click.Choice([each.value for each in Role if each.is_of_account]), help="Of --account.")
@click.option("--name", default="", help="What it is for.")
@click.option("--expires", type=span, metavar="90d|12h", help="After so long; never unless given.")
@click.option("--scope", "scopes", multiple=True, help="Only this of what its role may, as calls:read; several times.")
@json_option
@click.pass_obj
def create_token(
    context: CommandContext,
    *,
    is_operator: bool,
    is_support: bool,
    role: str | None,
    account_id: int | None,
    name: str,
    expires: timedelta | None,
    scopes: tuple[str, ...],
    as_json: bool,
) -> None:
    """Draw a token, and print it: this once, as only its hash is kept."""
    now = context.now()
    terms = TokenTerms(
        role=role_named(is_operator=is_operator, is_support=is_support, role=role),
        account_id=account_id,
        name=name,
        scopes=scopes or None,
        expires_at=None if expires is None else now + expires,
    )
    created = context.run(lambda conn: tokens.create_token(conn, actor=context.actor, terms=terms, now=now))
    print_one(created, as_json=as_json)


def role_named(*, is_operator: bool, is_support: bool, role: str | None) -> Role:
    """The one that was named."""
    sides = {Role.OPERATOR: is_operator, Role.SUPPORT: is_support}
    named = [each for each, is_named in sides.items() if is_named] + ([] if role is None else [Role(role)])
    if len(named) != 1:
        raise click.UsageError("say whose it is: --operator, --support, or --account ID --role administrator|reader")
    return named[0]


@token.command("list")
@click.option("--account", "account_id", type=integer, metavar="ID", help="Only those of this account.")
@click.option("--before", type=integer, help="Only those before the token of this id.")
@click.option("--limit", default=100, show_default=True, help="At most so many.")
@csv_option
@json_option
@click.pass_obj
def list_tokens(
    context: CommandContext, *, account_id: int | None, before: int | None, limit: int, as_csv: bool, as_json: bool
) -> None:
    """List tokens, newest first: how they begin, but not their secrets, and when they were used last."""
    rows = context.read(lambda conn: tokens.list_tokens(conn, account_id=account_id, before=before, limit=limit))
    if as_csv:
        print_csv(rows, columns=COLUMNS)
    else:
        print_many(rows, as_json=as_json, columns=COLUMNS)


@token.command("revoke")
@click.argument("token_id", metavar="ID", type=integer)
@json_option
@click.pass_obj
def revoke_token(context: CommandContext, *, token_id: int, as_json: bool) -> None:
    """Have a token count no more, at once and for ever."""
    revoked = context.run(
        lambda conn: tokens.revoke_token(conn, actor=context.actor, token_id=token_id, now=context.now())
    )
    print_one(revoked, as_json=as_json)


COMMANDS: tuple[click.Command, ...] = (token,)
