"""Text tables before they are cut into cells: encoding, line ends, delimiter, heading."""

import codecs
import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from challenges.intake import limits
from challenges.intake.ledger import Ledger, Unreadable, shown
from challenges.intake.unpacking import STEP, Body

if TYPE_CHECKING:
    from _csv import Reader

DELIMITERS: Final = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
_UTF8, _UTF16 = codecs.BOM_UTF8, (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Heading:
    """The first row of a delimited file, and how it was told apart.

    `line` is the line it stands on, from 1; `plain` means one line without quotes, at the very start, ended by a newline.
    """

    names: tuple[str, ...]
    delimiter: str
    line: int
    plain: bool


def in_utf8(body: Body, ledger: Ledger) -> Body:
    """The same text in UTF-8. Raises `Unreadable` when it is none of the encodings that are read, or has NUL bytes or endless lines."""
    head = body.data[:3]
    if head.startswith(_UTF16):
        body = _recoded(body, "utf-16")
        ledger.add("intake.encoding", level="note", params={"encoding": "UTF-16"})
    elif (bad := _first_bad(body, "utf-8")) is not None:
        if _first_bad(body, "gb18030") is not None:
            raise Unreadable("intake.encoding_unknown", line=_line_at(body, bad))
        body = _recoded(body, "gb18030")
        ledger.add("intake.encoding", level="note", params={"encoding": "GB18030"})
    _check_lines(body)
    return body


def _first_bad(body: Body, encoding: str) -> int | None:
    """The place of the first byte that is not `encoding`, or None. Plain ASCII is told by a much faster look."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for start in range(0, len(body.data), STEP):
        part = body.data[start : start + STEP]
        if part.isascii() and not decoder.getstate()[0]:
            continue
        try:
            decoder.decode(part)
        except UnicodeDecodeError as error:
            return start + max(0, error.start - 4)
    return None if not decoder.getstate()[0] else len(body.data) - 1


def _recoded(body: Body, encoding: str) -> Body:
    decoder = codecs.getincrementaldecoder(encoding)()
    held = io.BytesIO()
    try:
        for start in range(0, len(body.data), STEP):
            held.write(decoder.decode(body.data[start : start + STEP]).encode())
        held.write(decoder.decode(b"", final=True).encode())
    except UnicodeError:
        raise Unreadable("intake.encoding_unknown", line=1) from None
    return Body(body.name, held.getvalue())


def _check_lines(body: Body) -> None:
    data = body.data
    if (nul := data.find(b"\0")) >= 0:
        raise Unreadable("intake.nul", line=_line_at(body, nul))
    end = line_end(body)
    at = 0
    while len(data) - at > limits.LINE:
        last = data.rfind(end, at, at + limits.LINE)
        if last < 0:
            raise Unreadable("intake.line_long", line=_line_at(body, at), most_mb=limits.LINE // limits.MIB)
        at = last + 1


def line_end(body: Body) -> bytes:
    """What ends a line: a newline (with or without a carriage return before it), or a carriage return alone."""
    return b"\n" if body.data.find(b"\n") >= 0 or body.data.find(b"\r") < 0 else b"\r"


def _line_at(body: Body, place: int) -> int:
    """The line, from 1, on which the byte at `place` stands."""
    count, end = 1, line_end(body)
    for start in range(0, place, STEP):
        count += body.data[start : min(start + STEP, place)].count(end)
    return count


def heading(body: Body, expected: Sequence[str]) -> Heading:
    """The heading of a delimited file, cut by the delimiter that finds most of the `expected` names.

    Raises `Unreadable` when the file holds nothing but blanks, or too many columns.
    """
    text = _first_lines(body)
    found = [cut for delimiter in DELIMITERS if (cut := _cut(text, delimiter)) is not None]
    if not found:
        raise Unreadable("intake.heading_broken", line=1, most=limits.CELL)
    wanted = {squeezed(name) for name in expected}
    best = max(
        found, key=lambda h: (sum(squeezed(name) in wanted for name in h.names), min(len(h.names), len(expected)))
    )
    if not best.names:
        raise Unreadable("intake.file_empty")
    most = limits.most_columns(len(expected))
    if len(best.names) > most:
        raise Unreadable("intake.columns_many", found=len(best.names), expected=len(expected), most=most)
    return best


def _first_lines(body: Body) -> str:
    """Enough of the file to hold its heading: the first line, or much more when that is blank or quoted."""
    line = body.data[: body.data.find(b"\n", 0, limits.LINE) + 1]
    if not line.strip() or b'"' in line or b"\r" in line.rstrip(b"\r\n"):
        line = body.data[: 2 * limits.LINE]
    return line.removeprefix(_UTF8).decode(errors="ignore")


def csv_reader(lines: Iterable[str], *, delimiter: str = ",", strict: bool = False) -> "Reader":
    """A csv.reader that refuses cells of more than `limits.CELL` characters with csv.Error.

    The bound is one of the whole process, so it is set here and not taken as others left it.
    """
    csv.field_size_limit(limits.CELL)
    return csv.reader(lines, delimiter=delimiter, strict=strict)


def _cut(text: str, delimiter: str) -> Heading | None:
    """The first row that is not blank; None when it cannot be told where it ends."""
    reader = csv_reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        row = next((row for row in reader if len(row) > 1 or "".join(row).strip()), [])
    except csv.Error:
        return None
    line = reader.line_num
    first = text.partition("\n")[0]
    plain = line == 1 and '"' not in first and "\r" not in first.removesuffix("\r")
    return Heading(tuple(row), delimiter, line, plain)


def squeezed(name: str) -> str:
    """A name without what people do not see or mean: width, case, spaces at the ends, a byte order mark."""
    return unicodedata.normalize("NFKC", name).strip().strip("\ufeff\u200b").strip().casefold()


def check_delimiter(body: Body, found: str, ledger: Ledger) -> None:
    """A note when the file's name promises another delimiter than it uses."""
    usual = "\t" if body.name.lower().endswith((".tsv", ".tab")) else ","
    if found != usual:
        ledger.add("intake.delimiter_" + DELIMITERS[found], level="note", params={"name": shown(body.name)})
