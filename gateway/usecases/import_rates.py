"""Import a rate deck as one atomic version (R5): read the file, compare, switch, in one transaction.

A file is the whole deck of each kind and currency that it has rows of; `domain.deck` says what becomes of the rates
that were there. Rates are never deleted, only ended, so a call's price can always be explained.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.deck import DeckKey, decks_of, plan_switch
from gateway.postgres import rates
from gateway.postgres.types import PgConnection
from gateway.usecases.read_deck import read_deck


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedRates:
    """What an import did, or would do; `version` is None for a dry run."""

    added: int
    changed: int
    removed: int
    version: int | None


async def import_rates(
    conn: PgConnection, *, content: bytes, source: str, now: datetime, is_dry_run: bool = False
) -> ImportedRates:
    """Switch to the deck of a file, or raise InvalidInput with all of its mistakes and change nothing."""
    rows = await asyncio.to_thread(read_deck, content)
    decks = decks_of(rows)
    async with conn.transaction():
        await rates.begin_import(conn)
        stored = await rates.stored(conn, decks, now=now)
        over: Mapping[DeckKey, datetime] = {}
        if any(row.key not in stored for row in rows):
            over = await rates.over(conn, decks, since=min(row.valid_from for row in rows), now=now)
        switch = await asyncio.to_thread(plan_switch, rows, stored, over, now=now)
        version = None
        if not is_dry_run:
            version = await rates.create_version(conn, source=source, now=now)
            # First the ends: of a destination only one rate may be open-ended.
            await rates.end(conn, switch.ends)
            await rates.begin(conn, switch.begins, version_id=version)
    return ImportedRates(added=switch.added, changed=switch.changed, removed=switch.removed, version=version)
