"""What the use cases of a process share.

Commands run use cases too, in processes that have none of this: so naming it imports nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.hook_captures import HookCaptures
from gateway.hook_receipts import HookReceipts

if TYPE_CHECKING:
    from gateway.clock import Clock
    from gateway.mail.smtp import Mailer
    from gateway.metrics import Metrics
    from gateway.postgres.types import Pool
    from gateway.provider_client import ProviderClient
    from gateway.providers.base import Adapter
    from gateway.settings import Settings
    from gateway.spool.spool import Spool


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    settings: "Settings"
    clock: "Clock"
    pool: "Pool"
    adapters: "Mapping[str, Adapter]"
    provider_client: "ProviderClient"
    metrics: "Metrics"
    spool: "Spool"
    receipts: HookReceipts = field(default_factory=HookReceipts)
    captures: HookCaptures = field(default_factory=HookCaptures)
    # None: no SMTP server is configured, and mails wait in the outbox.
    mailer: "Mailer | None" = None
