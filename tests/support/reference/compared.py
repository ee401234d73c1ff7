"""How the providers compare, as each declares it."""

from collections.abc import Iterator

from gateway.providers.registry import providers
from tests.support.reference.text import code, page, paragraph, table

_COLUMNS = (
    "provider, and kind of connection",
    "call start",
    "refuse as busy",
    "caller ID",
    "limit kept by provider",
    "cut by the gateway",
    "fate of lost calls",
    "signature",
    "verified with",
)


def pages() -> Iterator[tuple[str, str]]:
    rows = (
        (
            f"[{kind.title}](../../providers/{each.name}/connect.md), {code(kind.adapter.name)}",
            *kind.features.cells(),
        )
        for each in providers()
        for kind in each.kinds
    )
    yield (
        "providers.md",
        page(
            "How the providers compare",
            paragraph(
                "Each has a page on how it is connected. The last column says what proves that its adapter is right:"
                " real calls, or the vendor's own libraries."
            ),
            table(_COLUMNS, rows),
        ),
    )
