"""Transactions and instants mean the same on both engines."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, StatementError
from sqlmodel import select

from leaderboard.core.changes import Change
from leaderboard.core.database import Database, dialect_of, migrate, schema_versions, upsert
from leaderboard.core.errors import Unavailable
from leaderboard.core.jobs import Lane

SHANGHAI = timezone(timedelta(hours=8))


@pytest.fixture
def database(database_address):
    made = Database(database_address)
    yield made
    made.dispose()


def write_lane(session, name, at):
    session.add(Lane(kind="k", lane=name, served_at=at))


def test_a_write_is_kept_when_its_block_ends_well_and_only_then(database):
    with database.write() as session:
        write_lane(session, "kept", datetime(2026, 1, 1, tzinfo=UTC))
    with contextlib.suppress(ZeroDivisionError), database.write() as session:
        write_lane(session, "lost", datetime(2026, 1, 1, tzinfo=UTC))
        session.flush()
        1 / 0  # noqa: B018
    with database.read() as session:
        assert session.exec(select(Lane.lane)).all() == ["kept"]


def test_a_read_keeps_nothing(database):
    with database.read() as session:
        write_lane(session, "sneaked in", datetime(2026, 1, 1, tzinfo=UTC))
        session.flush()
    with database.read() as session:
        assert session.exec(select(Lane)).all() == []


def test_what_was_read_stays_readable_after_its_block(database):
    with database.write() as session:
        write_lane(session, "a", datetime(2026, 1, 1, tzinfo=UTC))
    with database.read() as session:
        lane = session.exec(select(Lane)).one()
    assert (lane.lane, lane.served_at.year) == ("a", 2026)


def test_a_read_sees_one_moment_on_sqlite_and_what_is_committed_on_postgresql(database):
    with database.read() as reading:
        assert reading.exec(select(Lane)).all() == []
        with database.write() as session:
            write_lane(session, "new", datetime(2026, 1, 1, tzinfo=UTC))
        seen = reading.exec(select(Lane.lane)).all()
    assert seen == ([] if database.is_sqlite else ["new"])


def test_two_writers_decide_one_after_the_other(database):
    """Each reads a count and writes it one higher; without a lock taken at the start, updates would be lost."""
    with database.write() as session:
        write_lane(session, "count", datetime(2026, 1, 1, tzinfo=UTC))
    start = threading.Barrier(4)

    def count(_number):
        start.wait()
        for _ in range(10):
            with database.write() as session:
                lane = session.exec(select(Lane).with_for_update()).one()
                lane.served_at += timedelta(seconds=1)
                session.add(lane)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(4)))
    with database.read() as session:
        assert session.exec(select(Lane.served_at)).one() == datetime(2026, 1, 1, 0, 0, 40, tzinfo=UTC)


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_sqlite_takes_the_write_lock_when_a_write_begins(database):
    with database.write() as session:
        session.connection()  # nothing has been written yet
        other = Database(database.address)
        with other.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=0")
            with pytest.raises(OperationalError, match="locked"):
                connection.exec_driver_sql("BEGIN IMMEDIATE")
        with other.read() as reading:
            assert reading.exec(select(Lane)).all() == []  # readers are not held up
        other.dispose()


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_sqlite_keeps_answered_writes_through_a_power_cut_and_checks_references(database):
    with database.engine.connect() as connection:
        wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
        assert {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted} == wanted


instants = st.datetimes(
    min_value=datetime(1971, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, SHANGHAI]),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(instant=instants)
def test_an_instant_comes_back_as_the_same_instant_in_utc(database, instant):
    with database.write() as session:
        made = Change(topic="t", at=instant)
        session.add(made)
        session.flush()
        id = made.id
    with database.read() as session:
        found = session.get_one(Change, id).at
    assert found == instant
    assert found.utcoffset() == timedelta(0)


def test_instants_sort_as_time_does(database):
    base = datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    moments = [base, base + timedelta(microseconds=1), base.replace(microsecond=0), base.astimezone(SHANGHAI)]
    with database.write() as session:
        session.add_all([Change(topic="t", at=moment) for moment in moments])
    with database.read() as session:
        found = session.exec(select(Change.at).order_by(Change.at)).all()
        later = session.exec(select(Change.at).where(Change.at > base.astimezone(SHANGHAI))).all()
    assert found == sorted(moments)
    assert later == [moments[1]]


def test_a_datetime_without_a_zone_is_refused(database):
    with database.read() as session:
        session.add(Change(topic="t", at=datetime(2026, 1, 1)))  # noqa: DTZ001
        with pytest.raises(StatementError, match="without a zone"):
            session.flush()


def test_an_upsert_writes_once_and_then_over(database):
    first, second = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    for at in (first, second):
        with database.write() as session:
            serving = upsert(dialect_of(session), Lane).values(kind="k", lane="a", served_at=at)
            session.execute(serving.on_conflict_do_update(index_elements=["kind", "lane"], set_={"served_at": at}))
    with database.read() as session:
        assert session.exec(select(Lane.served_at)).all() == [second]


def test_who_waits_too_long_for_a_row_is_told_to_come_back(database):
    if database.is_sqlite:
        pytest.skip("SQLite has no locks of rows; waiting for its one lock is tested above")
    with database.write() as session:
        write_lane(session, "a", datetime(2026, 1, 1, tzinfo=UTC))
    row = select(Lane).with_for_update()
    with database.write() as holding:
        holding.exec(row).one()
        with pytest.raises(Unavailable, match="busy"), database.write() as waiting:  # noqa: PT012 - the wait is the second step
            waiting.execute(text("SET LOCAL lock_timeout = '50ms'"))
            waiting.exec(row).one()


def test_of_two_who_wait_for_each_other_one_goes_on_and_the_other_is_told_to_come_back(database):
    if database.is_sqlite:
        pytest.skip("SQLite's writers come one after the other")
    with database.write() as session:
        for lane in ("a", "b"):
            write_lane(session, lane, datetime(2026, 1, 1, tzinfo=UTC))
    gate, said = threading.Barrier(2), []

    def both(first, second):
        try:
            with database.write() as session:
                session.exec(select(Lane).where(Lane.lane == first).with_for_update()).one()
                gate.wait(60)
                session.exec(select(Lane).where(Lane.lane == second).with_for_update()).one()
            said.append("done")
        except Unavailable as error:
            said.append(error.id)

    with ThreadPoolExecutor(2) as pool:
        for one in [pool.submit(both, "a", "b"), pool.submit(both, "b", "a")]:
            one.result(120)
    assert sorted(said) == ["done", "web.busy"]


def test_migrating_again_changes_nothing(database):
    migrate(database.address)
    have, want = schema_versions(database)
    assert have == want
    assert len(have) == 1


def test_an_empty_database_has_no_schema(tmp_path):
    empty = Database(f"sqlite:///{tmp_path / 'new' / 'empty.sqlite3'}")
    have, want = schema_versions(empty)
    empty.dispose()
    assert (have, len(want)) == ((), 1)
