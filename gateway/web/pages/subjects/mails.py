"""Mails: which were written, what became of each, one sent again."""

from typing import Final

from gateway.domain.access.actions import Action
from gateway.mail.letters import unwrapped
from gateway.postgres.mail.outbox import MailState
from gateway.web.pages.account_names import account_names
from gateway.web.pages.listing import next_href
from gateway.web.pages.page import Deed, Page, Shown
from gateway.web.pages.visit import PageVisit

ONE: Final = "/mails/{mail_id}"


async def list_mails(visit: PageVisit) -> Shown:
    query = visit.query
    mails = await visit.ask("list_mails", query=query)
    return Shown(
        values={
            "mails": mails.data,
            "account_names": await account_names(visit, (each.account_id for each in mails.data)),
            "next_href": next_href(visit, "list_mails", mails),
            "filters": query,
        },
        list_route="list_mails",
        query={name: value for name, value in query.items() if name != "after"},
        api="/mails",
        command="gateway mail list",
    )


async def show_mail(visit: PageVisit) -> Shown:
    mail_id = visit.path["mail_id"]
    mail = await visit.ask("show_mail", path={"mail_id": mail_id})
    return Shown(
        values={
            "mail": mail,
            "text": unwrapped(mail.text),
            "account_names": await account_names(visit, [mail.account_id]),
            "is_again": visit.query.get("done") == "again",
            "may_send": visit.may(Action.MAILS_SEND) and mail.state is not MailState.QUEUED,
        },
        api=f"/mails/{mail_id}",
        command=f"gateway mail show {mail_id}",
    )


async def send_again(visit: PageVisit) -> str:
    mail_id = visit.path["mail_id"]
    await visit.do("send_mail_again", path={"mail_id": mail_id})
    return f"/mails/{mail_id}?done=again"


PAGES: Final = (
    Page(path="/mails", name="mails.list", action=Action.MAILS_READ, show=list_mails, place=60),
    Page(path=ONE, name="mails.one", action=Action.MAILS_READ, show=show_mail),
)
DEEDS: Final = (Deed(path=f"{ONE}/send-again", page=ONE, action=Action.MAILS_SEND, do=send_again),)
