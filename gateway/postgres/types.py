"""Names for the driver's types: a connection is one of the pool's or one of its own."""

from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

PoolConnection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"
PgConnection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
