"""Lists of words that must not be in a dataset, as organizers and teams keep them: a table with the columns word and category."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl

from challenges import tables
from challenges.findings import Example, Finding, PackageRefused
from scoring.quality.text.safety import LONGEST_WORD, MOST_WORDS, Word

COLUMNS: Final = ("word", "category")


def read_words(path: Path, name: str) -> tuple[Word, ...]:
    """The words of a csv, tsv, jsonl or parquet file, in its order; findings call the file `name`.

    Raises PackageRefused with everything that is wrong: columns that are not there, words or categories without a letter
    or digit, words that are too long, or too many.
    """
    try:
        table = tables.read(path)
    except PackageRefused as refused:
        raise PackageRefused(tuple(one.model_copy(update={"file": name}) for one in refused.findings)) from refused
    found = list(_flaws(table, name))
    if found:
        raise PackageRefused(tuple(found))
    texts = table.select(pl.col(*COLUMNS).cast(pl.String).str.strip_chars())
    return tuple(Word(word, category) for word, category in texts.unique(maintain_order=True).iter_rows())


def read_lines(path: Path) -> tuple[str, ...]:
    """The lines of a text file (UTF-8) that are not empty. Raises PackageRefused for another encoding."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PackageRefused((Finding(id="package.not_utf8", file=path.name),)) from error
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _flaws(table: pl.DataFrame, name: str) -> Iterator[Finding]:
    known = ", ".join(table.columns)[:500]
    for column in COLUMNS:
        if column not in table.columns:
            yield Finding(id="quality.words_no_column", file=name, column=column, params={"known": known})
            continue
        texts = table[column].cast(pl.String, strict=False).str.strip_chars()
        empty = (~texts.fill_null("").str.contains(r"[\p{L}\p{N}]")).arg_true()
        if len(empty):
            yield _at(empty, "quality.words_empty", name, column)
        long = (texts.str.len_chars() > LONGEST_WORD).fill_null(value=False).arg_true()
        if len(long):
            yield _at(long, "quality.words_too_long", name, column, most=LONGEST_WORD)
    if not 0 < table.height <= MOST_WORDS:
        yield Finding(id="quality.words_count", file=name, params={"count": table.height, "most": MOST_WORDS})


def _at(rows: pl.Series, message: str, name: str, column: str, **params: int) -> Finding:
    examples = tuple(Example(row=int(row) + 1) for row in rows.head(5))
    return Finding(id=message, file=name, column=column, count=len(rows), params=dict(params), examples=examples)
