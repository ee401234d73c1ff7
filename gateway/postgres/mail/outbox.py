"""Queries about mails (sql/queries/mail/outbox.sql)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import asyncpg

from gateway.domain.mail.notices import Notice, NoticeKind
from gateway.postgres.rows import rows_in
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection

# What stands where a mail has a secret.
HIDDEN = "…"


class MailState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    REFUSED = "refused"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRow:
    """A mail as it is stored; `next_at` is the next try, or the end of the claim of who is sending it."""

    id: int
    account_id: int | None
    kind: str
    key: str
    recipient: str
    language: str
    facts: Mapping[str, Any]
    message_id: str | None
    state: MailState
    created_at: datetime
    queued_at: datetime
    first_tried_at: datetime | None
    next_at: datetime | None
    tries: int
    last_reply: str | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedMail:
    """A mail that is ours to send until `until`; after that somebody else may."""

    id: int
    account_id: int | None
    kind: str
    recipient: str
    language: str
    facts: Mapping[str, Any]
    message_id: str
    created_at: datetime
    first_tried_at: datetime | None
    tries: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MailOutcome:
    """What became of a try: the mail's new state, with the time of the next try if it is still queued."""

    mail: ClaimedMail
    state: MailState
    reply: str
    due_at: datetime | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUpMail:
    id: int
    account_id: int | None
    kind: str
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MailCounts:
    waiting: int
    failed: int


async def queue(conn: PgConnection, notices: Sequence[Notice], *, now: datetime) -> int:
    """Write mails into the outbox, unless their key was there before or the account does not want their kind.

    How many were written. To be called in the transaction that causes them, with their accounts locked.
    """
    if not notices:
        return 0
    rows = rows_in(
        {"ordinal": at, "account_id": each.account_id, "kind": each.kind, "key": each.key, "facts": each.facts}
        for at, each in enumerate(notices)
    )
    return len(await conn.fetch(sql("mail_queue"), rows, now))


async def queue_operator(
    conn: PgConnection, *, recipient: str, kind: str, key: str, facts: Mapping[str, object], now: datetime
) -> bool:
    """Write a mail to the operator into the outbox, unless its key was there before: True if it was not."""
    return await conn.fetchval(sql("mail_queue_operator"), recipient, kind, key, facts, now) is not None


async def queue_person(
    conn: PgConnection, *, email: str, kind: str, key: str, facts: Mapping[str, object], now: datetime
) -> None:
    """Write a mail to whoever has an address, if anybody has: the work is the same."""
    await conn.execute(sql("mail_queue_person"), email, kind, key, facts, now)


async def settle(
    conn: PgConnection, outcome: MailOutcome | None, *, now: datetime, until: datetime, message_id: str
) -> tuple[bool, ClaimedMail | None]:
    """Record an outcome and claim the next mail that is due, until `until`.

    Whether there was an outcome and its claim still held; and the mail, which has this Message-ID if it had none.
    """
    mail = None if outcome is None else outcome.mail
    row = await conn.fetchrow(
        sql("mail_settle"),
        None if mail is None else mail.id,
        None if mail is None else mail.until,
        None if outcome is None else outcome.state,
        None if outcome is None else outcome.due_at,
        None if outcome is None else outcome.reply,
        None if outcome is None else outcome.sent_at,
        now,
        until,
        message_id,
    )
    assert row is not None, "the statement gives one row, whatever there is to do"  # noqa: S101
    values = dict(row)
    was_settled = values.pop("settled") == 1
    return was_settled, None if values["id"] is None else ClaimedMail(**values, until=until)


async def release(
    conn: PgConnection,
    mail: ClaimedMail,
    *,
    due_at: datetime,
    reply: str | None = None,
    tried_at: datetime | None = None,
) -> None:
    """Give back a claim; the try, if there was one, is not counted, but the mail's three days begin with it."""
    await conn.execute(sql("mail_release"), mail.id, mail.until, due_at, reply, tried_at)


async def is_due(conn: PgConnection, *, now: datetime) -> bool:
    due: bool = await conn.fetchval(sql("mail_due"), now)
    return due


async def give_up(
    conn: PgConnection, *, now: datetime, tried_before: datetime, away_since: datetime, why: str, limit: int
) -> list[GivenUpMail]:
    """Give up mails that have been tried for too long, or could have been, as the server is away."""
    rows = await conn.fetch(sql("mail_give_up"), now, tried_before, away_since, why, limit)
    return [GivenUpMail(**row) for row in rows]


async def count(conn: PgConnection) -> MailCounts:
    row = await conn.fetchrow(sql("mail_counts"))
    assert row is not None, "a count gives one row"  # noqa: S101
    return MailCounts(**row)


async def page(
    conn: PgConnection,
    *,
    account_id: int | None,
    state: MailState | None,
    kind: str | None = None,
    before: int | None,
    limit: int,
) -> list[MailRow]:
    """Mails, newest first."""
    if account_id is None:
        # The few that failed have an index of their own, which a plan for any state cannot use.
        name = "mail_list_failed" if state in (MailState.REFUSED, MailState.GIVEN_UP) else "mail_list"
        rows = await conn.fetch(sql(name), state, before, limit, kind)
    else:
        rows = await conn.fetch(sql("mail_list_of_account"), account_id, state, before, limit, kind)
    return [_read(row) for row in rows]


async def find(conn: PgConnection, *, mail_id: int) -> MailRow | None:
    row = await conn.fetchrow(sql("mail_find"), mail_id)
    return None if row is None else _read(row)


async def send_again(conn: PgConnection, *, mail_id: int, now: datetime) -> bool:
    """Queue a mail once more; False if it is queued, or is none."""
    return await conn.fetchval(sql("mail_again"), mail_id, now) is not None


async def find_mails_off(conn: PgConnection, *, account_id: int) -> frozenset[str] | None:
    """The kinds that an account does not want; None if there is no such account."""
    return _kinds(await conn.fetchval(sql("mails_off_show"), account_id))


async def lock_mails_off(conn: PgConnection, *, account_id: int) -> frozenset[str] | None:
    """The kinds that an account does not want, the account locked; None if there is no such account."""
    return _kinds(await conn.fetchval(sql("mails_off_find"), account_id))


async def set_mails_off(conn: PgConnection, *, account_id: int, kinds: frozenset[str]) -> None:
    await conn.execute(sql("mails_off_set"), account_id, sorted(kinds))


def _kinds(found: Sequence[str] | None) -> frozenset[str] | None:
    return None if found is None else frozenset(found)


def _read(row: asyncpg.Record) -> MailRow:
    """As it is shown: a link that signs in is for its reader alone."""
    facts = row["facts"]
    if row["kind"] == NoticeKind.SIGN_IN:
        facts = facts | {"link": HIDDEN}
    return MailRow(**dict(row) | {"state": MailState(row["state"]), "facts": facts})
