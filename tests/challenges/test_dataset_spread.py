"""Boards can tell which places of datasets may be luck: submissions are compared in pairs, by what varies in both."""

import numpy as np
import pytest

import challenges
from challenges import run
from scoring import rank_ranges
from tests import dataset_packages as made

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[float, float, float, np.ndarray]]:
    """Composite on the public split with its interval, and its spread, by submission."""
    folder = tmp_path_factory.mktemp("readings")
    challenges.prepare(challenges.load(made.package_folder(folder / "package")), folder / "prepared")
    rows = {"raw": made.raw(), "better": made.raw(0.1), "hardly better": made.raw(0.09, seed=5), "best": made.curated()}
    scored = {}
    for name, table in rows.items():
        out = folder / name
        out.mkdir()
        (out / "mine.csv").write_bytes(made.written(table))
        report = run.score(folder / "prepared", out / "mine.csv", out, filename="mine.csv")
        one = next(one for one in report.scores if (one.key, one.split) == ("composite", "public"))
        scored[name] = (one.value, one.low, one.high, np.asarray(report.spread("public"), np.float64))
    return scored


def test_a_spread_is_about_as_wide_as_the_interval(found: dict[str, tuple[float, float, float, np.ndarray]]) -> None:
    """That of the interval is Fieller's, which knows the ends of the scale as well: so not far from 1.96 spreads to each side."""
    _, low, high, spread = found["better"]
    assert 0.5 < 2 * 1.96 * np.linalg.norm(spread) / (high - low) < 2


def test_places_that_may_be_luck_are_told_from_those_that_are_earned(
    found: dict[str, tuple[float, float, float, np.ndarray]],
) -> None:
    values, spreads = [one[0] for one in found.values()], np.stack([one[3] for one in found.values()])
    ranges = dict(zip(found, rank_ranges(values, spreads, "max").tolist(), strict=True))
    assert ranges == {"raw": [4, 4], "better": [2, 3], "hardly better": [2, 3], "best": [1, 1]}
