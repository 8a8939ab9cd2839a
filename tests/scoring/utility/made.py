"""Small made-up tables whose quality is known, for the tests of this folder."""

import numpy as np
import polars as pl

from scoring.utility import Yardstick, prepare


def table(rows: int, seed: int, *, noise: float = 0.0, signal: float = 2.0) -> pl.DataFrame:
    """Two numbers, a date and a category that decide the target, and a number that does not."""
    rng = np.random.default_rng(seed)
    x, z, idle = rng.normal(size=(3, rows))
    kind = rng.choice(["red", "green", "blue"], rows)
    day = rng.integers(0, 300, rows)
    score = signal * (x - 0.7 * z + 0.8 * (kind == "red") - 0.3 + 0.004 * (day - 150))
    bought = rng.random(rows) < 1 / (1 + np.exp(-score))
    bought ^= rng.random(rows) < noise
    return pl.DataFrame(
        {
            "x": x,
            "z": z,
            "idle": idle,
            "kind": kind,
            "day": pl.Series(day).cast(pl.Int32).cast(pl.Date),
            "price": score + rng.normal(size=rows),
            "bought": pl.Series(bought).cast(pl.Int8),
        }
    )


FEATURES = {"x": "number", "z": "number", "idle": "number", "kind": "category", "day": "number"}


def yardstick(reference: pl.DataFrame, test: pl.DataFrame, **settings) -> Yardstick:
    """The cheapest one: a linear model, ten refits, classes."""
    chosen = {"target": "bought", "metric": "roc_auc", "models": ["hashed-logistic"], "columns": FEATURES, "refits": 10}
    return prepare(reference, test, **{**chosen, **settings})
