"""The planted ladder: recovered where there is something to learn, and not on pure noise."""

import numpy as np
import polars as pl
import pytest

from scoring.utility import ladder
from scoring.utility.planted_ladder import share_of, with_wrong_labels
from tests.scoring.utility.made import table, yardstick


def test_an_easy_set_recovers_its_ladder():
    curated = table(1500, 1)
    report = ladder(curated, yardstick(curated, table(2000, 2)))
    assert report.recovered
    assert report.missed == ()
    by_name = {(step.better, step.worse): step for step in report.steps}
    assert by_name["full", "noise 10 %"].certain
    assert by_name["full", "tenth"].difference.value > by_name["half", "tenth"].difference.value
    assert by_name["full", "noise 2 %"].needs == "nothing"
    assert report.values["full"] > report.values["noise 10 %"] > 0.5


@pytest.mark.parametrize("seed", range(4))
def test_pure_noise_does_not(seed):
    curated, test = (table(600, one, signal=0) for one in (10 + seed, 20 + seed))
    report = ladder(curated, yardstick(curated, test), seed=seed, information=False)
    assert not report.recovered
    assert report.missed
    assert len(report.steps) == 4


def test_planted_sets_are_nested_and_as_large_as_they_say():
    curated = table(4000, 1)
    ruler = yardstick(curated, table(100, 2))
    hashes = ruler.pipeline.encode(curated).hashes
    original = curated["bought"].cast(pl.String)
    flipped = {
        rate: (with_wrong_labels(curated, rate, ruler, hashes, 5)["bought"] != original).to_numpy()
        for rate in (0.02, 0.1)
    }
    assert flipped[0.02].mean() == pytest.approx(0.02, abs=0.008)
    assert flipped[0.1].mean() == pytest.approx(0.1, abs=0.015)
    assert not (flipped[0.02] & ~flipped[0.1]).any()
    half, tenth = (share_of(curated, share, hashes, 5) for share in (0.5, 0.1))
    assert half.height == pytest.approx(2000, abs=100)
    assert tenth.join(half, on=curated.columns, how="anti").is_empty()
    assert np.corrcoef(flipped[0.1], np.isin(hashes, ruler.pipeline.encode(half).hashes))[0, 1] == pytest.approx(
        0, abs=0.06
    )


def test_wrong_numbers_are_numbers_of_other_rows():
    curated = table(2000, 1)
    ruler = yardstick(curated, table(100, 2), target="price", metric="rmse", models=["hashed-ridge"])
    spoiled = with_wrong_labels(curated, 0.1, ruler, ruler.pipeline.encode(curated).hashes, 0)
    changed = np.abs(spoiled["price"].to_numpy() - curated["price"].to_numpy()) > 1e-9
    assert changed.mean() == pytest.approx(0.1, abs=0.02)
    nearest = np.abs(spoiled["price"].to_numpy()[changed][:, None] - curated["price"].to_numpy()).min(axis=1)
    assert nearest.max() < 1e-9
