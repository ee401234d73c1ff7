"""The other accounts of the demo's world: one with many calls and little money, and three in straits."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from gateway.demo.world import DEMO
from gateway.domain.accounts.when_withheld import WhenWithheld
from gateway.postgres.types import PgConnection
from gateway.usecases.accounts.block import block_account
from gateway.usecases.accounts.change import AccountChange, change_account
from gateway.usecases.accounts.close import close_account
from gateway.usecases.accounts.manage import create_account
from gateway.usecases.accounts.move_money import top_up
from gateway.usecases.lines.manage import add_number
from gateway.usecases.lines.rent import add_rented, rent_connector, rent_number
from gateway.usecases.lines.run_due import run_all_due

CLARA: Final = "Clara Travel (demo)"
DORA: Final = "Dora's Studio (demo)"
EMIL: Final = "Emil Imports (demo)"
FRIDA: Final = "Frida & Sons (demo)"
NEIGHBOURS: Final = (CLARA, DORA, EMIL, FRIDA)

# Numbers that nobody has: see `world`.
PARIS: Final = "+33199000120"
PARIS_TOO: Final = "+33199000121"
LONDON_RESERVED: Final = "+442079460158"
EMILS: Final = "+442079460160"
FRIDAS: Final = "+442079460161"
OFFICE: Final = "dora-office"
# A number that is not paid for is kept for sixty days.
RESERVED: Final = timedelta(days=58)
RENTED: Final = RESERVED + timedelta(days=31)


async def settle_neighbours(conn: PgConnection, *, main_number: str, then: datetime, now: datetime) -> dict[str, int]:
    """Open the accounts, `then`; their ids by their names."""
    ids = {
        CLARA: await _open(conn, CLARA, "Europe/Paris", then, language="fr", main_number=main_number),
        DORA: await _open(conn, DORA, "Europe/London", now - RENTED, main_number=None),
        EMIL: await _open(conn, EMIL, "Europe/London", then, main_number=main_number),
        FRIDA: await _open(conn, FRIDA, "Europe/London", then, main_number=main_number),
    }
    await _pay(conn, ids[CLARA], "14", then)
    await rent_number(conn, actor=DEMO, account_id=ids[CLARA], number=PARIS, now=then)
    await rent_number(conn, actor=DEMO, account_id=ids[CLARA], number=PARIS_TOO, now=then)
    await _pay(conn, ids[DORA], "49", now - RENTED)
    await rent_connector(conn, actor=DEMO, account_id=ids[DORA], name=OFFICE, now=now - RENTED)
    due_on = (now - RESERVED).date()
    await add_rented(conn, actor=DEMO, account_id=ids[DORA], number=LONDON_RESERVED, due_on=due_on, now=now - RESERVED)
    await run_all_due(conn, now=now - RESERVED + timedelta(days=1))
    for name, number in ((EMIL, EMILS), (FRIDA, FRIDAS)):
        await add_number(conn, actor=DEMO, account_id=ids[name], number=number, now=then)
    await block_account(conn, actor=DEMO, account_id=ids[EMIL], reason="four hundred calls to satellites", now=then)
    await close_account(conn, actor=DEMO, account_id=ids[FRIDA], money=None, now=then)
    return ids


async def withhold(conn: PgConnection, account_id: int, when: WhenWithheld, *, now: datetime) -> None:
    """What becomes of the account's calls that show no number."""
    await change_account(conn, actor=DEMO, account_id=account_id, change=AccountChange(when_withheld=when), now=now)


async def _open(
    conn: PgConnection, name: str, time_zone: str, then: datetime, *, language: str = "en", main_number: str | None
) -> int:
    created = await create_account(
        conn,
        actor=DEMO,
        name=name,
        currency="USD",
        email=_address(name),
        time_zone=time_zone,
        language=language,
        main_number=main_number,
        now=then,
    )
    return created.id


async def _pay(conn: PgConnection, account_id: int, amount: str, then: datetime) -> None:
    payment = f"demo-past-{account_id}-{then:%Y%m%d}"
    await top_up(conn, actor=DEMO, account_id=account_id, amount=Decimal(amount), external_id=payment, now=then)


def _address(name: str) -> str:
    """Of whom an account is named for."""
    return f"{re.split(r'[^A-Za-z]', name)[0].lower()}@example.com"
