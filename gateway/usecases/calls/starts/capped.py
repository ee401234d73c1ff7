"""What starts have to do with caps (R17): what counts before they are decided, what is noted and told after."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from gateway.domain.accounts.caps import CapHit, Capped
from gateway.domain.accounts.paying_account import PayingAccount
from gateway.domain.calls.decision import Decision, Granted, Refused
from gateway.domain.events import CallStarted
from gateway.domain.mail.notices import Notice, NoticeKind
from gateway.domain.money import ZERO
from gateway.postgres.accounts import caps
from gateway.postgres.calls.starts import GatheredStart, NewCall
from gateway.postgres.mail import outbox
from gateway.postgres.types import PgConnection


@dataclass(slots=True)
class BatchUse:
    """What counts against an account beside what was gathered with its lock.

    That is what earlier starts of the batch take; and, only where it has caps on them, its live calls and its starts of
    the last minute.
    """

    hold: Decimal = ZERO
    live: int = 0
    starts: int = 0

    def add(self, decision: Decision, *, is_start: bool) -> None:
        """Count a call that was decided; `is_start`: it starts now, and is not one that did so without us."""
        if isinstance(decision, Granted):
            self.hold += decision.hold
            self.live += 1
            self.starts += is_start

    def left_of(self, account: PayingAccount) -> PayingAccount:
        """What it leaves of an account as it was gathered."""
        if self.hold:
            account = replace(account, funds=account.funds.holding(self.hold))
        if account.capped is None:
            return account
        use = replace(account.capped.use, live=self.live, starts=self.starts)
        return replace(account, capped=replace(account.capped, use=use))


async def count_use(
    conn: PgConnection, gathered: Sequence[GatheredStart], *, now: datetime
) -> defaultdict[int, BatchUse]:
    """What counts by account before the first start of a batch is decided; accounts without such caps are not asked."""
    use_by_account: defaultdict[int, BatchUse] = defaultdict(BatchUse)
    counting = {
        each.account.id
        for each in gathered
        if each.account is not None and each.account.capped is not None and _is_counting(each.account.capped)
    }
    if counting:
        for account_id, counted in (await caps.count(conn, sorted(counting), now=now)).items():
            use_by_account[account_id] = BatchUse(live=counted.live, starts=counted.starts)
    return use_by_account


async def note_caps(conn: PgConnection, opened: Sequence[tuple[int, NewCall]], *, now: datetime) -> None:
    """Note the starts that count, by our ids of their calls, and tell of caps that refused: each once a day."""
    started: list[tuple[int, int]] = []
    notices: dict[str, Notice] = {}
    for call_id, new in opened:
        if new.capped is None or new.line is None:
            continue
        match new.decision:
            case Refused(cap=CapHit() as hit):
                notice = _notice(new.line.account_id, new.key.call, hit, new.capped.use.day, now)
                notices.setdefault(notice.key, notice)
            case Granted() if new.capped.caps.starts_a_minute is not None:
                started.append((call_id, new.line.account_id))
    if started:
        await caps.count_starts(conn, started, now=now)
    await outbox.queue(conn, list(notices.values()), now=now)


def _is_counting(capped: Capped) -> bool:
    return capped.caps.live_calls is not None or capped.caps.starts_a_minute is not None


def _notice(account_id: int, call: CallStarted, hit: CapHit, day: date, now: datetime) -> Notice:
    return Notice(
        account_id=account_id,
        kind=NoticeKind.CAP_REFUSED,
        key=f"cap_refused:{account_id}:{hit.cap}:{day}",
        facts={"cap": hit.cap, "limit": hit.limit, "caller": call.caller, "callee": call.callee, "at": now},
    )
