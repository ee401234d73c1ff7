"""How the demo's world is built: its deck, its accounts, and what they lived through before it began."""

from datetime import timedelta
from importlib.resources import files
from typing import Final

from gateway.clock import Clock
from gateway.demo.history import PastClock
from gateway.demo.neighbours import NEIGHBOURS
from gateway.demo.past import live_through
from gateway.demo.people import invite_people
from gateway.demo.world import ANNA, BORIS, CURRENCY, DECK, DEMO, Accounts, find_account, settle
from gateway.domain.connection import Connection
from gateway.domain.errors import Conflict
from gateway.postgres import demo
from gateway.postgres.session import connected
from gateway.postgres.types import PgConnection
from gateway.usecases.rates.import_deck import import_rates
from gateway.usecases.rates.set_rate import SOURCE, set_rate

# When the accounts were opened.
OPENED: Final = timedelta(days=100)


async def build_world(dsn: str, clock: Clock, connection: Connection) -> Accounts:
    """Make what is missing; GatewayError where the database is not for this.

    To be done before anything works on the database: the demo's workers have short limits, and its mails go nowhere.
    A new world has a past of thirty days, by `connection`.
    """
    async with connected(dsn, application_name="gateway demo") as conn:
        await _refuse_foreign_accounts(conn)
        is_new = await find_account(conn, ANNA) is None
        then = PastClock(clock.now() - OPENED) if is_new else clock
        if is_new:
            await _import_deck(conn, then)
        accounts = Accounts(anna=await settle(conn, ANNA, then), boris=await settle(conn, BORIS, then))
        if is_new:
            await live_through(conn, connection, anna=accounts.anna, clock=clock)
            await _change_a_price(conn, clock)
        await invite_people(conn, anna=accounts.anna, clock=clock)
        return accounts


async def _refuse_foreign_accounts(conn: PgConnection) -> None:
    names = [ANNA.account, BORIS.account, *NEIGHBOURS]
    foreign = await demo.foreign_account(conn, names=names, currency=CURRENCY)
    if foreign is not None:
        raise Conflict(
            f"this database has accounts of its own ({foreign}), whose calls the demo would cut and whose mails it"
            " would take: use another database, or another directory with --data"
        )


async def _import_deck(conn: PgConnection, clock: Clock) -> None:
    foreign = await demo.foreign_deck(conn, currency=CURRENCY, sources=[DECK, SOURCE], now=clock.now())
    if foreign is not None:
        raise Conflict(
            f"this database has rates in {CURRENCY} of its own ({foreign}), which the demo would replace:"
            " use another database, or another directory with --data"
        )
    await import_rates(conn, actor=DEMO, content=_deck(), source=DECK, clock=clock)


async def _change_a_price(conn: PgConnection, clock: Clock) -> None:
    """Calls to Germany cost less from the first of next month."""
    first = (clock.now().replace(day=1) + timedelta(days=32)).replace(day=1)
    row = {"kind": "outbound", "country": "DE", "prefix": "49", "per_minute": "0.0120", "currency": CURRENCY}
    row |= {"connection_fee": "0", "first_interval_s": "60", "increment_s": "60", "valid_from": f"{first:%Y-%m-%d}"}
    await set_rate(conn, actor=DEMO, texts=row, any_prefix=False, clock=clock)


def _deck() -> bytes:
    return files("gateway").joinpath("demo/deck.csv").read_bytes()
