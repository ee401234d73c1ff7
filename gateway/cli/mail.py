"""`mail`: what was sent, what waits, what was refused, and which kinds an account gets."""

import click

from gateway.cli.context import CommandContext
from gateway.cli.integers import integer
from gateway.cli.output import Data, csv_option, data_of, json_option, print_list, print_one
from gateway.domain.mail.notices import NoticeKind
from gateway.postgres.mail.outbox import MailState
from gateway.usecases.mail import manage
from gateway.usecases.mail.manage import MailView

COLUMNS = ("id", "created_at", "account_id", "state", "subject", "last_reply")


@click.group()
def mail() -> None:
    """Mails to administrators and to the operator."""


@mail.command("list")
@click.option("--account", "account_id", type=integer, help="Only this account's.")
@click.option("--state", type=click.Choice([state.value for state in MailState]), help="Only those in this state.")
@click.option("--kind", type=click.Choice([kind.value for kind in NoticeKind]), help="Only those of this kind.")
@click.option("--before", type=integer, help="Only those before the mail of this id.")
@click.option("--limit", default=100, show_default=True, help="At most so many.")
@csv_option
@json_option
@click.pass_obj
def list_mails(
    context: CommandContext,
    *,
    account_id: int | None,
    state: str | None,
    kind: str | None,
    before: int | None,
    limit: int,
    as_csv: bool,
    as_json: bool,
) -> None:
    """List mails, newest first."""
    mails = context.read(
        lambda conn: manage.list_mails(
            conn,
            account_id=account_id,
            state=None if state is None else MailState(state),
            kind=None if kind is None else NoticeKind(kind),
            before=before,
            limit=limit,
        )
    )
    rows = [data_of(each) | {"subject": manage.subject_of(each)} for each in mails]
    print_list(rows, columns=COLUMNS, as_csv=as_csv, as_json=as_json)


@mail.command("show")
@click.argument("mail_id", metavar="ID", type=integer)
@json_option
@click.pass_obj
def show_mail(context: CommandContext, *, mail_id: int, as_json: bool) -> None:
    """Show a mail: its headers, its text, and what the SMTP server said to it."""
    settings = context.settings()
    view = context.run(
        lambda conn: manage.show_mail(
            conn, mail_id=mail_id, letterhead=settings.letterhead(sender=settings.mail_from or manage.NO_SENDER)
        ),
        settings=settings,
    )
    if as_json:
        print_one(_data(view), as_json=True)
        return
    print_one({name: value for name, value in _data(view).items() if name not in ("facts", "text")}, as_json=False)
    click.echo(f"\n{view.text}", nl=False)


@mail.command("send-again")
@click.argument("mail_id", metavar="ID", type=integer)
@json_option
@click.pass_obj
def send_again(context: CommandContext, *, mail_id: int, as_json: bool) -> None:
    """Queue a mail again that was refused, given up or sent; it keeps its Message-ID."""
    queued = context.run(lambda conn: manage.send_again(conn, actor=context.actor, mail_id=mail_id, now=context.now()))
    print_one(queued, as_json=as_json)


@mail.command("settings")
@click.argument("account_id", metavar="ACCOUNT", type=integer)
@click.option("--off", multiple=True, metavar="KIND", help="Do not send this kind any more; may be repeated.")
@click.option("--on", multiple=True, metavar="KIND", help="Send this kind again; may be repeated.")
@json_option
@click.pass_obj
def mail_settings(
    context: CommandContext, *, account_id: int, off: tuple[str, ...], on: tuple[str, ...], as_json: bool
) -> None:
    """Show, and change, which kinds of mail an account gets."""
    settings = context.run(
        lambda conn: manage.change_settings(
            conn, actor=context.actor, account_id=account_id, off=off, on=on, now=context.now()
        )
    )
    print_one(settings, as_json=as_json)


def _data(view: MailView) -> Data:
    return data_of(view.mail) | {"headers": view.headers, "text": view.text}


COMMANDS: tuple[click.Command, ...] = (mail,)
