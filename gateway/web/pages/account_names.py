"""What accounts are called that rows of a page are of: people know them by their names."""

from collections.abc import Iterable, Mapping

from gateway.web.pages.visit import PageVisit


async def account_names(visit: PageVisit, ids: Iterable[int | None]) -> Mapping[int, str]:
    """By their ids, asked for at once; on the pages of one account nobody has to be told."""
    wanted = sorted({each for each in ids if each is not None})
    if visit.account_id is not None or not wanted:
        return {}
    found = await visit.ask("list_accounts", query={"ids": ",".join(map(str, wanted)), "limit": len(wanted)})
    return {each.id: each.name for each in found.data}
