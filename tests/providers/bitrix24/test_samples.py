"""What the recorded hooks of Bitrix24 mean."""

from inline_snapshot import snapshot

from gateway.domain.events import CallClicked, Ignored
from tests.providers.meanings import meanings


def test_what_the_bitrix24_samples_mean() -> None:
    assert meanings("bitrix24") == snapshot(
        {
            "call_end": Ignored(kind="ONVOXIMPLANTCALLEND"),
            "click": CallClicked(
                kind="ONEXTERNALCALLSTART",
                crm_call_id="externalCall.cf1649fa0f4479870b76a0686f4a7058.1773306964",
                crm_user_id="12",
                callee="+447700900123",
            ),
            "echo_init": Ignored(kind="ONVOXIMPLANTCALLINIT of a registered call"),
        }
    )
