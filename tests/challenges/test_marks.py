"""Marks by which submissions are compared: the same share of every submission's records, raw ones left out."""

import numpy as np
import polars as pl
import pytest

from challenges import marking, marks
from scoring.quality.evidence import Evidence, Roles
from scoring.quality.reference import Reference

ROWS = 4000


def table(seed: int, rows: int = ROWS, prefix: str = "p") -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    names = [f"{prefix}{number}" for number in range(rows)]
    return pl.DataFrame(
        {"part": names, "heat": draw.normal(size=rows).round(6), "load": draw.normal(size=rows).round(6)}
    )


def marked(mine: pl.DataFrame, raw: pl.DataFrame, seed: int = 11) -> set[int]:
    seen = Evidence(mine, Roles(id="part"), reference=Reference(raw=raw), seed=seed)
    return set(marks.parsed(marking.marks_of(seen)))


def test_raw_records_are_not_marked_whatever_their_ids() -> None:
    raw = table(1)
    assert marked(raw, raw) == set()
    assert marked(raw.with_columns(("x" + pl.col("part")).alias("part"))[::-1], raw) == set()


def test_a_copy_has_the_same_marks_and_half_a_copy_half_of_them() -> None:
    raw, ours = table(1), table(2)
    mine = marked(ours, raw)
    assert abs(len(mine) - marking.AIMED) < 5 * marking.AIMED**0.5
    renamed = ours.with_columns(("y" + pl.col("part")).alias("part")).sample(fraction=1, shuffle=True, seed=3)
    assert marked(renamed, raw) == mine
    half = marked(pl.concat([ours.head(ROWS // 2), table(3, ROWS // 2)]), raw)
    share = len(half & mine) / len(half)
    assert abs(share - 0.5) < 5 * 0.5 / len(half) ** 0.5


def test_padding_hides_nothing() -> None:
    raw, ours = table(1), table(2)
    padded = marked(pl.concat([ours, table(4, 8 * ROWS)]), raw)
    assert len(padded) == marks.MOST
    theirs = marked(ours, raw)
    kept = {mark for mark in theirs if mark in padded}
    assert len(kept) > len(theirs) / 6, "the smallest of all are marked, by chance a ninth of them theirs"


def test_another_seed_marks_other_records() -> None:
    assert not marked(table(2), table(1), seed=1) & marked(table(2), table(1), seed=2)


@pytest.mark.parametrize("written", [b"1234567", bytes(8) * 2, bytes(range(8)) * (marks.MOST + 1)])
def test_what_are_no_marks_is_refused(written: bytes) -> None:
    with pytest.raises(ValueError, match="mark"):
        marks.parsed(written)
