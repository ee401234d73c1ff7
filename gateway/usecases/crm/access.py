"""Access to a CRM: tokens that are fetched when they are needed, kept encrypted, and shared by all processes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from gateway.context import Context
from gateway.domain.connection import Connection
from gateway.domain.errors import ProviderFailed
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres import crm
from gateway.postgres.crm import Portal
from gateway.postgres.types import PgConnection
from gateway.providers.base import ProviderRequest, ProviderResponse
from gateway.providers.crm import Crm
from gateway.sealing import Seal

# Longer than a request for tokens takes.
CLAIM: Final = timedelta(minutes=2)
# An access token with less left than this is not used.
TOKEN_LEFT_MIN: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What opens a CRM, empty where its URL is the permission; `kept` is the same as it stands in the database."""

    token: str = field(default="", repr=False)
    kept: str | None = None


class PortalAccess:
    """The tokens of one CRM; unless another is set, their key is the refresh token of the settings."""

    def __init__(
        self, context: Context, name: str, crm_of: Crm, send: Callable[[ProviderRequest], Awaitable[ProviderResponse]]
    ) -> None:
        self._context = context
        self._name = name
        self._crm = crm_of
        self._send = send

    async def find(self, portal: Portal, connection: Connection) -> Access | None:
        """The access of a CRM; None: not now."""
        first = self._crm.first_refresh(connection)
        if first is None:
            return Access()
        seal = Seal([*self._context.settings.encryption_keys, first])
        seed = sha256(first.encode()).hexdigest()
        now = self._context.clock.now()
        is_ours = portal.token_seed == seed
        if is_ours and portal.token_until is not None and portal.token_until - now > TOKEN_LEFT_MIN:
            token = _opened(portal.access_token, seal)
            if token is not None:
                return Access(token=token, kept=portal.access_token)
        refresh = _opened(portal.refresh_token, seal) if is_ours else None
        async with self._context.pool.acquire() as conn:
            is_turn = await crm.claim_token(
                conn, connection=self._name, old_access=portal.access_token, now=now, until=now + CLAIM
            )
        return await self._fetch(connection, seal, seed, refresh or first) if is_turn else None

    async def expire(self, conn: PgConnection, access: Access, *, now: datetime) -> None:
        """Take a token out of use that is over before its time."""
        if access.kept is not None:
            await crm.expire_token(conn, connection=self._name, access=access.kept, now=now)

    async def _fetch(self, connection: Connection, seal: Seal, seed: str, refresh: str) -> Access | None:
        """New tokens are stored before they are used: the refresh token that got them may be good for nothing now."""
        try:
            response = await self._send(self._crm.ask_tokens(connection, refresh))
            tokens = self._crm.read_tokens(response, refresh)
        except ProviderFailed as error:
            logger().error(LogEvent.PROVIDER_FAILED, connection=self._name, why=str(error))
            return None  # the claim on them is the time to wait
        until = self._context.clock.now() + timedelta(seconds=tokens.lives_s)
        access = Access(token=tokens.access, kept=seal.close(tokens.access))
        async with self._context.pool.acquire() as conn:
            await crm.store_tokens(
                conn,
                connection=self._name,
                seed=seed,
                access=access.kept,
                refresh=seal.close(tokens.refresh),
                until=until,
            )
        return access


def _opened(kept: str | None, seal: Seal) -> str | None:
    return None if kept is None else seal.open(kept)
