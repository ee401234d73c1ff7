"""Which kinds of mails an account gets."""

from typing import Annotated, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.mail.notices import SWITCHABLE, NoticeKind
from gateway.usecases.mail.manage import MailSettings, change_settings, show_settings
from gateway.web.api.reading import JsonBody
from gateway.web.api.route import Asked, Method, NoQuery, Route

Kinds = Annotated[list[NoticeKind], msgspec.Meta(max_length=len(NoticeKind), description="Kinds of mails.")]


class ChangedMailKinds(JsonBody, frozen=True, kw_only=True):
    """What is in neither list stays. What is told to operators, and links to sign in, cannot be switched."""

    off: Kinds = msgspec.field(default_factory=list)
    on: Kinds = msgspec.field(default_factory=list)


async def show(asked: Asked[NoQuery, None]) -> MailSettings:
    return await show_settings(asked.conn, account_id=asked.path["account_id"])


async def change(asked: Asked[NoQuery, ChangedMailKinds]) -> MailSettings:
    return await change_settings(
        asked.conn,
        actor=asked.actor,
        account_id=asked.path["account_id"],
        off=asked.body.off,
        on=asked.body.on,
        now=asked.now,
    )


change.__doc__ = f"Switch kinds off and on: {', '.join(f'`{kind}`' for kind in SWITCHABLE)}."

ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/accounts/{account_id}/mail-kinds",
        name="show_mail_kinds",
        tag="mails",
        action=Action.ACCOUNTS_READ,
        summary="Which kinds of mails does this account get?",
        handle=show,
        reply=MailSettings,
    ),
    Route(
        method=Method.PATCH,
        path="/accounts/{account_id}/mail-kinds",
        name="change_mail_kinds",
        tag="mails",
        action=Action.ACCOUNTS_CHANGE,
        summary="Switch kinds of mails off and on",
        handle=change,
        body=ChangedMailKinds,
        reply=MailSettings,
    ),
)
