"""A request that changes something happens once for its key; a repeat gets the reply of the first time, byte for byte.

The reply is kept in the transaction of the change: whoever dies between the commit and the answer has told nobody, and
the repeat is told what became of it. A refusal changes nothing and is not kept: what was refused may be tried again.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.access.actor import Actor
from gateway.postgres.access import idempotency
from gateway.postgres.access.idempotency import KeptReply
from gateway.postgres.types import PgConnection
from gateway.sealing import Seal
from gateway.web.api.problems import Declined, ErrorCode


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    status: int
    body: bytes
    is_replayed: bool = False


async def once(
    conn: PgConnection,
    *,
    actor: Actor,
    key: str,
    route: str,
    body: bytes,
    now: datetime,
    seal: Seal | None = None,
    do: Callable[[], Awaitable[KeptAnswer]],
) -> KeptAnswer:
    """What `do` replies, or what it did for the same key, within a transaction that is under way.

    `route` is method and address, so that a key is good for one thing. Declined where the key came with another body.
    A reply that tells a secret is kept sealed.
    """
    if not await idempotency.lock(conn, actor=actor.name, key=key):
        raise Declined(code=ErrorCode.IN_PROGRESS, detail="the first request with this key is under way")
    wanted = KeptReply(route=route, body_hash=hashlib.sha256(body).digest(), status=0, reply=b"")
    kept = await idempotency.find(conn, actor=actor.name, key=key)
    if kept is not None:
        if (kept.route, kept.body_hash) != (wanted.route, wanted.body_hash):
            raise Declined(
                code=ErrorCode.IDEMPOTENCY_CONFLICT,
                detail=f"this key came before, with {kept.route} and another body or address; take another key",
                field="/header/Idempotency-Key",
            )
        return KeptAnswer(status=kept.status, body=_opened(kept.reply, seal), is_replayed=True)
    reply = await do()
    kept_body = reply.body if seal is None else seal.close(reply.body.decode()).encode()
    done = KeptReply(route=route, body_hash=wanted.body_hash, status=reply.status, reply=kept_body)
    await idempotency.keep(conn, done, actor=actor.name, key=key, now=now)
    return reply


def _opened(kept: bytes, seal: Seal | None) -> bytes:
    if seal is None:
        return kept
    opened = seal.open(kept.decode())
    assert opened is not None, "an actor has one token, and it sealed this"  # noqa: S101
    return opened.encode()
