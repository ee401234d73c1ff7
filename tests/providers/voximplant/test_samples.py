"""The recorded hooks of Voximplant's scenario; what an end means is in `test_end.py`."""

import pytest

from tests.providers.voximplant.driver import VoximplantDriver, sample_hook

DRIVER = VoximplantDriver()


@pytest.mark.parametrize("name", ["start_outbound", "answer_outbound", "end_busy", "end_inbound_log_b"])
def test_samples_are_authentic_and_read(name: str) -> None:
    hook = sample_hook(name)

    DRIVER.adapter.authenticate(hook, DRIVER.connection)
    DRIVER.adapter.parse(hook, DRIVER.connection)
