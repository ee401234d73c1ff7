"""Mails: what was sent, what waits, what was refused; one sent again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.mail.notices import NoticeKind
from gateway.postgres.mail.outbox import MailRow, MailState
from gateway.postgres.types import PgConnection
from gateway.usecases.mail import manage
from gateway.usecases.mail.manage import NO_SENDER, subject_of
from gateway.web.api.reading import Id, ListQuery
from gateway.web.api.route import Asked, Method, NoQuery, Route, Rows


class MailQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    account_id: Id | None = None
    state: MailState | None = None
    kind: NoticeKind | None = None


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail; those without an account are the operator's. `next_at` is when it is tried next."""

    id: int
    account_id: int | None
    kind: str
    subject: str
    recipient: str
    language: str
    state: MailState
    message_id: str | None
    created_at: datetime
    queued_at: datetime
    first_tried_at: datetime | None
    next_at: datetime | None
    tries: int
    last_reply: str | None
    sent_at: datetime | None


class WrittenMail(Mail, frozen=True, kw_only=True):
    """A mail with the headers and the text that it has or will have."""

    headers: dict[str, str]
    text: str


async def list_mails(asked: Asked[MailQuery, None]) -> Rows[Mail]:
    """Newest first."""
    found = await manage.find_mails(
        asked.conn,
        account_id=asked.account_id,
        state=asked.query.state,
        kind=asked.query.kind,
        before=asked.before_id,
        limit=asked.one_more,
    )
    return asked.rows([Mail(**_fields(each)) for each in found])


async def show(asked: Asked[NoQuery, None]) -> WrittenMail:
    settings = asked.context.settings
    letterhead = settings.letterhead(sender=settings.mail_from or NO_SENDER)
    view = await manage.show_mail(asked.conn, mail_id=asked.path["mail_id"], letterhead=letterhead)
    return WrittenMail(**_fields(view.mail), headers=view.headers, text=view.text)


async def send_again(asked: Asked[NoQuery, None]) -> Mail:
    """Queue it once more, with its Message-ID. 409 where it is in the queue."""
    mail = await manage.send_again(asked.conn, actor=asked.actor, mail_id=asked.path["mail_id"], now=asked.now)
    return Mail(**_fields(mail))


async def _owner(conn: PgConnection, path: Mapping[str, Any]) -> int | None:
    return await manage.owner_of_mail(conn, mail_id=path["mail_id"])


def _fields(mail: MailRow) -> dict[str, Any]:
    fields = {name: getattr(mail, name) for name in Mail.__struct_fields__ if name != "subject"}
    return fields | {"subject": subject_of(mail)}


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/mails",
        name="list_mails",
        tag="mails",
        action=Action.MAILS_READ,
        summary="Which mails were written, newest first?",
        handle=list_mails,
        query=MailQuery,
        reply=Mail,
        is_list=True,
    ),
    Route(
        method=Method.GET,
        path="/mails/{mail_id}",
        name="show_mail",
        tag="mails",
        action=Action.MAILS_READ,
        summary="What does this mail say, and what became of it?",
        handle=show,
        reply=WrittenMail,
        owner=_owner,
    ),
    Route(
        method=Method.POST,
        path="/mails/{mail_id}/send-again",
        name="send_mail_again",
        tag="mails",
        action=Action.MAILS_SEND,
        summary="Send a mail again",
        handle=send_again,
        reply=Mail,
        needs_key=True,
        owner=_owner,
    ),
)
