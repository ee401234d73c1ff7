"""Rows on their way in and out: many as one JSON document, and the parts of rows that several queries return."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from gateway.domain.rates.rate import Rate

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_encode = msgspec.json.Encoder(decimal_format="string").encode
_decode_rate = msgspec.json.Decoder(Rate).decode


def rows_in(rows: "Iterable[Mapping[str, object] | DataclassInstance]") -> str:
    """Rows for a query that reads them with json_to_recordset($n::json); columns are keys, or a dataclass's fields.

    The driver looks at every element of every array: 28 arrays of 17 texts cost it 240 us, the same as a document 10.
    Amounts go as texts of their digits, instants in ISO 8601, bytes in base64.
    """
    return _encode(list(rows)).decode()


def read_rate(row: str | None) -> Rate | None:
    """The rate of a call, whose row a query gives whole, as to_json(rate)."""
    return None if row is None else _decode_rate(row)


def span_of(ids: Sequence[int]) -> tuple[int | None, int | None]:
    """The least and the greatest id, between which alone a query opens the months of calls; of none, nothing."""
    return min(ids, default=None), max(ids, default=None)
