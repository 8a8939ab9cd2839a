"""Matching by example: verdicts, figures, questions, what would change a place, and honest words where nothing fits."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from leaderboard.exchange import matching as room
from leaderboard.exchange.matching import constraints, factors, supply
from leaderboard.exchange.matching.changes import Change
from leaderboard.exchange.matching.config import Config, band, hashed
from leaderboard.exchange.matching.coverage import covered
from leaderboard.exchange.matching.evaluation import asked, evaluated
from leaderboard.exchange.matching.messages import BANDS, MESSAGES
from leaderboard.exchange.matching.run import VERSIONS, run
from leaderboard.exchange.matching.scores import UNKNOWN, Figure, Term, contributions, known, weighed
from leaderboard.exchange.matching.sizing import fit
from leaderboard.terms.demand import (
    Budget,
    DeliveryWanted,
    Demand,
    FieldWanted,
    GradeFloor,
    MeasureFloor,
    RankFloor,
    SizeWanted,
)
from leaderboard.terms.licences import POLICIES
from leaderboard.terms.listing import (
    Capacity,
    Certificate,
    Estimate,
    Evidence,
    FieldOffered,
    Graded,
    Listing,
    Period,
    Price,
)
from leaderboard.terms.messages import MESSAGES as TERMS
from leaderboard.terms.policy import Policy, Rule, Usage

TODAY = date(2026, 11, 28)
SAID = {**TERMS, **MESSAGES}


def offer(key="l1", **facts):
    usual = {"version": "v1", "supplier": key, "kind": "dataset", "policy": POLICIES["CC-BY-4.0"], "updated": TODAY}
    return Listing(key=key, **(usual | facts))


def measured(low, value, high, *, measure="A6", version="v1", days=10, **more):
    return Evidence(
        key="run-7",
        version=version,
        measured_on=TODAY - timedelta(days=days),
        measures={measure: Estimate(low=low, value=value, high=high)},
        **more,
    )


def verdict(demand, listing, key):
    answers = {one.key: one for one in constraints.judged(demand, listing, TODAY, 730)}
    return (answers[key].verdict, answers[key].reason) if key in answers else None


LABELS = Demand(floors=(MeasureFloor(measure="A6", limit=0.02),))


@pytest.mark.parametrize(
    ("evidence", "answer"),
    [
        ((measured(0.01, 0.015, 0.02),), ("pass", "match.floor_met")),
        ((measured(0.01, 0.015, 0.021),), ("unknown", "match.floor_crossed")),
        ((measured(0.021, 0.03, 0.04),), ("fail", "match.floor_missed")),
        ((measured(0.0, 0.0, 0.0, version="v0"),), ("unknown", "match.floor_stale")),
        ((measured(0.0, 0.0, 0.0, days=731),), ("unknown", "match.floor_stale")),
        ((measured(1.0, 1.0, 1.0, measure="Q7"),), ("unknown", "match.floor_unmeasured")),
        ((), ("unknown", "match.floor_unmeasured")),
        ((measured(0.021, 0.03, 0.04, days=20), measured(0.0, 0.0, 0.01, days=1)), ("pass", "match.floor_met")),
    ],
)
def test_a_floor_is_met_by_a_whole_fresh_interval_only(evidence, answer):
    assert verdict(LABELS, offer(evidence=evidence), "floor.0") == answer


def test_floors_of_grades_and_ranks():
    graded = offer(
        evidence=(
            Evidence(key="r", version="v1", measured_on=TODAY, grade=Graded(value="AA", low="A", high="AA"), rank=0.1),
        )
    )
    said = [verdict(Demand(floors=(GradeFloor(grade=grade),)), graded, "floor.0")[0] for grade in ("A", "AA", "AAA")]
    assert said == ["pass", "unknown", "fail"]
    assert verdict(Demand(floors=(RankFloor(limit=0.1),)), graded, "floor.0")[0] == "pass"
    assert verdict(Demand(floors=(RankFloor(limit=0.05),)), graded, "floor.0")[0] == "fail"


MUST = ("modality", "language", "region", "delivery", "budget", "personal", "certificate")


@pytest.mark.parametrize(
    ("wanted", "key", "offered", "answer"),
    [
        ({"kind": "talent"}, "kind", {}, "fail"),
        ({}, "buyer", {"receives_from": 2}, "fail"),
        ({"verified": 2}, "buyer", {"receives_from": 2}, "pass"),
        ({"modalities": ("text",)}, "modality", {"modalities": ("text", "table")}, "pass"),
        ({"modalities": ("text", "image")}, "modality", {"modalities": ("text",)}, "fail"),
        ({"modalities": ("text",)}, "modality", {}, "unknown"),
        ({"languages": ("zh",)}, "language", {"languages": ("en",)}, "fail"),
        ({"languages": ("zh",)}, "language", {}, "unknown"),
        ({"regions": ("CN-GD",)}, "region", {"regions": ("CN",)}, "pass"),
        ({"regions": ("CN",)}, "region", {"regions": ("CN-GD",)}, "unknown"),
        ({"regions": ("CN",)}, "region", {"regions": ("HK",)}, "fail"),
        ({"usage": Usage(actions=("train-models",))}, "usage", {}, "pass"),
        ({"usage": Usage(actions=("train-models",))}, "usage", {"policy": Policy()}, "unknown"),
        ({"usage": Usage(actions=("commercialize",))}, "usage", {"policy": POLICIES["CC-BY-NC-4.0"]}, "fail"),
        ({"region": "SG"}, "border", {"cross_border": "yes"}, "pass"),
        ({"region": "SG"}, "border", {"cross_border": "no"}, "fail"),
        ({"region": "SG"}, "border", {}, "unknown"),
        ({"security": "general"}, "security", {"security": "important"}, "fail"),
        ({"security": "important"}, "security", {"security": "general"}, "pass"),
        ({"security": "important"}, "security", {}, "unknown"),
        ({"personal": "masked"}, "personal", {"personal": "contained"}, "fail"),
        ({"personal": "masked"}, "personal", {"personal": "none"}, "pass"),
        ({"exclusive": True}, "exclusive", {"exclusivity": "never"}, "fail"),
        ({"exclusive": True}, "exclusive", {}, "unknown"),
        ({"budget": Budget(high=10)}, "budget", {"price": Price(model="fixed", low=11)}, "fail"),
        ({"budget": Budget(high=10)}, "budget", {"price": Price(model="range", low=9, high=11)}, "unknown"),
        ({"budget": Budget(high=10)}, "budget", {"price": Price(model="fixed", low=9, currency="USD")}, "unknown"),
        ({"budget": Budget(high=10, currency="USD")}, "budget", {"price": Price(model="free")}, "pass"),
        ({"budget": Budget(high=10)}, "budget", {"price": Price(model="on-request")}, "unknown"),
        ({"delivery": DeliveryWanted(any_of=("api", "download"))}, "delivery", {"deliveries": ("api",)}, "pass"),
        ({"delivery": DeliveryWanted(required=("api", "download"))}, "delivery", {"deliveries": ("api",)}, "fail"),
        ({"delivery": DeliveryWanted(any_of=("api",))}, "delivery", {}, "unknown"),
        ({"certificate": True}, "certificate", {}, "unknown"),
    ],
)
def test_hard_constraints_have_three_answers(wanted, key, offered, answer):
    assert verdict(Demand(musts=MUST, **wanted), offer(**offered), key)[0] == answer


def test_a_certificate_must_be_of_this_version_and_valid_at_the_deadline():
    paper = Certificate(key="c", issuer="lab", valid_until=date(2027, 1, 1))
    asked_for = Demand(certificate=True, musts=("certificate",), deadline=date(2026, 12, 31))
    held = offer(evidence=(measured(0, 0, 0, certificate=paper),))
    assert verdict(asked_for, held, "certificate")[0] == "pass"
    later = asked_for.model_copy(update={"deadline": date(2027, 1, 2)})
    assert verdict(later, held, "certificate") == ("fail", "match.certificate_expired")
    old = offer(evidence=(measured(0, 0, 0, certificate=paper, version="v0"),))
    assert verdict(asked_for, old, "certificate") == ("unknown", "match.certificate_stale")


def test_what_is_not_insisted_on_is_not_hard():
    soft = Demand(musts=(), modalities=("text",), floors=LABELS.floors, budget=Budget(high=1), certificate=True)
    assert [one.key for one in constraints.judged(soft, offer(), TODAY, 730)] == ["kind"]


def figure(key, demand, listing, relevance=None, table=factors.FACTORS):
    return table[key].figure(factors.seen(demand, listing, relevance, TODAY, 730))


def test_more_data_never_fits_worse_and_enough_is_enough():
    figures = [fit(amount, 1000, 10_000) for amount in (0, 50, 100, 500, 1000, 3000, 10_000, 10**9)]
    assert figures == sorted(figures)
    assert figures[-2:] == [1.0, 1.0]
    assert fit(1000, 1000, 1000) == 1
    wanted = Demand(sizes=(SizeWanted(unit="rows", least=1000), SizeWanted(unit="hours", least=1)))
    assert figure("size", wanted, offer(sizes={"rows": 1000})) == Figure(1.0, 0.5, 1.0)


def test_quality_grows_with_the_margin_in_widths_of_the_interval():
    def quality(low, value, high):
        return figure("quality", LABELS, offer(evidence=(measured(low, value, high),))).value

    assert quality(0.005, 0.01, 0.015) < quality(0.009, 0.01, 0.011)
    assert quality(0.015, 0.02, 0.025) == 0.5
    assert quality(0.02, 0.03, 0.04) < 0.5
    assert figure("quality", LABELS, offer()) == UNKNOWN


def test_fields_are_found_in_both_languages_with_type_and_unit():
    held = (
        FieldOffered(name="采集时间", type="time"),
        FieldOffered(name="风速", type="number", unit="km/h"),
        FieldOffered(name="customer_age"),
    )

    def one(name, **more):
        return covered((FieldWanted(name=name, **more),), held)

    assert one("timestamp", type="date") == known(1.0)
    assert one("wind_speed", type="number", unit="m/s") == known(0.9)
    assert one("Wind Speed", unit="kg") == known(0.0)
    assert one("timestamp", type="number") == known(0.0)
    assert one("age") == known(0.7)
    assert one("age", type="integer") == Figure(0.35, 0.0, 0.7)
    assert one("voltage") == known(0.0)
    both = (FieldWanted(name="time"), FieldWanted(name="voltage", must=False))
    assert covered(both, held).value == pytest.approx(2 / 3)
    assert covered(both, ()) == UNKNOWN


def test_the_other_soft_factors():
    wanted = Demand(
        sectors=("energy",),
        task="forecasting",
        languages=("zh", "en"),
        regions=("CN-GD", "SG"),
        period=Period(first=date(2024, 1, 1), last=date(2025, 12, 31)),
        budget=Budget(high=100),
        delivery=DeliveryWanted(any_of=("api", "download"), required=("on-site",)),
    )
    held = offer(
        sector="energy",
        languages=("zh",),
        regions=("CN",),
        period=Period(first=date(2025, 1, 1), last=date(2026, 12, 31)),
        price=Price(model="range", low=50, high=100),
        deliveries=("download",),
        updated=TODAY - timedelta(days=730),
        evidence=(measured(0, 0, 0, version="v0"),),
    )
    scope = figure("scope", wanted, held)
    assert scope.value == pytest.approx((1 + 0.5 + 365 / 731) / 3)
    assert (scope.low, scope.high) == pytest.approx(((1.5 + 365 / 731) / 4, (2.5 + 365 / 731) / 4))
    assert figure("language", wanted, held) == known(0.5)
    assert figure("price", wanted, held) == Figure(0.625, 0.5, 0.75)
    assert figure("delivery", wanted, held) == known(0.5)
    assert figure("provenance", wanted, held) == known(0.4)
    assert figure("freshness", Demand(), held) == known(0.5)
    until = offer(updated=None, period=Period(last=TODAY - timedelta(days=730)))
    assert figure("freshness", Demand(), until) == known(0.5)  # the period says it
    assert figure("freshness", Demand(), offer(updated=None)) == UNKNOWN
    assert figure("relevance", wanted, held, 0.3) == known(0.3)
    assert figure("relevance", wanted, held) == UNKNOWN


def test_what_a_supplier_likes():
    wanted = Demand(
        verified=3,
        sizes=(SizeWanted(unit="rows", least=50, ideal=100),),
        budget=Budget(high=40),
        deadline=TODAY + timedelta(14),
    )
    held = offer(
        kind="annotation",
        sizes={"rows": 400.0},
        price=Price(model="fixed", low=80),
        capacity=Capacity(weekly=10, unit="rows"),
    )
    liked = {key: figure(key, wanted, held, table=supply.SUPPLY_FACTORS) for key in supply.SUPPLY_FACTORS}
    assert liked == {
        "budget": known(0.5),
        "volume": known(0.25),
        "exclusivity": None,
        "verified": known(1.0),
        "capacity": known(0.4),
    }
    only = offer(exclusivity="only")
    assert figure("exclusivity", wanted, only, table=supply.SUPPLY_FACTORS) == known(0.0)


def test_unknown_figures_widen_and_do_not_move_the_value():
    assert weighed([Term(3, known(0.5)), Term(1, UNKNOWN)]) == (0.5, 0.375, 0.625)
    assert weighed([Term(3, known(0.5))]) == (0.5, 0.5, 0.5)
    assert weighed([Term(2, UNKNOWN)]) == (0.5, 0.0, 1.0)
    assert weighed([]) == (0.5, 0.0, 1.0)


def test_what_it_is_about_multiplies_and_says_what_it_takes_away():
    terms = [Term(10, known(0.25), multiplies=True), Term(3, known(0.5)), Term(1, UNKNOWN)]
    assert weighed(terms) == (0.125, 0.09375, 0.15625)
    assert contributions(terms) == [-0.375, 0.5, 0.0]
    assert weighed([Term(5, known(0.25), multiplies=True), Term(1, known(1.0))]).value == 0.5, (
        "half the slider, the root"
    )
    assert weighed([Term(5, UNKNOWN, multiplies=True), Term(1, known(0.8))]) == (0.8, 0.0, 0.8)
    assert contributions([Term(5, UNKNOWN, multiplies=True), Term(1, known(0.8))]) == [0.0, 0.8]


def test_something_else_is_no_match_however_fresh_and_cheap_it_is():
    right = offer("right", sizes={"rows": 6_000.0}, updated=date(2024, 1, 1))
    wrong = offer("wrong", sizes={"rows": 10_000.0}, updated=TODAY, price=Price(model="free"))
    found = run(WANTED, [right, wrong], {"right": 0.7, "wrong": 0.02}, today=TODAY)
    assert found.order == ("right",)
    unweighed = WANTED.model_copy(update={"weights": {"relevance": 0.0}})
    assert set(run(unweighed, [right, wrong], {"right": 0.7, "wrong": 0.02}, today=TODAY).order) == {"right", "wrong"}


WANTED = Demand(
    key="d1",
    verified=3,
    usage=Usage(actions=("commercialize", "train-models")),
    sizes=(SizeWanted(unit="rows", least=2000, ideal=10_000),),
)
STRICT = POLICIES["CC-BY-NC-4.0"]
SILENT = Policy(permissions=(Rule(action="use"), Rule(action="commercialize")))


def market():
    offered = [
        offer("best", sizes={"rows": 10_000.0}),
        offer("small", sizes={"rows": 7000.0}),
        offer("strict", sizes={"rows": 10_000.0}, policy=STRICT),
        offer("silent", sizes={"rows": 10_000.0}, policy=SILENT),
    ]
    relevance = {"best": 0.9, "small": 0.8, "strict": 0.85, "silent": 0.85}
    return offered, relevance


def test_a_run_says_why_what_to_ask_and_what_would_change_it():
    offered, relevance = market()
    found = run(WANTED, offered, relevance, today=TODAY)
    assert found.order[0] == "best"
    assert "strict" not in found.order
    assert found.removed == {"usage": 1}
    strict = next(one for one in found.near if one.listing == "strict")
    assert [(one.id, one.rank) for one in strict.counterfactuals] == [("change.usage", 2)]
    assert strict.counterfactuals[0].params["clauses"] == "commercialize"
    silent = next(one for one in found.matches if one.listing == "silent")
    asked_first = silent.questions[0]
    assert asked_first.id == "question.usage"
    assert asked_first.params["clauses"] == "train-models"
    assert asked_first.worth > 0.05
    assert silent.scores.joint.low == 0
    for one in (*found.matches, *found.near):
        for said in (*one.questions, *one.counterfactuals):
            assert MESSAGES[said.id].format(**said.params)
        for answer in one.verdicts:
            assert SAID[answer.reason].format(**answer.params)


def test_three_thousand_more_rows_bring_a_better_place():
    offered = [offer("big", sizes={"rows": 10_000.0}), offer("small", sizes={"rows": 7000.0})]
    found = run(WANTED, offered, {"big": 0.7, "small": 0.72}, today=TODAY)
    small = next(one for one in found.matches if one.listing == "small")
    assert [(one.id, one.params, one.rank) for one in small.counterfactuals] == [
        ("change.size", {"unit": "rows", "more": 3000.0}, 1)
    ]


def test_nothing_good_enough_is_said_with_what_would_change_that():
    assert run(WANTED, [], {}, today=TODAY).nothing.id == "match.nothing_offered"
    removed = run(WANTED, [offer(policy=STRICT)], {"l1": 0.9}, today=TODAY).nothing
    assert (removed.id, [(one.id, one.matches) for one in removed.relaxations]) == (
        "match.nothing_passes",
        [("relax.usage", 1)],
    )
    weak = run(WANTED, [offer(sizes={"rows": 10.0}, updated=date(2000, 1, 1))], {"l1": 0.0}, today=TODAY)
    assert (weak.order, weak.nothing.id) == ((), "match.nothing_good")
    assert weak.nothing.params["best"] < weak.nothing.params["floor"]
    for said in (removed, weak.nothing):
        assert MESSAGES[said.id].format(**said.params)


def test_a_second_listing_of_a_supplier_waits_behind_another_one():
    offered = [offer("a1", supplier="a"), offer("a2", supplier="a"), offer("b1", supplier="b")]
    relevance = {"a1": 0.9, "a2": 0.89, "b1": 0.85}
    assert run(Demand(verified=3), offered, relevance, today=TODAY).order == ("a1", "b1", "a2")
    assert run(Demand(verified=3), offered, relevance, today=TODAY, config=Config(diversity=0)).order == (
        "a1",
        "a2",
        "b1",
    )


def test_two_listings_of_one_key_are_refused_and_changes_know_their_side():
    with pytest.raises(ValueError, match="one key"):
        run(WANTED, [offer(), offer()], {}, today=TODAY)
    change = Change(side="demand", facts={"musts": []})
    assert change.apply(WANTED).musts == ()
    with pytest.raises(ValueError, match="does not fit"):
        change.apply(offer())


def test_a_weight_of_nothing_takes_a_factor_out():
    light = WANTED.model_copy(update={"weights": {"size": 0}})
    parts = evaluated(asked(light, TODAY, Config()), offer(sizes={"rows": 1.0}), 0.5).parts
    assert "size" not in {factor.key for factor, _, _ in parts}


def test_the_hash_names_settings_and_versions():
    usual = hashed(Config(), dict(VERSIONS))
    assert usual == hashed(Config(), dict(reversed(VERSIONS.items())))
    assert usual != hashed(Config(caution=0.3), dict(VERSIONS))
    assert usual != hashed(Config(), {**VERSIONS, "demand.size": 2})
    assert run(WANTED, [], {}, today=TODAY).config_hash == usual


def test_bands_are_coarse():
    ask = asked(WANTED, TODAY, Config())
    scores = [
        evaluated(ask, offer(sizes={"rows": rows}), relevance).scores.shown
        for rows, relevance in ((20_000.0, 1.0), (3000.0, 0.3), (1.0, 0.0))
    ]
    assert [band(one) for one in scores] == ["strong", "fair", None]
    assert set(BANDS) == {"strong", "fair"}


def test_every_id_has_a_sentence_and_every_sentence_is_used():
    code = "\n".join(
        path.read_text("utf-8") for path in Path(room.__file__).parent.glob("*.py") if path.name != "messages.py"
    )
    used = set(re.findall(r'"((?:match|question|change|relax)\.[a-z_]+)"', code))
    made = {
        f"{word}.{key}"
        for word in ("question", "change")
        for key in (*constraints.CONSTRAINTS, "floor", *factors.FACTORS)
    }
    made |= {
        f"relax.{key}" for key in ("modality", "language", "region", "delivery", "budget", "personal", "certificate")
    }
    made |= {f"match.{key}" for key in constraints.CONSTRAINTS}
    assert used <= set(MESSAGES)
    assert set(MESSAGES) - used <= made
    for text in MESSAGES.values():
        assert text[0].islower() or text.startswith("{")
        assert not text.endswith((".", "!"))
