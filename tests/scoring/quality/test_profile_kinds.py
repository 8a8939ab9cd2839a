"""What is counted of numbers, texts and dates beyond their values: digits, looks, characters, months, stand-ins for nothing."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.quality.profile import Profile, profile_frame
from scoring.quality.profile.dates import DateCounts
from scoring.quality.profile.digits import DigitCounts
from scoring.quality.profile.looks import TextLooks
from scoring.quality.profile.sentinels import DAYS, NUMBERS, TEXTS
from scoring.quality.profile.workspace import Workspace


def column(values, dtype=None, **chosen):
    return profile_frame(pl.DataFrame({"x": pl.Series(values, dtype=dtype)}), **chosen).column("x")


# Digits


@settings(deadline=None)
@given(st.lists(st.decimals(-(10**8), 10**8, places=5) | st.decimals(-999, 999, places=1), min_size=1, max_size=40))
def test_digits_are_those_of_the_decimal_numbers(numbers):
    digits = DigitCounts()
    digits.add(np.array([float(number) for number in numbers]))
    exact = [abs(number).normalize() for number in numbers]
    places = Counter(max(0, -number.as_tuple().exponent) for number in exact)
    assert digits.decimals.tolist() == [places[place] for place in range(17)]
    first = Counter(number.as_tuple().digits[0] for number in exact)
    assert digits.first.tolist() == [first[digit] for digit in range(10)]
    for place in range(8):
        said = [number for number in exact if -number.as_tuple().exponent <= place]
        last = Counter(int(number * 10**place) % 10 for number in said)
        assert digits.last[place].tolist() == [last[digit] for digit in range(10)]


def test_floats_without_a_short_form_and_very_large_ones():
    digits = DigitCounts()
    digits.add(np.array([1 / 3, np.pi, 1e22, -(2.0**70), 0.0, 1e-310, 5e300, 9.9e307]))
    assert digits.decimals[[0, 15, 16]].tolist() == [5, 1, 2]  # the float π is 3.141592653589793
    assert digits.first.tolist() == [3, 2, 0, 2, 0, 1, 0, 0, 0, 0]


def test_first_digits_begin_where_they_are_written():
    """0.3 is a little less than three tenths as a float, and is still written with a 3."""
    digits = DigitCounts()
    values = np.array([float(f"{digit}e{power}") for power in range(-293, 301, 7) for digit in range(1, 10)])
    digits.add(values)
    digits.add(np.nextafter(values, 0))
    assert digits.first.tolist() == [0, *[2 * len(values) // 9] * 9]


def test_made_up_last_digits_show():
    honest = np.random.default_rng(1).integers(0, 100_000, 5000) / 100
    made_up = np.round(honest * 2, 1) / 2  # ends in 0 or 5
    assert min(column(honest).number.last_digits) > 400
    assert column(made_up).number.usual_decimals == 2
    assert set(np.flatnonzero(column(made_up).number.last_digits)) == {0, 5}


# Stand-ins for nothing


def test_disguised_texts_are_counted_by_rule():
    values = ["NA", "na", "Null", "无", "未知", "", " ", "-", "1900-01-01", "沈阳", "nan ", "NAn"]
    found = {(one.rule, one.value): one.count for one in column(values * 3).disguised}
    assert found == {
        ("blank", ""): 3,
        ("blank", " "): 3,
        ("dash", "-"): 3,
        ("date", "1900-01-01"): 3,
        ("na", "NA"): 3,
        ("na", "na"): 3,
        ("no_in_chinese", "无"): 3,
        ("null", "Null"): 3,
        ("unknown_in_chinese", "未知"): 3,
    }


@pytest.mark.parametrize("values", [16, 100_000])
@pytest.mark.parametrize("table", [TEXTS, NUMBERS])
def test_every_stand_in_is_found_whether_all_values_are_kept_or_not(table, values):
    """Both ways of counting: from the kept values, and row by row."""
    some = [*table, *(["x", "yy"] if table is TEXTS else [0.5, 3.0])]
    frame = pl.DataFrame({"x": [*some, None, *some, None, None]})
    state = Profile.start({"x": "text" if table is TEXTS else "number"}, values=values)
    state.update(frame, 0)
    state.update(frame, frame.height)
    found = state.finish().column("x").disguised
    assert {one.value: (one.rule, one.count) for one in found} == {value: (rule, 4) for value, rule in table.items()}


@pytest.mark.parametrize(
    ("values", "apart"),
    [
        ([*range(18, 80), 999, 999], {999: True, 99: None}),
        (list(range(10_000)), {99: False, 999: False, 9999: False}),
        ([*np.linspace(-40, 40, 500), -999.0, -999.0, -999.0], {-999: True}),
        ([*range(1, 100), -1, -1], {-1: True, 99: False}),
    ],
)
def test_whether_a_number_stands_apart(values, apart):
    found = {one.value: one.apart for one in column(values).disguised}
    assert {value: found.get(value) for value in apart} == apart


def test_stand_ins_among_whole_numbers_beyond_the_exact_floats():
    values = [-(2**63), -(2**63) + 1, 2**53 + 1, 9999]
    assert [one.value for one in column(values).disguised] == [-(2.0**63), 9999.0]


def test_days_that_stand_for_nothing():
    days = [*DAYS, date(2024, 5, 1)]
    found = column(days + days[:1], dtype=pl.Date).disguised
    assert {one.value: one.count for one in found} == {day.isoformat(): 1 + (day == days[0]) for day in DAYS}
    moments = [datetime(1970, 1, 1, 8, 30, tzinfo=UTC), datetime(1970, 1, 2, tzinfo=UTC)]
    assert [one.value for one in column(moments).disguised] == ["1970-01-01"]


# Looks


PATTERNS = {
    "integer": r"[+-]?[0-9]+",
    "number": r"[+-]?(\d+\.?\d*|\.\d+|\d{1,3}(,\d{3})+(\.\d*)?)([eE][+-]?\d{1,3})?",
    "date": r"\d{4}[-/.](0?[1-9]|1[0-2])[-/.](0?[1-9]|[12]\d|3[01])|\d{4}年\d{1,2}月\d{1,2}日|(19|20)\d\d[01]\d[0-3]\d",
    "datetime": r"\d{4}[-/.](0?[1-9]|1[0-2])[-/.](0?[1-9]|[12]\d|3[01])[T ]"
    r"[0-2]?\d:[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?",
    "boolean": r"(?i:true|false|yes|no|t|f|y|n|是|否|真|假)",
}
PIECES = st.sampled_from(
    ["1", "12", "-", "+", ".", ",", "000", "e5", "2024-05-01", "2024年5月1日", "20240501", " ", "T", "12:30", ":59", "Z",
     "true", "YES", "否", "n", "a", "长", "\u3000", "\xa0", "\t", "é", "🙂", "aaa", "。。。", ""]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.lists(PIECES, max_size=4).map("".join) | st.text(max_size=6), min_size=1, max_size=30))
def test_texts_look_like_what_a_plain_match_says(texts):
    looks = TextLooks()
    looks.add(pl.Series(texts))
    bare = [text.strip() for text in texts]
    expected = {
        look: sum(re.fullmatch(pattern, text, re.ASCII) is not None for text in bare)
        for look, pattern in PATTERNS.items()
    }
    if all(
        ord(character) >= 32 for text in texts for character in text
    ):  # Python strips some controls that Rust does not
        expected["padded"] = sum(text != stripped for text, stripped in zip(texts, bare, strict=True))
        assert {look: looks.counts[look] for look in expected} == expected
    assert looks.counts["one_character"] == sum(len(text) > 2 and len(set(text)) == 1 for text in texts)


@settings(deadline=None)
@given(st.lists(st.text(max_size=10), max_size=20))
def test_characters_are_counted_by_class(texts):
    looks = TextLooks()
    looks.add(pl.Series(texts, dtype=pl.String))

    def kind(character: str) -> str:
        if "\u4000" <= character <= "\u9fff":
            return "han"
        if not character.isascii():
            return "other"
        if character.isalpha():
            return "latin"
        if character.isdigit():
            return "digit"
        return "space" if character <= " " or character == "\x7f" else "other_ascii"

    expected = Counter(kind(character) for text in texts for character in text)
    assert looks.characters() == {name: expected[name] for name in looks.characters()}


def test_what_waits_is_counted_in_the_end():
    one, other = TextLooks(10**9), TextLooks()
    for text in ("1", "2.5", "x"):
        one.add(pl.Series([text]))
        other.add(pl.Series([text]))
    assert (one.counts, one.characters()) == (other.counts, other.characters())


def test_long_texts_are_looked_at_in_parts(monkeypatch):
    monkeypatch.setattr("scoring.quality.profile.looks._TEXTS_AT_ONCE", 10)
    texts = ["1", "2" * 35, "x", "", "3.5", "aaaa", "长" * 9, ""] * 3
    looks = TextLooks()
    looks.add(pl.Series(texts))
    assert (looks.counts["number"], looks.counts["one_character"]) == (9, 9)
    assert sum(looks.characters().values()) == sum(map(len, texts))


def test_shares_of_a_sample_of_rows_are_those_of_all():
    values = pl.Series(["12", "x", "2024-05-01", "长长长"]).gather(np.random.default_rng(4).integers(0, 4, 40_000))
    found = column(values, examine_one_in=8)
    assert abs(found.examined - 5000) < 5 * np.sqrt(5000)
    for look in ("integer", "date", "one_character"):
        assert abs(found.text.looks[look] / found.examined - 0.25) < 5 * np.sqrt(0.25 * 0.75 / found.examined)


# Dates


@settings(deadline=None)
@given(st.lists(st.dates(), min_size=1, max_size=40), st.dates())
def test_months_and_future_days(days, as_of):
    frame = pl.DataFrame({"x": pl.Series(days, dtype=pl.Date)})
    found = profile_frame(frame, as_of=as_of).column("x")
    assert (found.smallest, found.largest) == (min(days).isoformat(), max(days).isoformat())
    assert found.date.months == dict(sorted(Counter(f"{day.year:04}-{day.month:02}" for day in days).items()))
    assert found.date.future == sum(day > as_of for day in days)
    assert found.date.quantiles[3] == sorted(days)[-(-len(days) // 2) - 1].isoformat()


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_moments_of_any_unit_and_zone_are_in_utc(unit):
    moments = pl.Series([datetime(2024, 1, 1, 3, 4, 5), datetime(1969, 12, 31, 23, 59, 59)])  # noqa: DTZ001
    local = moments.cast(pl.Datetime(unit)).dt.replace_time_zone("Asia/Shanghai")
    found = column(local)
    assert (found.smallest, found.largest) == ("1969-12-31T15:59:59", "2023-12-31T19:04:05")
    assert found.date.months == {"1969-12": 1, "2023-12": 1}


def test_moments_outside_the_calendar_are_moved_to_its_ends():
    values = pl.Series([2**62, -(2**62), 0, None, 253_402_300_800_000]).cast(pl.Datetime("ms"))
    found = column(values)
    assert found.date.outside == 3
    assert (found.smallest, found.largest) == ("0001-01-01T00:00:00", "9999-12-31T23:59:59.999999")
    days = column(pl.Series([2**31 - 1, -(2**31), 0], dtype=pl.Int32).cast(pl.Date))
    assert (days.date.outside, days.largest) == (2, "9999-12-31")


@settings(deadline=None)
@given(st.lists(st.integers(-5000, 5000), min_size=1, max_size=60), st.integers(0, 59), st.integers(2, 40))
def test_days_become_months_when_there_are_too_many_in_any_order(days, cut, most):
    moments = np.array(days)
    whole, one, other = (DateCounts(1, most) for _ in range(3))
    whole.add(moments, 0, Workspace())
    one.add_counted(*np.unique(moments[cut:], return_counts=True))
    if cut and len(moments[:cut]):
        other.add(moments[:cut], 0, Workspace())
    other.merge(one)
    assert other.by_month == whole.by_month == (len(set(days)) > most)
    assert other.months() == whole.months()
    assert [part.tolist() for part in other.days()] == [part.tolist() for part in whole.days()]


def test_durations_and_zones_do_not_mix_up_shards():
    state = Profile.start({"x": "datetime"})
    state.update(pl.DataFrame({"x": pl.Series([datetime(2024, 1, 1)]).cast(pl.Datetime("ns"))}), 0)  # noqa: DTZ001
    state.update(pl.DataFrame({"x": pl.Series([datetime(2024, 1, 1)]).cast(pl.Datetime("ms"))}), 1)  # noqa: DTZ001
    assert state.finish().column("x").distinct == 1
    with pytest.raises(ValueError, match="comes as number"):
        state.update(pl.DataFrame({"x": [timedelta(days=1)]}), 2)


def test_decimals_are_numbers():
    found = column([Decimal("1.10"), Decimal("-2.25"), None])
    assert (found.kind, found.number.mean, found.nulls) == ("number", -0.575, 1)
