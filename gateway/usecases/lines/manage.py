"""Add numbers and SIP connectors to accounts."""

from datetime import date, datetime

from gateway.countries import find_country
from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.errors import Conflict, InvalidInput, NotFound, together
from gateway.domain.lines.line import CATEGORIES, LineKind, LineState
from gateway.numbers import metadata
from gateway.numbers.entered import entered_number
from gateway.numbers.parties import read_number
from gateway.postgres.accounts import accounts
from gateway.postgres.lines import lines, subscriptions
from gateway.postgres.lines.lines import LineFilters, LineRow
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down

CONNECTOR_NAME_LENGTH_MAX = 128
PAGE_SIZE = 1000
# A number comes to life in one of these; only its rent's end or the provider disconnects it.
FIRST_STATES = (LineState.ACTIVE, LineState.SUSPENDED)


async def add_number(
    conn: PgConnection,
    *,
    actor: Actor,
    account_id: int,
    number: str,
    now: datetime,
    category: str | None = None,
    state: str = LineState.ACTIVE,
) -> LineRow:
    """Add a number that is there already, without charging anything."""
    async with conn.transaction():
        added = await put_number(conn, account_id=account_id, number=number, now=now, category=category, state=state)
        await write_added(conn, actor, Action.NUMBERS_IMPORT, added, now=now)
    return added


async def add_connector(
    conn: PgConnection, *, actor: Actor, account_id: int, name: str, now: datetime, country: str = ""
) -> LineRow:
    """Add a SIP connector, without charging anything."""
    async with conn.transaction():
        added = await put_connector(conn, account_id=account_id, name=name, now=now, country=country)
        await write_added(conn, actor, Action.NUMBERS_IMPORT, added, now=now)
    return added


async def write_added(conn: PgConnection, actor: Actor, action: Action, added: LineRow, *, now: datetime) -> None:
    """Write down who has a line now that was nobody's."""
    await write_down(conn, actor, action, object_of(added), account_id=added.account_id, after=added, now=now)


def object_of(line: LineRow) -> str:
    """What a line is called in the audit."""
    return f"{line.kind}:{line.name}"


async def put_number(
    conn: PgConnection,
    *,
    account_id: int,
    number: str,
    now: datetime,
    category: str | None = None,
    state: str = LineState.ACTIVE,
) -> LineRow:
    """A new number of an account, for who writes down why; its country, and its category unless given, are its own.

    InvalidInput names what is wrong, NotFound is for the account, Conflict for a number that is in use.
    """
    problems = []
    name = entered_number(number)
    if name is None:
        problems.append(InvalidInput("number: {number!r} is not a number like +442079460000", number=number))
    if category is not None and category not in CATEGORIES:
        choices = ", ".join(CATEGORIES)
        problems.append(
            InvalidInput("category: {category!r} is not one of {choices}", category=category, choices=choices)
        )
    if state not in FIRST_STATES:
        choices = ", ".join(FIRST_STATES)
        problems.append(InvalidInput("state: {state!r} is not one of {choices}", state=state, choices=choices))
    if problems or name is None:
        raise together(problems)
    async with conn.transaction():
        await accounts.lock_living(conn, account_id=account_id)
        if (owner := await lines.main_number_of(conn, name=name)) is not None:
            raise Conflict(
                "{name} is the main number of account {owner}, which is not rented, so never suspended",
                name=name,
                owner=owner,
            )
        added = await lines.add(
            conn,
            account_id=account_id,
            kind=LineKind.NUMBER,
            name=name,
            state=LineState(state),
            country=metadata.country_of(name),
            category=category or metadata.category_of(name),
            now=now,
        )
    if added is None:
        raise Conflict("the number {name} is in use already", name=name)
    return added


async def put_connector(conn: PgConnection, *, account_id: int, name: str, now: datetime, country: str = "") -> LineRow:
    """A new SIP connector; calls give its name as their line, so a name is one connector of one account.

    `country` is where it is, for emergency calls whose caller's number does not tell; empty: as its account says.
    """
    if not 1 <= len(name) <= CONNECTOR_NAME_LENGTH_MAX or not name.isprintable() or name != name.strip():
        raise InvalidInput("name: must be 1 to {most} printable characters", most=CONNECTOR_NAME_LENGTH_MAX)
    if name.startswith("+"):
        raise InvalidInput("name: must not begin with +, which numbers do")
    if (number := read_number(name)) != name:
        raise InvalidInput("name: calls cannot give it, as {name} is read as {number}", name=name, number=number)
    async with conn.transaction():
        await accounts.lock_living(conn, account_id=account_id)
        added = await lines.add(
            conn,
            account_id=account_id,
            kind=LineKind.CONNECTOR,
            name=name,
            state=LineState.ACTIVE,
            country=_country(country),
            category="",
            now=now,
        )
    if added is None:
        raise Conflict("the name {name} is in use already", name=name)
    return added


async def set_connector_country(conn: PgConnection, *, actor: Actor, name: str, country: str, now: datetime) -> LineRow:
    """Say where a connector is, for emergency calls; empty: as its account says."""
    async with conn.transaction():
        before = await _lock_line(conn, name)
        changed = await lines.set_connector_country(conn, name=name, country=_country(country))
        if before is None or changed is None:
            raise NotFound("there is no connector {name}", name=name)
        if changed != before:
            await write_down(
                conn,
                actor,
                Action.NUMBERS_CHANGE,
                object_of(changed),
                account_id=changed.account_id,
                before=before,
                after=changed,
                now=now,
            )
    return changed


async def _lock_line(conn: PgConnection, name: str) -> LineRow | None:
    """The line of a name, its account locked."""
    named = await subscriptions.find(conn, name=name)
    if named is None:
        return None
    await accounts.lock(conn, account_id=named.account_id)
    return await lines.get(conn, line_id=named.id)


def _country(text: str) -> str:
    return find_country(text) if text else ""


async def list_lines(conn: PgConnection, *, account_id: int) -> list[LineRow]:
    """The lines of an account, oldest first."""
    await accounts.require(conn, account_id=account_id)
    return await lines.of_account(conn, account_id=account_id)


async def search_lines(conn: PgConnection, filters: LineFilters) -> list[LineRow]:
    """The lines of all accounts, or of one, that fit; oldest first, or, where a day is asked for, what is due first."""
    if filters.account_id is not None:
        await accounts.require(conn, account_id=filters.account_id)
    found: list[LineRow] = []
    while page := await lines.page(conn, after=found[-1].id if found else 0, limit=PAGE_SIZE, filters=filters):
        found += page
    if filters.due_before is not None:
        found.sort(key=lambda line: (line.due_on or date.max, line.id))
    return found
