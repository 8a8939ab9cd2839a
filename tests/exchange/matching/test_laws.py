"""What holds for every demand and every set of listings."""

import random
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from leaderboard.exchange.matching import run as matching
from leaderboard.exchange.matching.config import Config, band
from leaderboard.exchange.matching.evaluation import asked, evaluated
from leaderboard.exchange.matching.explanation import Explanation, recomputed
from leaderboard.exchange.matching.floors import judged
from leaderboard.exchange.matching.ranking import Candidate, Ranking
from tests.exchange.matching.drawn import TODAY, demands, floors, listings, offers, relevances, shares

LAW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
EASY = Config(floor=0.1, near=6)


def made(demand, offered, relevance, config=EASY):
    return matching.run(demand, offered, relevance, today=TODAY, config=config)


def everything(run):
    return (*run.matches, *run.near)


@LAW
@given(demands, offers, relevances)
def test_a_score_follows_from_its_explanation_to_the_last_bit(demand, offered, relevance):
    for one in everything(made(demand, offered, relevance)):
        again = Explanation.model_validate_json(one.model_dump_json())
        assert recomputed(again) == one.scores
        known = [factor for factor in one.factors if factor.side == "demand" and factor.value is not None]
        if any(not factor.multiplies for factor in known):
            assert sum(factor.contribution for factor in known) == pytest.approx(one.scores.demand.value, abs=1e-12)


@LAW
@given(demands, offers, relevances)
def test_a_counterfactual_keeps_its_promise(demand, offered, relevance):
    for one in everything(made(demand, offered, relevance)):
        for promised in one.counterfactuals:
            changed = [promised.change.apply(each) if each.key == one.listing else each for each in offered]
            after = made(demand, changed, relevance)
            assert after.order.index(one.listing) + 1 == promised.rank
            assert one.rank is None or promised.rank < one.rank
            found = next(match for match in after.matches if match.listing == one.listing)
            assert found.scores.placing == promised.placing


@LAW
@given(demands, offers, relevances)
def test_an_answer_is_worth_what_the_question_says(demand, offered, relevance):
    ask = asked(demand, TODAY, EASY)
    by_key = {one.key: one for one in offered}
    for one in everything(made(demand, offered, relevance)):
        for question in one.questions:
            answered = question.change.apply(by_key[one.listing])
            after = evaluated(ask, answered, relevance.get(one.listing)).scores
            assert after.placing == question.placing == pytest.approx(one.scores.placing + question.worth, abs=1e-12)
        assert [question.worth for question in one.questions] == sorted((q.worth for q in one.questions), reverse=True)


@LAW
@given(demands, offers, relevances)
def test_giving_up_a_constraint_brings_what_is_promised(demand, offered, relevance):
    run = made(demand, offered, relevance, Config(floor=0.3, relaxations=10))
    assert (run.nothing is None) == bool(run.order)
    for relaxed in run.nothing.relaxations if run.nothing else ():
        after = made(relaxed.change.apply(demand), offered, relevance, Config(floor=0.3))
        assert len(after.order) == relaxed.matches
        assert max(one.scores.placing for one in after.matches) == relaxed.best


@LAW
@given(demands, offers, relevances, st.randoms(use_true_random=False))
def test_a_run_is_the_same_in_any_order_and_comes_back_from_json(demand, offered, relevance, chance: random.Random):
    run = made(demand, offered, relevance)
    shuffled = list(offered)
    chance.shuffle(shuffled)
    assert made(demand, shuffled, dict(sorted(relevance.items(), reverse=True))) == run
    assert matching.parse(run.model_dump_json()) == run


@LAW
@given(demands, offers, relevances)
def test_only_a_fail_removes_and_every_open_constraint_is_asked_about(demand, offered, relevance):
    run = made(demand, offered, relevance, Config(floor=0.0))
    ask = asked(demand, TODAY, Config(floor=0.0))
    failed = {one.key for one in offered if evaluated(ask, one, relevance.get(one.key)).failed}
    assert set(run.order) == {one.key for one in offered} - failed
    assert sum(run.removed.values()) == len(failed)
    for one in run.matches:
        unknown = {f"question.{v.constraint.split('.')[0]}" for v in one.verdicts if v.verdict == "unknown"}
        assert unknown <= {question.id for question in one.questions}
        if unknown:
            assert one.scores.joint.low == 0


@LAW
@given(demands, listings(), st.none() | shares)
def test_scores_lie_in_their_bounds(demand, listing, relevance):
    scores = evaluated(asked(demand, TODAY, EASY), listing, relevance).scores
    assume(scores is not None)
    for span in (scores.demand, scores.supply, scores.joint):
        assert 0 <= span.low <= span.value <= span.high <= 1 + 1e-12
    assert scores.joint.low - 1e-12 <= scores.placing <= scores.joint.value


@LAW
@given(floors, listings())
def test_a_floor_is_met_only_by_a_whole_interval_of_fresh_evidence(floor, listing):
    verdict, _ = judged(floor, listing, TODAY, 730)
    fresh = [one for one in listing.evidence if one.version == "v1" and 0 <= (TODAY - one.measured_on).days <= 730]
    if not fresh:
        assert verdict == "unknown"
    if floor.kind == "measure" and verdict != "unknown":
        newest = max(
            (one for one in fresh if floor.measure in one.measures), key=lambda one: (one.measured_on, one.key)
        )
        found = newest.measures[floor.measure]
        beyond = found.high <= floor.limit if floor.measure == "A6" else found.low >= floor.limit
        assert (verdict == "pass") == beyond


def greedy(candidates, config):
    """Maximal marginal relevance as its authors write it, one by one."""
    left = sorted((one for one in candidates if one.placing >= config.floor), key=lambda one: (-one.placing, one.key))
    chosen, suppliers, share = [], set(), config.diversity
    while left:
        best = min(
            left,
            key=lambda one: (
                (share if one.supplier in suppliers else 0.0) - (1 - share) * one.placing,
                -one.placing,
                one.key,
            ),
        )
        left.remove(best)
        chosen.append(best.key)
        suppliers.add(best.supplier)
    return tuple(chosen)


@LAW
@given(st.lists(st.tuples(st.sampled_from("abc"), shares), max_size=12), st.floats(0, 0.9), st.floats(0, 0.5))
def test_places_are_those_of_greedy_diversity(drawn, share, floor):
    config = Config(diversity=share, floor=floor)
    candidates = [Candidate(f"k{at:02}", supplier, placing) for at, (supplier, placing) in enumerate(drawn)]
    assert Ranking(candidates, config).order == greedy(candidates, config)


@LAW
@given(st.lists(st.tuples(st.sampled_from("abc"), shares), max_size=9), shares, st.integers(0, 9))
def test_the_place_of_a_changed_listing_is_that_of_a_new_ranking(drawn, placing, which):
    config = Config(floor=0.2)
    candidates = [Candidate(f"k{at}", supplier, value) for at, (supplier, value) in enumerate(drawn)]
    supplier = drawn[which][0] if which < len(drawn) else "a"
    changed = Candidate(f"k{which}", supplier, placing)
    order = Ranking([*(one for one in candidates if one.key != changed.key), changed], config).order
    place = order.index(changed.key) + 1 if changed.key in order else None
    assert Ranking(candidates, config).with_changed(changed) == place


@LAW
@given(demands, offers, relevances)
def test_bands_follow_places_and_say_nothing_finer(demand, offered, relevance):
    bands = [band(one.scores, EASY) for one in made(demand, offered, relevance).matches]
    assert set(bands) <= {"strong", "fair"}
    placed = sorted(made(demand, offered, relevance).matches, key=lambda one: -one.scores.placing)
    ordered = [band(one.scores, EASY) for one in placed]
    assert all(not (first == "fair" and second == "strong") for first, second in pairwise(ordered))
