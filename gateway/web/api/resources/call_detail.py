"""One call: why it was decided as it was, and what it moved."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.access.permissions import Permission, may
from gateway.domain.calls.steps import DecisionStep, StepOutcome, steps_of
from gateway.domain.explanation import Fact
from gateway.domain.rates.prices import Arithmetic, arithmetic_of
from gateway.domain.rates.rate import Rate
from gateway.postgres.accounts.ledger import EntryRow
from gateway.postgres.calls.calls import CallRow, ChargeRow, LiveRow
from gateway.postgres.crm import CrmRow
from gateway.postgres.hooks import HookRow
from gateway.postgres.types import PgConnection
from gateway.usecases.calls.shown.detail import CallDetail, detail_call, owner_of_call
from gateway.usecases.connections.captures import list_hooks
from gateway.web.api.route import Asked, Method, Route
from gateway.web.api.said import Language, Said, said

EXPLANATION: Final = "explanation"
ENTRIES: Final = "entries"
HOOKS: Final = "hooks"
_ANY: Final = "(explanation|entries|hooks)"
Include = Annotated[str, msgspec.Meta(pattern=rf"^{_ANY}(,{_ANY})*$", description="What shall be told too, by commas.")]


class IncludeQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    include: Include | None = None
    language: Language = Language.EN


class ShownStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a decision, what came of it, and what it asks, in words."""

    step: DecisionStep
    outcome: StepOutcome
    text: str


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A call, with the decision about it.

    `counterfactual` says what would have had a refused call connected; `steps` is how it came to be decided, empty
    where nobody decided it; `arithmetic` is how its charge is reckoned, null where it costs nothing. `cost` is what its
    provider charges, for those who may see it. `explanation`, `entries` and `hooks` are there where they are asked for
    by `include`; hooks, those that are still kept, for those alone who may see them.
    """

    id: int
    connection: str
    provider_call_id: str
    account_id: int | None
    currency: str | None
    parent_id: int | None
    direction: str | None
    caller: str
    callee: str
    line: str
    caller_id: str
    state: str
    rule: str
    reason: str | None
    record_code: int
    sip_code: int
    available: Decimal | None
    granted_s: int
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    reported_s: int | None
    billed_s: int | None
    charge: Decimal | None
    refunded: Decimal
    cause: str | None
    cut_reason: str | None
    cost: Decimal | None
    cost_currency: str | None
    flags: list[str]
    rate: Rate | None
    live: LiveRow | None
    ledger_entry: ChargeRow | None
    crm: list[CrmRow]
    counterfactual: Said | None
    steps: list[ShownStep]
    arithmetic: Arithmetic | None
    explanation: list[Said] | None
    entries: list[EntryRow] | None
    hooks: list[HookRow] | None


async def show_call(asked: Asked[IncludeQuery, None]) -> Call:
    """By its id, or by CONNECTION:PROVIDER_ID."""
    detail = await detail_call(
        asked.conn,
        reference=asked.path["call"],
        connections=asked.context.settings.connections,
        with_cost=may(asked.actor, Action.CALLS_COST, asked.account_id) is Permission.ALLOWED,
    )
    included = frozenset((asked.query.include or "").split(","))
    hooks = await _hooks(asked, detail) if HOOKS in included else None
    return _call(detail, included=included, language=asked.query.language, hooks=hooks)


async def _hooks(asked: Asked[IncludeQuery, None], detail: CallDetail) -> list[HookRow] | None:
    if may(asked.actor, Action.HOOKS_READ, asked.account_id) is not Permission.ALLOWED:
        return None
    call = detail.view.call
    return await list_hooks(asked.conn, connection=call.connection, provider_call_id=call.provider_call_id)


async def owner_of_path(conn: PgConnection, path: Mapping[str, Any]) -> int | None:
    """Whose the call is that a path names."""
    return await owner_of_call(conn, path["call"])


def _call(detail: CallDetail, *, included: frozenset[str], language: Language, hooks: list[HookRow] | None) -> Call:
    view, call = detail.view, detail.view.call
    plain = {name: getattr(call, name) for name in _PLAIN}
    return Call(
        **plain,
        refunded=detail.refunded,
        crm=view.crm,
        steps=_steps(call, language),
        arithmetic=None if call.rate is None else arithmetic_of(call.rate, call.billed_s or 0),
        counterfactual=None if detail.counterfactual is None else said(detail.counterfactual, language),
        explanation=[said(fact, language) for fact in view.facts] if EXPLANATION in included else None,
        entries=detail.entries if ENTRIES in included else None,
        hooks=hooks,
    )


def _steps(call: CallRow, language: Language) -> list[ShownStep]:
    return [
        ShownStep(step=each.step, outcome=each.outcome, text=said(Fact(f"steps.{each.step}"), language).text)
        for each in steps_of(call.direction, rule=call.rule, reason=call.reason)
    ]


_ADDED: Final = ("refunded", "crm", "counterfactual", "steps", "arithmetic", "explanation", "entries", "hooks")
_PLAIN: Final = tuple(name for name in Call.__struct_fields__ if name not in _ADDED)

ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/calls/{call}",
        name="show_call",
        tag="calls",
        action=Action.CALLS_READ,
        summary="What is known of this call, and why was it decided so?",
        handle=show_call,
        query=IncludeQuery,
        reply=Call,
        owner=owner_of_path,
    ),
)
