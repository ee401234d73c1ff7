"""What the gateway says of calls: refusals, flags and caps."""

from collections.abc import Iterator

from gateway.domain.accounts.caps import Cap
from gateway.domain.calls.call import Flag
from gateway.domain.calls.refusals import REFUSALS, Refusal
from gateway.domain.calls.remedies import FLAG_REMEDIES, REFUSAL_REMEDIES
from gateway.domain.explanation import Fact
from gateway.numbers.dear import dear_destinations
from gateway.words.speech import say
from tests.support.reference.text import code, page, paragraph, sentence, table

# What the SIP codes of refusals make a caller hear.
HEARD = {
    402: "402 Payment Required: a busy tone, or what the phone or the PBX plays for it",
    403: "403 Forbidden: a busy tone, or what the phone or the PBX plays for it",
    404: "404 Not Found: that the number does not exist",
    433: "433 Anonymity Disallowed: a busy tone, or what the phone or the PBX plays for it",
    486: "486 Busy Here: the busy tone",
    487: "487 Request Terminated: nothing, as the call is over",
    503: "503 Service Unavailable: that the call cannot be connected now; a PBX may try another way",
}
_LOOK = "[Look into a refused call](../../how-to/look-into-a-refused-call.md) says how to find it out step by step."
_PROVIDERS = (
    "This is what SIP says. A provider that has no such code gets the nearest that it has;"
    " its [page](../../how-to/connect-a-provider.md) says which."
)
_CODES = (
    "The code on record is what `gateway calls show` and the figures have. The others are what the provider is told,"
    " where it takes a code."
)


def pages() -> Iterator[tuple[str, str]]:
    yield "refusals.md", _refusals()
    yield from ((f"refusals/{refusal}.md", _refusal(refusal)) for refusal in Refusal)
    yield "flags.md", _flags()
    yield from ((f"flags/{flag}.md", _flag(flag)) for flag in Flag)
    yield "caps.md", _caps()


def _refusals() -> str:
    rows = (
        (f"[{code(refusal)}](refusals/{refusal}.md)", codes.rule, codes.record, codes.outbound, codes.inbound, meaning)
        for refusal, codes in REFUSALS.items()
        for meaning in [sentence(say(Fact(f"refusals.{refusal}")))]
    )
    return page(
        "Refusals",
        paragraph("Why a call is refused. Each code has a page with what to do about it."),
        paragraph(_CODES),
        table(("code", "rule", "on record", "to an outbound caller", "to the caller of an incoming call", "why"), rows),
    )


def _refusal(refusal: Refusal) -> str:
    codes = REFUSALS[refusal]
    rows = (
        ("code on record", codes.record),
        ("who calls out hears", HEARD[codes.outbound]),
        ("who calls in hears", HEARD[codes.inbound]),
        ("rule", codes.rule),
    )
    return page(
        f"Refused: {refusal}",
        paragraph(f"The call was refused because {say(Fact(f'refusals.{refusal}'))}."),
        table(("", ""), rows),
        paragraph(_PROVIDERS),
        "## What to do",
        paragraph(REFUSAL_REMEDIES[refusal]),
        paragraph(_LOOK),
        "[All refusals](../refusals.md)",
    )


def _flags() -> str:
    rows = ((f"[{code(flag)}](flags/{flag}.md)", sentence(say(Fact(f"flags.{flag}")))) for flag in Flag)
    return page(
        "Flags",
        paragraph(
            "What an operator should know about a call that is not as it should be. `gateway calls show` has it."
        ),
        table(("flag", "meaning"), rows),
    )


def _flag(flag: Flag) -> str:
    return page(
        f"Flag: {flag}",
        paragraph(sentence(say(Fact(f"flags.{flag}")))),
        "## What to do",
        paragraph(FLAG_REMEDIES[flag]),
        "[All flags](../flags.md)",
    )


def _caps() -> str:
    rows = ((code(cap), sentence(say(Fact(f"caps.{cap}", {"limit": "*N*"})))) for cap in Cap)
    dear = ((code(each.prefix), each.kind, each.destination, each.source) for each in dear_destinations())
    return page(
        "Caps against fraud",
        paragraph(
            "What an account may do at most, whatever its money allows. They are set by [`gateway caps"
            " set`](commands.md#gateway-caps-set), and looked at in this order. A call that hits one is refused as"
            " [`capped`](refusals/capped.md)."
        ),
        table(("cap", "meaning"), rows),
        "## Dear",
        paragraph(
            "What `dear` among the blocked prefixes stands for, beside the premium numbers that the plan of any country"
            " has by the metadata of `phonenumbers`."
        ),
        table(("prefix", "kind", "destination", "source"), dear),
    )
