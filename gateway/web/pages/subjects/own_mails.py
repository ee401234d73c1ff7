"""The mails of an account: which were sent, what became of them, and which kinds it gets."""

from typing import Final

from gateway.domain.access.actions import Action
from gateway.mail.letters import unwrapped
from gateway.web.pages.listing import filters_of, next_href
from gateway.web.pages.page import OWN, Deed, Page, Shown
from gateway.web.pages.visit import PageVisit

PATH: Final = f"{OWN}/mails"


async def list_own(visit: PageVisit) -> Shown:
    names = {"account_id": str(visit.account_id)}
    query = filters_of(visit) | names
    mails = await visit.ask("list_mails", query=query)
    settings = await visit.ask("show_mail_kinds", path=names)
    return Shown(
        values={
            "mails": mails.data,
            "account": await visit.ask("show_account", path=names),
            "kinds": [(kind, kind in settings.on) for kind in sorted([*settings.on, *settings.off])],
            "filters": filters_of(visit),
            "next_href": next_href(visit, "list_mails", mails),
        },
        list_route="list_mails",
        query={name: value for name, value in filters_of(visit).items() if name != "after"},
        api=f"/mails?account_id={visit.account_id}",
        command=f"gateway mail list --account {visit.account_id}",
    )


async def show_own(visit: PageVisit) -> Shown:
    mail = await visit.ask("show_mail", path={"mail_id": visit.path["mail_id"]})
    return Shown(
        values={"mail": mail, "text": unwrapped(mail.text)},
        api=f"/mails/{mail.id}",
        command=f"gateway mail show {mail.id}",
    )


async def choose_kinds(visit: PageVisit) -> str:
    """What is ticked is on, all else is off."""
    names = {"account_id": str(visit.account_id)}
    settings = await visit.ask("show_mail_kinds", path=names)
    kinds = [*settings.on, *settings.off]
    on = [kind for kind in kinds if visit.form.get(f"kind-{kind}")]
    off = [kind for kind in kinds if kind not in on]
    await visit.do("change_mail_kinds", path=names, body={"on": on, "off": off})
    return f"/a/{visit.account_id}/mails?done=saved"


PAGES: Final = (
    Page(path=PATH, name="own_mails.list", action=Action.MAILS_READ, show=list_own, place=65),
    Page(path=f"{PATH}/{{mail_id}}", name="own_mails.one", action=Action.MAILS_READ, show=show_own),
)
DEEDS: Final = (Deed(path=f"{PATH}/kinds", page=PATH, action=Action.ACCOUNTS_CHANGE, do=choose_kinds),)
