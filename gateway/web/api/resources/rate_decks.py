"""Decks of rates: which were imported, another one, and the newest one undone."""

from http import HTTPStatus
from typing import Annotated, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.errors import NotFound
from gateway.postgres.rates import VersionRow
from gateway.usecases.rates import import_deck
from gateway.usecases.rates.import_deck import ChangedRow, ImportedRates, RowChange, TriedRates
from gateway.usecases.rates.undo_import import undo_import
from gateway.web.api.reading import Instant, ListQuery
from gateway.web.api.route import CSV, Asked, Method, NoQuery, Route, Rows

Ends = Annotated[int, msgspec.Meta(ge=0, le=10_000_000, description="How many prices may end at most.")]
# Of a file that came by the API the version says only that.
SOURCE: Final = "API"
ROWS_MAX: Final = 1000


class ImportQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`dry_run`: say what would change, and change nothing. `ends_allowed` must be said where most of a deck ends.

    `valid_from`: from when all prices of the file are valid, whatever it says itself.
    """

    dry_run: bool = False
    ends_allowed: Ends | None = None
    valid_from: Instant | None = None


class DeckImport(msgspec.Struct, frozen=True, kw_only=True):
    """What an import did, or would do; of a dry run `version` is null.

    `rows` are the first thousand changes of a dry run, those that end before all others.
    """

    dry_run: bool
    version: int | None
    added: int
    changed: int
    removed: int
    left_out: int
    warnings: tuple[str, ...]
    rows: list[ChangedRow] | None


async def list_versions(asked: Asked[ListQuery, None]) -> Rows[VersionRow]:
    """The imports that there were, the newest first."""
    versions = await import_deck.list_versions(asked.conn)
    before = asked.before_id
    return asked.rows([each for each in versions if before is None or each.id < before][: asked.one_more])


async def show_version(asked: Asked[NoQuery, None]) -> VersionRow:
    version_id = asked.path["version_id"]
    for each in await import_deck.list_versions(asked.conn):
        if each.id == version_id:
            return each
    raise NotFound(f"there is no version {version_id}")


async def import_rates(asked: Asked[ImportQuery, bytes]) -> DeckImport:
    """Import a deck in our own columns, the whole deck of each kind and currency in it, or nothing of it."""
    clock, valid_from = asked.context.clock, asked.query.valid_from
    if asked.query.dry_run:
        tried = await import_deck.try_rates(asked.conn, content=asked.body, clock=clock, valid_from=valid_from)
        return _imported(tried, is_dry_run=True)
    done = await import_deck.import_rates(
        asked.conn,
        actor=asked.actor,
        content=asked.body,
        source=SOURCE,
        clock=clock,
        ends=asked.query.ends_allowed,
        valid_from=valid_from,
    )
    return _imported(done, is_dry_run=False)


def _imported(done: ImportedRates, *, is_dry_run: bool) -> DeckImport:
    return DeckImport(
        dry_run=is_dry_run,
        version=done.version,
        added=done.added,
        changed=done.changed,
        removed=done.removed,
        left_out=done.left_out,
        warnings=done.warnings,
        rows=_first_rows(done) if isinstance(done, TriedRates) else None,
    )


async def undo_version(asked: Asked[NoQuery, None]) -> DeckImport:
    """Undo the newest import by another version: what was valid before it is so again from now on."""
    done = await undo_import(asked.conn, actor=asked.actor, version=asked.path["version_id"], clock=asked.context.clock)
    return _imported(done, is_dry_run=False)


def _first_rows(tried: TriedRates) -> list[ChangedRow]:
    """What ends is what somebody must see."""
    return sorted(tried.rows, key=lambda row: row.change is not RowChange.REMOVED)[:ROWS_MAX]


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/rates/versions",
        name="list_rate_versions",
        tag="rates",
        action=Action.RATES_VERSIONS,
        summary="Which decks were imported?",
        handle=list_versions,
        query=ListQuery,
        reply=VersionRow,
        is_list=True,
    ),
    Route(
        method=Method.GET,
        path="/rates/versions/{version_id}",
        name="show_rate_version",
        tag="rates",
        action=Action.RATES_VERSIONS,
        summary="Which deck was this?",
        handle=show_version,
        reply=VersionRow,
    ),
    Route(
        method=Method.POST,
        path="/rates/versions/{version_id}/undo",
        name="undo_import",
        tag="rates",
        action=Action.RATES_CHANGE,
        summary="Undo the newest import",
        handle=undo_version,
        reply=DeckImport,
        status=HTTPStatus.CREATED,
        needs_key=True,
    ),
    Route(
        method=Method.POST,
        path="/rates/imports",
        name="import_rates",
        tag="rates",
        action=Action.RATES_CHANGE,
        summary="Import a deck, or say what that would change",
        handle=import_rates,
        query=ImportQuery,
        body=bytes,
        body_type=CSV,
        reply=DeckImport,
        status=HTTPStatus.CREATED,
        needs_key=True,
    ),
)
