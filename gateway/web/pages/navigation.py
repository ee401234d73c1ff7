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
