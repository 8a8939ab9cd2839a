from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlmodel import func, select

from leaderboard.accounts import limits
from leaderboard.accounts.limits import Limit
from leaderboard.accounts.models import Attempt
from leaderboard.core.clock import FixedClock
from leaderboard.core.errors import TooMany
from leaderboard.core.work import Resources

THREE = Limit("knock", 3, timedelta(minutes=15))
FIVE = Limit("knock-address", 5, timedelta(minutes=15))


def knock(resources: Resources, whom: str = "door", *more: tuple[Limit, str]) -> limits.Taken:
    with resources.write() as work:
        return limits.take(work, (THREE, whom), *more)


def rows(resources: Resources) -> list[Attempt]:
    with resources.read() as work:
        found = list(work.session.exec(select(Attempt)).all())
        work.session.expunge_all()
    return found


def test_tries_run_out_and_come_back_one_by_one(resources: Resources, clock: FixedClock) -> None:
    assert knock(resources).left == 2
    clock.advance(minutes=5)
    assert knock(resources).left == 1
    assert knock(resources).left == 0
    with pytest.raises(TooMany) as refusal:
        knock(resources)
    assert refusal.value.status == 429
    assert refusal.value.headers["Retry-After"] == "600"
    assert refusal.value.params["minutes"] == 10
    clock.advance(seconds=599)
    with pytest.raises(TooMany) as refusal:
        knock(resources)
    assert refusal.value.headers["Retry-After"] == "1"
    clock.advance(seconds=1)
    assert knock(resources).left == 0
    with pytest.raises(TooMany):
        knock(resources)


def test_a_refused_try_counts_for_nobody(resources: Resources) -> None:
    for _ in range(3):
        knock(resources, "door", (FIVE, "lane"))
    for _ in range(4):
        with pytest.raises(TooMany):
            knock(resources, "door", (FIVE, "lane"))
    assert len(rows(resources)) == 6
    assert knock(resources, "other door", (FIVE, "lane")).left == 1


def test_the_tightest_limit_counts(resources: Resources) -> None:
    for door in "abcde":
        knock(resources, door, (FIVE, "lane"))
    with pytest.raises(TooMany):
        knock(resources, "f", (FIVE, "lane"))
    assert knock(resources, "f").left == 2


def test_an_honest_try_is_given_back(resources: Resources) -> None:
    for _ in range(5):
        taken = knock(resources, "door", (FIVE, "lane"))
        with resources.write() as work:
            limits.give_back(work, taken)
    assert rows(resources) == []


def test_forgiving_clears_one_limit_of_one_door(resources: Resources) -> None:
    for _ in range(3):
        knock(resources, "door", (FIVE, "lane"))
    knock(resources, "other")
    with resources.write() as work:
        limits.forgive(work, THREE, "door")
    assert knock(resources, "door").left == 2
    assert knock(resources, "other").left == 1
    assert len([row for row in rows(resources) if row.what.startswith("knock-address:")]) == 3


def test_what_was_typed_is_not_stored(resources: Resources) -> None:
    knock(resources, "my password by mistake")
    assert "password" not in rows(resources)[0].what


def test_a_hundred_at_once_are_counted_as_a_hundred(resources: Resources) -> None:
    def one(_: int) -> bool:
        try:
            knock(resources, "door", (FIVE, "lane"))
        except TooMany:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        let_in = list(pool.map(one, range(100)))
    assert sum(let_in) == 3
    assert len(rows(resources)) == 6


def test_two_limits_in_opposite_order_do_not_wait_for_each_other(resources: Resources) -> None:
    def one(turn: int) -> int:
        pair = [(Limit("a", 1000, limits.HOUR), "x"), (Limit("b", 1000, limits.HOUR), "y")]
        with resources.write() as work:
            return limits.take(work, *(pair if turn % 2 else reversed(pair))).left

    with ThreadPoolExecutor(8) as pool:
        lefts = sorted(pool.map(one, range(40)))
    assert lefts == list(range(960, 1000))


def test_old_tries_are_forgotten(resources: Resources, clock: FixedClock) -> None:
    knock(resources)
    clock.advance(minutes=30)
    knock(resources)
    clock.advance(minutes=31)
    with resources.write() as work:
        limits.prune(work)
    with resources.read() as work:
        assert work.session.exec(select(func.count()).select_from(Attempt)).one() == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_one_customer_is_one_network(address: str, network: str) -> None:
    assert limits.network(address) == network
