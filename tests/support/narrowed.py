"""What a program loses that was written for an older document of the API: nothing, within a version.

`python -m tests.support.narrowed` writes the document of now as the released one.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from gateway.web.api.openapi import build_document
from gateway.web.api.routes import ROUTES

RELEASED = Path(__file__).parent.parent / "samples/openapi-v1.json"
Document = Mapping[str, Any]


def losses(before: Document, now: Document) -> Iterator[str]:
    """Addresses, parameters, fields and values that are gone, and what is required that was not."""
    for path, operations in before["paths"].items():
        for method, operation in operations.items():
            where = f"{method.upper()} {path}"
            found = now["paths"].get(path, {}).get(method)
            if found is None:
                yield f"{where} is gone"
                continue
            yield from _parameters(where, operation, found)
            yield from _bodies(where, (before, operation), (now, found))
            yield from _replies(where, (before, operation), (now, found))


def _parameters(where: str, before: Document, now: Document) -> Iterator[str]:
    old, new = ({each["name"]: each for each in document["parameters"]} for document in (before, now))
    yield from (f"{where}: the parameter {name} is gone" for name in old.keys() - new.keys())
    for name, each in new.items():
        if each["required"] and not old.get(name, {"required": False})["required"]:
            yield f"{where}: the parameter {name} is required"


def _bodies(where: str, before: tuple[Document, Document], now: tuple[Document, Document]) -> Iterator[str]:
    old, new = (_schema_of_body(*each) for each in (before, now))
    yield from _gone(f"{where}: body", before[0], old, now[0], new)
    for name in set(new.get("required", [])) - set(old.get("required", [])):
        yield f"{where}: body: {name} is required"


def _schema_of_body(document: Document, operation: Document) -> Document:
    content = operation.get("requestBody", {}).get("content", {})
    return next((_resolved(document, each["schema"]) for each in content.values()), {})


def _replies(where: str, before: tuple[Document, Document], now: tuple[Document, Document]) -> Iterator[str]:
    for status, response in before[1]["responses"].items():
        found = now[1]["responses"].get(status)
        if found is None:
            yield f"{where}: the status {status} is gone"
            continue
        for kind, content in response.get("content", {}).items():
            if kind not in found.get("content", {}):
                yield f"{where}: {status} is no {kind} any more"
                continue
            old, new = _resolved(before[0], content["schema"]), _resolved(now[0], found["content"][kind]["schema"])
            yield from _gone(f"{where}: {status}", before[0], old, now[0], new)


def _gone(where: str, before: Document, old: Document, now: Document, new: Document) -> Iterator[str]:
    """Fields and values, down to the last."""
    yield from (
        f"{where}: the value {value!r} is gone" for value in set(old.get("enum", [])) - set(new.get("enum", []))
    )
    fields = new.get("properties", {})
    for name, schema in old.get("properties", {}).items():
        if name not in fields:
            yield f"{where}: {name} is gone"
            continue
        yield from _gone(f"{where}/{name}", before, _resolved(before, schema), now, _resolved(now, fields[name]))
    if "items" in old:
        yield from _gone(where, before, _resolved(before, old["items"]), now, _resolved(now, new.get("items", {})))


def _resolved(document: Document, schema: Document) -> Document:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        kinds = [_resolved(document, each) for each in schema["anyOf"] if each != {"type": "null"}]
        return kinds[0] if kinds else {}
    return schema


if __name__ == "__main__":
    RELEASED.write_bytes(msgspec.json.format(msgspec.json.encode(build_document(ROUTES)), indent=1) + b"\n")
