"""Voximplant's account callbacks: `{"callbacks": [...]}`, sent to the address of Settings, Webhooks.

They are pokes. Their hash, md5(salt + account id + API key + callback id), covers neither what they say nor when, and
needs the account's legacy API key; so whatever they say is asked of the Management API, by which a replay or a forgery
does no more than have it asked, and a lost one is made up for by the next time it is asked anyway. Retries and order
are documented nowhere, so the reply is always a quick 200, and nothing counts callback ids.

Sources: the vendor's client for Node.js 4.11 (AccountCallback and its parts), and the guide to callbacks, which spells
one field both `callbackId` and `callback_id`.
"""

import hashlib
import hmac
from functools import partial

import msgspec

from gateway.domain.connection import Connection
from gateway.domain.errors import BadSignature, MalformedHook
from gateway.domain.events import AccountPoked
from gateway.numbers.parties import read_number
from gateway.providers.base import Hook
from gateway.providers.wire.fields import PartyText, ShortText, decode
from gateway.providers.wire.forms import query_of, read_pairs, with_query
from gateway.providers.wire.signing import require_match, wire

# As text of its own it stands in no other body: inside a text its quotes would be escaped.
MARK = b'"callbacks"'
PROOF = "callbacks"
LOST = ("subscription_is_detached", "unverified_subscription_detached")


class _Number(msgspec.Struct, frozen=True):
    phone_number: PartyText | int = ""


class _Detail(msgspec.Struct, frozen=True):
    phone_numbers: tuple[_Number, ...] = ()


class _Subscription(msgspec.Struct, frozen=True):
    type: ShortText = ""
    name: PartyText = ""
    details: tuple[_Detail, ...] = ()


class _Subscriptions(msgspec.Struct, frozen=True):
    subscriptions: tuple[_Subscription, ...] = ()


class Callback(msgspec.Struct, frozen=True, kw_only=True):
    account_id: int | ShortText
    type: ShortText = "unknown"
    hash: ShortText = ""
    callback_id: int | ShortText | None = None
    other_callback_id: int | ShortText | None = msgspec.field(name="callbackId", default=None)
    subscription_is_detached: _Subscriptions | None = None
    unverified_subscription_detached: _Subscriptions | None = None


class _Envelope(msgspec.Struct, frozen=True):
    callbacks: tuple[Callback, ...]


class _Shape(msgspec.Struct, frozen=True):
    callbacks: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_SHAPE = msgspec.json.Decoder(_Shape)


def are_callbacks(body: bytes) -> bool:
    """Whether a body is the platform's; the scenario's have no such field."""
    if MARK not in body:
        return False
    try:
        return not isinstance(decode(_SHAPE, body).callbacks, msgspec.UnsetType)
    except MalformedHook:
        return False


def callbacks_url(url: str, connection: Connection) -> str:
    """Where callbacks go: with a proof in it, as an account without the legacy API key cannot prove them."""
    return with_query(url, {PROOF: _proof(connection.secrets[0], connection)})


def require_callbacks(hook: Hook, connection: Connection) -> None:
    """Refuse unless the URL is the one that we made up, or every hash is right."""
    if not any(connection.secrets):
        raise BadSignature("the connection has no secret")
    if _is_our_url(hook, connection):
        return
    options = connection.options
    try:
        callbacks = decode(_ENVELOPE, hook.body).callbacks
    except MalformedHook as error:
        raise BadSignature("account callbacks that cannot be read have no hash") from error
    if not options.get("api_key") or not callbacks:
        raise BadSignature("an account callback without proof: the URL is not that of the kit")
    for callback in callbacks:
        if str(callback.account_id) != options.get("account_id", str(callback.account_id)):
            raise BadSignature("an account callback of another account")
        sign = partial(hash_of, callback, options.get("callback_salt", ""))
        require_match([wire(callback.hash.lower())], [options["api_key"]], sign)


def hash_of(callback: Callback, salt: str, api_key: str) -> bytes:
    callback_id = callback.callback_id if callback.callback_id is not None else callback.other_callback_id
    message = f"{salt}{callback.account_id}{api_key}{callback_id}"
    return hashlib.md5(message.encode(), usedforsecurity=False).hexdigest().encode()


def poke_of(body: bytes) -> AccountPoked:
    """What they are about, and the numbers that are said to be gone."""
    try:
        callbacks = decode(_ENVELOPE, body).callbacks
    except MalformedHook:
        return AccountPoked(kind="account: of a new shape")
    said = [getattr(callback, name) for callback in callbacks for name in LOST]
    subscriptions = [each for found in said if found is not None for each in found.subscriptions]
    names = {each.name for each in subscriptions if each.type == "PHONE_NUM"}
    names |= {
        str(phone.phone_number) for each in subscriptions for detail in each.details for phone in detail.phone_numbers
    }
    kinds = ",".join(dict.fromkeys(callback.type for callback in callbacks))
    return AccountPoked(kind=f"account: {kinds}", lost=tuple(sorted(read_number(name) for name in names if name)))


def _is_our_url(hook: Hook, connection: Connection) -> bool:
    given = wire(dict(read_pairs(query_of(hook.url))).get(PROOF, ""))
    return any(hmac.compare_digest(_proof(secret, connection).encode(), given) for secret in connection.secrets)


def _proof(secret: str, connection: Connection) -> str:
    """Made of the secret, so it changes with it; nobody comes from it to the secret."""
    return hmac.new(secret.encode(), f"account callbacks of {connection.name}".encode(), "sha256").hexdigest()
