"""What an operator does about each refusal and each flag: the last line of what the reference says of them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.domain.calls.call import Flag
from gateway.domain.calls.refusals import Refusal

REFUSAL_REMEDIES: Final[Mapping[Refusal, str]] = MappingProxyType(
    {
        Refusal.NUMBER_UNKNOWN: (
            "See with `gateway number list ACCOUNT` whether the number is there. If it is yours, rent it with"
            " `gateway number rent`, or put it in with `gateway number add`. If not, take its webhook off at the"
            " provider."
        ),
        Refusal.NUMBER_SUSPENDED: (
            "The rent was not paid. `gateway number list ACCOUNT` says how much it is, and until when the number is"
            " reserved; a top-up that covers it revives the number in the same second."
        ),
        Refusal.ACCOUNT_BLOCKED: (
            "An operator blocked the account. `gateway account show ACCOUNT` says for which reason. When that is"
            " settled: `gateway account unblock ACCOUNT`."
        ),
        Refusal.ACCOUNT_CLOSED: (
            "The account is closed for ever. Who still calls by its lines needs a new account. Take the webhooks of its"
            " numbers off at the provider."
        ),
        Refusal.NO_MONEY: (
            "Compare `gateway account show ACCOUNT` with `gateway quote LINE CALLEE`: what is available must cover the"
            " connection fee and the first interval. What live calls hold is not available. Top up."
        ),
        Refusal.CALLEE_INVALID: (
            "`gateway calls show ID` says what was sent and how it was read: in the plan of the line's country where a"
            " person dialled it. Let the phone or the dial plan send a plus, the exit code, or a whole national number."
        ),
        Refusal.NO_RATE: (
            "`gateway rates search CALLEE` shows what the deck has. Import a deck with a row for this prefix, in the"
            " currency of the account, valid by now."
        ),
        Refusal.LINE_UNKNOWN: (
            "The call names a line that no account has. Put the number in with `gateway number add`, or mend what the"
            " provider sends as the caller or as `line`."
        ),
        Refusal.CONNECTION_BOUND: (
            "The call names a line of an account that `accounts` of the connection does not have. If the account may"
            " call by it, add its id there and start the gateway anew. If not, somebody who has the connection's secret"
            " names lines that are not theirs."
        ),
        Refusal.NO_MAIN_NUMBER: (
            "Top up the line's rent: then calls go out by the line itself again. The account was created without a main"
            " number (`gateway account create --main-number`)."
        ),
        Refusal.CONNECTOR_UNPAID: "Top up what the month of the connector costs: it works again in the same second.",
        Refusal.PARENT_UNKNOWN: (
            "The provider must name the incoming call that it forwards, and the gateway must have been asked about that"
            " one first. See what it sent with `gateway calls show ID`, and follow the provider's kit."
        ),
        Refusal.FORWARDED_TWICE: "Forward the first number to the last one directly.",
        Refusal.FORWARDED_TO_ITSELF: (
            "The number is forwarded to itself, so the call would come back for ever. Mend `inbound_to` of the"
            " connection, or the rule of the PBX."
        ),
        Refusal.FORWARDED_IN_A_CIRCLE: (
            "The call would come back to a number that it was forwarded from, and go round for ever. `gateway calls"
            " list --live` shows the forwards of the first round. Take one of them out."
        ),
        Refusal.CAPPED: (
            "`gateway calls show ID` says which cap it was, `gateway caps show ACCOUNT` what counts against it. If the"
            " calls are wanted, raise the cap with `gateway caps set`; if not, the cap did its work."
        ),
        Refusal.NUMBER_WITHHELD: (
            "The account was opened with `--when-withheld refused`. Let the user call without withholding the number:"
            " that is a setting of the telephone, or a code before the number."
        ),
        Refusal.WITHHOLDING_IMPOSSIBLE: (
            "Let the user call without withholding the number. Calls that show nobody need a connection whose provider"
            " can place them: [Connect a provider](../../how-to/connect-a-provider.md#users-who-withhold-their-number)"
            " says which can."
        ),
        Refusal.ID_REUSED: (
            "A webhook had the id of a call on record and another callee, line or direction. `gateway calls show"
            " CONNECTION:CALL_ID` shows the first call, which has the flag too. Each call needs an id of its own: mend"
            " what makes the ids. If nobody does so by mistake, somebody who has the connection's secret tries to call"
            " for nothing: change the secret."
        ),
        Refusal.CALL_ENDED: (
            "Webhooks came in the wrong order, as when a caller hangs up at once. If it happens often, see how long the"
            " provider's webhooks are under way."
        ),
        Refusal.UNAVAILABLE: (
            "`/readyz` says whether the database answers, the log event `hook.failed` whether the gateway met an error."
            " An account whose calls should go on meanwhile has `--when-unavailable`."
        ),
    }
)

FLAG_REMEDIES: Final[Mapping[Flag, str]] = MappingProxyType(
    {
        Flag.OVER_GRANT: (
            "The provider let the call go on past its limit. See whether it was asked to end it (`call.cut_requested`),"
            " and whether its limit is set as the kit says. You pay for the seconds above."
        ),
        Flag.NO_START: (
            "The start did not reach the gateway, so nothing limited the call. See whether the provider has the right"
            " URL, and what it does when a webhook fails."
        ),
        Flag.NO_RATE: "Import a rate for the callee, and `gateway adjust` the account if the call is to be charged.",
        Flag.NO_LINE: "See which line the provider names. If it is yours, put it in with `gateway number add`.",
        Flag.END_DIFFERS: "Compare the call with the provider's own record, and correct it with `gateway adjust`.",
        Flag.END_LOST: (
            "An end that comes is charged still. If none will come, look the call up at the provider, and correct with"
            " `gateway adjust`. See why no end came."
        ),
        Flag.END_LATE: "Nothing for this call. See what keeps the provider's webhooks back.",
        Flag.CLOSED_BY_HAND: "Nothing. The note of its ledger entry says why.",
        Flag.END_ASKED: "Nothing for this call. If it happens often, see where the provider sends the ends of calls.",
        Flag.HOLD_SHORT: (
            "The balance may be below zero: the gateway was away while the call talked, or the answer was never"
            " reported. See `reports_answers` of the connection."
        ),
        Flag.CLOCK: (
            "Nothing: the seconds are the provider's own figure, or those from answer to end by the gateway's clock."
            " Tell the provider if it happens often."
        ),
        Flag.UNAVAILABLE: "Nothing: the account may call on without the database, as you set it. See why it was away.",
        Flag.TOLD_OTHERWISE: (
            "Nothing: on record is what the provider was told. If the call talked all the same, compare it with the"
            " provider's own record. See why the database's answer was lost."
        ),
        Flag.ID_REUSED: (
            "The other call was refused as `id_reused` and is on record by itself. See what that refusal says. Ends and"
            " answers under the id count for the first call, so compare its figures with the provider's own record."
        ),
        Flag.REFUSED: (
            "The provider connected a call that was refused, and you pay for it. See that its webhook takes the reply"
            " as a decision, as the kit says."
        ),
        Flag.NOT_ANSWERED: (
            "Compare the call with the provider's own record. If it was answered all the same, charge it with"
            " `gateway adjust`, and tell the provider that its causes are wrong."
        ),
        Flag.SECONDS_BOUNDED: (
            "Compare the call with the provider's own record, and see how late its webhooks come. If the seconds are"
            " right, as of calls that are reported afterwards, raise `limits.seconds_tolerance`."
        ),
    }
)
