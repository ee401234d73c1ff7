"""What stands at the head of every page: the pages that somebody may see, and the accounts they may look into."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.web.pages.page import Page
from gateway.web.pages.visit import PageVisit


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationEntry:
    """A page of the navigation, by its name, which has its words; `is_here`: it is the one that is shown."""

    name: str
    href: str
    is_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where somebody is somebody: one account, by its name, or None for the operator's side."""

    account: str | None
    href: str
    is_here: bool


def whereabouts(visit: PageVisit) -> list[Whereabouts]:
    """All of somebody's; whoever has one alone has nothing to choose."""
    found = [
        Whereabouts(
            account=each.account_name,
            href="/" if each.account_id is None else f"/a/{each.account_id}",
            is_here=each.account_id == visit.account_id,
        )
        for each in visit.person.memberships
    ]
    return found if len(found) > 1 else []


def navigation(pages: Sequence[Page], here: Page, visit: PageVisit) -> list[NavigationEntry]:
    """Those of the side that somebody is on: the operator's, or one account's."""
    shown = [each for each in pages if each.place is not None and each.is_own == here.is_own and visit.may(each.action)]
    return [
        NavigationEntry(
            name=each.words,
            href=each.path.replace("{account_id}", str(visit.account_id)),
            is_here=each.words == here.words,
        )
        for each in sorted(shown, key=lambda each: each.place or 0)
    ]
