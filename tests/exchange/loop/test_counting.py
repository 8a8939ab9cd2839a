"""Counting the loop: what counts where, and what is not told."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from leaderboard.exchange.loop.counting import SMALL, Count, Thing, counted

EARLY, LATE = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


def thing(kind, id, at=EARLY, sectors=("energy",), sources=(), marks=()):
    return Thing(kind, id, at, tuple(sectors), tuple(sources), frozenset(marks))


def test_each_figure_counts_its_kind_and_mark():
    things = [
        *(thing("demand", at, marks=("matched",) if at < 4 else ()) for at in range(7)),
        thing("challenge", 1, sources=[("demand", 1)]),
        thing("dataset", 1, sources=[("challenge", 1)], marks=["measured"]),
        thing("dataset", 2),
        thing("listing", 1, sources=[("dataset", 1)]),
        *(thing("deal", at, sources=[("listing", 1), ("demand", at)], marks=["agreed"]) for at in range(3)),
    ]
    loop = counted(things)
    told = {key: count.told for key, count in loop.figures.items()}
    assert (told["demands"], told["demands_matched"], told["challenges"], told["datasets"]) == (6, 3, 1, 2)
    assert (told["datasets_measured"], told["listings"], told["deals_begun"], told["deals_agreed"]) == (1, 1, 3, 3)
    assert told["deals_settled"] == 0
    assert loop.flows["challenges", "datasets"] == Count(1)
    assert loop.flows["listings", "deals_begun"] == loop.flows["demands", "deals_begun"] == Count(3)
    assert loop.flows["demands", "challenges"] == Count(1, small=True)


def test_one_or_two_demands_or_deals_are_not_told_and_none_are():
    loop = counted([thing("demand", 1), thing("demand", 2), thing("challenge", 1)])
    assert loop.figures["demands"].told is None
    assert loop.figures["demands"].small
    assert loop.figures["deals_begun"] == Count(0)
    assert loop.figures["challenges"].told == 1


def test_what_is_of_two_sectors_counts_in_both_and_once_in_all():
    things = [thing("demand", at, sectors=("energy", "transport")) for at in range(4)]
    loop = counted(things)
    assert loop.figures["demands"].told == 3
    assert loop.by_sector["energy"]["demands"].told == loop.by_sector["transport"]["demands"].told == 3
    assert counted(things, sector="health").figures["demands"].told == 0


def test_a_period_holds_what_began_in_it():
    things = [*(thing("demand", at) for at in range(3)), *(thing("demand", 10 + at, LATE) for at in range(5))]
    assert counted(things, within=lambda at: at < LATE).figures["demands"].told == 3
    assert counted(things, within=lambda at: at >= LATE).figures["demands"].told == 3


@given(st.lists(st.tuples(st.sampled_from(["demand", "challenge", "dataset", "listing", "deal"]), st.integers(0, 9))))
def test_no_private_count_between_nothing_and_the_least_is_ever_told(pairs):
    loop = counted([thing(kind, id) for kind, id in pairs])
    for key, count in loop.figures.items():
        if key.startswith(("demands", "deals")):
            assert count.told is None or count.told % SMALL == 0


@given(st.integers(0, 20), st.integers(1, 2))
def test_a_sector_against_all_of_them_does_not_tell_one_from_two(others, few):
    """What is left between them is a multiple of three, whatever the sector has."""
    many = [thing("deal", at) for at in range(others)]
    loop = counted([*many, *(thing("deal", 100 + at, sectors=("health",)) for at in range(few))])
    assert loop.by_sector["health"]["deals_begun"].told is None
    rest = loop.by_sector.get("energy", {}).get("deals_begun")
    if rest is not None and rest.told is not None and loop.figures["deals_begun"].told is not None:
        assert (loop.figures["deals_begun"].told - rest.told) % SMALL == 0
