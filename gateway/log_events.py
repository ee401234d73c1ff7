"""What is logged: every event's name, `noun.verb_past`. Operators search for these, so they are not renamed."""

from enum import StrEnum


class LogEvent(StrEnum):
    # One line for each request.
    HOOK_ANSWERED = "hook.answered"
    HOOK_REJECTED = "hook.rejected"
    HOOK_IGNORED = "hook.ignored"
    HOOK_FAILED = "hook.failed"

    CALL_AUTHORIZED = "call.authorized"
    CALL_REFUSED = "call.refused"
    CALL_REPEATED = "call.repeated"
    CALL_ENDED = "call.ended"
    CALL_CUT_REQUESTED = "call.cut_requested"
    CALL_CUT_FAILED = "call.cut_failed"
    CALL_FATE_ASKED = "call.fate_asked"
    CALL_EXPIRED = "call.expired"
    CALL_ALLOWED_UNAVAILABLE = "call.allowed_unavailable"

    HOLD_EXHAUSTED = "hold.exhausted"

    LOW_BALANCE_FAILED = "balance.check_failed"

    RENTS_KEPT = "rents.kept"
    RENT_FAILED = "rent.failed"

    SPOOL_REPLAYED = "spool.replayed"
    SPOOL_FAILED = "spool.failed"

    LEDGER_CHECKED = "ledger.checked"

    MAIL_SENT = "mail.sent"
    MAIL_DEFERRED = "mail.deferred"
    MAIL_REFUSED = "mail.refused"
    MAIL_GIVEN_UP = "mail.given_up"
    MAIL_UNWRITABLE = "mail.unwritable"
    MAIL_SERVER_LOST = "mail.server_lost"
    MAIL_SERVER_FOUND = "mail.server_found"

    CRM_TOLD = "crm.told"
    CRM_DEFERRED = "crm.deferred"
    CRM_GIVEN_UP = "crm.given_up"

    PROVIDER_BALANCE = "provider.balance_read"
    NUMBER_LOST = "number.lost"
    NUMBER_NOT_LOST = "number.not_lost"
    NUMBER_MISSING = "number.missing"
    PAYMENT_BOOKED = "payment.booked"
    PAYMENT_REFUSED = "payment.refused"

    WORKER_FAILED = "worker.failed"
    PROVIDER_FAILED = "provider.failed"

    CLOCK_WRONG = "clock.wrong"
    CLOCK_RIGHT = "clock.right"
    DATABASE_LOST = "database.lost"
    DATABASE_FOUND = "database.found"
    DATABASE_DIED = "database.died"
    DATABASE_RESTARTED = "database.restarted"
    DATABASE_FAILED = "database.failed"
    DATABASE_MIGRATED = "database.migrated"

    SERVER_STARTED = "server.started"
    SERVER_STOPPING = "server.stopping"
    SERVER_STOPPED = "server.stopped"
    PROCESS_DIED = "process.died"

    # What libraries say through Python's own logging.
    LIBRARY_REPORTED = "library.reported"
