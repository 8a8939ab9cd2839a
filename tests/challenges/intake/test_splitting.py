"""The seeded split: the same everywhere, and unmoved by rows that come later."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from challenges.splitting import draw, uniform

NAMES = st.lists(st.text(max_size=8), min_size=1, max_size=60, unique=True)
SHARES = st.floats(0, 1)


def test_the_numbers_are_those_of_every_machine():
    found = uniform(["1", "flight-7", "甲"], 20260101)
    assert [number.hex() for number in found] == [
        "0x1.152ec0d0a0b58p-1",
        "0x1.8e167571ce221p-1",
        "0x1.a98d8fe240f64p-2",
    ]


@given(names=NAMES, more=NAMES, share=SHARES, seed=st.integers(0, 2**63 - 1))
def test_rows_that_come_later_move_none(names, more, share, seed):
    later = names + [name for name in more if name not in names]
    before = draw(pl.Series(names), share=share, seed=seed)
    after = draw(pl.Series(later[::-1]), share=share, seed=seed)[::-1]
    assert after[: len(names)].tolist() == before.tolist()


@given(names=NAMES, share=SHARES, seed=st.integers(0, 100), data=st.data())
def test_every_stratum_has_its_share(names, share, seed, data):
    strata = data.draw(st.lists(st.sampled_from("abc"), min_size=len(names), max_size=len(names)))
    public = draw(pl.Series(names), share=share, seed=seed, stratify=pl.Series(strata))
    for stratum in set(strata):
        rows = np.array([one == stratum for one in strata])
        assert public[rows].sum() == np.floor(share * rows.sum() + 0.5)


@settings(max_examples=50)
@given(names=NAMES, share=SHARES, seed=st.integers(0, 100), data=st.data(), both=st.booleans())
def test_a_group_stays_together(names, share, seed, data, both):
    size = {"min_size": len(names), "max_size": len(names)}
    groups = data.draw(st.lists(st.sampled_from("uvwxyz"), **size))
    strata = pl.Series(data.draw(st.lists(st.sampled_from("ab"), **size))) if both else None
    public = draw(pl.Series(names), share=share, seed=seed, stratify=strata, group=pl.Series(groups))
    for group in set(groups):
        assert len({bool(one) for one, other in zip(public, groups, strict=True) if other == group}) == 1


def test_groups_and_strata_together_come_near_the_share():
    chance = np.random.default_rng(1)
    groups = chance.integers(0, 400, 20_000)
    strata = np.where(chance.random(20_000) < 0.05 + 0.4 * (groups % 2), "late", "on time")
    ids = pl.Series([str(i) for i in range(20_000)])
    public = draw(ids, share=0.3, seed=9, stratify=pl.Series(strata), group=pl.Series(groups).cast(pl.String))
    for stratum in ("late", "on time"):
        assert abs(public[strata == stratum].mean() - 0.3) < 0.005


def test_shares_are_kept_without_strata():
    public = draw(pl.Series([str(i) for i in range(50_000)]), share=0.3, seed=5)
    assert abs(public.mean() - 0.3) < 0.01
    other = draw(pl.Series([str(i) for i in range(50_000)]), share=0.3, seed=6)
    assert abs((public & other).mean() - 0.09) < 0.01
