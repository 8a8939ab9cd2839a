"""Deferred acceptance: no pair would rather have each other; the best such plan for suppliers."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboard.events.timetable import Hall, Party, Wish, plan, stable
from tests.events.timetable.instances import assert_lawful, events


def blocks(pair, chosen, parties, likes):
    """Would both rather meet? By the definition, from the sets of pairs alone."""

    def glad(key, side):
        mine = [other for other in chosen if key in other]
        return len(mine) < parties[key] or any(likes[side][pair] > likes[side][other] for other in mine)

    return pair not in chosen and all(parties[key] > 0 and glad(key, side) for side, key in enumerate(pair))


def read(event):
    suppliers, demanders, wishes, hall = event
    caps = {party.key: min(party.most, hall.slots) for party in [*suppliers, *demanders]}
    likes = [
        {(one.supplier, one.demander): own if own is not None else one.value for one, own in pairs}
        for pairs in (
            [(one, one.to_supplier) for one in wishes],
            [(one, one.to_demander) for one in wishes],
        )
    ]
    return caps, likes


@given(events())
def test_with_room_for_all_no_pair_blocks(event):
    suppliers, demanders, wishes, hall = event
    event = suppliers, demanders, wishes, Hall(hall.slots, 12)
    found = stable(*event)
    assert_lawful(found, *event)
    caps, likes = read(event)
    chosen = {one.pair for one in found.meetings}
    assert not any(blocks(pair, chosen, caps, likes) for pair in likes[0])
    assert found.blocking_pairs == ()


@given(events(), st.booleans())
def test_blocking_pairs_are_those_of_the_definition(event, by_value):
    suppliers, demanders, wishes, hall = event
    event = suppliers, demanders, wishes, Hall(hall.slots, 12)
    found = plan(*event) if by_value else stable(*event)
    caps, likes = read(event)
    chosen = {one.pair for one in found.meetings}
    assert list(found.blocking_pairs) == sorted(pair for pair in likes[0] if blocks(pair, chosen, caps, likes))


@given(st.lists(st.permutations(range(3)), min_size=6, max_size=6))
@settings(max_examples=40)
def test_of_all_stable_plans_suppliers_like_it_best(orders):
    """One meeting each, all 9 pairs wished: every stable matching is found by trying all."""
    wishes = [
        Wish(f"s{s}", f"d{d}", 1.0, to_supplier=orders[s][d] + 1.0, to_demander=orders[3 + d][s] + 1.0)
        for s in range(3)
        for d in range(3)
    ]
    event = [Party(f"s{n}", 1) for n in range(3)], [Party(f"d{n}", 1) for n in range(3)], wishes, Hall(2, 3)
    caps, likes = read(event)
    pairs = list(likes[0])
    everything = [
        set(chosen) for chosen in combinations(pairs, 3) if len({key for pair in chosen for key in pair}) == 6
    ]
    all_stable = [one for one in everything if not any(blocks(pair, one, caps, likes) for pair in pairs)]
    chosen = {one.pair for one in stable(*event).meetings}
    assert chosen in all_stable
    liked = {pair[0]: likes[0][pair] for pair in chosen}
    for other in all_stable:
        assert all(likes[0][pair] <= liked[pair[0]] for pair in other)


@given(events(blocked=True, floors=True, limits=True))
@settings(max_examples=50)
def test_it_is_lawful_with_every_limit_and_never_worth_more_than_the_bound(event):
    assert_lawful(stable(*event, rounds=10), *event)


def test_a_hall_too_small_leaves_out_the_least_valuable_pairs():
    wishes = [Wish(f"s{number}", f"d{number}", 1.0 + number) for number in range(4)]
    event = [Party(f"s{n}", 1) for n in range(4)], [Party(f"d{n}", 1) for n in range(4)], wishes
    found = stable(*event, Hall(1, 2))
    assert {one.supplier for one in found.meetings} == {"s2", "s3"}
    assert found.value == pytest.approx(7.0)
