"""How much of a handed-in dataset is opened at most, and why so much. What holds for every table is in `challenges.intake.limits`."""

from dataclasses import dataclass
from typing import Final

MIB: Final = 2**20
GIB: Final = 2**30


@dataclass(frozen=True, slots=True)
class Limits:
    """All limits of one opening; the defaults suit a machine with 8 GB of memory.

    total_bytes         bytes of all files together, unpacked; every one of them is hashed once
    files               files; listing a zip of so many takes about 100 MB
    rows, columns       of the table of records
    cells               rows times columns: a cell takes 8 to 20 bytes of memory, whatever is in it
    cell_bytes          bytes of one text. A cell in CSV has at most 131,072 characters (`intake.limits.CELL`)
    table_bytes         bytes of one table file, unpacked; it is held in memory once
    memory_bytes        bytes of a table in memory: a Parquet dictionary says a long text once, a million rows refer to it
    json_bytes          bytes of a JSON file of annotations; parsed it is ten times as large
    description_bytes   bytes of a description (dataset.toml, datapackage.json, Croissant, schema.json)
    document_bytes      bytes of a README
    media_bytes         bytes of one image or sound
    small_bytes         bytes that any archive may unpack to: tiny files shrink without measure
    expansion           times its packed size that a larger archive may unpack to
    """

    total_bytes: int = 2 * 10**9
    files: int = 100_000
    rows: int = 20_000_000
    columns: int = 2_000
    cells: int = 100_000_000
    cell_bytes: int = MIB
    table_bytes: int = GIB
    memory_bytes: int = 2 * GIB
    json_bytes: int = 64 * MIB
    description_bytes: int = 4 * MIB
    document_bytes: int = MIB // 2
    media_bytes: int = 256 * MIB
    small_bytes: int = 64 * MIB
    expansion: int = 200

    def room(self, packed: int) -> int:
        """Bytes that a file of `packed` bytes may unpack to."""
        return max(self.small_bytes, self.expansion * packed)


LONGEST_NAME: Final = 200
"""Characters in the name of a column."""
DEEPEST: Final = 64
"""Levels of a description; Croissant needs twelve."""
DIRECTORY_ENTRY: Final = 200
"""Bytes of a zip's directory granted to each file: 46, a name, and what packers add."""
