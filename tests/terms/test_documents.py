"""Listings and demands: round trips, all findings at once, what cannot be had, and a sentence for every id."""

import json
import re
from datetime import date
from pathlib import Path
from string import Formatter

import pytest
from hypothesis import given, settings

from challenges.facets import SECTORS
from leaderboard import terms
from leaderboard.exchange.matching.factors import FACTORS
from leaderboard.terms import demand, listing, words
from leaderboard.terms.contradictions import contradictions
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
from leaderboard.terms.forms import LARGEST, TermsRefused
from leaderboard.terms.listing import Estimate, Period, Price
from leaderboard.terms.messages import MESSAGES
from leaderboard.terms.policy import Usage
from leaderboard.terms.regions import within
from tests.exchange.matching.drawn import demands, listings

NOW = date(2026, 11, 28)
ROUND = settings(max_examples=60, deadline=None)


@ROUND
@given(listings())
def test_a_listing_comes_back_from_json(one):
    assert listing.read(listing.write(one)) == one
    assert json.loads(listing.write(one))["format"] == "jiebang-listing/1"


@ROUND
@given(demands)
def test_a_demand_comes_back_from_json(one):
    assert demand.read(demand.write(one)) == one
    assert json.loads(demand.write(one))["format"] == "jiebang-demand/1"


def refused(read, document):
    with pytest.raises(TermsRefused) as caught:
        read(document if isinstance(document, str) else json.dumps(document))
    return {(finding.key, finding.id) for finding in caught.value.findings}


def test_all_that_is_wrong_with_a_listing_is_said_at_once():
    bad = {
        "key": "l1",
        "version": "v",
        "kind": "datset",
        "sector": "banking",
        "languages": ["zh", "zh"],
        "sizes": {"rows": -1},
        "price": {"model": "fixed"},
        "period": {"first": "2024-13-01"},
        "evidence": [{"key": "r", "version": "v", "measured_on": "2026-01-01", "measures": {"A6": {"value": 1, "low": 2, "high": 3}}}],
        "colour": "red",
    }  # fmt: skip
    assert refused(listing.read, bad) == {
        ("supplier", "terms.missing"),
        ("kind", "terms.not_one_of"),
        ("sector", "terms.not_one_of"),
        ("languages", "terms.twice"),
        ("sizes.rows", "terms.too_small"),
        ("price", "terms.price_parts"),
        ("period.first", "terms.wrong_type"),
        ("evidence.0.measures.A6", "terms.interval_reversed"),
        ("colour", "terms.unknown_key"),
    }


def test_what_is_no_document_is_refused():
    assert refused(demand.read, "{") == {(None, "terms.not_json")}
    assert refused(demand.read, " " * (LARGEST + 1)) == {(None, "terms.document_too_large")}
    assert refused(demand.read, {"format": "jiebang-demand/2"}) == {("format", "terms.wrong_type")}
    assert refused(
        demand.read, {"floors": [{"kind": "colour"}], "regions": ["China"], "weights": {"luck": 3, "size": 11}}
    ) == {
        ("floors.0", "terms.not_one_of_kinds"),
        ("regions.0", "terms.not_the_form"),
        ("weights.luck.[key]", "terms.not_one_of"),
        ("weights.size", "terms.too_large"),
    }


@pytest.mark.parametrize(
    ("asked", "id"),
    [
        (Demand(sizes=(SizeWanted(unit="rows", least=10, most=5),)), "demand.least_above_most"),
        (Demand(sizes=(SizeWanted(unit="rows", least=10, ideal=5),)), "demand.least_above_ideal"),
        (Demand(sizes=(SizeWanted(unit="rows", ideal=10, most=5),)), "demand.ideal_above_most"),
        (Demand(sizes=(SizeWanted(unit="rows", least=1), SizeWanted(unit="rows", least=2))), "demand.size_twice"),
        (Demand(deadline=date(2026, 11, 27)), "demand.deadline_passed"),
        (Demand(period=Period(first=date(2026, 1, 2), last=date(2026, 1, 1))), "terms.period_reversed"),
        (
            Demand(deadline=date(2027, 1, 1), period=Period(first=date(2028, 1, 1))),
            "demand.period_after_deadline",
        ),
        (Demand(usage=Usage(since=date(2028, 1, 1), until=date(2027, 1, 1))), "demand.usage_reversed"),
        (Demand(usage=Usage(until=date(2020, 1, 1))), "demand.usage_over"),
        (Demand(budget=Budget(low=5, high=4)), "demand.budget_reversed"),
        (
            Demand(delivery=DeliveryWanted(any_of=("privacy-computing",), required=("download",))),
            "demand.delivery_excluded",
        ),
        (
            Demand(usage=Usage(actions=("distribute",)), delivery=DeliveryWanted(any_of=("privacy-computing",))),
            "demand.distribute_unseen",
        ),
        (Demand(floors=(MeasureFloor(measure="Q7", limit=1.2),)), "demand.floor_unreachable"),
        (Demand(floors=(MeasureFloor(measure="A6", limit=-0.1),)), "demand.floor_unreachable"),
        (Demand(indicators=(Indicator(floor=RankFloor(limit=0)),)), "demand.floor_unreachable"),
        (
            Demand(fields=(FieldWanted(name="Unit Price", type="number"), FieldWanted(name="unit_price", type="text"))),
            "demand.field_twice",
        ),
        (Demand(usage=Usage(actions=("commercialize",), purposes=("research",))), "demand.research_sold"),
        (Demand(musts=("budget",)), "demand.must_of_nothing"),
        (Demand(weights=dict.fromkeys(words.FACTORS, 0)), "demand.no_weight"),
    ],
)
def test_what_cannot_be_had_is_said(asked, id):
    assert [finding.id for finding in contradictions(asked, NOW)] == [id]
    (finding,) = contradictions(asked, NOW)
    assert MESSAGES[id].format(**finding.params)


def test_a_sound_demand_has_no_contradiction_and_several_are_all_found():
    sound = Demand(
        deadline=NOW,
        sizes=(SizeWanted(unit="rows", least=5, ideal=5, most=5),),
        floors=(MeasureFloor(measure="A6", limit=0.0), GradeFloor(grade="AAA"), RankFloor(limit=0.01)),
        budget=Budget(low=1, high=1),
        delivery=DeliveryWanted(any_of=("download", "api"), required=("download",)),
    )
    assert contradictions(sound, NOW) == ()
    bad = sound.model_copy(update={"deadline": date(2020, 1, 1), "budget": Budget(low=2, high=1)})
    assert {finding.id for finding in contradictions(bad, NOW)} == {"demand.deadline_passed", "demand.budget_reversed"}


def test_less_is_better_where_the_measure_says_so():
    assert MeasureFloor(measure="A6", limit=0.02).falling
    assert not MeasureFloor(measure="Q7", limit=0.9).falling


def test_prices_and_intervals_must_make_sense():
    assert Price(model="range", low=1, high=3).span == (1, 3)
    assert Price(model="free").span == (0, 0)
    assert Price(model="on-request").span is None
    for wrong in ({"model": "range", "low": 3, "high": 1}, {"model": "free", "low": 1}):
        with pytest.raises(ValueError, match=r"terms\.price"):
            Price(**wrong)
    with pytest.raises(ValueError, match="interval"):
        Estimate(value=1.0, low=2.0, high=3.0)
    assert within("CN-GD", "CN")
    assert not within("CN", "CN-GD")
    assert within("CN-44", "CN-GD"), "one province, written by ISO 3166-2 and by GB/T 2260"
    assert within("CN-GD", "CN-44")
    assert not within("CN-43", "CN-GD")


def test_lists_agree_with_each_other():
    assert {key: one.title for key, one in FACTORS.items()} == dict(words.FACTORS)
    assert set(Demand().musts) <= set(words.MUSTS)
    assert SECTORS


def test_every_id_has_a_sentence_and_every_sentence_is_used():
    room = Path(terms.__file__).parent
    code = "\n".join(path.read_text("utf-8") for path in room.rglob("*.py") if path.name != "messages.py")
    used = set(re.findall(r'"((?:terms|demand|policy|odrl|understood)\.[a-z_]+)"', code))
    assert used == set(MESSAGES)
    for text in MESSAGES.values():
        assert text[0].islower() or text.startswith("{")
        assert not text.endswith((".", "!"))
        assert all(name is None or name.isidentifier() for _, name, _, _ in Formatter().parse(text))
