"""Deliver the outbox (R32): claim a mail, send it outside any transaction, record what became of it, and so on.

No `Queue` of `gateway/due`, as mails go one by one over one connection: the statement that records an outcome claims
the next mail, so a mail costs one commit, and it is marked sent before the next one is begun. A claim lasts five
minutes: what a dead process had in hand, another sends then, with the same Message-ID. A mail is given up three days
after its first try; without an SMTP server in the settings none is tried.
"""

import asyncio
import contextlib
import secrets
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from gateway.context import Context
from gateway.domain.mail.notices import NoticeKind
from gateway.due.backoff import Backoff
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.mail.errors import MailDeferred, MailRefused, MailServerAway
from gateway.mail.letterhead import Letterhead
from gateway.mail.messages import Envelope, new_message_id, write_message
from gateway.mail.smtp import SEND_S_MAX, Mailer
from gateway.postgres.mail import outbox
from gateway.postgres.mail.outbox import ClaimedMail, MailOutcome, MailState

CLAIM: Final = timedelta(minutes=5)
# A claim with less left than a send may take is not used: its mail could be somebody else's before it is sent.
CLAIM_LEFT_MIN: Final = timedelta(seconds=SEND_S_MAX)
GIVE_UP_AFTER: Final = timedelta(days=3)
RETRY: Final = Backoff(first=timedelta(minutes=1), longest=timedelta(hours=1), give_up_after=GIVE_UP_AFTER)
# How long a server that cannot be used is left alone.
AWAY: Final = Backoff(first=timedelta(seconds=2), longest=timedelta(minutes=1), jitter=0)
# A process that has just come up must not give up what waited while none was alive: it tries for so long first.
AWAY_BEFORE_GIVING_UP: Final = timedelta(hours=1)
BATCH: Final = 100


class MailDelivery:
    """Sends mails one after the other over the process's mailer."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._turn = asyncio.Lock()
        # Claimed and not begun; tried and not recorded, as the database was away.
        self._claim: ClaimedMail | None = None
        self._outcome: MailOutcome | None = None
        self._away_since: datetime | None = None
        self._ask_at: datetime | None = None
        self._away_tries = 0
        self._is_stopping = False
        self._is_answered = asyncio.Event()
        self._is_answered.set()

    def stop(self) -> None:
        """Begin no mail from now on."""
        self._is_stopping = True

    async def once(self) -> bool:
        """Send one mail, if one is due; True if there may be more."""
        mailer = self._context.mailer
        if mailer is None:
            return False
        async with self._turn:
            if self._is_stopping:
                return False
            if self._outcome is not None:
                await self._settle(mailer)
            if self._claim is None and not await self._may_claim(mailer):
                await mailer.rest()
                return False
            if self._claim is None:
                await self._settle(mailer)
            if (mail := self._usable_claim()) is None or self._is_stopping:
                await mailer.rest()
                return False
            self._outcome = await self._try(mailer, mail)
            self._claim = None
            if self._outcome is None:
                return False
            await self._settle(mailer)
            return self._claim is not None

    async def finish(self, *, within_s: float | None = None, answer_within_s: float | None = None) -> None:
        """Record what became of the last mail, and give back the claim on the next.

        First it waits for the answer to a mail under way, and longer: whoever does not hear it sends the mail twice.
        """
        self.stop()
        # Where that fails, the claim ends by itself in five minutes.
        with contextlib.suppress(Exception):
            async with asyncio.timeout(within_s if answer_within_s is None else answer_within_s):
                await self._is_answered.wait()
            async with asyncio.timeout(within_s), self._turn:
                if self._outcome is not None and self._context.mailer is not None:
                    await self._settle(self._context.mailer)
                if self._claim is not None:
                    mail, self._claim = self._claim, None
                    async with self._context.pool.acquire() as conn:
                        await outbox.release(conn, mail, due_at=self._context.clock.now())

    async def _may_claim(self, mailer: Mailer) -> bool:
        """Nothing is claimed unless there is a connection that it can go over."""
        now = self._context.clock.now()
        if self._ask_at is not None and now < self._ask_at:
            return False
        async with self._context.pool.acquire() as conn:
            if not await outbox.is_due(conn, now=now):
                return False
        try:
            await mailer.ready()
        except MailServerAway as error:
            await self._server_away(error)
            return False
        return True

    async def _settle(self, mailer: Mailer) -> None:
        """Record the outcome there is and claim the next mail."""
        now = self._context.clock.now()
        outcome = self._outcome
        message_id = new_message_id(secrets.token_hex(16), sender=mailer.sender)
        async with self._context.pool.acquire() as conn:
            was_settled, self._claim = await outbox.settle(
                conn, outcome, now=now, until=now + CLAIM, message_id=message_id
            )
        self._outcome = None
        if outcome is not None:
            self._report(outcome, was_settled=was_settled)

    def _usable_claim(self) -> ClaimedMail | None:
        """The mail that is ours; not if the claim was taken long ago, as when the machine slept."""
        if self._claim is not None and self._claim.until - self._context.clock.now() < CLAIM_LEFT_MIN:
            self._claim = None
        return self._claim

    async def _try(self, mailer: Mailer, mail: ClaimedMail) -> MailOutcome | None:
        """What became of a mail; None if the server is not to be used, for which the mail is not blamed."""
        if self._is_too_late(mail):
            return MailOutcome(mail=mail, state=MailState.GIVEN_UP, reply="its link has expired")
        try:
            message = _envelope(mail, letterhead=self._context.settings.letterhead(sender=mailer.sender))
        except Exception as error:  # noqa: BLE001 - one mail must not keep the others; a newer version may know it
            logger().exception(LogEvent.MAIL_UNWRITABLE, mail_id=mail.id, kind=mail.kind)
            return self._later(mail, f"it could not be written: {error!r}")
        try:
            reply = await self._send(mailer, message)
        except MailServerAway as error:
            return await self._not_tried(mail, error)
        except MailDeferred as error:
            self._server_back()
            return self._later(mail, str(error))
        except MailRefused as error:
            self._server_back()
            return MailOutcome(mail=mail, state=MailState.REFUSED, reply=str(error))
        self._server_back()
        return MailOutcome(mail=mail, state=MailState.SENT, reply=reply, sent_at=self._context.clock.now())

    def _is_too_late(self, mail: ClaimedMail) -> bool:
        """A link that signs in is not sent once it has expired."""
        until = mail.facts.get("until") if mail.kind == NoticeKind.SIGN_IN else None
        return until is not None and datetime.fromisoformat(str(until)) <= self._context.clock.now()

    async def _send(self, mailer: Mailer, message: Envelope) -> str:
        self._is_answered.clear()
        try:
            return await mailer.send(message)
        finally:
            self._is_answered.set()

    def _later(self, mail: ClaimedMail, reply: str) -> MailOutcome:
        """Tried again after a minute, then later and later, until three days are over."""
        due_at = RETRY.next_try(tries=mail.tries, since=mail.first_tried_at, now=self._context.clock.now())
        state = MailState.GIVEN_UP if due_at is None else MailState.QUEUED
        return MailOutcome(mail=mail, state=state, reply=reply, due_at=due_at)

    async def _not_tried(self, mail: ClaimedMail, error: MailServerAway) -> MailOutcome | None:
        """The server went away in the middle. The mail waits a minute, so that others go first when it is back."""
        await self._server_away(error)
        now = self._context.clock.now()
        if RETRY.is_over(since=mail.first_tried_at, now=now):
            return MailOutcome(mail=mail, state=MailState.GIVEN_UP, reply=str(error))
        async with self._context.pool.acquire() as conn:
            await outbox.release(conn, mail, due_at=now + RETRY.first, reply=str(error), tried_at=now)
        return None

    async def _server_away(self, error: MailServerAway) -> None:
        """Leave the server alone for a while; said once, not at every try."""
        now = self._context.clock.now()
        if self._away_since is None:
            self._away_since, self._away_tries = now, 0
            logger().warning(LogEvent.MAIL_SERVER_LOST, why=str(error))
        self._away_tries += 1
        self._ask_at = now + AWAY.delay(self._away_tries)
        if now - self._away_since >= AWAY_BEFORE_GIVING_UP:
            await self._give_up(str(error), away_since=self._away_since)

    def _server_back(self) -> None:
        if self._away_since is not None:
            logger().info(LogEvent.MAIL_SERVER_FOUND)
        self._away_since = self._ask_at = None

    async def _give_up(self, why: str, *, away_since: datetime) -> None:
        now = self._context.clock.now()
        asked = partial(outbox.give_up, now=now, tried_before=now - GIVE_UP_AFTER, away_since=away_since)
        async with self._context.pool.acquire() as conn:
            while gone := await asked(conn, why=why, limit=BATCH):
                for mail in gone:
                    self._context.metrics.mails.labels(MailState.GIVEN_UP.value).inc()
                    logger().error(LogEvent.MAIL_GIVEN_UP, mail_id=mail.id, kind=mail.kind, tries=mail.tries, why=why)

    def _report(self, outcome: MailOutcome, *, was_settled: bool) -> None:
        mail = outcome.mail
        facts: dict[str, object] = {"mail_id": mail.id, "kind": mail.kind, "tries": mail.tries, "reply": outcome.reply}
        if mail.account_id is not None:
            facts["account_id"] = mail.account_id
        if not was_settled:
            facts["claim"] = "was over"
        match outcome.state:
            case MailState.SENT:
                result = "sent"
                logger().info(LogEvent.MAIL_SENT, **facts)
            case MailState.QUEUED:
                result = "deferred"
                logger().warning(LogEvent.MAIL_DEFERRED, next_at=outcome.due_at, **facts)
            case MailState.REFUSED:
                result = "refused"
                logger().error(LogEvent.MAIL_REFUSED, **facts)
            case MailState.GIVEN_UP:
                result = "given_up"
                logger().error(LogEvent.MAIL_GIVEN_UP, **facts)
        self._context.metrics.mails.labels(result).inc()


def _envelope(mail: ClaimedMail, *, letterhead: Letterhead) -> Envelope:
    return write_message(
        NoticeKind(mail.kind),
        language=mail.language,
        facts=mail.facts,
        letterhead=letterhead,
        account_id=mail.account_id,
        recipient=mail.recipient,
        message_id=mail.message_id,
        at=mail.created_at,
    )
