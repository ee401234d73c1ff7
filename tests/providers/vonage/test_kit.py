"""The kit of Vonage: its JSON is read by the official client's model of an application."""

import json

from vonage_application.common import ApplicationBase

from tests.providers.cases import PUBLIC_URL
from tests.providers.vonage.driver import VonageDriver


def test_the_kits_capabilities_are_those_of_an_application() -> None:
    driver = VonageDriver()
    kit = driver.adapter.kit(driver.connection, public_url=PUBLIC_URL)
    capabilities = json.loads(kit[kit.index("\n{") : kit.index("\n}\n") + 2])

    read = ApplicationBase(name="gateway", capabilities=capabilities).model_dump(exclude_none=True, mode="json")

    assert read["capabilities"] == capabilities
    for url in read["capabilities"]["voice"]["webhooks"].values():
        assert (url["address"], url["http_method"]) == (f"{PUBLIC_URL}/hooks/vo", "POST")
