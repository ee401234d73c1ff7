"""What moves an account's money besides its calls and rents: a payment, something given back, a correction."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import uuid4

from gateway.domain.access.actions import Action
from gateway.domain.errors import Forbidden, InvalidInput
from gateway.postgres.accounts.ledger import EntryKind

EXTERNAL_ID_LENGTH_MAX: Final = 200
NOTE_LENGTH_MAX: Final = 500
_ACTIONS: Final = {
    EntryKind.TOP_UP: Action.MONEY_TOP_UP,
    EntryKind.REFUND: Action.MONEY_REFUND,
    EntryKind.ADJUSTMENT: Action.MONEY_ADJUST,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What is to be booked, once for its id. `call_id`: the call that a refund is for."""

    kind: EntryKind
    amount: Decimal
    external_id: str
    note: str | None = None
    call_id: int | None = None

    @property
    def action(self) -> Action:
        return _ACTIONS[self.kind]

    def key_for(self, account_id: int) -> str:
        """A payment is somebody's, so its key is the same for all accounts; all else is counted account by account."""
        if self.kind is EntryKind.TOP_UP:
            return f"payment:{self.external_id}"
        return f"{self.kind}:{account_id}:{self.external_id}"


def payment(*, amount: Decimal, external_id: str) -> Movement:
    """Money that somebody has paid in."""
    if amount <= 0:
        raise InvalidInput("amount: a top-up must be more than 0")
    return _movement(EntryKind.TOP_UP, amount, external_id)


def given_back(
    *,
    amount: Decimal,
    external_id: str | None = None,
    note: str | None = None,
    call_id: int | None = None,
    amount_max: Decimal | None = None,
) -> Movement:
    """Money for something that was charged. Forbidden where it is more than whoever asks may, `amount_max`."""
    if amount <= 0:
        raise InvalidInput("amount: a refund must be more than 0")
    if amount_max is not None and amount > amount_max:
        raise Forbidden("amount: support gives back {amount_max} at most, an operator more", amount_max=amount_max)
    return _movement(EntryKind.REFUND, amount, external_id, note=note, call_id=call_id)


def correction(*, amount: Decimal, external_id: str | None = None, note: str | None = None) -> Movement:
    """Up or down."""
    if not amount:
        raise InvalidInput("amount: an adjustment must not be 0")
    return _movement(EntryKind.ADJUSTMENT, amount, external_id, note=note)


def _movement(
    kind: EntryKind, amount: Decimal, external_id: str | None, *, note: str | None = None, call_id: int | None = None
) -> Movement:
    """Without an id of theirs it has one of ours."""
    known = str(uuid4()) if external_id is None else external_id
    _check_text("external id", known, EXTERNAL_ID_LENGTH_MAX)
    _check_text("note", note, NOTE_LENGTH_MAX)
    return Movement(kind=kind, amount=amount, external_id=known, note=note, call_id=call_id)


def _check_text(what: str, text: str | None, length_max: int) -> None:
    if text is not None and (not text.strip() or not text.isprintable() or len(text) > length_max):
        raise InvalidInput("{what}: must be 1 to {length_max} printable characters", what=what, length_max=length_max)
