"""Change what is set of an account."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.accounts.when_withheld import WhenWithheld
from gateway.domain.errors import InvalidInput
from gateway.postgres.accounts import accounts, caps
from gateway.postgres.accounts.accounts import AccountRow, AccountSettings
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down
from gateway.usecases.accounts.manage import require_valid, spelled_language, spelled_number, unavailable_allow_s
from gateway.usecases.accounts.show import AccountView, show_account, view
from gateway.usecases.lines.run_due import bring_locked_up_to_date, bring_up_to_date, settle_overdue

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChange:
    """What is to be another way, by the words of `account create`; None: it stays. An empty main number: none."""

    name: str | None = None
    email: str | None = None
    time_zone: str | None = None
    language: str | None = None
    main_number: str | None = None
    credit_limit: Decimal | None = None
    free_inbound_needs_balance: bool | None = None
    when_unavailable: str | None = None
    when_withheld: WhenWithheld | None = None

    @property
    def action(self) -> Action:
        """What it takes: an account's own people may not change what was agreed with them."""
        is_own = replace(self, email=None, time_zone=None, language=None) == AccountChange()
        return Action.ACCOUNTS_CHANGE if is_own else Action.ACCOUNTS_CHANGE_TERMS


async def change_account(
    conn: PgConnection, *, actor: Actor, account_id: int, change: AccountChange, now: datetime
) -> AccountView:
    """Change the settings that are named, or raise InvalidInput naming all that is wrong, and change nothing.

    What is due by now is done first, in the time zone of before. Due dates stay; their midnights are of the new one.
    More credit pays overdue rents at once, like any credit (R25).
    """
    if change == AccountChange():
        raise InvalidInput("nothing to change: name a setting")
    await accounts.require(conn, account_id=account_id)
    await bring_up_to_date(conn, account_id=account_id, now=now)
    async with conn.transaction():
        await bring_locked_up_to_date(conn, await accounts.lock_living(conn, account_id=account_id), now=now)
        before = await accounts.require(conn, account_id=account_id)
        after = _changed(before, change)
        await require_valid(conn, after)
        await accounts.change(conn, after, account_id=account_id)
        if after.time_zone != before.time_zone:
            await caps.recount_spent(conn, account_id=account_id, now=now)
        if after.credit_limit > before.funds.credit_limit:
            await settle_overdue(conn, account_id, now=now)
        return await _write_down(conn, actor, change.action, view(before), now=now)


async def _write_down(
    conn: PgConnection, actor: Actor, action: Action, before: AccountView, *, now: datetime
) -> AccountView:
    """The account as it is now; what is set as it was before is no change."""
    after = await show_account(conn, account_id=before.id)
    if after != before:
        await write_down(
            conn, actor, action, f"account:{after.id}", account_id=after.id, before=before, after=after, now=now
        )
    return after


def _changed(before: AccountRow, change: AccountChange) -> AccountSettings:
    seconds = None if change.when_unavailable is None else unavailable_allow_s(change.when_unavailable)
    return AccountSettings(
        name=_stays(before.name, unless=change.name).strip(),
        currency=before.currency,
        email=_stays(before.email, unless=change.email),
        time_zone=_stays(before.time_zone, unless=change.time_zone),
        language=spelled_language(_stays(before.language, unless=change.language)),
        main_number=_main_number(before.main_number, change.main_number),
        credit_limit=_stays(before.funds.credit_limit, unless=change.credit_limit),
        free_inbound_needs_balance=_stays(before.free_inbound_needs_balance, unless=change.free_inbound_needs_balance),
        unavailable_allow_s=_stays(before.unavailable_allow_s, unless=seconds),
        when_withheld=_stays(before.when_withheld, unless=change.when_withheld),
    )


def _stays(before: T, *, unless: T | None) -> T:
    return before if unless is None else unless


def _main_number(before: str | None, text: str | None) -> str | None:
    return before if text is None else spelled_number(text) if text else None
