"""People: everybody who can sign in, for operators; who can for an account, for its administrators."""

from typing import Any, Final

from gateway.domain.access.actions import Action
from gateway.domain.access.roles import Role
from gateway.web.pages.listing import filters_of, next_href
from gateway.web.pages.page import OWN, Deed, Page, Shown
from gateway.web.pages.visit import PageVisit

ALL: Final = "/people"
ONE: Final = "/people/{person_id}"
MEMBERS: Final = f"{OWN}/people"


async def list_people(visit: PageVisit) -> Shown:
    people = await visit.ask("list_people", query=filters_of(visit))
    return Shown(
        values={"people": people.data, "roles": _roles(visit), "next_href": next_href(visit, "list_people", people)},
        list_route="list_people",
        api="/people",
        command="gateway person list",
    )


async def show_person(visit: PageVisit) -> Shown:
    names = {"person_id": visit.path["person_id"]}
    person = await visit.ask("show_person", path=names)
    sessions = await visit.ask("list_sessions", path=names)
    return Shown(
        values={"person": person, "sessions": sessions.data, "roles": _roles(visit)},
        api=f"/people/{person.id}",
        command=f"gateway session list --person {person.email}",
    )


async def list_members(visit: PageVisit) -> Shown:
    members = await visit.ask("list_members", path={"account_id": str(visit.account_id)}, query=filters_of(visit))
    return Shown(
        values={
            "members": members.data,
            "roles": [each for each in _roles(visit) if Role(each).is_of_account],
            "next_href": next_href(visit, "list_members", members),
        },
        list_route="list_members",
        api=f"/accounts/{visit.account_id}/members",
    )


def _roles(visit: PageVisit) -> list[str]:
    """Those that whoever looks may give."""
    return [role.value for role in Role if visit.actor.role.may_give(role)]


async def invite_person(visit: PageVisit) -> str:
    """`account` is a number, or empty for the operator's side; what is none the API refuses."""
    account = visit.form.get("account", "").strip()
    body = _invited(visit) | ({"account_id": int(account) if account.isdecimal() else account} if account else {})
    await visit.do("invite_person", body=body)
    return f"{ALL}?done=invited"


async def invite_member(visit: PageVisit) -> str:
    await visit.do("invite_member", path={"account_id": str(visit.account_id)}, body=_invited(visit))
    return f"/a/{visit.account_id}/people?done=invited"


def _invited(visit: PageVisit) -> dict[str, Any]:
    form = visit.form
    wanted = {name: form.get(name, "").strip() for name in ("email", "name", "role", "language")}
    return {name: value for name, value in wanted.items() if value}


async def remove_member(visit: PageVisit) -> str:
    visit.require_tick()
    names = {"account_id": str(visit.account_id), "member_id": visit.path["member_id"]}
    await visit.do("remove_member", path=names)
    return f"/a/{visit.account_id}/people?done=removed"


async def change_person(visit: PageVisit) -> str:
    """Let somebody sign in no more, or again."""
    visit.require_tick()
    names = {"person_id": visit.path["person_id"]}
    await visit.do("change_person", path=names, body={"is_disabled": visit.form.get("disabled") == "yes"})
    return _of(visit, "changed")


async def remove_membership(visit: PageVisit) -> str:
    visit.require_tick()
    names = {"person_id": visit.path["person_id"], "member_id": visit.path["member_id"]}
    await visit.do("remove_membership", path=names)
    return _of(visit, "removed")


async def forget_factors(visit: PageVisit) -> str:
    visit.require_tick()
    await visit.do("forget_factors", path={"person_id": visit.path["person_id"]})
    return _of(visit, "forgotten")


async def end_session(visit: PageVisit) -> str:
    names = {"person_id": visit.path["person_id"], "session_id": visit.path["session_id"]}
    await visit.do("end_session", path=names)
    return _of(visit, "ended")


def _of(visit: PageVisit, done: str) -> str:
    return f"{ALL}/{int(visit.path['person_id'])}?done={done}"


PAGES: Final = (
    Page(path=ALL, name="people.list", action=Action.PEOPLE_READ, show=list_people, place=80),
    Page(path=ONE, name="people.one", action=Action.PEOPLE_READ, show=show_person),
    Page(path=MEMBERS, name="people.members", action=Action.MEMBERS_READ, show=list_members, place=70),
)
DEEDS: Final = (
    Deed(path=f"{ALL}/invite", page=ALL, action=Action.PEOPLE_CHANGE, do=invite_person),
    Deed(path=f"{ONE}/change", page=ONE, action=Action.PEOPLE_CHANGE, do=change_person),
    Deed(
        path=f"{ONE}/memberships/{{member_id}}/remove",
        page=ONE,
        action=Action.PEOPLE_CHANGE,
        do=remove_membership,
    ),
    Deed(path=f"{ONE}/factors/forget", page=ONE, action=Action.PEOPLE_CHANGE, do=forget_factors),
    Deed(path=f"{ONE}/sessions/{{session_id}}/end", page=ONE, action=Action.PEOPLE_CHANGE, do=end_session),
    Deed(path=f"{MEMBERS}/invite", page=MEMBERS, action=Action.MEMBERS_CHANGE, do=invite_member),
    Deed(path=f"{MEMBERS}/{{member_id}}/remove", page=MEMBERS, action=Action.MEMBERS_CHANGE, do=remove_member),
)
