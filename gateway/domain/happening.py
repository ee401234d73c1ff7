"""What programs can follow: the kinds of what happens."""

from gateway.domain.described import Described


class Happening(Described):
    """`WHAT.HAPPENED`, about a call, an account, a number, a connector or a connection."""

    CALL_FINISHED = "call.finished", "A call that was connected is over, and charged."
    CALL_REFUSED = "call.refused", "A call was refused."
    CAP_HIT = "cap.hit", "A cap refused a call."
    CALL_UNCUT = "call.uncut", "A call is past its deadline, and its provider cannot be made to end it; with its mail."
    BALANCE_LOW = "balance.low", "A balance has fallen below what is spent in some days; with its mail."
    BALANCE_TOPPED_UP = "balance.topped_up", "Money was paid in."
    NUMBER_RENTED = "number.rented", "A number or a connector is an account's now."
    NUMBER_SUSPENDED = "number.suspended", "A rent was not paid, and its number or connector does not work."
    NUMBER_RESTORED = "number.restored", "A suspended number or connector works again."
    NUMBER_DISCONNECTED = "number.disconnected", "A number or a connector has ended."
    CONNECTION_FAILING = (
        "connection.failing",
        "The last webhook of a connection was refused, and none has been taken for a minute. Operators alone see it.",
    )
    ACCOUNT_BLOCKED = "account.blocked", "An account was blocked: its calls are refused."
