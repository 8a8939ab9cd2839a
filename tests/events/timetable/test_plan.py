"""The plan: lawful always, optimal where everybody is always free, near the best where not, and the same each time."""

import random
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.events.timetable import Aims, Hall, Party, Timetable, Wish, plan
from tests.events.timetable.instances import assert_lawful, best_worth, events


def full_event(suppliers, demanders, slots):
    """Everybody wishes to meet everybody, at values that differ."""
    left = [Party(f"s{number:02}", slots) for number in range(suppliers)]
    right = [Party(f"d{number:02}", slots) for number in range(demanders)]
    drawn = random.Random(4)
    return left, right, [Wish(one.key, two.key, drawn.uniform(0.1, 1)) for one in left for two in right]


@pytest.mark.slow
@given(events(blocked=True, floors=True, limits=True), st.sampled_from([0.0, 0.7]), st.sampled_from([None, 1, 2]))
def test_every_plan_is_lawful(event, fairness, longest_run):
    found = plan(*event, aims=Aims(fairness, longest_run), rounds=10)
    assert_lawful(found, *event, longest_run=longest_run)


@given(events(), st.sampled_from([0.0, 0.7]))
@settings(max_examples=60)
def test_with_full_availability_it_is_the_optimum_and_the_bound_is_met(event, fairness):
    found = plan(*event, aims=Aims(fairness))
    assert found.exact
    assert found.gap == 0
    assert found.worth == pytest.approx(found.bound)
    assert found.worth == pytest.approx(best_worth(*event, Aims(fairness))[1], abs=1e-6)


@given(events(floors=True, parties=4))
@settings(max_examples=60)
def test_as_many_floors_are_kept_as_can_be_and_then_worth_decides(event):
    suppliers, demanders, _, _ = event
    found = plan(*event)
    most, _ = best_worth(*event)
    parties = [*suppliers, *demanders]
    assert len(parties) - len(found.floors_dropped) == most
    counted = {party.key for party in parties} - set(found.floors_dropped)
    kept, worth = best_worth(*event, floors=counted)
    assert kept == len(counted)
    assert found.worth == pytest.approx(worth, abs=1e-6)
    for party in parties:
        got = sum(party.key in one.pair for one in found.meetings)
        assert got >= party.least or party.key in found.floors_dropped


@given(events(blocked=True, limits=True, slots=3))
@settings(max_examples=60)
def test_with_blocked_slots_the_bound_holds_and_the_best_is_rarely_missed_by_much(event):
    found = plan(*event)
    _, best = best_worth(*event)
    assert found.worth <= best + 1e-6
    assert found.bound >= best - 1e-6
    assert found.worth >= 0.75 * best


def test_with_blocked_slots_a_day_of_forty_by_fifty_comes_within_two_percent_of_the_bound():
    suppliers, demanders, wishes = full_event(20, 25, 8)
    drawn = random.Random(7)

    def blocked(party):
        return replace(party, free=frozenset(slot for slot in range(8) if drawn.random() > 0.3))

    event = [blocked(one) for one in suppliers], [blocked(one) for one in demanders], wishes, Hall(8, 15)
    found = plan(*event)
    assert_lawful(found, *event)
    assert found.gap < 0.02
    assert plan(*event, rounds=0).worth <= found.worth


@pytest.mark.slow
@given(events(blocked=True, floors=True, limits=True), st.randoms(use_true_random=False), st.integers(0, 3))
@settings(max_examples=40)
def test_the_order_of_the_input_does_not_matter_and_a_second_run_finds_the_same(event, shuffler, seed):
    suppliers, demanders, wishes, hall = event
    shuffled = [shuffler.sample(part, len(part)) for part in (suppliers, demanders, wishes)]
    assert plan(*shuffled, hall, seed=seed, rounds=20) == plan(*event, seed=seed, rounds=20)


@given(events(blocked=True), st.sampled_from([1e-6, 1e9]))
@settings(max_examples=30)
def test_the_unit_of_the_values_does_not_matter(event, unit):
    suppliers, demanders, wishes, hall = event
    scaled = [replace(one, value=one.value * unit, to_supplier=None, to_demander=None) for one in wishes]
    worth = plan(suppliers, demanders, scaled, hall, rounds=20).worth
    assert worth / unit == pytest.approx(plan(*event, rounds=20).worth, rel=1e-6)


def test_breaks_take_a_slot_from_everybody_and_the_plan_stays_exact():
    event = full_event(6, 6, 5)
    found = plan(*event, Hall(5, 6, breaks=frozenset({2})))
    assert found.exact
    assert {one.slot for one in found.meetings} == {0, 1, 3, 4}
    assert len(found.meetings) == 24


def test_a_full_hall_is_used_to_the_last_table():
    found = plan(*full_event(9, 7, 6), Hall(6, 4))
    assert len(found.meetings) == 24
    assert found.exact


def test_a_longest_run_leaves_rests_and_still_finds_all_that_is_possible():
    suppliers, demanders, wishes = full_event(4, 4, 5)
    event = suppliers, demanders, wishes, Hall(5, 4)
    found = plan(*event, aims=Aims(longest_run=2))
    assert_lawful(found, *event, longest_run=2)
    assert len(found.meetings) == 16
    assert plan(suppliers, demanders, wishes, Hall(5, 4)).meetings != found.meetings


def test_interpreters_are_shared_out_over_the_slots():
    suppliers, demanders, wishes = full_event(4, 4, 4)
    foreign = [replace(one, interpreted=one.supplier in {"s00", "s01"}) for one in wishes]
    event = suppliers, demanders, foreign, Hall(4, 4, interpreters=1)
    found = plan(*event)
    assert_lawful(found, *event)
    assert sum(one.supplier in {"s00", "s01"} for one in found.meetings) == 4
    assert found.exact


def test_fairness_gives_more_parties_a_meeting_at_a_cost_that_is_stated():
    stars = [Wish("s0", f"d{number}", 1.0) for number in range(4)]
    others = [Wish(f"s{number + 1}", f"d{number}", 0.8) for number in range(4)]
    event = [Party(f"s{number}", 4) for number in range(5)], [Party(f"d{number}", 1) for number in range(4)]
    hall = Hall(4, 5)
    plain, fair = plan(*event, [*stars, *others], hall), plan(*event, [*stars, *others], hall, aims=Aims(fairness=1.0))
    assert len({one.supplier for one in plain.meetings}) == 1
    assert len({one.supplier for one in fair.meetings}) >= 4
    assert fair.value < plain.value < fair.worth


def test_nobody_at_all_is_an_empty_timetable():
    assert plan([], [], [], Hall(3, 2)) == Timetable()


def test_importing_the_package_loads_no_numbers():
    code = "import sys, leaderboard.events.timetable; sys.exit('numpy' in sys.modules or 'scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
