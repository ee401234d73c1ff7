"""Where a connector is, changed on its page."""

from typing import Final

from gateway.countries import find_country
from gateway.domain.access.actions import Action
from gateway.web.pages.page import OWN, Deed
from gateway.web.pages.subjects.numbers import CONNECTORS, href_of, line_shown, path_of
from gateway.web.pages.visit import PageVisit
from gateway.words.vocabulary import FALLBACK


async def place(visit: PageVisit) -> str:
    """The API wants the code of a country, and people know its name."""
    line, text = await line_shown(CONNECTORS, visit), visit.form.get("country", "").strip()
    country = find_country(text, languages=(visit.language, FALLBACK)) if text else ""
    await visit.do("change_connector", path={"name": line.name}, body={"country": country})
    return f"{href_of(CONNECTORS, visit, line.name)}?done=placed"


DEEDS: Final[tuple[Deed, ...]] = tuple(
    Deed(
        path=f"{path_of(CONNECTORS, side)}/country",
        page=path_of(CONNECTORS, side),
        action=Action.NUMBERS_CHANGE,
        do=place,
    )
    for side in ("", OWN)
)
