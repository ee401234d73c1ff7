"""Members of an account, or of the operator's side: invited, listed, taken away."""

from dataclasses import dataclass
from datetime import datetime

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.access.roles import Role
from gateway.domain.errors import Conflict, InvalidInput, NotFound
from gateway.domain.mail.mailbox import is_address
from gateway.postgres.access import memberships, people
from gateway.postgres.access.memberships import MemberRow, MembershipRow
from gateway.postgres.access.people import PersonRow
from gateway.postgres.accounts import accounts
from gateway.postgres.types import PgConnection
from gateway.usecases.access.people import require_another, valid_language, valid_name
from gateway.usecases.access.write_down import write_down


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Who shall be what, to an account or, with None, on the operator's side.

    `name` and `language` are of somebody who is not known yet; None: the account's language, or English.
    """

    email: str
    role: Role
    account_id: int | None
    name: str = ""
    language: str | None = None


async def invite(conn: PgConnection, *, actor: Actor, invitation: Invitation, now: datetime) -> MemberRow:
    """Make somebody a member, whom the gateway may know already: one person can have several memberships.

    Nobody gives a role that is mightier than their own, and nobody of an account invites to another.
    """
    _require_valid(actor, invitation)
    async with conn.transaction():
        person = await _person(conn, invitation, now)
        created = await memberships.create(
            conn, person_id=person.id, account_id=invitation.account_id, role=invitation.role, now=now
        )
        if created is None:
            raise Conflict("{email} is a member already: take the membership away first", email=person.email)
        member = _member(person, created)
        await write_down(
            conn,
            actor,
            Action.MEMBERS_CHANGE,
            f"person:{person.id}",
            account_id=invitation.account_id,
            after=member,
            now=now,
        )
    return member


async def list_members(
    conn: PgConnection, *, account_id: int | None, before: int | None, limit: int
) -> list[MemberRow]:
    """Newest first; `account_id` None: the operator's side."""
    if account_id is not None:
        await accounts.require(conn, account_id=account_id)
    return await memberships.page(conn, account_id=account_id, before=before, limit=limit)


async def remove_member(
    conn: PgConnection, *, actor: Actor, account_id: int | None, member_id: int, now: datetime
) -> None:
    """Take a membership away; the person stays, with what else they are. The last operator cannot be taken away."""
    async with conn.transaction():
        operators = await memberships.lock_operators(conn)
        membership = await memberships.lock(conn, membership_id=member_id)
        if membership is None or membership.account_id != account_id:
            raise NotFound("there is no member {member}", member=member_id)
        if membership.role is Role.OPERATOR:
            require_another(operators, membership.person_id)
        await memberships.delete(conn, membership_id=member_id)
        await write_down(
            conn,
            actor,
            Action.MEMBERS_CHANGE,
            f"person:{membership.person_id}",
            account_id=account_id,
            before=membership,
            now=now,
        )


def _require_valid(actor: Actor, invitation: Invitation) -> None:
    role, account_id = invitation.role, invitation.account_id
    if role.is_of_account is (account_id is None):
        raise InvalidInput("account: {role} needs one" if role.is_of_account else "account: {role} has none", role=role)
    if not actor.role.may_give(role):
        raise InvalidInput("role: who is {who} cannot give {role}", who=actor.role, role=role)
    if actor.role.is_of_account and actor.account_id != account_id:
        raise NotFound("there is no such account")
    if not is_address(invitation.email):
        raise InvalidInput("e-mail: {email!r} is not an address like somebody@example.com", email=invitation.email)


async def _person(conn: PgConnection, invitation: Invitation, now: datetime) -> PersonRow:
    """Whoever has the address, or somebody new, who reads the account's language and lives by its time."""
    account = None
    if invitation.account_id is not None:
        account = await accounts.require(conn, account_id=invitation.account_id)
    person = await people.find_or_create(
        conn,
        email=invitation.email,
        name=valid_name(invitation.name),
        language=valid_language(invitation.language or ("en" if account is None else account.language)),
        time_zone="UTC" if account is None else account.time_zone,
        now=now,
    )
    if person.disabled_at is not None:
        raise Conflict("{email} cannot be invited: ask an operator", email=person.email)
    return person


def _member(person: PersonRow, membership: MembershipRow) -> MemberRow:
    return MemberRow(
        id=membership.id,
        person_id=person.id,
        email=person.email,
        name=person.name,
        language=person.language,
        account_id=membership.account_id,
        role=membership.role,
        created_at=membership.created_at,
        disabled_at=person.disabled_at,
    )
