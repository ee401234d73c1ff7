"""Who stands behind what is done: of a program, whoever gave it its token."""

from gateway.domain.access.actor import Actor, ActorKind
from gateway.postgres.access import tokens
from gateway.postgres.types import PgConnection


async def person_behind(conn: PgConnection, actor: Actor) -> str:
    """As the audit would name them: two tokens that somebody has made are one and the same person."""
    return await tokens.maker(conn, token_id=int(actor.id)) if actor.kind is ActorKind.TOKEN else actor.name
