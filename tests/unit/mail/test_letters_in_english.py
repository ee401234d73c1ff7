"""The mails in English, word by word."""

from inline_snapshot import snapshot

from tests.unit.mail.facts import EXAMPLES, told


def test_r31_the_mails_in_english() -> None:
    assert {name: told(name, "en") for name in EXAMPLES} == snapshot(
        {
            "low_balance": """\
Low balance: €3.99

The balance of your account is €3.99. That is below €4.00: at the pace
of late it lasts for less than 2 days. In the last 10 days you spent
€20.00.

Please top up at least €0.01. When the money is used up, calls that cost
something are refused, and numbers whose rent cannot be paid are
suspended.\
""",
            "suspended": """\
Suspended: +4930123456

The rent of €4.00 for +4930123456 was due on July 1, 2026 and could not
be paid, since the available balance is €1.23. The number is suspended:
incoming calls get the busy signal, and outgoing calls go out by the
main number of your account.

€2.77 is missing. Please top up at least this amount; as soon as the
rent is paid, the number works again at once. If several rents are
overdue, the oldest is paid first; those that come before this one are
included.

The number stays reserved for you until September 1, 2026, 00:00
(Europe/Berlin). If its rent has not been paid by then, it is
disconnected for good.\
""",
            "suspended_for_held": """\
Suspended: +4930123456

The rent of €4.00 for +4930123456 was due on July 1, 2026 and could not
be paid, since €3.00 of your money is held by calls that are going on,
and beside it €1.23 is available. The number is suspended: incoming
calls get the busy signal, and outgoing calls go out by the main number
of your account.

When the calls are over, the payment is tried again; if they leave
enough, the number works again at once, and there is nothing that you
need to do. If they do not, please top up.

The number stays reserved for you until September 1, 2026, 00:00
(Europe/Berlin). If its rent has not been paid by then, it is
disconnected for good.\
""",
            "connector_suspended": """\
Suspended: SIP connector office

The monthly fee of €49.00 for SIP connector office was due on July 1,
2026 and could not be paid, since the available balance is €1.23.
Outgoing calls by the connector are refused; incoming calls are still
connected.

€47.77 is missing. Please top up at least this amount; as soon as the
fee is paid, the connector works again at once. If several payments are
overdue, the oldest is paid first; those that come before this one are
included.\
""",
            "connector_suspended_for_held": """\
Suspended: SIP connector office

The monthly fee of €4.00 for SIP connector office was due on July 1,
2026 and could not be paid, since €3.00 of your money is held by calls
that are going on, and beside it €1.23 is available. Outgoing calls by
the connector are refused; incoming calls are still connected.

When the calls are over, the payment is tried again; if they leave
enough, the connector works again at once, and there is nothing that you
need to do. If they do not, please top up.\
""",
            "restored": """\
Works again: +4930123456

Thank you: €4.00 has been paid, and +4930123456 works again. The new
month counts from the payment; the next one is due on August 15, 2026.\
""",
            "near": """\
Will be disconnected in 14 days: +4930123456

+4930123456 is suspended, as its rent of €4.00 has not been paid. It
stays reserved for you until September 1, 2026, 00:00 (Europe/Berlin),
that is for 14 days more; then it is disconnected for good and cannot be
brought back.

To keep it, please top up so that the balance covers the rent; it then
works again at once.\
""",
            "disconnected": """\
Disconnected: +4930123456

The rent for +4930123456 was not paid within the time for which it was
reserved. It has been disconnected for good, and later payments do not
bring it back.

The money of your account remains yours. If you need a number, you can
rent another one at any time.\
""",
            "given_up": """\
Disconnected: SIP connector office

As you asked for it, SIP connector office has been given up and is
disconnected. Nothing more will be charged for it.\
""",
            "lost": """\
Disconnected: +4930123456

The provider reports that +4930123456 is no longer available. It has
therefore been disconnected; nothing more will be charged for it.

We are sorry for the inconvenience. Please contact the operator of the
service if you need another number.\
""",
            "rent_due": """\
Payment of €4.00 due on July 1, 2026: +4930123456

On July 1, 2026 a payment of €4.00 for +4930123456 is due. The available
balance is €3.99, so €0.01 is missing. Payments that come before this
one are included.

Please top up at least this amount before that day. Otherwise the line
is suspended, until the payment is covered.\
""",
            "rent_due_for_held": """\
Payment of €4.00 due on July 1, 2026: +4930123456

On July 1, 2026 a payment of €4.00 for +4930123456 is due. €3.00 of your
money is held by calls that are going on, and beside it €1.23 is
available.

If the calls leave enough when they are over, there is nothing that you
need to do. If they do not, please top up before that day. Otherwise the
line is suspended, until the payment is covered.\
""",
            "cap_blocked_callers": """\
Call refused by a limit of your account

A call from +4930123456 to +37122123456 was refused on July 1, 2026,
14:05 (Europe/Berlin) by a limit that protects your account: calls from
0.02705 are blocked.

If this was not you, please check who has access to your lines. If you
need more, the operator of the service can change the limit. We tell you
of each limit once a day at most; further calls may have been refused.\
""",
            "cap_blocked_prefixes": """\
Call refused by a limit of your account

A call from +4930123456 to +37122123456 was refused on July 1, 2026,
14:05 (Europe/Berlin) by a limit that protects your account: calls to
numbers that begin with 0.02705 are blocked.

If this was not you, please check who has access to your lines. If you
need more, the operator of the service can change the limit. We tell you
of each limit once a day at most; further calls may have been refused.\
""",
            "cap_dearest_rate": """\
Call refused by a limit of your account

A call from +4930123456 to +37122123456 was refused on July 1, 2026,
14:05 (Europe/Berlin) by a limit that protects your account: no calls
whose first minute costs more than €0.02705.

If this was not you, please check who has access to your lines. If you
need more, the operator of the service can change the limit. We tell you
of each limit once a day at most; further calls may have been refused.\
""",
            "cap_live_calls": """\
Call refused by a limit of your account

A call from +4930123456 to +37122123456 was refused on July 1, 2026,
14:05 (Europe/Berlin) by a limit that protects your account: at most
0.02705 calls at the same time.

If this was not you, please check who has access to your lines. If you
need more, the operator of the service can change the limit. We tell you
of each limit once a day at most; further calls may have been refused.\
""",
            "cap_starts_a_minute": """\
Call refused by a limit of your account

A call from +4930123456 to +37122123456 was refused on July 1, 2026,
14:05 (Europe/Berlin) by a limit that protects your account: at most
0.02705 new calls a minute.

If this was not you, please check who has access to your lines. If you
need more, the operator of the service can change the limit. We tell you
of each limit once a day at most; further calls may have been refused.\
""",
            "cap_spend_a_day": """\
Call refused by a limit of your account

A call from +4930123456 to +37122123456 was refused on July 1, 2026,
14:05 (Europe/Berlin) by a limit that protects your account: at most
€0.03 spent on calls a day.

If this was not you, please check who has access to your lines. If you
need more, the operator of the service can change the limit. We tell you
of each limit once a day at most; further calls may have been refused.\
""",
            "uncut": """\
Call 7 cannot be cut

Call 7 of the connection pbx should have ended on July 1, 2026, 12:00
(UTC). The provider has been asked 5 times to hang up, in vain; it is
asked again every few minutes.

Please look at the connection, and end the call with the provider's own
means. `gateway calls show 7` tells what is known.\
""",
            "flagged": """\
Flagged calls of July 1, 2026

Calls were flagged on July 1, 2026 (UTC), which says that something is
not as it should be: clock: 3, end_differs: 1.

`gateway calls list --flag NAME` lists them, and `gateway calls show
CALL` explains one.\
""",
        }
    )
