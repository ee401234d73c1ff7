"""The API does what its document says: what that allows is never called malformed, and nothing fails.

A few questions to each operation; `python -m tests.document` asks many.
"""

import pytest

from gateway.domain.access.roles import Role
from tests.document.asked import ask


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.READER])
async def test_the_api_does_what_its_document_says(role: Role) -> None:
    asked = await ask(role, examples=2, phases=["fuzzing"], seed=1)

    assert asked.is_right, asked.printed
