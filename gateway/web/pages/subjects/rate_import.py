"""Another deck, in three steps: the file; what it would change; and from when it is valid, then it takes effect.

Between the steps the form carries the file, so that what takes effect is what was looked at, and nothing is kept of a
file that nobody wanted.
"""

import base64
import binascii
import zlib
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from gateway.domain.access.actions import Action
from gateway.web.api.problems import Declined, ErrorCode
from gateway.web.pages.asking import begin_of, require_tick, told
from gateway.web.pages.page import Deed, Page, Shown
from gateway.web.pages.visit import PageVisit

_PATH: Final = "/rates/import"
# A larger deck is imported by the command line, which reads it from a disk.
DECK_MAX: Final = 16 * 1024 * 1024
_FORM_MAX: Final = DECK_MAX + 256 * 1024


async def show_import(visit: PageVisit) -> Shown:
    """The first step; after a refusal of the last one, the second again."""
    if visit.form.get("deck"):
        return await _difference(visit, _deck(visit))
    return _shown({"difference": None, "problem": ""})


async def compare(visit: PageVisit) -> Shown:
    """The second step: what the file would change."""
    content = visit.files.get("file", b"")
    if not content and visit.form.get("deck"):
        content = _deck(visit)
    if not content:
        raise Declined(code=ErrorCode.INVALID, detail=visit.words("rates")("choose_file"))
    if len(content) > DECK_MAX:
        raise Declined(code=ErrorCode.TOO_LARGE, detail="")
    return await _difference(visit, content)


async def take_effect(visit: PageVisit) -> str:
    """The last step; where prices end, somebody has typed how many."""
    require_tick(visit)
    query = _valid_from(visit)
    if visit.form.get("ends"):
        query["ends_allowed"] = "".join(each for each in visit.form["ends"] if each.isdigit())
    done = await visit.do("import_rates", body=_deck(visit), query=query)
    return f"/rates/versions?done=imported#version-{done['version']}"


async def _difference(visit: PageVisit, content: bytes) -> Shown:
    # It changes nothing, so that whoever compares another file by the same form is answered anew.
    asking = replace(visit, form={"key": uuid4().hex})
    query = {"dry_run": "true"} | _valid_from(visit)
    difference, problem = await told(visit, asking.do("import_rates", body=content, query=query))
    if difference is None:
        return _shown({"difference": None, "problem": problem})
    rows = [row | {"valid_from": datetime.fromisoformat(row["valid_from"])} for row in difference["rows"]]
    return _shown(
        {
            "difference": difference,
            "problem": problem,
            "deck": base64.b64encode(zlib.compress(content)).decode(),
            "rows": rows,
            "is_cut": len(rows) < difference["added"] + difference["changed"] + difference["removed"],
        }
    )


def _deck(visit: PageVisit) -> bytes:
    """The file that the form carries."""
    try:
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(base64.b64decode(visit.form.get("deck", ""), validate=True), DECK_MAX)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise Declined(code=ErrorCode.KEY_REQUIRED, detail="") from error
    if unpacking.unconsumed_tail or not content:
        raise Declined(code=ErrorCode.TOO_LARGE if content else ErrorCode.KEY_REQUIRED, detail="")
    return content


def _valid_from(visit: PageVisit) -> dict[str, str]:
    day = visit.form.get("valid_from", "").strip()
    return {"valid_from": begin_of(day, visit.zone).isoformat()} if day else {}


def _shown(values: dict[str, Any]) -> Shown:
    return Shown(values=values, api="/rates/imports", method="POST", command="gateway rates import FILE --dry-run")


PAGES: Final = (Page(path=_PATH, name="rates.import", action=Action.RATES_CHANGE, show=show_import),)
DEEDS: Final[tuple[Deed, ...]] = (
    Deed(path=f"{_PATH}/compare", page=_PATH, action=Action.RATES_CHANGE, do=compare, body_max=_FORM_MAX),
    Deed(path=_PATH, page=_PATH, action=Action.RATES_CHANGE, do=take_effect, body_max=_FORM_MAX),
)
