"""Small events, drawn or searched through, for the tests of this folder."""

from itertools import product
from operator import add

from hypothesis import strategies as st

from leaderboard.events.timetable import Aims, Hall, Party, Wish

VALUE_ALONE = Aims()
VALUES = st.integers(1, 20).map(lambda tenth: tenth / 10)


@st.composite
def events(draw, *, blocked=False, floors=False, most=4, slots=4, parties=5, limits=False):
    """(suppliers, demanders, wishes, hall) with at least one party on each side."""
    hall = Hall(
        draw(st.integers(1, slots)),
        draw(st.integers(1, 3)),
        interpreters=draw(st.none() | st.integers(0, 2)) if limits else None,
    )
    free = st.none()
    if blocked:
        free |= st.frozensets(st.integers(0, hall.slots - 1), min_size=1)

    def party(key):
        cap = draw(st.integers(0, most))
        return Party(key, cap, draw(st.integers(0, min(cap, 2))) if floors else 0, draw(free))

    suppliers = [party(f"s{number}") for number in range(draw(st.integers(1, parties)))]
    demanders = [party(f"d{number}") for number in range(draw(st.integers(1, parties)))]
    pairs = sorted(product((one.key for one in suppliers), (one.key for one in demanders)))
    wanted = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=12))
    wishes = [
        Wish(
            *pair,
            draw(VALUES),
            interpreted=limits and draw(st.booleans()),
            to_supplier=draw(st.none() | VALUES),
            to_demander=draw(st.none() | VALUES),
        )
        for pair in wanted
    ]
    return suppliers, demanders, wishes, hall


def free_slots(party, hall):
    return (set(range(hall.slots)) if party.free is None else set(party.free)) - hall.breaks


def assert_lawful(timetable, suppliers, demanders, wishes, hall, *, longest_run=None):
    """No double booking, nobody over its cap or outside its slots, every limit of the hall kept, figures that add
    up."""
    wish = {(one.supplier, one.demander): one for one in wishes}
    meetings = timetable.meetings
    assert len({one.pair for one in meetings}) == len(meetings)
    assert len({(one.slot, one.table) for one in meetings}) == len(meetings)
    assert all(one.pair in wish and 0 <= one.table < hall.tables for one in meetings)
    for party in [*suppliers, *demanders]:
        mine = sorted(one.slot for one in meetings if party.key in one.pair)
        assert len(set(mine)) == len(mine) <= party.most
        assert set(mine) <= free_slots(party, hall)
        if longest_run is not None:
            assert not any(set(range(slot, slot + longest_run + 1)) <= set(mine) for slot in mine)
    if hall.interpreters is not None:
        for slot in range(hall.slots):
            assert sum(wish[one.pair].interpreted for one in meetings if one.slot == slot) <= hall.interpreters
    assert abs(timetable.value - sum(wish[one.pair].value for one in meetings)) < 1e-9
    assert timetable.value - 1e-9 <= timetable.worth <= timetable.bound + 1e-9
    assert timetable.exact <= (timetable.gap == 0)


def best_worth(suppliers, demanders, wishes, hall, aims=VALUE_ALONE, floors=None):
    """(floors kept, worth) of the best timetable, slots and all, by trying every one. `floors`: keys whose floors
    count; None: as many as possible."""
    slots = range(hall.slots)
    free = {party.key: free_slots(party, hall) for party in [*suppliers, *demanders]}
    parties = {party.key: party for party in [*suppliers, *demanders]}
    mean = sum(one.value for one in wishes) / len(wishes) if wishes else 0.0
    best = (-1, 0.0)

    def worth(chosen):
        degrees = {key: sum(key in pair for pair in chosen) for key in parties}
        kept = sum(degrees[key] >= party.least for key, party in parties.items() if floors is None or key in floors)
        earned = sum(chosen.values())
        earned += sum(aims.fairness * mean / k for count in degrees.values() for k in range(1, count + 1))
        return kept, earned

    interpreters = hall.tables if hall.interpreters is None else hall.interpreters

    def walk(number, chosen, booked, load, speaking):
        nonlocal best
        if number == len(wishes):
            best = max(best, worth(chosen))
            return
        walk(number + 1, chosen, booked, load, speaking)
        wish = wishes[number]
        pair = (wish.supplier, wish.demander)
        if any(sum(key in other for other in chosen) >= parties[key].most for key in pair):
            return
        for slot in slots:
            if load[slot] == hall.tables or (wish.interpreted and speaking[slot] == interpreters):
                continue
            if all(slot in free[key] and (key, slot) not in booked for key in pair):
                now = [slot == other for other in slots]
                walk(
                    number + 1,
                    {**chosen, pair: wish.value},
                    booked | {(key, slot) for key in pair},
                    [*map(add, load, now)],
                    [*map(add, speaking, (here and wish.interpreted for here in now))],
                )

    walk(0, {}, frozenset(), [0] * hall.slots, [0] * hall.slots)
    return best
