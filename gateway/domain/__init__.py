"""The rules of prepaid calls: pure, values in, values out.

The words of the product, one meaning each; in *asterisks* stands the word that is told apart from it:

account            whose money pays for the calls of its lines
actor              who does something: somebody at the command line, a program, a person, the gateway itself
adapter            what knows one provider's hooks: authenticates, parses, replies, hangs up
adjustment         a correction of a balance by hand, up or down
anchor day         the day of the month on which the months of a rent end
answer             the far party picked up; what we send back over HTTP is a *reply*
arrears            rents that are overdue, or will not be paid out of what is there
audit              who did what, with what it was before and after
authorize          decide whether a call may be connected, by whom and for how long
available          balance + credit limit - holds
back-off           how long a row that failed waits before it is tried again
balance            what the entries of an account add up to
bearer             a connection's proof of who sends: a token; *signature*: over the bytes themselves
blocked            of an account: an operator has its calls refused, but for emergency calls
calendar           what charges, suspends, reminds of and disconnects lines when it is due
call status        what a provider says has become of a call: live, ended or unknown
caller, callee     who calls and who is called; never from and to
cap                a limit against fraud, whatever the money allows
capture            take what a hold set aside; *release* gives it back
category           of a number: geographic, mobile, toll-free, national
charge             what a finished call or a month costs, as booked
claim              take rows that are due for oneself, for a while
clocks             when a live call must end, be cut, be extended and be asked about
closed             of an account: over for ever, without lines; ends of its calls are still booked
connection         a configured provider account; its webhooks arrive at /hooks/<name>
connector          a line that is the customer's own SIP trunk
country            ISO 3166 code of the country that a number belongs to
credit limit       how far below nothing a balance may go
crm                the customer's own system that is told of their calls
cut                we ended a call; *end*: the provider says it is over
deadline           the instant at which a live call must be cut
deck               the rates of one kind and currency, imported whole
disconnected       over for ever: the line belongs to nobody
due                to be looked at now: its instant has passed
embedded           the database server that comes with the gateway
entry              a change of a balance in the ledger
event              what a hook means: a call started, was answered, or ended
extension          holding money for the next slice of a live call
facts              what a decision, or a mail, is given to go by
flag               what is strange about a call, kept with it
forecast           an account's future if nobody pays in
forward            an incoming call sent on: an outbound call with a *parent*
funds              an account's balance, holds and credit limit
given up           works for a day more and is not renewed; of a mail or row in a queue: tried no more
grant              the seconds a call was allowed at its start
group commit       events that wait for a transaction go together in the next one
hold               money set aside for a live call
hook               one webhook request; its meaning is an *event*
implied            of a start: it never came, and its call is known by its end alone
inbound, outbound  a call that comes in on a line, or goes out by it
increment          the seconds that a call is billed in
kit                what an operator pastes into a provider to connect it
ledger             the append-only record of all entries
letter             a notice in the words of a language
letterhead         what the operator has put on every mail: sender, reply-to, how to top up
line               what a call goes out by or comes in on: a rented number or a connector
live               of a call: open, holding money and having clocks
low balance        what is left lasts less than the days ahead
main number        an account's number given by the system, which is not rented, so never suspended
minimum            the balance that lasts for the days ahead
notice             something that an administrator is told by mail
outbox             mails that were caused and wait to be sent
overdue            of a rent: not paid on the day it was due
parent             the incoming call that a forwarded one belongs to
prefix             digits that numbers of one price begin with
price list         a provider's own table of rates, from which a deck is read
provider           who carries calls and posts hooks
provider account   an account of ours at a provider, whose payments and lines are pulled
queue              rows that are claimed, worked and tried again
quote              what a call would cost, by the decision a real one gets
rate               a row of a deck: what minutes or months cost
reconcile          ask a provider for the status of a call whose end is late
reconstructed      of a call: recorded after the fact, as nobody asked before it was connected
refund             money given back for something that was charged
refuse             our decision; *fail* is an accident
rehearsal          a provider's hooks played through the real adapter, and what is wrong with the reply
rent               what a line costs by the month
reserved           of a suspended number: still the account's
restored           suspended, and paid late: works again
role               what somebody may do, for all accounts or for one
rule               the number in the requirements by which a decision was made
scope              a part of what a role may do, to which a token is narrowed
settlement         what an end makes of a call: seconds, charge, flags
slice              the seconds of a granted call that a hold covers at once
spent              what calls have cost, on a day or in a window
spool              call events kept on disk while the database is away
start              a call that asks to be connected
subscription       a line as the calendar knows it
suspended          not paid: refuses incoming calls, goes out by the main number
token              what a program shows to be let in; kept as a hash
top-up             money paid in, once for each external id
unavailable        connected while the database was away
unmatched end      an end that came before its start
worker             a loop that does what is due
"""
