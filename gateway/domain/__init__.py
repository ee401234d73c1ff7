"""The rules of prepaid calls: pure, values in, values out.

Words, one meaning each:

account      whose money pays for the calls of its lines
answer       the far party picked up; what we send back over HTTP is a *reply*
authorize    decide whether a call may be connected, by whom and for how long
available    balance + credit limit - holds
capture      take what a hold set aside; *release* gives it back
caller, callee  who calls and who is called; never from and to
connection   a configured provider account; its webhooks arrive at /hooks/<name>
connector    a line that is the customer's own SIP trunk
cut          we ended a call; *end*: the provider says it is over
deadline     the instant at which a live call must be cut
grant        the seconds a call was allowed at its start
hold         money set aside for a live call
hook         one webhook request; its meaning is an *event*
line         what a call goes out by or comes in on: a rented number or a connector
refuse       our decision; *fail* is an accident
spool        call events kept on disk while the database is away
"""
