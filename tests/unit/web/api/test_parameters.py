"""What the document allows in an address fits into one."""

from collections.abc import Sequence
from functools import cache

import pytest

from gateway.web.api.openapi import Document, build_document
from gateway.web.api.routes import ROUTES

# Of the 8,190 bytes that a line of HTTP may have.
LENGTH_MAX = 4000


@cache
def parameters() -> Sequence[Document]:
    operations = [each for path in build_document(ROUTES)["paths"].values() for each in path.values()]
    return [each for operation in operations for each in operation["parameters"] if each["in"] != "header"]


@pytest.mark.parametrize("name", sorted({each["name"] for each in parameters()}))
def test_the_longest_value_of_a_parameter_fits_into_an_address(name: str) -> None:
    lengths = [each["schema"].get("maxLength", 0) for each in parameters() if each["name"] == name]

    assert max(lengths) <= LENGTH_MAX
