"""Facts of every kind of mail, as whoever causes it writes them."""

from typing import Any

from gateway.domain.accounts.caps import DEAR, Cap
from gateway.domain.mail.notices import NoticeKind
from gateway.mail.letters import write_letter

COMMON = {"account": "Müller & Söhne", "currency": "EUR", "time_zone": "Europe/Berlin"}
NUMBER = {"line": "+4930123456", "line_kind": "number"}
CONNECTOR = {"line": "office", "line_kind": "connector"}
SEPTEMBER = "2026-08-31T22:00:00+00:00"  # the first, midnight in Berlin
UNPAID = {
    "due_on": "2026-07-01",
    "rent": "4.000000",
    "available": "1.234500",
    "missing": "2.765500",
    "held": "0.000000",
}
# Calls hold what is missing.
HELD = UNPAID | {"missing": "0.000000", "held": "3.000000"}
REFUSED = {"caller": "+4930123456", "callee": "+37122123456", "at": "2026-07-01T12:05:59+00:00"}
LIMITS = {
    Cap.BLOCKED_CALLERS: "+4930",
    Cap.BLOCKED_PREFIXES: "+37122",
    Cap.DEAREST_RATE: "0.02705",
    Cap.LIVE_CALLS: "2",
    Cap.STARTS_A_MINUTE: "10",
    Cap.SPEND_A_DAY: "20.000000",
}

CASES: dict[str, tuple[NoticeKind, dict[str, Any]]] = {
    "low_balance": (
        NoticeKind.LOW_BALANCE,
        {"balance": "3.999900", "minimum": "4.000000", "spent": "20.000000", "window_days": 10, "days_ahead": 2},
    ),
    "suspended": (NoticeKind.LINE_SUSPENDED, NUMBER | UNPAID | {"reserved_until": SEPTEMBER}),
    "suspended_for_held": (NoticeKind.LINE_SUSPENDED, NUMBER | HELD | {"reserved_until": SEPTEMBER}),
    "connector_suspended": (
        NoticeKind.LINE_SUSPENDED,
        CONNECTOR | UNPAID | {"rent": "49", "missing": "47.765500", "reserved_until": None},
    ),
    "connector_suspended_for_held": (NoticeKind.LINE_SUSPENDED, CONNECTOR | HELD | {"reserved_until": None}),
    "restored": (NoticeKind.LINE_RESTORED, NUMBER | {"rent": "4", "due_on": "2026-08-15"}),
    "near": (
        NoticeKind.DISCONNECTION_NEAR,
        NUMBER | {"days": 14, "rent": "4.000000", "reserved_until": SEPTEMBER},
    ),
    "disconnected": (NoticeKind.LINE_DISCONNECTED, NUMBER | {"why": "unpaid"}),
    "given_up": (NoticeKind.LINE_DISCONNECTED, CONNECTOR | {"why": "given_up"}),
    "lost": (NoticeKind.LINE_DISCONNECTED, NUMBER | {"why": "lost"}),
    "rent_due": (
        NoticeKind.RENT_DUE,
        NUMBER | UNPAID | {"available": "3.994999", "missing": "0.005001"},
    ),
    "rent_due_for_held": (NoticeKind.RENT_DUE, NUMBER | HELD),
    "connector_restored": (NoticeKind.LINE_RESTORED, CONNECTOR | {"rent": "49", "due_on": "2026-08-01"}),
    "connector_lost": (NoticeKind.LINE_DISCONNECTED, CONNECTOR | {"why": "lost"}),
    "connector_rent_due": (NoticeKind.RENT_DUE, CONNECTOR | UNPAID),
    **{
        f"cap_{cap}": (NoticeKind.CAP_REFUSED, REFUSED | {"cap": cap.value, "limit": limit})
        for cap, limit in LIMITS.items()
    },
    "cap_dear": (NoticeKind.CAP_REFUSED, REFUSED | {"cap": Cap.BLOCKED_PREFIXES.value, "limit": DEAR}),
    "cap_withheld": (NoticeKind.CAP_REFUSED, REFUSED | {"cap": "live_calls", "limit": "1", "caller": ""}),
}
UNCUT = {"call_id": 7, "connection": "pbx", "must_end_at": "2026-07-01T12:00:00+00:00", "attempts": 5}
EXAMPLES = {name: (kind, COMMON | facts) for name, (kind, facts) in CASES.items()} | {
    "uncut": (NoticeKind.CALL_UNCUT, UNCUT | {"time_zone": "UTC"}),
    "flagged": (
        NoticeKind.CALLS_FLAGGED,
        {"day": "2026-07-01", "flags": "clock: 3, end_differs: 1", "time_zone": "UTC"},
    ),
    "sign_in": (
        NoticeKind.SIGN_IN,
        {
            "link": "https://gateway.example.com/sign-in/link?secret=" + "x" * 43,
            "page": "https://gateway.example.com/sign-in",
            "until": "2026-07-01T12:15:00+00:00",
            "time_zone": "Europe/Berlin",
        },
    ),
    "set_aside": (
        NoticeKind.EVENTS_SET_ASIDE,
        {"machine": "gw1", "directory": "/var/lib/gateway/spool", "events": 3, "time_zone": "UTC"},
    ),
}


def told(example: str, language: str) -> str:
    """The subject and the text of an example without its footer; ~ is a space where no line may break."""
    kind, facts = EXAMPLES[example]
    written = write_letter(kind, language=language, facts=facts)
    text = written.text.partition("-- \n")[0]
    return f"{written.subject}\n\n{text}".replace("\N{NO-BREAK SPACE}", "~").rstrip()
