"""News reaches whoever waits, from this process and from others, and none is lost to the order of commits."""

import asyncio
import contextlib
import sys
from datetime import timedelta

import pytest
from sqlmodel import select

from leaderboard.core.changes import Change, Feed, announce, prune
from leaderboard.core.database import Database


@pytest.fixture
def feed(resources):
    return Feed(resources.database)


def tell(resources, *topics):
    with resources.write() as work:
        for topic in topics:
            work.announce(topic)


def test_a_change_is_told_once(resources, feed):
    tell(resources, "board:1", "board:2", "board:1")
    assert feed.poll() == ["board:1", "board:2"]
    assert feed.poll() == []
    tell(resources, "board:1")
    assert feed.poll() == ["board:1"]


def test_what_is_rolled_back_is_no_news(resources, feed):
    with contextlib.suppress(ZeroDivisionError), resources.write() as work:
        work.announce("board:1")
        1 / 0  # noqa: B018
    assert feed.poll() == []


@pytest.mark.parametrize("database_address", ["postgresql"], indirect=True)
def test_a_change_that_is_committed_late_is_told_though_a_later_one_was_told_before(resources, feed):
    with resources.write() as slow:
        announce(slow.session, ["slow"], slow.now)  # takes the lower number, and becomes visible later
        tell(resources, "quick")
        assert feed.poll() == ["quick"]
        resources.clock.advance(seconds=20)
    assert feed.poll() == ["slow"]


def test_old_news_is_pruned_and_memory_does_not_grow(resources, feed):
    for _ in range(20):
        tell(resources, "board:1")
        resources.clock.advance(minutes=1)
        with resources.write() as work:
            prune(work.session, work.now)
        assert feed.poll() == ["board:1"]
    with resources.read() as work:
        assert len(work.session.exec(select(Change)).all()) <= 10
    assert len(feed._told) <= 10


def test_news_is_told_whatever_the_clock_of_its_machine_says(resources, feed):
    for skew in (-3600, 3600):
        with resources.write() as work:
            announce(work.session, ["board:1"], work.now + timedelta(seconds=skew))
        assert feed.poll() == ["board:1"]


def test_a_number_that_is_used_again_is_other_news(resources, feed):
    tell(resources, "old")
    assert feed.poll() == ["old"]
    resources.clock.advance(minutes=11)
    with resources.write() as work:
        prune(work.session, work.now)
        work.announce("new")
    assert feed.poll() == ["new"]


def run(feed, scenario, monkeypatch):
    monkeypatch.setattr("leaderboard.core.changes.POLL_SECONDS", 0.02)

    async def main():
        await feed.begin()
        polling = asyncio.create_task(feed.run())
        try:
            await asyncio.wait_for(scenario(), 120)
        finally:
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)

    asyncio.run(main())


ANNOUNCE = """
import sys
from datetime import UTC, datetime
from leaderboard.core.changes import announce
from leaderboard.core.database import Database
with Database(sys.argv[1]).write() as session:
    announce(session, ["board:7"], datetime.fromisoformat(sys.argv[2]))
"""


@pytest.mark.slow
def test_news_comes_from_other_processes(resources, feed, monkeypatch):
    async def scenario():
        changes = feed.changes("board:7")
        first = asyncio.create_task(anext(changes))
        await asyncio.sleep(0)
        command = [sys.executable, "-c", ANNOUNCE, resources.database.address, resources.clock.now().isoformat()]
        other = await asyncio.create_subprocess_exec(*command)
        assert await other.wait() == 0
        assert await first is True
        await changes.aclose()

    run(feed, scenario, monkeypatch)


def test_listeners_hear_every_topic_and_streams_only_theirs(resources, feed, monkeypatch):
    heard = []
    feed.listen(heard.append)

    async def scenario():
        mine, other = feed.changes("mine"), feed.changes("other", silence=0.05)
        woken = asyncio.create_task(anext(mine))
        await asyncio.sleep(0)
        await asyncio.to_thread(tell, resources, "mine", "third")
        assert await woken is True
        assert await anext(other) is False  # silence: a sign of life, no news
        await mine.aclose()
        await other.aclose()
        assert not feed._waiting  # who leaves is not remembered

    run(feed, scenario, monkeypatch)
    assert heard == ["mine", "third"]


def test_what_was_there_before_the_start_is_not_news(resources, feed, monkeypatch):
    heard = []
    feed.listen(heard.append)
    tell(resources, "old")

    async def scenario():
        await asyncio.to_thread(tell, resources, "new")
        while not heard:  # noqa: ASYNC110 - the listener is plain
            await asyncio.sleep(0.01)

    run(feed, scenario, monkeypatch)
    assert heard == ["new"]


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_a_database_that_is_away_for_a_while_ends_nothing(resources, feed, monkeypatch):
    heard = []
    feed.listen(heard.append)

    async def scenario():
        whole = feed._database
        feed._database = Database(f"sqlite:///{resources.settings.data_dir}/empty.sqlite3")  # it has no tables
        await asyncio.sleep(0.2)
        feed._database.dispose()
        feed._database = whole
        await asyncio.to_thread(tell, resources, "after")
        while not heard:  # noqa: ASYNC110 - the listener is plain
            await asyncio.sleep(0.01)

    run(feed, scenario, monkeypatch)
    assert heard == ["after"]


def test_a_closed_feed_ends_its_streams(feed, monkeypatch):
    async def scenario():
        found = asyncio.create_task(collect(feed.changes("board:1")))
        await asyncio.sleep(0.05)
        feed.close()
        assert await found == []
        assert await collect(feed.changes("board:1")) == []

    run(feed, scenario, monkeypatch)


async def collect(changes):
    return [news async for news in changes]
