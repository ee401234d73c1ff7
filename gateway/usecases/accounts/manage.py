"""Open accounts, and say what is right of an account's settings."""

import zoneinfo
from datetime import datetime
from decimal import Decimal

from gateway.currencies import require_currency
from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.accounts.caps import Caps
from gateway.domain.accounts.when_withheld import WhenWithheld
from gateway.domain.errors import InvalidInput, together
from gateway.domain.mail.languages import LANGUAGES, find_language
from gateway.domain.mail.mailbox import is_address
from gateway.domain.money import AMOUNT_MAX, ZERO
from gateway.numbers.entered import entered_number
from gateway.postgres.accounts import accounts, caps
from gateway.postgres.accounts.accounts import AccountSettings
from gateway.postgres.lines import lines
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down
from gateway.usecases.accounts.show import AccountView, show_account

# Names that mean something else on each machine.
NOT_A_ZONE = frozenset({"localtime", "Factory", "posixrules"})
NAME_LENGTH_MAX = 200
UNAVAILABLE_ALLOW_S_MAX = 3600


async def create_account(
    conn: PgConnection,
    *,
    actor: Actor,
    name: str,
    currency: str,
    email: str,
    now: datetime,
    time_zone: str = "UTC",
    language: str = "en",
    main_number: str | None = None,
    credit_limit: Decimal = ZERO,
    free_inbound_needs_balance: bool = False,
    when_unavailable: str = "reject",
    when_withheld: WhenWithheld = WhenWithheld.ANONYMOUS,
    first_caps: Caps | None = None,
) -> AccountView:
    """Open an account with its first caps, or raise InvalidInput naming every argument that is wrong."""
    new = AccountSettings(
        name=name.strip(),
        currency=currency,
        email=email,
        time_zone=time_zone,
        language=spelled_language(language),
        main_number=None if main_number is None else spelled_number(main_number),
        credit_limit=credit_limit,
        free_inbound_needs_balance=free_inbound_needs_balance,
        unavailable_allow_s=unavailable_allow_s(when_unavailable),
        when_withheld=when_withheld,
    )
    await require_valid(conn, new)
    async with conn.transaction():
        account_id = await accounts.create(conn, new, now=now)
        if first_caps is not None and first_caps != Caps():
            await caps.give(conn, account_id=account_id, first=first_caps, now=now)
        opened = await show_account(conn, account_id=account_id)
        what = f"account:{account_id}"
        await write_down(conn, actor, Action.ACCOUNTS_OPEN, what, account_id=account_id, after=opened, now=now)
    return opened


def unavailable_allow_s(text: str) -> int:
    """0 for `reject`, -1 for what is neither that nor a number of seconds."""
    if text == "reject":
        return 0
    return int(text) or -1 if text.isascii() and text.isdigit() and len(text) <= 4 else -1


def spelled_language(tag: str) -> str:
    """A language by its own tag, which `pt` too is taken for; what is none stays as it is, to be refused."""
    return find_language(tag) or tag


def spelled_number(text: str) -> str:
    """A main number in the one spelling (R42), or what cannot be one as it was written."""
    return entered_number(text) or text


async def require_valid(conn: PgConnection, settings: AccountSettings) -> None:
    """Raise InvalidInput naming every setting of an account that is wrong."""
    problems = _problems(settings)
    main_number, time_zone = settings.main_number, settings.time_zone
    if main_number is not None and await lines.is_in_use(conn, name=main_number):
        problems.append(
            InvalidInput(
                "main number: {number} is a line of an account; a main number is not rented", number=main_number
            )
        )
    # Both Python and the database reckon with it.
    if _is_zone(time_zone) and not await accounts.knows_time_zone(conn, name=time_zone):
        problems.append(
            InvalidInput("time zone: the database does not know {name!r}; write it like Europe/Berlin", name=time_zone)
        )
    if problems:
        raise together(problems)


def _is_zone(name: str) -> bool:
    return name in zoneinfo.available_timezones() - NOT_A_ZONE


def _problems(new: AccountSettings) -> list[InvalidInput]:
    """What is wrong with each argument, and what would be right."""
    problems = []
    if not 1 <= len(new.name) <= NAME_LENGTH_MAX or not new.name.isprintable():
        problems.append(InvalidInput("name: must be 1 to {most} printable characters", most=NAME_LENGTH_MAX))
    try:
        require_currency(new.currency)
    except InvalidInput as error:
        problems.append(error)
    if not is_address(new.email):
        problems.append(InvalidInput("e-mail: {email!r} is not an address like somebody@example.com", email=new.email))
    if not _is_zone(new.time_zone):
        problems.append(
            InvalidInput("time zone: {name!r} is not known; write it like Europe/Berlin", name=new.time_zone)
        )
    if new.language not in LANGUAGES:
        choices = ", ".join(LANGUAGES)
        problems.append(InvalidInput("language: {tag!r} is not one of {choices}", tag=new.language, choices=choices))
    return [*problems, *_problems_with_terms(new)]


def _problems_with_terms(new: AccountSettings) -> list[InvalidInput]:
    """The same of what is agreed with the operator."""
    problems = []
    if new.main_number is not None and entered_number(new.main_number) is None:
        problems.append(
            InvalidInput("main number: {number!r} is not a number like +442079460000", number=new.main_number)
        )
    if not 0 <= new.credit_limit <= AMOUNT_MAX:
        problems.append(InvalidInput("credit limit: must be from 0 to {most}", most=AMOUNT_MAX))
    if not 0 <= new.unavailable_allow_s <= UNAVAILABLE_ALLOW_S_MAX:
        most = UNAVAILABLE_ALLOW_S_MAX
        problems.append(InvalidInput("when unavailable: must be reject or seconds from 1 to {most}", most=most))
    return problems
