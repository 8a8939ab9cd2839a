"""The form: what it says comes back as it was, whatever it says; what cannot be used is named at its place."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from challenges.facets import MODALITIES, SECTORS, TASKS
from leaderboard.exchange.demands import typed
from leaderboard.exchange.demands.content import Written
from leaderboard.terms import words
from leaderboard.terms.demand import (
    Budget,
    DeliveryWanted,
    Demand,
    FieldWanted,
    GradeFloor,
    Indicator,
    MeasureFloor,
    RankFloor,
    SizeWanted,
)
from leaderboard.terms.listing import Period
from leaderboard.terms.policy import Usage
from scoring.quality.checks import CHECKS


def some(keys):
    return st.sets(st.sampled_from(list(keys))).map(lambda found: tuple(key for key in keys if key in found))


AMOUNT = st.none() | st.integers(0, 10**12).map(float) | st.decimals(0, 10**6, places=3).map(float)
SHARE = st.integers(0, 10_000).map(lambda count: count / 10_000)
DAY = st.none() | st.dates(date(2000, 1, 1), date(2060, 1, 1))
WORD = st.from_regex(r"[a-z]{1,8}(_[a-z]{1,8})?", fullmatch=True)
FLOOR = (
    st.builds(MeasureFloor, measure=st.sampled_from(sorted(CHECKS)), limit=SHARE)
    | st.builds(GradeFloor, grade=st.sampled_from(words.GRADES))
    | st.builds(RankFloor, limit=SHARE)
)
SIZES = some(words.SIZES).flatmap(
    lambda units: st.tuples(
        *(
            st.builds(SizeWanted, unit=st.just(unit), least=AMOUNT, ideal=AMOUNT, most=AMOUNT).filter(
                lambda one: (one.least, one.ideal, one.most) != (None, None, None)
            )
            for unit in units
        )
    )
)
FIELD = st.builds(
    FieldWanted,
    name=WORD,
    type=st.none() | st.sampled_from(list(words.FIELD_TYPES)),
    unit=st.none() | st.sampled_from(["km/h", "℃", "MW"]),
    must=st.booleans(),
)
BUDGET = st.builds(
    Budget, low=AMOUNT, high=AMOUNT, currency=st.sampled_from(words.CURRENCIES), hidden=st.booleans()
).filter(lambda one: one.hidden or (one.low, one.high) != (None, None))
DEMAND = st.builds(
    Demand,
    kind=st.sampled_from(list(words.KINDS)),
    sectors=some(SECTORS),
    task=st.none() | st.sampled_from(list(TASKS)),
    modalities=some(MODALITIES),
    languages=some(("en", "yue", "zh")),
    regions=some(("CN", "CN-GD", "HK")),
    period=st.builds(Period, first=DAY, last=DAY),
    sizes=SIZES,
    fields=st.lists(FIELD, max_size=4).map(tuple),
    floors=st.lists(FLOOR, max_size=5).map(tuple),
    certificate=st.booleans(),
    usage=st.builds(
        Usage,
        actions=some(words.ACTIONS),
        purposes=some(words.PURPOSES),
        regions=some(("CN", "HK")),
        since=DAY,
        until=DAY,
        cannot=some(words.DUTIES),
    ),
    region=st.sampled_from(["CN", "HK", "CN-GD"]),
    security=st.none() | st.sampled_from(list(words.SECURITIES)),
    personal=st.none() | st.sampled_from(list(words.PERSONAL)),
    exclusive=st.booleans(),
    budget=st.none() | BUDGET,
    delivery=st.builds(DeliveryWanted, any_of=some(words.DELIVERIES), required=some(words.DELIVERIES)),
    deadline=DAY,
    indicators=st.lists(st.builds(Indicator, floor=FLOOR, note=st.just("") | WORD), max_size=3).map(tuple),
    visibility=st.sampled_from(list(words.VISIBILITIES)),
    musts=some(words.MUSTS),
    weights=st.dictionaries(
        st.sampled_from(list(words.FACTORS)), st.sampled_from([0.0, 0.5, 3.0, 10.0]), max_size=4
    ).map(lambda found: {key: found[key] for key in words.FACTORS if key in found}),
)
TEXT = {"title_zh": "题", "need_en": "Rows."}


@given(DEMAND)
def test_what_a_form_says_comes_back_as_it_was(demand):
    said = Written(**TEXT, document=demand, invited=("bay-insurance",))
    assert typed.written(typed.values(said)) == (said, [])


def test_what_is_used_in_the_sectors_wanted_only_comes_back():
    demand = Demand(sectors=("energy",), usage=Usage(industries=("energy",)))
    assert typed.written(typed.values(Written(**TEXT, document=demand)))[0].document == demand


@pytest.mark.parametrize(
    ("name", "text", "field", "message"),
    [
        ("size-rows-least", "many", "size-rows-least", "number"),
        ("size-rows-least", "-5", "size-rows-least", "number"),
        ("size-rows-least", "9" * 5000, "size-rows-least", "number"),
        ("budget_high", "1e400", "budget_high", "number"),
        ("deadline", "31.3.2027", "deadline", "day"),
        ("languages", "chinese", "languages", "form"),
        ("region", "Guangdong", "region", "form"),
        ("kind", "<b>", "kind", "allowed"),
        ("floor-0-measure", "A6", "floor-0-limit", "how good"),
        ("fields", "load, number, MW, kW", "fields", "more than"),
        ("weight-relevance", "11", "weight-relevance", "at most"),
    ],
)
def test_what_cannot_be_used_is_named_at_its_place(name, text, field, message):
    _, faults = typed.written({**TEXT, "kind": "dataset", "region": "CN", "visibility": "public", name: text})
    assert [fault.field for fault in faults] == [field]
    assert message in faults[0].message.format(**faults[0].params)


def test_all_faults_are_said_at_once():
    _, faults = typed.written({"size-rows-least": "x", "deadline": "y", "usage_until": "z"})
    assert {fault.field for fault in faults} == {"size-rows-least", "deadline", "usage_until"}


def test_lines_of_fields_are_read_in_both_languages():
    said, faults = typed.written({**TEXT, "fields": "load, Decimal number, MW, must\n站点，类别，可选\nday,date"})
    assert faults == []
    assert said.document.fields == (
        FieldWanted(name="load", type="number", unit="MW"),
        FieldWanted(name="站点", type="category", must=False),
        FieldWanted(name="day", type="date"),
    )


def test_shares_may_be_written_in_per_cent():
    said, _ = typed.written(
        {**TEXT, "floor-0-measure": "A6", "floor-0-limit": "2 %", "floor-7-measure": "rank", "floor-7-limit": "10％"}
    )
    assert said.document.floors == (MeasureFloor(measure="A6", limit=0.02), RankFloor(limit=0.1))
