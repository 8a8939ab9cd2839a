"""How much of a stranger's file is read at most, and why so much.

The process around us is limited as well; these limits are here so that a bomb gets a clear answer instead of a dead process.
"""

from typing import Final

MIB: Final = 2**20

EXPANSION: Final = 100
"""Times its packed size that a file may unpack to. Tables shrink 3 to 20 fold, a column of one constant about 60 fold."""
SMALL: Final = 16 * MIB
"""Bytes that any file may unpack to: no harm is in it, and tiny files shrink without measure."""
TYPICAL_CELL: Final = 32
"""Bytes of a cell that need no small file: a constant column of the right length shrinks without measure, and is welcome."""
LARGEST: Final = 1024 * MIB
"""Bytes that no file may exceed unpacked: 60 million rows of an id and a number; it is held in memory once."""

DIRECTORY: Final = 1 * MIB
"""Bytes of a zip's directory. A thousand entries need a tenth of it; a directory of millions would cost gigabytes to list."""
MEMBERS: Final = 1000
"""Files in a zip. A task each is asked for; macOS adds as many again."""

LINE: Final = 1 * MIB
"""Bytes in a line: a thousand probabilities, or a thousand items of a list, need 20 KiB."""
CELL: Final = 131_072
"""Characters in a cell; what Python's csv module allows by itself."""
SPARE_COLUMNS: Final = 1000
"""Columns beyond those asked for: a whole test table handed back with a prediction added is still read."""
SPARE_ROWS: Final = 10_000
"""Rows beyond twice the expected number. Twice is a file appended to itself; what lies beyond teaches nobody anything."""

BLOCK: Final = 65_536
"""Rows that are checked at once: large enough for the arrays to pay, small enough to forget."""
BLOCK_CELLS: Final = 1_000_000
"""Cells in a block; a line of a million commas is a million cells."""
BLOCK_BYTES: Final = 8 * MIB
"""Bytes of text parsed at once where the parsed form may be 30 times as large."""

FOOTER: Final = 2 * MIB
"""Bytes of a Parquet footer; a thousand columns in ten row groups need as much. Parsed it is 70 times as large."""
PAGES: Final = 100_000
"""Pages of a Parquet file. Writers make one a megabyte; each costs us 20 microseconds to look at."""

LISTED: Final = 10_000_000
"""Lines in the list of all findings: every row of the largest files, once."""


def most_rows(expected: int) -> int:
    """Rows of data that are read when `expected` are asked for."""
    return 2 * expected + SPARE_ROWS


def most_columns(expected: int) -> int:
    """Columns that are read when `expected` are asked for."""
    return 2 * expected + SPARE_COLUMNS


def most_bytes(packed: int, cells: int) -> int:
    """Bytes that a file of `packed` bytes may unpack to when a table of `cells` cells may be in it."""
    return min(LARGEST, max(SMALL, TYPICAL_CELL * cells, EXPANSION * packed))
