"""Look at mails, send one again, choose which kinds an account gets (R31, R32)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.errors import Conflict, InvalidInput, NotFound
from gateway.domain.mail.notices import SWITCHABLE, NoticeKind
from gateway.mail.letterhead import Letterhead
from gateway.mail.letters import write_letter
from gateway.mail.messages import write_message
from gateway.postgres.accounts import accounts
from gateway.postgres.mail import outbox
from gateway.postgres.mail.outbox import MailRow, MailState
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down

LIMIT_MAX = 1000
# Where no sender is configured yet, the mail is shown with one that cannot be taken for real (RFC 2606).
NO_SENDER = "unset@gateway.invalid"
NOT_GIVEN_YET = "<given@the.first.try>"
SHOWN_HEADERS = ("From", "Reply-To", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailView:
    """A mail with the headers and the text that it has or will have."""

    mail: MailRow
    headers: dict[str, str]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    account_id: int
    on: list[str]
    off: list[str]


async def list_mails(
    conn: PgConnection,
    *,
    account_id: int | None = None,
    state: MailState | None = None,
    kind: NoticeKind | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[MailRow]:
    """Mails, newest first; `before` is the id of the last one of the page before."""
    if not 1 <= limit <= LIMIT_MAX:
        raise InvalidInput("limit: must be from 1 to {most}", most=LIMIT_MAX)
    return await find_mails(conn, account_id=account_id, state=state, kind=kind, before=before, limit=limit)


async def find_mails(
    conn: PgConnection,
    *,
    account_id: int | None,
    state: MailState | None,
    kind: NoticeKind | None,
    before: int | None,
    limit: int,
) -> list[MailRow]:
    """The same, however many are asked for."""
    if account_id is not None:
        await accounts.require(conn, account_id=account_id)
    return await outbox.page(conn, account_id=account_id, state=state, kind=kind, before=before, limit=limit)


async def owner_of_mail(conn: PgConnection, *, mail_id: int) -> int | None:
    """Whose a mail is, None for the operator's; NotFound if there is none."""
    mail = await outbox.find(conn, mail_id=mail_id)
    if mail is None:
        raise NotFound("there is no mail {mail}", mail=mail_id)
    return mail.account_id


async def show_mail(conn: PgConnection, *, mail_id: int, letterhead: Letterhead) -> MailView:
    """A mail, as it is sent with this letterhead; NotFound if there is none."""
    mail = await outbox.find(conn, mail_id=mail_id)
    if mail is None:
        raise NotFound("there is no mail {mail}", mail=mail_id)
    return _view(mail, letterhead=letterhead)


async def send_again(conn: PgConnection, *, actor: Actor, mail_id: int, now: datetime) -> MailRow:
    """Queue a mail that was refused, given up or sent once more, with its Message-ID; Conflict if it is queued."""
    async with conn.transaction():
        before = await outbox.find(conn, mail_id=mail_id)
        is_queued_now = await outbox.send_again(conn, mail_id=mail_id, now=now)
        mail = await outbox.find(conn, mail_id=mail_id)
        if before is None or mail is None:
            raise NotFound("there is no mail {mail}", mail=mail_id)
        if before.kind == NoticeKind.SIGN_IN:
            raise Conflict("mail {mail} had a link to sign in, which is sent once: ask for another", mail=mail_id)
        if not is_queued_now:
            raise Conflict(
                "mail {mail} is in the queue: its next try is at {next_at}", mail=mail_id, next_at=mail.next_at
            )
        await write_down(
            conn,
            actor,
            Action.MAILS_SEND,
            f"mail:{mail_id}",
            account_id=mail.account_id,
            before=_without_facts(before),
            after=_without_facts(mail),
            now=now,
        )
    return mail


def _without_facts(mail: MailRow) -> dict[str, object]:
    """A mail without what is said in it."""
    return {each.name: getattr(mail, each.name) for each in fields(mail) if each.name != "facts"}


async def show_settings(conn: PgConnection, *, account_id: int) -> MailSettings:
    """Which kinds of mail an account gets; NotFound if there is none."""
    off = await outbox.find_mails_off(conn, account_id=account_id)
    if off is None:
        raise NotFound("there is no account {account}", account=account_id)
    return _settings(account_id, off)


async def change_settings(
    conn: PgConnection, *, actor: Actor, account_id: int, now: datetime, off: Sequence[str] = (), on: Sequence[str] = ()
) -> MailSettings:
    """Switch kinds of mail off and on for an account (R31); what is on and off then."""
    for kind in (*off, *on):
        if kind not in SWITCHABLE:
            raise InvalidInput(
                "{kind!r} is no kind of mail; there are {choices}", kind=kind, choices=", ".join(SWITCHABLE)
            )
    if both := sorted(set(off) & set(on)):
        raise InvalidInput("{kind} is to be switched both off and on", kind=both[0])
    async with conn.transaction():
        before = await outbox.lock_mails_off(conn, account_id=account_id)
        if before is None:
            raise NotFound("there is no account {account}", account=account_id)
        after = (before | set(off)) - set(on)
        changed = _settings(account_id, after)
        if after != before:
            await outbox.set_mails_off(conn, account_id=account_id, kinds=after)
            await write_down(
                conn,
                actor,
                Action.ACCOUNTS_CHANGE,
                f"mails:{account_id}",
                account_id=account_id,
                before=_settings(account_id, before),
                after=changed,
                now=now,
            )
    return changed


def _settings(account_id: int, off: Collection[str]) -> MailSettings:
    kinds = [kind.value for kind in SWITCHABLE]
    return MailSettings(
        account_id=account_id,
        on=[kind for kind in kinds if kind not in off],
        off=[kind for kind in kinds if kind in off],
    )


def subject_of(mail: MailRow) -> str:
    """The subject in its language, or the kind where it cannot be written."""
    try:
        return write_letter(NoticeKind(mail.kind), language=mail.language, facts=mail.facts).subject
    except (KeyError, ValueError):
        return mail.kind


def _view(mail: MailRow, *, letterhead: Letterhead) -> MailView:
    try:
        written = write_message(
            NoticeKind(mail.kind),
            language=mail.language,
            facts=mail.facts,
            letterhead=letterhead,
            account_id=mail.account_id,
            recipient=mail.recipient,
            message_id=mail.message_id or NOT_GIVEN_YET,
            at=mail.created_at,
        )
    except (KeyError, ValueError) as error:
        return MailView(mail=mail, headers={}, text=f"It cannot be written: {error!r}")
    message = message_from_bytes(written.content, policy=default)
    assert isinstance(message, EmailMessage), "the policy makes it one"  # noqa: S101
    part = message.get_body(("plain",))
    assert part is not None, "every mail of ours has a text"  # noqa: S101
    headers = {name: str(message[name]) for name in SHOWN_HEADERS}
    return MailView(mail=mail, headers=headers, text=part.get_content().replace("\r\n", "\n"))
