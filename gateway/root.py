"""What becomes of root's rights when root starts a gateway: they end once it has its port and its server."""

import os

from gateway import privileges
from gateway.embedded.binaries import database_account
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.privileges import ROOT, Account, account_named
from gateway.sealing import keys_directory
from gateway.settings import Settings
from gateway.spool.file import spool_directory

_NOBODY = "nobody"


def account_of(settings: Settings) -> Account | None:
    """Whom it becomes: with an embedded server that one's account, which can start it again; None: nobody else."""
    if os.geteuid() != 0 or settings.run_as == ROOT:
        return None
    if settings.run_as is not None:
        return account_named(settings.run_as)
    database = database_account(settings.pg_os_user) if settings.database_url is None else None
    return account_named(_NOBODY if database is None else database.name)


def leave_root(settings: Settings) -> None:
    """Be that account from now on. The spool and the keys are handed over, as they go on to be written."""
    account = account_of(settings)
    if account is None:
        return
    written = (spool_directory(settings.data), keys_directory(settings.data))
    for directory in written:
        privileges.own(directory, account)
    kept = privileges.become(account, reads=written)
    logger().info(LogEvent.SERVER_LEFT_ROOT, account=account.name, kept=kept.value)
