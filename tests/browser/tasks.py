"""Twenty things of an operator's day, done by pages: in five clicks at most, and as the docs show them."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from gateway.clock import SystemClock
from tests.browser.walk import Walk

OPERATOR: Final = "olga@example.com"
ADMINISTRATOR: Final = "anna@example.com"
ANNA, BORIS, CLARA, EMIL = "Anna's Bakery (demo)", "Boris Couriers (demo)", "Clara Travel (demo)", "Emil Imports (demo)"
CLICKS_MAX: Final = 5
# Nobody has them, and each walk rents another.
RENTED: Final = {"mouse": "+442079460199", "keyboard": "+442079460198", "no_scripts": "+442079460197"}


@dataclass(frozen=True, kw_only=True)
class Task:
    """What somebody wants, how they do it in words, and what they do; they begin on their first page."""

    name: str
    wanted: str
    words: str
    do: Callable[[Walk], Awaitable[None]]
    person: str = OPERATOR


async def wrong_now(walk: Walk) -> None:
    await walk.sees(re.compile("Nothing|Needs you|Worth a look"))


async def _refused_call(walk: Walk) -> None:
    await walk.follow("Calls", within="nav")
    await walk.fill("Number", "+819055501234")
    await walk.choose("State", "refused")
    await walk.push("Find")
    await walk.follow(re.compile(r"\d\d:\d\d"), within="tbody")


async def why_refused(walk: Walk) -> None:
    await _refused_call(walk)
    await walk.sees("What would have allowed it:")
    await walk.sees("How it was decided")


async def charged_twice(walk: Walk) -> None:
    await _account(walk, ANNA)
    await walk.follow("call", within="tbody")
    await walk.sees("What it cost")


async def refund_a_call(walk: Walk) -> None:
    await _account(walk, ANNA)
    await walk.follow("call", within="tbody")
    await walk.fill("Why", "it was cut off")
    await walk.push("Give back")
    await walk.sees("The money was given back.")


async def _account(walk: Walk, name: str) -> None:
    await walk.follow("Accounts", within="nav")
    await walk.follow(name)


async def pay_in(walk: Walk) -> None:
    await _account(walk, CLARA)
    await walk.follow("Top up")
    await walk.fill("Amount", "25")
    await walk.fill("Id of the payment", f"bank-2026-{walk.mark}")
    await walk.push("Top up")
    await walk.sees("The money is there.")


async def paid_for_another(walk: Walk) -> None:
    """The same payment was booked for Clara."""
    await _account(walk, BORIS)
    await walk.follow("Top up")
    await walk.fill("Amount", "25")
    await walk.fill("Id of the payment", f"bank-2026-{walk.mark}")
    await walk.push("Top up")
    await walk.sees("This is not possible as things stand.", within='[role="alert"]')


async def stop_a_fraudster(walk: Walk) -> None:
    await _account(walk, BORIS)
    await walk.follow("Block")
    await walk.fill("Reason", "calls to premium numbers all night")
    await walk.tick("End the calls that are up, too")
    await walk.push("Block")
    await walk.sees("Blocked: its calls are refused.")


async def let_it_call_again(walk: Walk) -> None:
    await _account(walk, BORIS)
    await walk.push("Unblock: let it call again")
    await walk.sees("It may call again.")


async def change_an_address(walk: Walk) -> None:
    await _account(walk, CLARA)
    await walk.follow("Change", within="main")
    await walk.fill("Mail address", "clara.travel@example.com")
    await walk.push("Save")
    await walk.sees("It was changed.")


async def open_an_account(walk: Walk) -> None:
    await walk.follow("Accounts", within="nav")
    await walk.follow("Open an account")
    await walk.fill("Name", "Greta Gardens")
    await walk.fill("Mail address", "greta@example.com")
    await walk.fill("Currency", "USD")
    await walk.push("Open an account")
    await walk.sees("It is open.")


async def tighten_caps(walk: Walk) -> None:
    await _account(walk, CLARA)
    await walk.follow("Change caps")
    await walk.fill("Calls at once", "3")
    await walk.push("Save")
    await walk.sees("The caps were changed.")


async def price_from_next_month(walk: Walk) -> None:
    first = (SystemClock().now().replace(day=1) + timedelta(days=32)).replace(day=1)
    await walk.follow("Rates", within="nav")
    await walk.follow("Set one price")
    await walk.fill("Prefix or country", "33")
    await walk.fill("Currency", "USD")
    await walk.fill("A minute, or a month", "0.0130")
    await walk.fill("Valid from", f"{first:%Y-%m-%d}")
    await walk.push("Set the price")
    await walk.sees("The price is set.")


async def what_a_call_costs(walk: Walk) -> None:
    await walk.follow("Rates", within="nav")
    await walk.fill("Number, country or prefix", "+442079460018")
    await walk.fill("Currency", "USD")
    await walk.push("Find")
    await walk.sees("A minute")


async def what_is_due(walk: Walk) -> None:
    await walk.follow("Numbers", within="nav")
    await walk.follow("Suspended")
    await walk.sees("Reserved until")


async def cut_a_call(walk: Walk) -> None:
    await walk.follow("Calls", within="nav")
    await walk.follow("Calls that are up now")
    await walk.push(re.compile("^Cut call"))
    await walk.sees(re.compile("asked to end it|Calls that are up"))


async def look_at_a_connection(walk: Walk) -> None:
    await walk.follow("Connections", within="nav")
    await walk.follow("demo", within="tbody")
    await walk.sees("Secrets, the newest first, and when each last proved a webhook")


async def what_we_earn(walk: Walk) -> None:
    await walk.follow("Usage", within="nav")
    await walk.sees("What do we earn?")


async def invite_a_colleague(walk: Walk) -> None:
    await walk.follow("People", within="nav")
    await walk.fill("Mail address", "sven@example.com")
    await walk.choose("Role", "support")
    await walk.push("Invite")
    await walk.sees("sven@example.com")


async def who_did_what(walk: Walk) -> None:
    await walk.follow("Audit", within="nav")
    await walk.sees(re.compile("olga|Olga|person:"))


async def export_for_the_accountant(walk: Walk) -> None:
    await walk.follow("Charges", within="nav")
    async with walk.page.expect_download() as waiting:
        await walk.follow("As CSV", within="footer", leaves=False)
    download = await waiting.value
    assert download.suggested_filename == "list_entries.csv"


async def rent_a_number(walk: Walk) -> None:
    await walk.follow("Numbers", within="nav")
    await walk.follow("Rent a number")
    await walk.fill("Number", RENTED[walk.mark])
    await walk.push("See its price")
    await walk.push(re.compile("^Rent it for"))
    await walk.sees("It is rented, and works.")


TASKS: Final = (
    Task(
        name="wrong-now",
        wanted="What is wrong right now?",
        words="The first page says it before anything else: what needs you, since when, and what to do about it.",
        do=wrong_now,
    ),
    Task(
        name="why-refused",
        wanted='"My call to Japan does not go through"',
        words=(
            "**Calls**, the number, *refused*, **Find**, and the call. It says what would have allowed it, first; below"
            " are the steps of the decision, and where it stopped."
        ),
        do=why_refused,
    ),
    Task(
        name="charged-twice",
        wanted='"I was charged twice"',
        words="The account lists what moved its money; the call of a charge has its price as a sum.",
        do=charged_twice,
    ),
    Task(
        name="refund-a-call",
        wanted="Give money back for a call",
        words="From the charge to its call, say why, **Give back**. No more goes back than the call cost.",
        do=refund_a_call,
    ),
    Task(
        name="pay-in",
        wanted="Book a payment",
        words="**Accounts**, the account, **Top up**. The id of the payment counts once, for ever.",
        do=pay_in,
    ),
    Task(
        name="paid-for-another",
        wanted="The same payment, for another account by mistake",
        words="It is refused, and what was typed is still there.",
        do=paid_for_another,
    ),
    Task(
        name="stop-a-fraudster",
        wanted="Stop a fraudster",
        words="The account, **Block**, the reason, and whether the calls that are up end too.",
        do=stop_a_fraudster,
    ),
    Task(
        name="let-it-call-again",
        wanted="Let it call again",
        words="One button on the page of the account.",
        do=let_it_call_again,
    ),
    Task(
        name="change-an-address",
        wanted="The customer has a new address",
        words="The account, **Change**, **Save**.",
        do=change_an_address,
    ),
    Task(
        name="open-an-account",
        wanted="A new customer",
        words="**Accounts**, **Open an account**. It begins with nothing, and with the caps of new accounts.",
        do=open_an_account,
    ),
    Task(
        name="tighten-caps",
        wanted="Cap what an account may do",
        words="The account, **Change caps**. They hold from the next call on.",
        do=tighten_caps,
    ),
    Task(
        name="what-a-call-costs",
        wanted="What does a call to London cost?",
        words="**Rates**, the number, **Find**: what one, five and sixty minutes cost.",
        do=what_a_call_costs,
    ),
    Task(
        name="price-from-next-month",
        wanted="Another price, from next month",
        words="**Rates**, **Set one price**, with the day from which it is valid. All other prices stay.",
        do=price_from_next_month,
    ),
    Task(
        name="what-is-due",
        wanted="Which numbers are about to be lost?",
        words="**Numbers**, **Suspended**: until when each is reserved.",
        do=what_is_due,
    ),
    Task(
        name="cut-a-call",
        wanted="End a call that is up",
        words="**Calls**, **Calls that are up now**, **Cut**. The page follows by itself.",
        do=cut_a_call,
    ),
    Task(
        name="look-at-a-connection",
        wanted="Does the provider still reach us, and by which secret?",
        words="**Connections**, and the connection.",
        do=look_at_a_connection,
    ),
    Task(
        name="what-we-earn",
        wanted="What do we earn?",
        words="**Usage**: what calls brought and cost, how many were answered, and how long they were.",
        do=what_we_earn,
    ),
    Task(
        name="invite-a-colleague",
        wanted="A new colleague",
        words="**People**, their address, **Invite**. A link goes to them and to nobody else.",
        do=invite_a_colleague,
    ),
    Task(
        name="who-did-what",
        wanted="Who did that?",
        words="**Audit** has one row for each thing that was changed, by whom, from what to what.",
        do=who_did_what,
    ),
    Task(
        name="export-for-the-accountant",
        wanted="The charges, for the accountant",
        words="An administrator's **Charges**, and **As CSV** at the foot: with the filters of the page.",
        do=export_for_the_accountant,
        person=ADMINISTRATOR,
    ),
    Task(
        name="rent-a-number",
        wanted="An administrator rents a number",
        words="**Numbers**, **Rent a number**, the number: the price stands there before the button.",
        do=rent_a_number,
        person=ADMINISTRATOR,
    ),
)
