"""A page, and a deed that a form of a page asks for: rows of the table of pages."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gateway.domain.access.actions import Action
from gateway.web.bodies import BODY_MAX

if TYPE_CHECKING:
    from gateway.web.pages.visit import PageVisit

# Below it stand the pages of one account.
OWN = "/a/{account_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a page shows: the values that its template fills in.

    At its foot it teaches the API and the command line: `list_route` is the route that gives the same as CSV, with
    `query`; `api` the same below /v1, by `method`; `command` by the command line. Empty: there is no such.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    list_route: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    api: str = ""
    method: str = "GET"
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page.

    `name` is its template, and the file of its words is named by the part before the dot: `calls.one` is
    `templates/calls/one.html`, with the words of `words/pages/calls`. `action` says who may see it. `place` is where it
    stands in the navigation; None: a page that others lead to. `live` is the name of the template of its part that is
    sent anew, from the page's path and `/events`, while somebody looks.
    """

    path: str
    name: str
    action: Action
    show: Callable[["PageVisit"], Awaitable[Shown]]
    place: int | None = None
    live: str | None = None

    @property
    def words(self) -> str:
        return self.name.partition(".")[0]

    @property
    def template(self) -> str:
        return self.name.replace(".", "/")

    @property
    def is_own(self) -> bool:
        """Whether it is of one account."""
        return self.path.startswith(OWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What a form does: `do` gives the address of the page that is shown next, or what its own page shows then.

    What is told once and never again, as a token, has no address: then it gives what its own page shows with it.
    `body_max` is how many bytes the form may have, its files included. A refusal is shown on the page that the form
    stands on, `page`, by its path, whose names the deed's path has too.
    """

    path: str
    page: str
    action: Action
    do: Callable[["PageVisit"], Awaitable[str | Shown]]
    body_max: int = BODY_MAX
