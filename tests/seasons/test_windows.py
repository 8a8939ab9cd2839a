from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from challenges.admission import definition_from_json
from leaderboard.core.errors import FieldError, Malformed
from leaderboard.seasons import states, windows
from leaderboard.seasons.states import Status
from leaderboard.seasons.windows import PhasePlan
from tests.seasons import factories

NINE = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)


def plan(key: str = "open", days: int = 0, length: int = 10, **changes: object) -> PhasePlan:
    opens = NINE + timedelta(days=days)
    return PhasePlan(key, opens, opens + timedelta(days=length), **changes)


def test_a_local_time_is_read_in_the_stated_zone():
    assert windows.read_local("2026-12-01 09:00", "Asia/Shanghai", "x") == NINE
    assert windows.read_local(" 2026-12-01T09:00 ", "Asia/Shanghai", "x") == NINE
    assert windows.read_local("2026-12-01 09:00", "UTC", "x") == NINE + timedelta(hours=8)


def test_a_written_offset_decides_over_the_zone():
    assert windows.read_local("2026-12-01 02:00+01:00", "Asia/Shanghai", "x") == NINE
    assert windows.read_local("2026-12-01 01:00Z", "Asia/Shanghai", "x") == NINE


def test_an_hour_that_the_clocks_skip_is_refused():
    skipped = windows.read_local("2027-03-28 02:30", "Europe/Berlin", "opens")
    assert isinstance(skipped, FieldError)
    assert "forward" in skipped.message
    assert skipped.params == {"value": "2027-03-28 02:30", "zone": "Europe/Berlin"}


def test_an_hour_that_comes_twice_is_refused_with_both_readings():
    twice = windows.read_local("2026-10-25 02:30", "Europe/Berlin", "opens")
    assert isinstance(twice, FieldError)
    readings = [windows.read_local(str(twice.params[name]), "Europe/Berlin", "x") for name in ("first", "second")]
    assert readings == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "2026-13-01 09:00",
        "2026-02-30 09:00",
        "2026-12-01",
        "2026-12-01 25:00",
        "0001-01-01 00:00",
        "9999-12-31 23:59-23:59",
    ],
)
def test_what_is_no_moment_is_refused(text: str):
    assert isinstance(windows.read_local(text, "Asia/Shanghai", "opens"), FieldError)


@given(
    st.integers(631_152_000, 3_786_912_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),  # 1990 to 2090
    st.sampled_from(
        ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kathmandu"]
    ),
)
def test_what_is_written_is_read_back_as_the_same_moment(instant: datetime, zone: str):
    assert windows.read_local(windows.write_local(instant, zone), zone, "x") == instant


def test_all_faults_of_all_phases_come_at_once():
    bad = [
        plan("Open"),
        plan("open", length=0),
        plan("open", days=30, per_day=9, total=3),
        plan("late", days=30, picks=0),
    ]
    with pytest.raises(Malformed) as refused:
        windows.checked(bad)
    assert [fault.field for fault in refused.value.fields] == [
        "phases-0-key",
        "phases-1-closes",
        "phases-2-key",
        "phases-2-per_day",
        "phases-3-picks",
        "phases-1-opens",
        "phases-3-opens",
    ]


def test_phases_touch_but_do_not_overlap():
    assert [p.key for p in windows.checked([plan("b", days=10), plan("a", length=10)])] == ["a", "b"]
    with pytest.raises(Malformed, match="phases"):
        windows.checked([plan("a", length=10), plan("b", days=9)])


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "", "posixrules", "Asia/shanghai\x00"])
def test_only_zones_of_the_list_are_known(zone: str):
    assert not windows.zone_known(zone)


def test_a_form_leaves_out_empty_and_removed_phases():
    sent = {
        "phases-0-key": "open", "phases-0-opens": "2026-12-01 09:00", "phases-0-closes": "2026-12-31 18:00",
        "phases-0-per_day": "5", "phases-0-total": "", "phases-0-picks": "2",
        "phases-1-key": "old", "phases-1-remove": "yes",
        "phases-2-picks": "2",
    }  # fmt: skip
    (only,) = windows.from_form(sent, "Asia/Shanghai")
    assert only == PhasePlan("open", NINE, datetime(2026, 12, 31, 10, tzinfo=UTC), per_day=5, total=None, picks=2)


def test_a_form_names_every_field_that_cannot_be_read():
    sent = {
        "phases-0-key": "open",
        "phases-0-opens": "soon",
        "phases-0-closes": "",
        "phases-0-per_day": "-1",
        "phases-0-picks": "",
    }
    with pytest.raises(Malformed) as refused:
        windows.from_form(sent, "Asia/Shanghai")
    assert {fault.field for fault in refused.value.fields} == {
        f"phases-0-{n}" for n in ("opens", "closes", "per_day", "picks")
    }


def test_a_package_without_phases_gets_thirty_days_from_the_next_hour():
    said = definition_from_json(factories.definition(phases=[]))
    (only,) = windows.planned(said, datetime(2026, 12, 1, 1, 20, 30, tzinfo=UTC))
    assert (only.opens_at, only.closes_at - only.opens_at) == (datetime(2026, 12, 1, 2, tzinfo=UTC), timedelta(days=30))
    assert (only.per_day, only.total, only.zone, only.picks) == (5, 200, "Asia/Shanghai", 2)


SECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (NINE - SECOND, Status.UPCOMING),
        (NINE, Status.OPEN),
        (NINE + timedelta(days=3) - SECOND, Status.OPEN),
        (NINE + timedelta(days=3), Status.CLOSING),
        (NINE + timedelta(days=10) - SECOND, Status.CLOSING),
        (NINE + timedelta(days=10), Status.BETWEEN),
        (NINE + timedelta(days=20), Status.OPEN),
        (NINE + timedelta(days=30), Status.CLOSED),
    ],
)
def test_the_status_changes_at_exact_instants(now: datetime, expected: Status):
    assert states.status("posted", [plan("b", days=20), plan("a")], now) is expected


def test_draft_and_closed_stand_above_the_windows():
    assert states.status("draft", [plan()], NINE) is Status.DRAFT
    assert states.status("closed", [plan()], NINE) is Status.CLOSED
