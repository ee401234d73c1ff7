"""Numbers: which there are, what they cost, and what becomes of them."""

from datetime import date
from typing import Annotated, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.errors import InvalidInput
from gateway.domain.lines.line import LineKind
from gateway.usecases.lines import manage, rent
from gateway.usecases.lines.move import move_number as move_to
from gateway.usecases.lines.search import NumberSearch, search_numbers
from gateway.web.api.reading import Id, JsonBody, Number, Text
from gateway.web.api.resources import lines
from gateway.web.api.resources.lines import LineQuery, ShownLine, line_of
from gateway.web.api.route import Asked, Method, NoQuery, Route, Rows

Category = Annotated[str, msgspec.Meta(pattern=r"^(geographic|mobile|toll_free|national)$")]
FirstState = Annotated[str, msgspec.Meta(pattern=r"^(active|suspended)$")]
Currency = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$", description="ISO 4217; the account's unless given.")]


class OfferQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`country` is a code, a name, or a whole number."""

    country: Text
    category: Category | None = None
    currency: Currency | None = None
    account_id: Id | None = None


class RentedNumber(JsonBody, frozen=True, kw_only=True):
    """`account_id` is one's own where one has one; the category is the number's own unless given."""

    number: Number
    account_id: Id | None = None
    category: Category | None = None


class ImportedNumber(JsonBody, frozen=True, kw_only=True):
    """`due_on`: its rent is paid until that day, and charged from then on; without, no rent is charged."""

    account_id: Id
    number: Number
    category: Category | None = None
    state: FirstState = "active"
    due_on: date | None = None


class Taker(JsonBody, frozen=True, kw_only=True):
    """The account that a number is to be of."""

    account_id: Id


async def list_numbers(asked: Asked[LineQuery, None]) -> Rows[ShownLine]:
    """The oldest first."""
    return await lines.list_lines(asked, LineKind.NUMBER)


async def list_offers(asked: Asked[OfferQuery, None]) -> NumberSearch:
    """What renting a number of a country costs, by category."""
    query = asked.query
    return await search_numbers(
        asked.conn,
        query=query.country,
        category=query.category,
        currency=query.currency,
        account_id=asked.account_id,
        now=asked.now,
    )


async def rent_number(asked: Asked[NoQuery, RentedNumber]) -> ShownLine:
    """Rent a number: setup fee and first month are charged at once. `no_money` says what the account would need."""
    body = asked.body
    rented = await rent.rent_number(
        asked.conn,
        actor=asked.actor,
        account_id=lines.account_for(asked),
        number=body.number,
        category=body.category,
        now=asked.now,
    )
    return line_of(rented)


async def import_number(asked: Asked[NoQuery, ImportedNumber]) -> ShownLine:
    """Put in a number that is there already, without charging anything."""
    body = asked.body
    if body.due_on is None:
        added = await manage.add_number(
            asked.conn,
            actor=asked.actor,
            account_id=body.account_id,
            number=body.number,
            category=body.category,
            state=body.state,
            now=asked.now,
        )
        return line_of(added)
    if body.state != "active":
        raise InvalidInput("state: the day that its rent is due decides it")
    rented = await rent.add_rented(
        asked.conn,
        actor=asked.actor,
        account_id=body.account_id,
        number=body.number,
        category=body.category,
        due_on=body.due_on,
        now=asked.now,
    )
    return line_of(rented)


async def move_number(asked: Asked[NoQuery, Taker]) -> ShownLine:
    """Give a number to another account at once, with the month that is paid; calls that are up stay where they are."""
    moved = await move_to(
        asked.conn,
        actor=asked.actor,
        name=asked.path["number"],
        account_id=asked.body.account_id,
        now=asked.now,
    )
    return line_of(moved)


ROUTES: Final = (
    lines.list_route(LineKind.NUMBER, list_numbers),
    Route(
        method=Method.GET,
        path="/numbers/offers",
        name="list_offers",
        tag="numbers",
        action=Action.NUMBERS_READ,
        summary="What does a number cost?",
        handle=list_offers,
        query=OfferQuery,
        reply=NumberSearch,
    ),
    lines.create_route(
        LineKind.NUMBER,
        "",
        action=Action.NUMBERS_RENT,
        summary="Rent a number",
        handle=rent_number,
        body=RentedNumber,
    ),
    lines.create_route(
        LineKind.NUMBER,
        "/import",
        action=Action.NUMBERS_IMPORT,
        summary="Put in a number that is there already",
        handle=import_number,
        body=ImportedNumber,
    ),
    *lines.life_routes(LineKind.NUMBER, "number"),
    Route(
        method=Method.POST,
        path="/numbers/{number}/move",
        name="move_number",
        tag="numbers",
        action=Action.NUMBERS_CHANGE,
        summary="Give a number to another account",
        handle=move_number,
        body=Taker,
        reply=ShownLine,
        needs_key=True,
        owner=lines.owner_of(LineKind.NUMBER, "number"),
    ),
)
