"""The mails in English, word by word."""

from inline_snapshot import snapshot

from tests.unit.mail.facts import EXAMPLES, told


def test_r31_the_mails_in_english() -> None:
    assert {name: told(name, "en") for name in EXAMPLES} == snapshot(
        {
            "low_balance": """\
Low balance: €3.99

The balance of your account is €3.99, which is below €4.00. At the
current rate of spending it will last for less than 2 days. In the last
10 days you spent €20.00.

Please top up at least €0.01. When the money is used up, calls that cost
something are refused, and numbers whose rent cannot be paid are
suspended.

To top up, please contact the operator of the service.\
""",
            "suspended": """\
Suspended: +4930123456

The rent of €4.00 for the number +4930123456 was due on July 1, 2026 and
could not be paid, because the available balance is €1.23. The number is
suspended: callers hear the busy signal, and outgoing calls are made
with the main number of your account.

The amount missing is €2.77. Please top up at least this amount; as soon
as the rent is paid, the number works again. If several rents are
overdue, the oldest is paid first; this amount includes those that are
paid before this one.

The number stays reserved for you until September 1, 2026 at 00:00
(Europe/Berlin). If the rent has not been paid by then, the number will
be disconnected permanently.

To top up, please contact the operator of the service.\
""",
            "suspended_for_held": """\
Suspended: +4930123456

The rent of €4.00 for the number +4930123456 was due on July 1, 2026 and
could not be paid, because €3.00 of your balance is held for calls in
progress and the available balance is €1.23. The number is suspended:
callers hear the busy signal, and outgoing calls are made with the main
number of your account.

When the calls are over, the payment is tried again. If enough is left,
the number works again at once and you need not do anything; if not,
please top up.

The number stays reserved for you until September 1, 2026 at 00:00
(Europe/Berlin). If the rent has not been paid by then, the number will
be disconnected permanently.

To top up, please contact the operator of the service.\
""",
            "connector_suspended": """\
Suspended: SIP connector office

The monthly fee of €49.00 for the SIP connector office was due on July
1, 2026 and could not be paid, because the available balance is €1.23.
Outgoing calls through the connector are refused; incoming calls are
still connected.

The amount missing is €47.77. Please top up at least this amount; as
soon as the fee is paid, the connector works again. If several payments
are overdue, the oldest is made first; this amount includes those that
are made before this one.

To top up, please contact the operator of the service.\
""",
            "connector_suspended_for_held": """\
Suspended: SIP connector office

The monthly fee of €4.00 for the SIP connector office was due on July 1,
2026 and could not be paid, because €3.00 of your balance is held for
calls in progress and the available balance is €1.23. Outgoing calls
through the connector are refused; incoming calls are still connected.

When the calls are over, the payment is tried again. If enough is left,
the connector works again at once and you need not do anything; if not,
please top up.

To top up, please contact the operator of the service.\
""",
            "restored": """\
Works again: +4930123456

Thank you: €4.00 has been paid, and the number +4930123456 works again.
The new month begins with this payment; the next payment is due on
August 15, 2026.

To top up, please contact the operator of the service.\
""",
            "near": """\
Will be disconnected in 14 days: +4930123456

The number +4930123456 is suspended, because its rent of €4.00 has not
been paid. It stays reserved for you until September 1, 2026 at 00:00
(Europe/Berlin), that is, for another 14 days; after that it will be
disconnected permanently and cannot be recovered.

To keep it, please top up enough for the balance to cover the rent; the
number then works again at once.

To top up, please contact the operator of the service.\
""",
            "disconnected": """\
Disconnected: +4930123456

The rent for the number +4930123456 was not paid while the number was
reserved for you. It has been disconnected permanently, and later
payments will not bring it back.

The balance of your account remains yours. If you need a number, you can
rent another one at any time.

To top up, please contact the operator of the service.\
""",
            "given_up": """\
Disconnected: SIP connector office

As you requested, the SIP connector office has been given up and
disconnected. Nothing more will be charged for it.

To top up, please contact the operator of the service.\
""",
            "lost": """\
Disconnected: +4930123456

The provider reports that the number +4930123456 is no longer available.
The line has therefore been disconnected; nothing more will be charged
for it.

We are sorry for the inconvenience. If you need another line, please
contact the operator of the service.

To top up, please contact the operator of the service.\
""",
            "rent_due": """\
Payment of €4.00 due on July 1, 2026: +4930123456

A payment of €4.00 for the number +4930123456 is due on July 1, 2026.
The available balance is €3.99, so €0.01 is missing; this includes the
payments that are made before this one.

Please top up at least this amount before that day. Otherwise the line
will be suspended until the payment is covered.

To top up, please contact the operator of the service.\
""",
            "rent_due_for_held": """\
Payment of €4.00 due on July 1, 2026: +4930123456

A payment of €4.00 for the number +4930123456 is due on July 1, 2026. At
present, €3.00 of your balance is held for calls in progress, and the
available balance is €1.23.

If enough is left when the calls are over, you need not do anything. If
not, please top up before that day; otherwise the line will be suspended
until the payment is covered.

To top up, please contact the operator of the service.\
""",
            "connector_restored": """\
Works again: SIP connector office

Thank you: €49.00 has been paid, and the SIP connector office works
again. The new month begins with this payment; the next payment is due
on August 1, 2026.

To top up, please contact the operator of the service.\
""",
            "connector_lost": """\
Disconnected: SIP connector office

The provider reports that the SIP connector office is no longer
available. The line has therefore been disconnected; nothing more will
be charged for it.

We are sorry for the inconvenience. If you need another line, please
contact the operator of the service.

To top up, please contact the operator of the service.\
""",
            "connector_rent_due": """\
Payment of €4.00 due on July 1, 2026: SIP connector office

A payment of €4.00 for the SIP connector office is due on July 1, 2026.
The available balance is €1.23, so €2.77 is missing; this includes the
payments that are made before this one.

Please top up at least this amount before that day. Otherwise the line
will be suspended until the payment is covered.

To top up, please contact the operator of the service.\
""",
            "cap_blocked_callers": """\
Call refused because of a limit of your account

On July 1, 2026 at 14:05 (Europe/Berlin), a call from +4930123456 to
+37122123456 was refused because of a limit that protects your account:
calls from +4930 are blocked.

If you do not recognize this call, please check who has access to your
lines. If the limit is too strict, the operator of the service can
change it. We report each limit at most once a day; further calls may
have been refused.

To top up, please contact the operator of the service.\
""",
            "cap_blocked_prefixes": """\
Call refused because of a limit of your account

On July 1, 2026 at 14:05 (Europe/Berlin), a call from +4930123456 to
+37122123456 was refused because of a limit that protects your account:
calls to numbers that begin with +37122 are blocked.

If you do not recognize this call, please check who has access to your
lines. If the limit is too strict, the operator of the service can
change it. We report each limit at most once a day; further calls may
have been refused.

To top up, please contact the operator of the service.\
""",
            "cap_dearest_rate": """\
Call refused because of a limit of your account

On July 1, 2026 at 14:05 (Europe/Berlin), a call from +4930123456 to
+37122123456 was refused because of a limit that protects your account:
calls whose first minute costs more than €0.02705 are blocked.

If you do not recognize this call, please check who has access to your
lines. If the limit is too strict, the operator of the service can
change it. We report each limit at most once a day; further calls may
have been refused.

To top up, please contact the operator of the service.\
""",
            "cap_live_calls": """\
Call refused because of a limit of your account

On July 1, 2026 at 14:05 (Europe/Berlin), a call from +4930123456 to
+37122123456 was refused because of a limit that protects your account:
the number of simultaneous calls is limited to 2.

If you do not recognize this call, please check who has access to your
lines. If the limit is too strict, the operator of the service can
change it. We report each limit at most once a day; further calls may
have been refused.

To top up, please contact the operator of the service.\
""",
            "cap_starts_a_minute": """\
Call refused because of a limit of your account

On July 1, 2026 at 14:05 (Europe/Berlin), a call from +4930123456 to
+37122123456 was refused because of a limit that protects your account:
the number of new calls per minute is limited to 10.

If you do not recognize this call, please check who has access to your
lines. If the limit is too strict, the operator of the service can
change it. We report each limit at most once a day; further calls may
have been refused.

To top up, please contact the operator of the service.\
""",
            "cap_spend_a_day": """\
Call refused because of a limit of your account

On July 1, 2026 at 14:05 (Europe/Berlin), a call from +4930123456 to
+37122123456 was refused because of a limit that protects your account:
spending on calls is limited to €20.00 per day.

If you do not recognize this call, please check who has access to your
lines. If the limit is too strict, the operator of the service can
change it. We report each limit at most once a day; further calls may
have been refused.

To top up, please contact the operator of the service.\
""",
            "cap_dear": """\
Call refused because of a limit of your account

On July 1, 2026 at 14:05 (Europe/Berlin), a call from +4930123456 to
+37122123456 was refused because of a limit that protects your account:
calls to expensive and often abused destinations are blocked.

If you do not recognize this call, please check who has access to your
lines. If the limit is too strict, the operator of the service can
change it. We report each limit at most once a day; further calls may
have been refused.

To top up, please contact the operator of the service.\
""",
            "cap_withheld": """\
Call refused because of a limit of your account

On July 1, 2026 at 14:05 (Europe/Berlin), a call from a withheld number
to +37122123456 was refused because of a limit that protects your
account: the number of simultaneous calls is limited to 1.

If you do not recognize this call, please check who has access to your
lines. If the limit is too strict, the operator of the service can
change it. We report each limit at most once a day; further calls may
have been refused.

To top up, please contact the operator of the service.\
""",
            "uncut": """\
Call 7 cannot be cut

Call 7 of the connection pbx should have ended on July 1, 2026 at 12:00
(UTC). The provider has been asked 5 times to hang up, without success;
it is asked again every few minutes.

Please check the connection, and end the call by the provider's own
means. `gateway calls show 7` shows what is known about it.\
""",
            "flagged": """\
Flagged calls of July 1, 2026

Some calls were flagged on July 1, 2026 (UTC), which says that something
is not as it should be: clock (3), end_differs (1).

`gateway calls list --flag NAME` lists these calls, and `gateway calls
show CALL` explains one of them.\
""",
            "sign_in": """\
Your link to sign in

The link below signs you in to the gateway. It works once and is valid
until July 1, 2026 at 14:15 (Europe/Berlin). It is for you alone: please
do not pass it on.

If it comes too late, ask for another one at
https://gateway.example.com/sign-in. If you neither asked for it nor
were invited, you need not do anything: without the link nobody gets in.

https://gateway.example.com/sign-in/link?secret=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
""",
            "set_aside": """\
Call events put aside on gw1

Some call events that were kept on disk cannot be recorded as they are,
and were put aside in /var/lib/gateway/spool on gw1: 3.

`gateway spool show` says why. Once the cause is mended, `gateway spool
replay --set-aside` takes them up again.\
""",
        }
    )
