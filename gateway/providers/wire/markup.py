"""Safe XML for the providers that are told what to do in a dialect of TwiML, and for reading it again."""

import re
from collections.abc import Mapping
from xml.etree import ElementTree as ET

from gateway.domain.errors import MalformedHook

# What XML 1.0 cannot express even escaped (section 2.2 of the recommendation).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def element(name: str, attributes: Mapping[str, str | None], inside: "str | ET.Element | None" = None) -> ET.Element:
    """An element with text or one element inside; attributes that are None are left out."""
    made = ET.Element(name, {key: _clean(value) for key, value in attributes.items() if value is not None})
    if isinstance(inside, str):
        made.text = _clean(inside)
    elif inside is not None:
        made.append(inside)
    return made


def document(root: ET.Element) -> bytes:
    """The document as UTF-8; texts and attributes are escaped."""
    return b'<?xml version="1.0" encoding="UTF-8"?>' + undeclared(root)


def undeclared(root: ET.Element) -> bytes:
    """The same without a declaration."""
    body: str = ET.tostring(root, encoding="unicode")
    return body.encode()


def read_document(reply: bytes) -> ET.Element:
    """A document of the gateway's own."""
    try:
        return ET.fromstring(reply)  # noqa: S314 - our own document
    except ET.ParseError as error:
        raise MalformedHook(f"the reply is no document: {error}") from error


def first(root: ET.Element, path: str) -> ET.Element:
    """The first element there; MalformedHook if there is none."""
    element_there = root.find(path)
    if element_there is None:
        raise MalformedHook(f"the reply has no {path}", path)
    return element_there


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)
