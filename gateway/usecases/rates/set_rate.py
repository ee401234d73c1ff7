"""Set one price without a file: a version with one row, which leaves all other destinations as they are."""

import csv
import io
from collections.abc import Mapping

from gateway.clock import Clock
from gateway.decks import Terms, read_deck
from gateway.decks.own_columns import COLUMNS
from gateway.domain.access.actor import Actor
from gateway.domain.rates.deck import plan_switch
from gateway.postgres import rates
from gateway.postgres.types import PgConnection
from gateway.usecases.rates.import_deck import ImportedRates, facts_of, write

SOURCE = "rates set"


async def set_rate(
    conn: PgConnection, *, actor: Actor, texts: Mapping[str, str], any_prefix: bool, clock: Clock
) -> ImportedRates:
    """Let one destination cost what a row in our own columns says, or raise InvalidInput."""
    deck = read_deck(_file(texts), Terms(any_prefix=any_prefix))
    async with conn.transaction():
        await rates.begin_import(conn)
        now = clock.now()
        stored, over = await facts_of(conn, deck.rows, now=now)
        own = {key: stored[key] for row in deck.rows if (key := row.key) in stored}
        switch = plan_switch(deck.rows, own, over, now=now)
        return await write(conn, actor, switch, deck, source=SOURCE, now=now)


def _file(texts: Mapping[str, str]) -> bytes:
    """The deck that the row is."""
    file = io.StringIO()
    names = (*COLUMNS, "caller_prefixes")
    csv.writer(file).writerows([names, [texts.get(name, "") for name in names]])
    return file.getvalue().encode()
