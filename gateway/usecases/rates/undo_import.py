"""Undo the newest import by another version: the rates of before it are valid again from now on.

Calls of the meantime keep the rates that they started with. What an earlier version had planned to begin later is
planned again; what it had planned to end without a successor goes on.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from gateway.clock import Clock
from gateway.decks import ReadDeck
from gateway.domain.access.actor import Actor
from gateway.domain.errors import InvalidInput
from gateway.domain.rates.deck import DeckKey, DeckRow, decks_of, key_of, plan_switch
from gateway.domain.rates.rate import NEW, DeckRate
from gateway.postgres import rates
from gateway.postgres.types import PgConnection
from gateway.usecases.rates.import_deck import ImportedRates, write


async def undo_import(conn: PgConnection, *, actor: Actor, version: int, clock: Clock) -> ImportedRates:
    """InvalidInput unless it is the newest: what came after an older one would be undone as well."""
    async with conn.transaction():
        await rates.begin_import(conn)
        versions = await rates.versions(conn)
        if not versions:
            raise InvalidInput("version: only the newest import can be undone, and there is none")
        if versions[0].id != version:
            newest = versions[0].id
            raise InvalidInput(
                "version: only the newest import can be undone, and the newest is {newest}", newest=newest
            )
        now = clock.now()
        before, begun = await rates.around(conn, versions[0])
        rows = _rows(before, now=now)
        decks = decks_of(rows) | {key_of(rate).deck for rate in begun}
        stored = await rates.stored(conn, decks, now=now)
        switch = plan_switch(rows, stored, {}, now=now)
        source = f"undo of version {version}"
        return await write(conn, actor, switch, ReadDeck(rows=rows), source=source, now=now)


def _rows(before: Iterable[DeckRate], *, now: datetime) -> list[DeckRow]:
    """The rates of before as rows of a file: of each destination the present one, and those to come."""
    in_order: dict[DeckKey, list[DeckRate]] = {}
    before = list(before)
    newest = {key_of(rate): rate.id for rate in sorted(before, key=lambda rate: rate.id)}
    for rate in sorted(before, key=lambda rate: (rate.valid_from, rate.id)):
        # What never was valid and has a successor was given up by an earlier import.
        was_given_up = rate.valid_until is not None and rate.valid_until <= rate.valid_from
        if was_given_up and newest[key_of(rate)] != rate.id:
            continue
        its_own = in_order.setdefault(key_of(rate), [])
        if rate.valid_from <= now:
            its_own.clear()
        its_own.append(replace(rate, id=NEW, valid_from=max(rate.valid_from, now), valid_until=None))
    return [DeckRow(rate, key, 0) for key, its_own in in_order.items() for rate in its_own]
