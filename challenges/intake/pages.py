"""A look at the pages of a Parquet file before anything is unpacked: what they claim to become, and whether we let them.

The footer of a file may say anything; the header of each page is what a reader allocates by. Both are read with our own small
parser of Thrift's compact protocol (structs `FileMetaData` and `PageHeader` of the format's `parquet.thrift`): the library's
own view of a footer ends the process on some damaged ones.
"""

import mmap
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any, Final

from challenges.intake import limits
from challenges.intake.ledger import Unreadable

DELTA_BYTE_ARRAY: Final = 7
"""Texts as changes of the text before: a page of a megabyte can become a terabyte. No common writer uses it by default."""
_HEADER: Final = 2 * limits.MIB
"""Bytes of a page header; statistics with long texts are the largest part."""
_DEEP: Final = 16
_TAIL: Final = 8
"""Bytes after the footer: its length, and the magic word."""
_SENSELESS = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What reading fields that are missing, or of another kind, gives."""


def check_pages(data: bytes | mmap.mmap, columns: Collection[str], room: int, most_values: int) -> None:
    """Raises `Unreadable` when the pages of `columns` become more than `room` bytes, or one of them more than `most_values` values.

    `data` is a whole Parquet file whose footer is known to lie within it.
    """
    size, pages = 0, 0
    values: defaultdict[tuple[bytes, ...], int] = defaultdict(int)
    names = {name.encode() for name in columns}
    view = memoryview(data)
    for path, start, end in _chunks(view):
        if path[0] not in names:
            continue
        if start < 0 or end > len(data):
            raise Unreadable("intake.parquet_broken")
        at = start
        while at < end:
            at, grown, held = _page(view, at)
            pages, size = pages + 1, size + grown
            values[path] += held
            if pages > limits.PAGES:
                raise Unreadable("intake.parquet_pages", most=limits.PAGES)
            if size > room or values[path] > most_values:
                raise Unreadable("intake.parquet_expands", max_mb=room // 10**6)


def _chunks(data: memoryview) -> Iterator[tuple[tuple[bytes, ...], int, int]]:
    """Path, first byte and end of every column chunk that the footer names."""
    length = int.from_bytes(data[-_TAIL : -_TAIL + 4], "little")
    try:
        footer = _Compact(data[-_TAIL - length : -_TAIL]).struct()
        for group in footer[4]:
            for chunk in group[1]:
                column = chunk[3]
                at, dictionary = int(column[9]), int(column.get(11, 0))
                at = min(at, dictionary) if dictionary > 0 else at
                yield tuple(column[3]), at, at + int(column[7])
    except _SENSELESS:
        raise Unreadable("intake.parquet_broken") from None


def _page(data: memoryview, at: int) -> tuple[int, int, int]:
    """Where the page after the one at `at` begins, how many bytes this one becomes, and how many values it holds."""
    reader = _Compact(data[at : at + _HEADER])
    try:
        header = reader.struct()
        packed, grown = int(header[3]), int(header[2])
        page: dict[int, Any] = header.get(5) or header.get(8) or {}
        dictionary: dict[int, Any] = header.get(7) or {}
        values = int(page.get(1, 0))
        known = int(dictionary.get(1, 0))
        encoding = page.get(4 if 8 in header else 2)
    except _SENSELESS:
        raise Unreadable("intake.parquet_broken") from None
    if min(packed, grown, values, known) < 0:
        raise Unreadable("intake.parquet_broken")
    if encoding == DELTA_BYTE_ARRAY:
        raise Unreadable("intake.parquet_encoding", encoding="DELTA_BYTE_ARRAY")
    return at + reader.at + packed, grown + 16 * known, values


class _Compact:
    """Reads one struct of Thrift's compact protocol into `{field id: value}`; texts are bytes, lists are lists."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self.at = 0

    def struct(self, depth: int = 0) -> dict[int, Any]:
        fields: dict[int, Any] = {}
        field = 0
        while head := self._byte():
            step = head >> 4
            field = field + step if step else self._signed()
            fields[field] = self._value(head & 15, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if depth > _DEEP:
            raise ValueError("deeper than any of these structs")
        value: Any = None
        match kind:
            case 1 | 2:
                value = kind == 1
            case 3:
                value = self._byte()
            case 4 | 5 | 6:
                value = self._signed()
            case 7:
                value = self._text(8)
            case 8:
                value = self._text(self._unsigned())
            case 9 | 10:
                value = self._list(depth + 1)
            case 12:
                value = self.struct(depth + 1)
            case _:
                raise ValueError("a kind that these structs do not have")
        return value

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        size, kind = head >> 4, head & 15
        size = self._unsigned() if size == 15 else size
        if kind in {1, 2}:
            return list(self._text(size))
        return [self._value(kind, depth) for _ in range(size)]

    def _text(self, size: int) -> bytes:
        self.at += size
        if self.at > len(self._data):
            raise IndexError("beyond the end")
        return bytes(self._data[self.at - size : self.at])

    def _byte(self) -> int:
        byte = self._data[self.at]
        self.at += 1
        return byte

    def _unsigned(self) -> int:
        value, shift = 0, 0
        while True:
            byte = self._byte()
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
            if shift > 63:
                raise ValueError("longer than 64 bits")

    def _signed(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)
