"""Calls that CRMs are not told of any more, and another try of one."""

from typing import Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.postgres.crm import CrmPlace, CrmRow
from gateway.usecases.crm import manage
from gateway.web.api.cursors import Cursor
from gateway.web.api.problems import Declined, ErrorCode
from gateway.web.api.reading import ListQuery
from gateway.web.api.resources.call_detail import owner_of_path
from gateway.web.api.route import Asked, Method, NoQuery, Route, Rows

# Of an id.
_DIGITS_MAX: Final = 18


class GivenUpQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class ToldAgain(msgspec.Struct, frozen=True, kw_only=True):
    """How far each CRM is that is told of the call."""

    crm: list[CrmRow]


async def list_given_up(asked: Asked[GivenUpQuery, None]) -> Rows[CrmRow]:
    """Those that a CRM refused, or could not be told of for three days, newest first; a row for each CRM."""
    after = None if asked.after is None else _place_of(asked.after)
    found = await manage.page_given_up(asked.conn, after=after, limit=asked.one_more)
    data = found[: asked.limit]
    last = data[-1] if len(found) > asked.limit else None
    return Rows(data=data, next=None if last is None else f"{last.call_id} {last.connection}")


async def try_again(asked: Asked[NoQuery, None]) -> ToldAgain:
    """Try for three days more to tell of it. 409 where no CRM has given it up."""
    told = await manage.try_again(asked.conn, actor=asked.actor, reference=asked.path["call"], now=asked.now)
    return ToldAgain(crm=told)


def _place_of(cursor: Cursor) -> CrmPlace:
    call_id, blank, connection = str(cursor).partition(" ")
    if not blank or not (call_id.isascii() and call_id.isdecimal()) or len(call_id) > _DIGITS_MAX or "\0" in connection:
        raise Declined(code=ErrorCode.REFUSED, detail="it is no cursor of this list", field="/query/after")
    return CrmPlace(int(call_id), connection)


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/crm/given-up",
        name="list_crm_given_up",
        tag="crm",
        action=Action.CRM_READ,
        summary="Which calls are CRMs not told of any more?",
        handle=list_given_up,
        query=GivenUpQuery,
        reply=CrmRow,
        is_list=True,
    ),
    Route(
        method=Method.POST,
        path="/calls/{call}/crm/try-again",
        name="try_crm_again",
        tag="crm",
        action=Action.CRM_CHANGE,
        summary="Try again to tell CRMs of a call",
        handle=try_again,
        reply=ToldAgain,
        needs_key=True,
        owner=owner_of_path,
    ),
)
