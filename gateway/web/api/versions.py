"""The version of an object: another as soon as anything is that a change may be about."""

import hashlib
from collections.abc import Mapping

import msgspec

_LENGTH = 16


def version_of(settings: Mapping[str, object]) -> str:
    """Of what is set of an object; figures that move by themselves, as a balance, are no part of it."""
    return hashlib.sha256(msgspec.json.encode(settings, order="sorted")).hexdigest()[:_LENGTH]
