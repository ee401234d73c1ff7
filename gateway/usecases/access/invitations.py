"""Invite somebody and let them in: their membership, and the link in a mail to them, are one change."""

from datetime import datetime

from gateway.domain.access.actor import Actor
from gateway.postgres.access.memberships import MemberRow
from gateway.postgres.types import PgConnection
from gateway.usecases.access.links import mail_link
from gateway.usecases.access.members import Invitation, invite


async def invite_by_mail(
    conn: PgConnection, *, actor: Actor, invitation: Invitation, base_url: str, now: datetime
) -> MemberRow:
    """The link goes to the address alone: whoever invites never has it, so they cannot be whom they invite."""
    async with conn.transaction():
        member = await invite(conn, actor=actor, invitation=invitation, now=now)
        await mail_link(conn, email=member.email, base_url=base_url, now=now)
    return member
