"""What `gateway doctor` can find, worst first."""

from collections.abc import Iterator

from gateway.domain.problems import TREATMENTS, ProblemCode
from tests.support.reference.text import code, page, paragraph, sentence, table


def pages() -> Iterator[tuple[str, str]]:
    rows = (
        (code(each), TREATMENTS[each].severity, each.meaning, sentence(TREATMENTS[each].do)) for each in ProblemCode
    )
    yield (
        "problems.md",
        page(
            "Problems",
            paragraph(
                "What [`gateway doctor`](commands.md#gateway-doctor) can find, the worst first. It exits with 1 if"
                " there is an error. [Find what is wrong](../how-to/find-what-is-wrong.md) says how to use it."
            ),
            table(("problem", "severity", "meaning", "what to do"), rows),
        ),
    )
