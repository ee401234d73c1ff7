"""Two accounts, each with one of everything that a path can name."""

from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.access.actor import command_line
from gateway.domain.access.roles import Role
from gateway.domain.accounts.large_sums import LargeSums
from gateway.postgres.types import PgConnection
from gateway.usecases.access.sessions import UserAgent, begin_session
from gateway.usecases.access.tokens import TokenTerms, create_token
from gateway.usecases.accounts.large_sums import move_or_wait
from gateway.usecases.accounts.move_money import top_up
from gateway.usecases.accounts.movements import payment
from tests.support import world
from tests.support.actors import CLERK
from tests.support.running import Gateway
from tests.support.world import NOON


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """An account, and what paths name that is its."""

    account_id: int
    number: str
    places: dict[str, str]


async def side(gateway: Gateway, digit: int) -> Side:
    """An account whose number ends with this figure."""
    number, connector = f"+1555010{digit:04}", f"office-{digit}"
    async with gateway.process.context.pool.acquire() as conn:
        account_id = await world.account(conn, balance="100")
        await world.number(conn, account_id, number)
        await world.connector(conn, account_id, connector)
        if await conn.fetchval("SELECT count(*) FROM rate") == 0:
            await world.rate(conn, "44")
            await world.rate(conn, "", "4", kind="rent", country="US", category="geographic")
        await top_up(conn, actor=CLERK, account_id=account_id, amount=Decimal(1), external_id=f"side-{digit}", now=NOON)
        token = await create_token(
            conn, actor=CLERK, terms=TokenTerms(role=Role.READER, account_id=account_id), now=NOON
        )
        mail_id = await _mail(conn, account_id)
        member_id, person_id = await _member(conn, account_id)
        visitor = UserAgent(address="192.0.2.1", agent="a browser")
        session = await begin_session(conn, person_id=person_id, visitor=visitor, by="a test", now=gateway.clock.now())
        hook_id = await _hook(conn)
        large_sum = await move_or_wait(
            conn,
            actor=command_line("office"),
            account_id=account_id,
            movement=payment(amount=Decimal(500), external_id=f"large-{digit}"),
            large=LargeSums(elsewhere=Decimal(100)),
            now=NOON,
        )
    await gateway.start(f"call-{digit}", caller=number)
    async with gateway.process.context.pool.acquire() as conn:
        await _give_up(conn, account_id, f"call-{digit}")
    places = {
        "account": str(account_id),
        "account_id": str(account_id),
        "connection": "pbx",
        "call": f"pbx:call-{digit}",
        "hook_id": str(hook_id),
        "large_sum_id": str(large_sum.id),
        "mail_id": str(mail_id),
        "member_id": str(member_id),
        "month": f"{NOON:%Y-%m}",
        "name": connector,
        "number": number,
        "person_id": str(person_id),
        "session_id": str(session.id),
        "token_id": str(token.id),
    }
    return Side(account_id=account_id, number=number, places=places)


async def _mail(conn: PgConnection, account_id: int) -> int:
    mail_id: int = await conn.fetchval(
        """
        INSERT INTO mail (account_id, kind, key, recipient, language, facts, created_at, queued_at, state)
        VALUES ($1, 'line_disconnected', 'side:' || $1::bigint, 'a@b.example', 'en', $2, $3, $3, 'refused')
        RETURNING id
        """,
        account_id,
        {"line": "office", "line_kind": "connector", "why": "given_up", "account": "Acme", "time_zone": "UTC"},
        NOON,
    )
    return mail_id


async def _give_up(conn: PgConnection, account_id: int, provider_call_id: str) -> None:
    """A CRM of the account's own, which is told of its call no more."""
    await conn.execute(
        "INSERT INTO crm_portal (connection, account_id, seen_call_id) VALUES ('b24-' || $1::bigint, $1::bigint, 0)",
        account_id,
    )
    await conn.execute(
        """
        INSERT INTO crm_call (connection, call_id, state, created_at, last_reply)
        SELECT 'b24-' || $1::bigint, id, 'given_up', $3, '404'
        FROM call
        WHERE provider_call_id = $2
        """,
        account_id,
        provider_call_id,
        NOON,
    )


async def _member(conn: PgConnection, account_id: int) -> tuple[int, int]:
    [row] = await conn.fetch(
        """
        WITH added AS (
            INSERT INTO person (email, name, language, time_zone, created_at)
            VALUES ('reader-' || $1::bigint || '@acme.example', '', 'en', 'UTC', $2::timestamptz)
            RETURNING id
        )
        INSERT INTO membership (person_id, account_id, role, created_at)
        SELECT id, $1::bigint, 'reader', $2::timestamptz FROM added
        RETURNING id, person_id
        """,
        account_id,
        NOON,
    )
    return row["id"], row["person_id"]


async def _hook(conn: PgConnection) -> int:
    hook_id: int = await conn.fetchval(
        """
        INSERT INTO hook (
            connection, at, kind, outcome, provider_call_id, method, path, content_type, bytes, body, status,
            reply_type, reply, ms
        )
        VALUES
            ('pbx', $1, 'start', 'connect', 'call', 'POST', '/hooks/pbx', 'application/json', 2, '{}', 200, '', '', 1)
        RETURNING id
        """,
        NOON,
    )
    return hook_id
