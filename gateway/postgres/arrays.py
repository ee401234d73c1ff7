"""The arrays that our statements take and give, so that no new session asks the server about them.

The driver knows every type by heart that has no parts. Of an array it asks each session anew what is in it, by a query
that costs the server 10 ms of its processor, twice as much as the session itself (2 cores, 2026-11). After a failover
all sessions are new at once, and the first calls wait for it.
"""

from typing import Any, Final

# Numbers, names and elements as in `pg_type`: what PostgreSQL comes with has the same numbers for ever.
_ELEMENTS: Final = {
    (1000, "_bool"): (16, "boolean"),
    (1007, "_int4"): (23, "integer"),
    (1016, "_int8"): (20, "bigint"),
    (1182, "_date"): (1082, "date"),
    (1185, "_timestamptz"): (1184, "timestamp with time zone"),
    (1187, "_interval"): (1186, "interval"),
    (1231, "_numeric"): (1700, "numeric"),
}
# As the driver's own query tells of them.
_ARRAYS: Final = tuple(
    {
        "oid": number,
        "ns": "pg_catalog",
        "name": name,
        "kind": b"b",
        "basetype": None,
        "elemtype": element,
        "elemdelim": b",",
        "range_subtype": None,
        "attrtypoids": None,
        "attrnames": None,
        "elemtype_name": element_name,
    }
    for (number, name), (element, element_name) in _ELEMENTS.items()
)


def know_arrays(conn: Any) -> None:
    """Tell the driver of them; after the codecs of their elements, which it uses for what is in them."""
    # There is no other way: the driver's own ones ask the server, and take no array.
    conn._protocol.get_settings().register_data_types(_ARRAYS)  # noqa: SLF001 - see above
