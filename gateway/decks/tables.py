"""A file as a table, in whatever form it comes: CSV in several encodings, compressed, or an Excel workbook.

What cannot be read is named as what it is.
"""

import csv
import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

BYTES_MAX = 1_000_000_000
DELIMITERS = (",", ";", "\t", "|")
# Excel keeps so many digits of a number; what is behind them is noise of binary fractions.
EXCEL_DIGITS = 15
_GZIP, _ZIP, _OLD_EXCEL = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_SHEETS = b"xl/workbook"
_OTHERS = (
    (b"%PDF", "a PDF document"),
    (_ZIP, "a ZIP archive"),
    (b"<", "a web page or XML"),
    (b"{", "JSON"),
    (b"[", "JSON"),
    (b"BZh", "compressed by bzip2"),
    (b"\xfd7zXZ", "compressed by xz"),
)


class Unreadable(Exception):
    """What a file is that is no table, and in which line that shows."""

    def __init__(self, what: str, *, line: int = 1) -> None:
        super().__init__(what)
        self.line = line


def read_table(content: bytes, *, delimiter: str = ",", sheet: str | None = None) -> Iterator[tuple[int, list[str]]]:
    """The lines with something in them, and their numbers; Unreadable says what a file is that is no table."""
    lines: Iterator[tuple[int, list[str]]]
    unpacked = _unpacked(content)
    if unpacked.startswith((_ZIP, _OLD_EXCEL)) and (_SHEETS in unpacked or unpacked.startswith(_OLD_EXCEL)):
        lines = enumerate(_sheet(unpacked, sheet), 1)
    else:
        lines = _lines(text_of(unpacked), delimiter)
    return ((number, line) for number, line in lines if any(map(str.strip, line)))


def text_of(content: bytes) -> str:
    """The text that some bytes are: UTF-8, UTF-16 by its mark or its zeros, or else Windows-1252."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    if b"\0" in content[:200]:
        return content.decode("utf-16-le" if content[1:2] == b"\0" else "utf-16-be")
    start = content.lstrip()
    for magic, name in _OTHERS:
        if start.startswith(magic):
            raise Unreadable(f"is {name}, and no CSV or Excel workbook")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return content.decode("cp1252")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise Unreadable(f"is neither UTF-8 nor Windows-1252 at byte {error.start}", line=line) from None


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(_GZIP):
        return content
    try:
        with gzip.open(io.BytesIO(content)) as file:
            unpacked = file.read(BYTES_MAX + 1)
    except (OSError, EOFError, zlib.error):
        raise Unreadable("is compressed by gzip, but damaged") from None
    if len(unpacked) > BYTES_MAX:
        raise Unreadable(f"is compressed by gzip, and has more than {BYTES_MAX} bytes")
    return unpacked


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    # A cell may hold all prefixes of a country.
    csv.field_size_limit(sys.maxsize)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise Unreadable(f"is not CSV: {error}", line=reader.line_num) from None
        if record is None:
            return
        yield reader.line_num, record


def _sheet(content: bytes, name: str | None) -> list[list[str]]:
    """The sheet of a name, or the first that has something in it."""
    import python_calamine  # noqa: PLC0415 - few decks are Excel's

    try:
        workbook = python_calamine.load_workbook(io.BytesIO(content))
        names = [name] if name is not None else workbook.sheet_names
        sheets = [workbook.get_sheet_by_name(each).to_python(skip_empty_area=False) for each in names]
    except python_calamine.WorksheetNotFound:
        raise Unreadable(f"is an Excel workbook without a sheet {name!r}") from None
    except python_calamine.CalamineError as error:
        raise Unreadable(f"is an Excel workbook that cannot be read: {error}") from None
    rows = next((sheet for sheet in sheets if sheet), [])
    return [[_cell(value) for value in row] for row in rows]


def _cell(value: object) -> str:
    """A cell as it would be written in CSV."""
    match value:
        case bool() | str():
            return str(value)
        case float():
            return format(value, f".{EXCEL_DIGITS}g") if value != int(value) else str(int(value))
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat()
        case date() | time() | timedelta():
            return value.isoformat() if not isinstance(value, timedelta) else str(value)
        case _:
            return str(value)
