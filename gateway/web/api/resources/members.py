"""The people of an account: who they are, who joins them, who leaves."""

from http import HTTPStatus
from typing import Annotated, Final, Literal

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.access.roles import Role
from gateway.postgres.access.memberships import MemberRow
from gateway.usecases.access import members
from gateway.usecases.access.invitations import invite_by_mail
from gateway.usecases.access.members import Invitation
from gateway.web.api.reading import JsonBody, ListQuery, Word
from gateway.web.api.route import Asked, Method, NoQuery, Route, Rows

Email = Annotated[str, msgspec.Meta(min_length=3, max_length=254, pattern=r"^[^\x00-\x20\x7f@]+@[^\x00-\x20\x7f@]+$")]
PersonName = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class MemberQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class NewMember(JsonBody, frozen=True, kw_only=True):
    """`name` and `language` are of somebody who is not known yet; without a language they read the account's."""

    email: Email
    role: Literal["administrator", "reader"]
    name: PersonName = ""
    language: Word | None = None


async def list_members(asked: Asked[MemberQuery, None]) -> Rows[MemberRow]:
    found = await members.list_members(
        asked.conn, account_id=asked.path["account_id"], before=asked.before_id, limit=asked.one_more
    )
    return asked.rows(found)


async def invite(asked: Asked[NoQuery, NewMember]) -> MemberRow:
    """A link to sign in goes to their address, and to nobody else."""
    body = asked.body
    invitation = Invitation(
        email=body.email,
        role=Role(body.role),
        account_id=asked.path["account_id"],
        name=body.name,
        language=body.language,
    )
    return await invite_by_mail(
        asked.conn,
        actor=asked.actor,
        invitation=invitation,
        base_url=asked.context.settings.pages_url,
        now=asked.now,
    )


async def remove(asked: Asked[NoQuery, None]) -> None:
    await members.remove_member(
        asked.conn,
        actor=asked.actor,
        account_id=asked.path["account_id"],
        member_id=asked.path["member_id"],
        now=asked.now,
    )


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/accounts/{account_id}/members",
        name="list_members",
        tag="people",
        action=Action.MEMBERS_READ,
        summary="Who can sign in for this account?",
        handle=list_members,
        query=MemberQuery,
        reply=MemberRow,
        is_list=True,
    ),
    Route(
        method=Method.POST,
        path="/accounts/{account_id}/members",
        name="invite_member",
        tag="people",
        action=Action.MEMBERS_CHANGE,
        summary="Invite somebody to this account, by mail",
        handle=invite,
        body=NewMember,
        reply=MemberRow,
        status=HTTPStatus.CREATED,
        needs_key=True,
    ),
    Route(
        method=Method.DELETE,
        path="/accounts/{account_id}/members/{member_id}",
        name="remove_member",
        tag="people",
        action=Action.MEMBERS_CHANGE,
        summary="Take a membership of this account away",
        handle=remove,
        reply=None,
        status=HTTPStatus.NO_CONTENT,
    ),
)
