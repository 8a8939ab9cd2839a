"""A look at the pages of a Parquet file before anything is unpacked: what they claim to become, and whether we let them.

The footer of a file may say anything; the header of each page is what a reader allocates by. Headers are read with our own
small parser of Thrift's compact protocol: a page header is the struct `PageHeader` of the format's `parquet.thrift`.
"""

import mmap
from collections.abc import Sequence
from typing import Any, Final

from challenges.intake import limits
from challenges.intake.ledger import Unreadable

DELTA_BYTE_ARRAY: Final = 7
"""Texts as changes of the text before: a page of a megabyte can become a terabyte. No common writer uses it by default."""
_HEADER: Final = 2 * limits.MIB
"""Bytes of a page header; statistics with long texts are the largest part."""
_DEEP: Final = 8


def check_pages(data: bytes | mmap.mmap, metadata: Any, leaves: Sequence[int], room: int, most_values: int) -> None:
    """Raises `Unreadable` when the pages of the columns `leaves` become more than `room` bytes or `most_values` values a column.

    `metadata` is pyarrow's `FileMetaData`.
    """
    size, pages = 0, 0
    for leaf in leaves:
        values = 0
        for group in range(metadata.num_row_groups):
            chunk = metadata.row_group(group).column(leaf)
            at = chunk.data_page_offset
            if chunk.dictionary_page_offset is not None:
                at = min(at, chunk.dictionary_page_offset)
            end = at + chunk.total_compressed_size
            if at < 0 or end > len(data):
                raise Unreadable("intake.parquet_broken")
            while at < end:
                at, grown, held = _page(data, at)
                pages, size, values = pages + 1, size + grown, values + held
                if pages > limits.PAGES:
                    raise Unreadable("intake.parquet_pages", most=limits.PAGES)
                if size > room or values > most_values:
                    raise Unreadable("intake.parquet_expands", max_mb=room // 10**6)


def _page(data: bytes | mmap.mmap, at: int) -> tuple[int, int, int]:
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
    except (IndexError, KeyError, TypeError, ValueError, RecursionError):
        raise Unreadable("intake.parquet_broken") from None
    if min(packed, grown, values, known) < 0:
        raise Unreadable("intake.parquet_broken")
    if encoding == DELTA_BYTE_ARRAY:
        raise Unreadable("intake.parquet_encoding", encoding="DELTA_BYTE_ARRAY")
    return at + reader.at + packed, grown + 16 * known, values


class _Compact:
    """Reads one struct of Thrift's compact protocol into `{field id: value}`; texts are passed over."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def struct(self, depth: int = 0) -> dict[int, Any]:
        if depth > _DEEP:
            raise ValueError("deeper than any page header")
        fields: dict[int, Any] = {}
        field = 0
        while head := self._byte():
            step = head >> 4
            field = field + step if step else self._signed()
            fields[field] = self._value(head & 15, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        value: Any = None
        match kind:
            case 1 | 2:
                value = kind == 1
            case 3:
                value = self._byte()
            case 4 | 5 | 6:
                value = self._signed()
            case 7:
                self._skip(8)
            case 8:
                self._skip(self._unsigned())
            case 9 | 10:
                self._list(depth)
            case 12:
                value = self.struct(depth + 1)
            case _:
                raise ValueError("a kind that page headers do not have")
        return value

    def _list(self, depth: int) -> None:
        head = self._byte()
        size = head >> 4
        for _ in range(self._unsigned() if size == 15 else size):
            self._value(head & 15, depth + 1)

    def _skip(self, size: int) -> None:
        self.at += size
        if self.at > len(self._data):
            raise IndexError("beyond the end")

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
