"""What accounts are called that rows of a page are of: people know them by their names."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from markupsafe import Markup, escape

from gateway.web.pages.figures import NOTHING
from gateway.web.pages.visit import PageVisit

# As many ids as the API takes at once, however long they are.
AT_ONCE: Final = 200


async def account_names(visit: PageVisit, ids: Iterable[int | None]) -> Mapping[int, str]:
    """By their ids; on the pages of one account nobody has to be told."""
    wanted = sorted({each for each in ids if each is not None})
    if visit.account_id is not None or not wanted:
        return {}
    names: dict[int, str] = {}
    for at in range(0, len(wanted), AT_ONCE):
        part = ",".join(map(str, wanted[at : at + AT_ONCE]))
        found = await visit.ask("list_accounts", query={"ids": part, "limit": AT_ONCE})
        names |= {each.id: each.name for each in found.data}
    return names


def links_of(names: Mapping[int, str]) -> Callable[[int | None], str]:
    """What rows say whose they are by, of `account_names`: the name, which leads to the account."""
    links = {
        each: Markup(f'<a href="/accounts/{each}">{escape(name)}</a>')  # noqa: S704 - escaped
        for each, name in names.items()
    }
    return lambda account_id: links[account_id] if account_id else NOTHING
