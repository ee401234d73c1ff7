"""What the reference says of each thing stands where the thing does; none is left out."""

import pytest

from gateway.domain.calls.call import Flag
from gateway.domain.calls.refusals import REFUSALS, Refusal
from gateway.domain.calls.remedies import FLAG_REMEDIES, REFUSAL_REMEDIES
from gateway.domain.described import Described
from gateway.domain.mail.notices import NoticeKind
from gateway.log_events import LogEvent
from gateway.settings.table import SETTINGS


@pytest.mark.parametrize("kind", [LogEvent, NoticeKind])
def test_each_member_says_what_it_means_in_whole_sentences(kind: type[Described]) -> None:
    for member in kind:
        assert member.meaning.endswith("."), member.name
        assert member == member.value
        assert kind(member.value) is member


def test_each_refusal_and_each_flag_has_its_remedy() -> None:
    assert set(REFUSALS) == set(REFUSAL_REMEDIES) == set(Refusal)
    assert set(FLAG_REMEDIES) == set(Flag)
    for remedy in (*REFUSAL_REMEDIES.values(), *FLAG_REMEDIES.values()):
        assert remedy.endswith(".")


def test_each_setting_says_what_it_means_and_what_it_is_by_itself() -> None:
    for setting in SETTINGS:
        assert setting.meaning.endswith("."), setting.name
        assert setting.default is not None or setting.default_words, setting.name
