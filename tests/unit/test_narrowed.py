"""Within version 1 the API only grows."""

from copy import deepcopy
from typing import Any

import msgspec

from gateway.web.api.openapi import build_document
from gateway.web.api.routes import ROUTES
from tests.support.narrowed import RELEASED, losses

NOW: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(build_document(ROUTES)))


def test_what_was_released_is_still_there() -> None:
    assert list(losses(msgspec.json.decode(RELEASED.read_bytes()), NOW)) == []


def test_what_is_taken_away_is_noticed() -> None:
    lesser = deepcopy(NOW)
    del lesser["paths"]["/me"]
    lesser["components"]["schemas"]["AccountState"]["enum"].remove("closed")
    del lesser["components"]["schemas"]["ShownAccount"]["properties"]["balance"]
    lesser["components"]["schemas"]["NewAccount"]["required"].append("language")
    parameters = lesser["paths"]["/audit"]["get"]["parameters"]
    parameters[:] = [each for each in parameters if each["name"] != "object"]

    found = list(losses(NOW, lesser))

    assert "GET /me is gone" in found
    assert any(each.endswith("the value 'closed' is gone") for each in found)
    assert "GET /accounts/{account_id}: 200: balance is gone" in found
    assert "POST /accounts: body: language is required" in found
    assert "GET /audit: the parameter object is gone" in found


def test_what_is_added_is_no_loss() -> None:
    lesser = deepcopy(NOW)
    del lesser["paths"]["/audit"]

    assert list(losses(lesser, NOW)) == []
