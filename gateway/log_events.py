"""What is logged: every event's name, `noun.verb_past`. Operators search for these, so they are not renamed."""

from gateway.domain.described import Described


class LogEvent(Described):
    # One line for each request.
    HOOK_ANSWERED = "hook.answered", "A webhook that starts or ends no call had its reply, as one about an answer."
    HOOK_REJECTED = "hook.rejected", "A webhook was not taken: its proof is wrong, or it cannot be read."
    HOOK_IGNORED = "hook.ignored", "A webhook was authentic, and is of a kind that moves nothing."
    HOOK_FAILED = (
        "hook.failed",
        (
            "A webhook met an error of the gateway. A call start was decided without the database; what follows a start"
            " is kept on disk."
        ),
    )

    API_ANSWERED = "api.answered", "A request of the API had its reply; `actor` is who asked."
    API_FAILED = "api.failed", "A request of the API met an error of the gateway. The asker has the request's id."
    API_BROKEN_OFF = "api.broken_off", "A list that was streamed broke off: the asker went away, or the database did."

    CALL_AUTHORIZED = "call.authorized", "A call may be connected."
    CALL_REFUSED = "call.refused", "A call may not be connected; the reason is a refusal code."
    CALL_REPEATED = "call.repeated", "The start of a call came again and had the reply of the first time."
    CALL_ENDED = "call.ended", "The end of a call was booked."
    CALL_CUT_REQUESTED = "call.cut_requested", "The provider was asked to end a call."
    CALL_CUT_FAILED = "call.cut_failed", "A provider did not take it that a call must end. It is asked again."
    CALL_FATE_ASKED = (
        "call.fate_asked",
        "The end of a call did not come, or is in doubt, so the provider was asked what became of it.",
    )
    CALL_CLOSED_BY_HAND = "call.closed_by_hand", "An operator said how long a call talked whose end never came."
    CALL_EXPIRED = "call.expired", "Nobody knows what became of a call, for a day. It was closed and charged nothing."
    ARCHIVED_CALL_TOLD = "call.told_archived", "An event of a call that was archived came. Nothing is charged for it."
    MONTH_MADE = "month.made", "The parts of the tables for the calls of a month that comes were made."
    MONTH_TURNED = "month.turned", "A month began: calls get ids of it from now on."
    CALL_ALLOWED_UNAVAILABLE = "call.allowed_unavailable", "A call was connected while the database was away."

    HOLD_EXHAUSTED = (
        "hold.exhausted",
        "The money for more of a live call is not there. Its deadline was brought forward.",
    )
    HOLD_FAILED = "hold.failed", "The hold of a live call could not be extended. It is tried again in a minute."

    LOW_BALANCE_FAILED = (
        "balance.check_failed",
        "An account could not be looked at for a low balance. It is tried again.",
    )

    RENTS_KEPT = "rents.kept", "Rents that were due were settled: how many with which outcome."
    RENT_FAILED = "rent.failed", "The rents of an account could not be settled. It is tried again."

    SPOOL_REPLAYED = "spool.replayed", "Call events from disk were applied to the database."
    SPOOL_FAILED = (
        "spool.failed",
        "A call event could not be written to disk, or not be applied for now; it waits there.",
    )
    SPOOL_SET_ASIDE = (
        "spool.set_aside",
        "A call event cannot be recorded for what it says, or nobody understands it. An operator has to see to it.",
    )

    LEDGER_CHECKED = "ledger.checked", "The stored balance of an account differs from its ledger."

    MAIL_SENT = "mail.sent", "The mail server took a mail."
    MAIL_DEFERRED = "mail.deferred", "A mail was not taken for now. It is tried again."
    MAIL_REFUSED = "mail.refused", "The mail server refused a mail for good."
    MAIL_GIVEN_UP = "mail.given_up", "A mail was tried for three days and is given up."
    MAIL_UNWRITABLE = (
        "mail.unwritable",
        "A mail's facts do not fit its words. It is tried again, as a newer version may.",
    )
    MAIL_SERVER_LOST = "mail.server_lost", "The mail server cannot be used. Mails wait in the outbox."
    MAIL_SERVER_FOUND = "mail.server_found", "The mail server can be used again."

    CRM_TOLD = "crm.told", "A CRM was told of a call."
    CRM_DEFERRED = "crm.deferred", "A CRM could not be told of a call. It is tried again."
    CRM_GIVEN_UP = "crm.given_up", "A CRM cannot be told of a call, for good or after too many tries."

    PROVIDER_BALANCE = "provider.balance_read", "The balance of an account at a provider was read."
    NUMBER_LOST = "number.lost", "A provider has taken a number away. Its line has ended."
    NUMBER_NOT_LOST = (
        "number.not_lost",
        "A number was reported as taken away, and its line goes on; `why` says the cause.",
    )
    NUMBER_MISSING = "number.missing", "A provider's list has lost a number that nobody reported as taken away."
    PAYMENT_BOOKED = "payment.booked", "A payment at a provider was booked."
    PAYMENT_REFUSED = "payment.refused", "A payment at a provider could not be booked; `why` says the cause."

    WORKER_FAILED = "worker.failed", "A turn of a worker met an error. It takes the next turn all the same."
    PROVIDER_CLOCK_WRONG = (
        "provider.clock_wrong",
        "The clock of a provider is more than five seconds from ours: `seconds` behind it. Calls run on our clock.",
    )
    PROVIDER_CLOCK_RIGHT = "provider.clock_right", "The clock of a provider agrees with ours again."
    PROVIDER_FAILED = "provider.failed", "A provider did not answer, or not so that it can be understood."

    CLOCK_APART = (
        "clock.apart",
        "This machine's clock is more than a second from the database's: `machine_ahead_s`. Calls run by the latter.",
    )
    CLOCK_MOVED = "clock.moved", "The database's clock was set, by `seconds`. Calls run by it."
    CLOCK_WRONG = (
        "clock.wrong",
        "The clocks of the database and of this machine are more than a minute apart. No rents are settled.",
    )
    CLOCK_RIGHT = "clock.right", "The clocks agree again."
    BATCH_DETOURED = (
        "batch.detoured",
        "What is remembered of calls could not be used, for an error; a transaction decides about them, more slowly.",
    )
    DATABASE_LOST = "database.lost", "The database does not answer. Ends of calls are kept on disk."
    DATABASE_FOUND = "database.found", "The database answers again."
    DATABASE_DIED = "database.died", "The embedded database server ended by itself. It is started again."
    DATABASE_RESTARTED = "database.restarted", "The embedded database server runs again."
    DATABASE_FAILED = "database.failed", "The embedded database server cannot be started. The gateway ends."
    DATABASE_MIGRATED = "database.migrated", "The database has this version's schema now."
    MIGRATION_AWAITED = (
        "migration.awaited",
        "Another process has been migrating the database for `waited_s` seconds. This one waits for it.",
    )
    REPLICA_PASSED_OVER = (
        "replica.passed_over",
        "The database of GATEWAY_DATABASE_READ_URL cannot answer: `why`. The one that decides is asked instead.",
    )
    REPLICATION_MAY_LOSE = (
        "replication.may_lose",
        "Standbys follow the database and none is waited for: a failover may lose what was acknowledged.",
    )
    CRASH_MAY_LOSE = (
        "crash.may_lose",
        "A crash of the database's machine may lose or damage what was acknowledged: its settings `off` are off.",
    )
    STANDBY_LOST = (
        "standby.lost",
        "The database waits for a synchronous standby that is not there. No call is decided, and ends go to disk.",
    )
    STANDBY_FOUND = "standby.found", "The database need not wait for a synchronous standby any more."

    HTTP_MALFORMED = (
        "http.malformed",
        "A request is no HTTP, or broke off. `why` names the fault; nothing of it is told.",
    )
    HTTP_CROWDED = "http.crowded", "New HTTP connections wait, as every place is taken. It is said once a minute."
    HTTP_FAILED = "http.failed", "A request that is no webhook met an error of the gateway."

    SETTINGS_RELOADED = (
        "settings.reloaded",
        "SIGHUP came, and the connections are those of the settings now; `need_restart` are the other changes.",
    )
    SETTINGS_REFUSED = "settings.refused", "SIGHUP came, and the settings are wrong: `why`. Those from before hold."
    SERVER_STARTED = "server.started", "The gateway takes webhooks."
    OPERATOR_MISSING = (
        "operator.missing",
        "Nobody can sign in as an operator yet: `gateway person invite EMAIL --operator` prints a link.",
    )
    SERVER_LEFT_ROOT = (
        "server.left_root",
        "Started as root, the gateway goes on as `account`; `kept` is what it still may beside that.",
    )
    SERVER_STOPPING = "server.stopping", "The gateway was told to stop. Webhooks under way are finished."
    SERVER_STOPPED = "server.stopped", "The gateway has stopped."
    PROCESS_DIED = "process.died", "A part of a process failed, so it ends."
    PROCESS_LEADS = "process.leads", "Of the processes that serve together, this one decides for all from now on."
    LEADER_SILENT = "leader.silent", "The process that decides for all says nothing; this one does without it."
    LEADER_UNHEARD = (
        "leader.unheard",
        "Processes that serve together cannot reach each other: `why`. Each of them works for itself.",
    )

    LOG_LOST = (
        "log.lost",
        "`lines` of the log could not be written, before this one: its stream was full, stuck or gone.",
    )

    # What libraries say through Python's own logging.
    LIBRARY_REPORTED = "library.reported", "A library said something through Python's own logging."
