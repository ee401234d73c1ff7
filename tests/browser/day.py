"""The page of the library that shows the day by pages: its words, and where its pictures are."""

from pathlib import Path
from textwrap import fill
from typing import Final

import gateway
from tests.browser.tasks import TASKS, Task

HOW_TO: Final = Path(gateway.__file__).parent / "docs" / "how-to"
# Of a line in the library.
WIDTH: Final = 118
PAGE: Final = HOW_TO / "a-day-by-pages.md"
PICTURES: Final = HOW_TO / "pages"
_BEGIN: Final = """\
# A day by pages

What an operator is asked between morning and evening, and where they press. Everything begins on the first page; none
of it takes more than five clicks, and all of it works by the keyboard alone and without scripts. The pictures are of
the demo: `gateway serve --demo` has the same accounts. [An operator's day](an-operators-day.md) is the same by
commands.
"""


def page() -> str:
    return "\n".join([_BEGIN, *map(_section, TASKS)])


def picture(task: Task) -> Path:
    return PICTURES / f"{task.name}.png"


def _section(task: Task) -> str:
    return f"## {task.wanted}\n\n{fill(task.words, WIDTH)}\n\n![{task.wanted}](pages/{task.name}.png)\n"
