"""Voximplant: which addresses a session may be ended at, as they come from a webhook's body."""

import pytest

from gateway.domain.calls.call import CutReason
from gateway.domain.errors import ProviderFailed
from gateway.domain.events import CallStarted
from gateway.providers.base import CallRef
from gateway.providers.voximplant.adapter import Voximplant
from gateway.providers.voximplant.control_url import is_control_url
from tests.providers.cases import NOW
from tests.providers.voximplant.driver import CALL, CONTROL_URL, START, VoximplantDriver, vox_hook

VOX = Voximplant()
CONNECTION = VoximplantDriver.connection


@pytest.mark.parametrize(
    "url",
    [
        CONTROL_URL,
        "https://voximplant.com",
        "https://voximplant.com/",
        "https://a.b-c.voximplant.com:65535/request/x?y=1&z=%20",
    ],
)
def test_a_sessions_own_address_is_good(url: str) -> None:
    assert is_control_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://www.voximplant.com/request/1",
        "https://voximplant.com.evil.example/",
        "https://evilvoximplant.com/",
        "https://evil.example/voximplant.com",
        "https://evil.example#.voximplant.com/",
        "https://evil.example?.voximplant.com/",
        "https://evil.example\\.voximplant.com/",
        "https://evil.example\\@www.voximplant.com/",
        "https://user@www.voximplant.com/",
        "https://user:password@www.voximplant.com/",
        "https://www.voximplant.com@evil.example/",
        "https://www.voximplant.com:443@evil.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://2130706433/",
        "https://localhost/",
        "https://.voximplant.com/",
        "https://-a.voximplant.com/",
        "https://a..voximplant.com/",
        "https://www.voximplant.com./",
        "https://www.voximplant.com:0/",
        "https://www.voximplant.com:65536/",
        "https://www.voximplant.com:x/",
        "https://www.voximplant.com:/",
        "https://www.voximplant.com/\n",
        "https://www.voximplant.com/#x",
        "https://www.voximplant.com/ x",
        "https://www.voximplant.com\t.evil.example/",
        "https://\u24d4.voximplant.com/",
        "https://www.vox\u0456mplant.com/",
        "//www.voximplant.com/",
        "https:www.voximplant.com/",
        f"https://{'a' * 64}.voximplant.com/",
    ],
)
def test_no_other_address_is_ever_posted_to(url: str) -> None:
    call = CallRef(call_id=CALL.call_id, control_url=url)

    event = VOX.parse(vox_hook(**START, control_url=url), CONNECTION)
    assert isinstance(event, CallStarted)
    assert (event.control_url, event.left_out) == (None, ("control_url",))
    assert not VOX.can_cut(CONNECTION, call)
    with pytest.raises(ProviderFailed) as failure:
        VOX.hang_up(CONNECTION, call, CutReason.LIMIT, NOW)
    assert not url or url not in str(failure.value)


def test_a_call_without_an_address_is_connected_and_cannot_be_cut() -> None:
    call = CallRef(call_id=CALL.call_id)

    assert isinstance(VOX.parse(vox_hook(**START), CONNECTION), CallStarted)
    assert not VOX.can_cut(CONNECTION, call)
    with pytest.raises(ProviderFailed):
        VOX.hang_up(CONNECTION, call, CutReason.OPERATOR, NOW)
