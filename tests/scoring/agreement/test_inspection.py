"""Inspection by sampling: every probability against SciPy's distributions, every rule at its edges."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from scoring.agreement.inspection import (
    BY_MACHINE,
    BY_PEOPLE,
    Plan,
    at_most,
    draw,
    inspect,
    more_than,
    sample_size,
)


@given(st.data())
def test_tails_are_those_of_the_hypergeometric(data):
    population = data.draw(st.integers(1, 3000))
    sampled, faulty = data.draw(st.integers(1, population)), data.draw(st.integers(0, population))
    found = data.draw(st.integers(-1, sampled + 1))
    theirs = stats.hypergeom(population, faulty, sampled)
    assert at_most(found, sampled, faulty, population) == pytest.approx(theirs.cdf(found), abs=1e-10)
    assert more_than(found, sampled, faulty, population) == pytest.approx(theirs.sf(found), abs=1e-10)


def test_an_endless_lot_is_binomial():
    assert at_most(160, 4000, 4 * 10**10, 10**12) == pytest.approx(stats.binom.cdf(160, 4000, 0.04), rel=1e-6)


def test_tails_in_fractions():
    """Of 12 items 5 are faulty; of 6 drawn at most 2 are: (C(5,0)C(7,6) + C(5,1)C(7,5) + C(5,2)C(7,4)) / C(12,6)."""
    assert at_most(2, 6, 5, 12) == pytest.approx(float(Fraction(7 + 5 * 21 + 10 * 35, 924)), abs=1e-14)


@pytest.mark.parametrize(
    ("plan", "population", "sample", "allowed"),
    [
        (BY_PEOPLE, 1_000_000, 4000, 160),
        (BY_PEOPLE, 4000, 4000, 160),
        (BY_PEOPLE, 100, 100, 4),
        (BY_PEOPLE, 20, 20, 0),
        (BY_MACHINE, 1_000_000, 100_000, 2000),
        (BY_MACHINE, 9, 1, 0),
        (BY_MACHINE, 41, 5, 0),
        (BY_MACHINE, 10**12, 10**11, 2 * 10**9),
    ],
)
def test_the_two_rules(plan, population, sample, allowed):
    assert plan.sample(population) == sample
    assert plan.allowed(sample) == allowed


def test_pass_shares_are_exact():
    """0.96 · 4000 is 3840.0000000000005 in floats of some orders; in fractions it is 3840."""
    for sampled in range(1, 3000):
        allowed = BY_PEOPLE.allowed(sampled)
        assert (sampled - allowed) * 100 >= 96 * sampled > (sampled - allowed - 1) * 100


def test_the_verdict_turns_at_the_limit():
    good, bad = inspect(4000, 3840, 250_000, BY_PEOPLE), inspect(4000, 3839, 250_000, BY_PEOPLE)
    assert (good.passed, bad.passed) == (True, False)
    assert (good.faulty, good.allowed, bad.faulty) == (160, 160, 161)
    for verdict, passed in ((good, 3840), (bad, 3839)):
        exact = stats.binomtest(passed, 4000).proportion_ci(method="exact")
        assert (verdict.low, verdict.high) == pytest.approx(exact, abs=1e-10)
        assert verdict.consumer_risk == pytest.approx(stats.hypergeom.cdf(160, 250_000, 10_001, 4000), abs=1e-9)
        assert verdict.producer_risk == pytest.approx(stats.hypergeom.sf(160, 250_000, 5000, 4000), rel=1e-5)
    assert good.doubt == pytest.approx(stats.hypergeom.cdf(160, 250_000, 10_001, 4000), abs=1e-9)
    assert inspect(4000, 3900, 250_000, BY_PEOPLE).doubt < 1e-6


def slow_interval(faulty, sampled, population, level=0.95):
    """All numbers of faults in the lot that neither tail rules out."""
    tail = (1 - level) / 2
    lots = np.arange(population + 1)
    not_too_many = stats.hypergeom.cdf(faulty, population, lots, sampled) > tail
    not_too_few = stats.hypergeom.sf(faulty - 1, population, lots, sampled) > tail
    kept = lots[not_too_many & not_too_few]
    return population - int(kept.max()), population - int(kept.min())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_interval_of_the_lot_from_its_definition(data):
    population = data.draw(st.integers(2, 200))
    sampled = data.draw(st.integers(1, population))
    passed = data.draw(st.integers(0, sampled))
    plan = Plan(1, Fraction(0), Fraction(9, 10), "test")
    verdict = inspect(sampled, passed, population, plan)
    assert (verdict.lot_low, verdict.lot_high) == slow_interval(sampled - passed, sampled, population)
    assert passed <= verdict.lot_low <= verdict.lot_high <= population - (sampled - passed)
    assert 0 <= verdict.low <= verdict.share <= verdict.high <= 1
    for chance in (verdict.consumer_risk, verdict.producer_risk, verdict.doubt):
        assert 0 <= chance <= 1


def test_a_lot_that_is_inspected_whole_leaves_no_doubt():
    verdict = inspect(3000, 2900, 3000, BY_PEOPLE)
    assert (verdict.lot_low, verdict.lot_high) == (2900, 2900)
    assert (verdict.consumer_risk, verdict.producer_risk, verdict.doubt) == (0, 0, 0)


def test_what_is_no_inspection():
    with pytest.raises(ValueError, match="3999 items were inspected; the plan asks for 4000 of 250000"):
        inspect(3999, 3999, 250_000, BY_PEOPLE)
    for numbers in ((0, 0, 10), (5, 6, 10), (11, 5, 10), (5, -1, 10), (10, 10, 10**13)):
        with pytest.raises(ValueError, match="is no sample"):
            inspect(*numbers, BY_MACHINE)


@pytest.mark.parametrize(
    ("population", "good", "bad"), [(500, 1.0, 0.9), (10_000, 0.99, 0.95), (20_000, 0.98, 0.93), (60, 0.95, 0.7)]
)
def test_the_smallest_sample_meets_both_risks_and_no_smaller_one_does(population, good, bad):
    sampled, allowed = sample_size(population, good=good, bad=bad)
    few, many = round((1 - good) * population), round((1 - bad) * population)

    def meets(n: int, c: int) -> bool:
        return stats.hypergeom.cdf(c, population, many, n) <= 0.05 and stats.hypergeom.sf(c, population, few, n) <= 0.05

    assert meets(sampled, allowed)
    sizes = np.arange(1, sampled)
    for c in range(allowed + 3):
        consumer = stats.hypergeom.cdf(c, population, many, sizes) <= 0.05
        producer = stats.hypergeom.sf(c, population, few, sizes) <= 0.05
        assert not (consumer & producer).any()


def test_sample_sizes_have_limits():
    with pytest.raises(ValueError, match="1000 faults or more"):
        sample_size(10**9, good=0.5001, bad=0.5)
    with pytest.raises(ValueError, match="bad < good"):
        sample_size(100, good=0.9, bad=0.9)


@given(st.lists(st.text(max_size=4), unique=True, max_size=40), st.integers(0, 40), st.integers(0, 5))
def test_a_draw_of_names_does_not_depend_on_their_order(names, count, seed):
    drawn = [names[place] for place in draw(names, count, seed)]
    back = names[::-1]
    assert drawn == [back[place] for place in draw(back, count, seed)]
    assert len(set(drawn)) == len(drawn) == min(count, len(names))
    assert drawn[: count // 2] == [names[place] for place in draw(names, count // 2, seed)]


@given(st.lists(st.integers(-(2**63), 2**63 - 1), unique=True, max_size=40), st.integers(0, 5))
def test_a_draw_of_numbers_does_not_depend_on_their_order(codes, seed):
    ids = np.array(codes, dtype=np.int64)
    assert ids[draw(ids, 7, seed)].tolist() == ids[::-1][draw(ids[::-1], 7, seed)].tolist()


def test_draws_are_fair_and_depend_on_the_seed():
    ids = np.arange(1000)
    often = np.bincount(np.concatenate([draw(ids, 100, seed) for seed in range(400)]), minlength=1000)
    assert often.sum() == 40_000
    assert abs(often - 40).max() < 5 * 6.0  # five standard deviations of the binomial
    assert stats.chisquare(often).pvalue > 1e-4
    names = [str(number) for number in range(1000)]
    often = np.bincount(np.concatenate([draw(names, 100, seed) for seed in range(200)]), minlength=1000)
    assert stats.chisquare(often).pvalue > 1e-4


def test_draws_stay_the_same_for_ever():
    assert draw(np.arange(10), 4, 7).tolist() == [8, 7, 2, 5]
    assert draw([str(number) for number in range(10)], 4, 7).tolist() == [8, 4, 1, 9]


def test_ids_that_come_twice_are_a_mistake():
    with pytest.raises(ValueError, match="1 ids come twice"):
        draw(["a", "b", "a"], 2, 0)
    with pytest.raises(ValueError, match="1 ids come twice"):
        draw(np.array([1, 1]), 1, 0)
