"""What the demo season's exchange is made of: sound documents in both languages, and matches that are what their writer meant."""

import json
import tomllib
from collections import Counter
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path

import pytest

import challenges
from leaderboard.cli.demo_exchange import content, invented, measured, season
from leaderboard.exchange.demands.service import Need, card_of
from leaderboard.exchange.listings.service import Offer
from leaderboard.exchange.matches.cards import texts_of
from leaderboard.exchange.matches.index import Entry, Shelf
from leaderboard.exchange.matches.runs import relevance_of
from leaderboard.exchange.matching import run as matching
from leaderboard.exchange.matching.evaluation import asked, evaluated
from leaderboard.exchange.matching.explanation import Explanation, recomputed
from leaderboard.exchange.relevance import Index
from leaderboard.seasons.signals import Words
from leaderboard.terms import demand as demand_terms
from leaderboard.terms import listing as listing_terms
from leaderboard.terms.contradictions import contradictions
from leaderboard.terms.words import KINDS, VISIBILITIES

TODAY = date(2026, 11, 28)
DEMO = content.read(TODAY)
EVERYTHING, NOTHING = "anything-to-teach-with", "supply-chain-graph"
OFFERED = {**DEMO.listings, **DEMO.desk.listings}
ASKED_FOR = {**DEMO.demands, **DEMO.desk.demands}


def offer(one):
    words = one.sheet.words
    return Offer(
        listing_id=1,
        version_id=1,
        key=one.key,
        organization_id=1,
        organization=one.supplier,
        title=Words(words.title_en, words.title_zh),
        summary=Words(words.summary_en, words.summary_zh),
        document=one.sheet.listing,
        dataset_slug=None,
        listed_at=datetime(2026, 11, 1, tzinfo=UTC),
    )


def need(one):
    written = one.written
    return Need(
        demand_id=1,
        version_id=1,
        key=one.key,
        organization_id=1,
        organization=one.organization,
        title=Words(written.title_en, written.title_zh),
        text=Words(written.need_en, written.need_zh),
        document=written.document,
        visibility=written.document.visibility,
        state="open",
        opened_at=None,
    )


@pytest.fixture(scope="module")
def shelf():
    """Without a model: words alone must do."""
    offers = [offer(one) for one in DEMO.listings.values()]
    index = Index()
    index.upsert([text for one in offers for text in texts_of(one)])
    return Shelf({one.key: Entry.of(one) for one in offers}, index, None, 0)


@pytest.fixture(scope="module")
def run_of(shelf):
    """By key of demand: its run, with what it was given."""
    made = {}

    def made_once(key):
        if key not in made:
            relevance = relevance_of(need(DEMO.demands[key]), shelf, tuple(shelf.entries.values()))
            made[key] = again(key, [one.sheet.listing for one in DEMO.listings.values()], relevance), relevance
        return made[key]

    return made_once


def again(key, listings, relevance, demand=None):
    return matching.run(demand or DEMO.demands[key].written.document, listings, relevance, today=TODAY)


def raw(name):
    """What the files say of one kind of thing, with what is on the desk."""
    folder = resources.files("leaderboard.cli.demo_exchange")
    texts = [(folder / file).read_text(encoding="utf-8") for file in (f"{name}s.toml", "desk.toml")]
    return [one for text in texts for one in tomllib.loads(text).get(name, [])]


def test_there_is_enough_of_everything():
    datasets = [one for one in DEMO.listings.values() if one.sheet.listing.kind == "dataset"]
    assert len(DEMO.listings) >= 32
    assert len(DEMO.demands) >= 22
    assert {one.sheet.listing.kind for one in DEMO.listings.values()} == set(KINDS)
    assert len({one.sheet.listing.sector for one in datasets}) >= 6
    assert {one.written.document.visibility for one in DEMO.demands.values()} == set(VISIBILITIES)
    assert any(one.written.document.budget.hidden for one in DEMO.demands.values() if one.written.document.budget)


@pytest.mark.parametrize(("name", "field"), [("organization", "slug"), ("listing", "key"), ("demand", "key")])
def test_names_are_given_once(name, field):
    assert [key for key, count in Counter(one[field] for one in raw(name)).items() if count > 1] == []


def test_organizations_say_that_they_are_not_real():
    assert [one.slug for one in DEMO.parties.values() if "演示" not in one.name or "demo" not in one.name] == []


@pytest.mark.parametrize("key", OFFERED)
def test_a_listing_can_be_handed_in_and_is_told_in_both_languages(key):
    sheet = OFFERED[key].sheet
    sheet.demand_sound()
    sheet.demand_complete()
    parts = ("title", "summary", "scenario", *(("source",) if sheet.listing.kind == "dataset" else ()))
    for part in parts:
        assert chinese(getattr(sheet.words, f"{part}_zh"))
        assert not chinese(getattr(sheet.words, f"{part}_en"))
    assert listing_terms.read(listing_terms.write(sheet.listing)) == sheet.listing
    assert sheet.listing.evidence == ()  # only what is measured in the demo itself may be called measured


@pytest.mark.parametrize("key", ASKED_FOR)
def test_a_demand_can_be_opened_and_is_told_in_both_languages(key):
    written = ASKED_FOR[key].written
    assert list(written.faults()) == []
    assert contradictions(written.document, TODAY) == ()
    for part in ("title", "need"):
        assert chinese(getattr(written, f"{part}_zh"))
        assert not chinese(getattr(written, f"{part}_en"))
    assert demand_terms.read(demand_terms.write(written.document)) == written.document
    assert set(written.invited) <= DEMO.parties.keys()
    assert bool(written.invited) == (written.document.visibility == "invited")


def test_the_operator_has_two_listings_and_a_demand_to_decide_on():
    """One of the listings passes on personal data, and does not say by what right."""
    assert (len(DEMO.desk.listings), len(DEMO.desk.demands)) == (2, 1)
    (doubtful,) = [one.sheet for one in DEMO.desk.listings.values() if one.sheet.listing.personal == "contained"]
    rights = ("合同", "同意", "批准", "许可", "授权")
    assert not any(word in doubtful.words.source_zh for word in rights)
    sound = next(one.sheet for one in DEMO.desk.listings.values() if one.sheet is not doubtful)
    assert any(word in sound.words.source_zh for word in rights)


def chinese(text):
    assert text
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


def test_every_dataset_challenge_that_is_shipped_can_be_offered():
    said = season.known()
    folder = Path(challenges.__file__).parent / "shipped"
    assert set(said) == {
        slug for slug in challenges.SHIPPED if challenges.load(folder / slug).definition.kind == "dataset"
    }
    for slug, one in said.items():
        blank = {"key": slug, "version": "", "supplier": season.SUPPLIER, "kind": "dataset"}
        assert listing_terms.read(json.dumps(blank | one["document"])).price is not None
        assert season.SUPPLIER in DEMO.parties
        for part in ("title", "scenario"):
            assert chinese(one["zh"][part])
            assert not chinese(one["en"][part])


@pytest.mark.parametrize("key", measured.told())
def test_a_dataset_of_the_demo_says_that_it_is_invented_and_is_drawn_the_same_each_time(key):
    told = measured.told()[key]
    assert told["supplier"] in DEMO.parties
    for part in ("title", "summary", "provenance", "citation", "scenario"):
        assert chinese(told["zh"][part])
        assert not chinese(told["en"][part])
    assert "演示用生成数据" in told["zh"]["summary"]
    assert "Generated for the demo" in told["en"]["summary"]
    assert invented.dataset(told) == invented.dataset(told)
    names = {one["name"] for one in told["table"]["columns"]}
    assert {*told["roles"], *told["units"]} <= names
    blank = {"key": key, "version": "", "supplier": told["supplier"], "kind": "dataset"}
    assert listing_terms.read(json.dumps(blank | told["document"])).price is not None


def test_flaws_are_there_in_the_share_that_was_told():
    told = dict(measured.told()["harbour-weather-raw"], bare=True)
    rows = [line.split(",") for line in invented.dataset(told)[1].decode().splitlines()[1:]]
    missing = sum("" in row for row in rows) / len(rows)
    copied = 1 - len({tuple(row[1:]) for row in rows}) / len(rows)
    assert missing == pytest.approx(0.3, abs=0.04)
    assert copied == pytest.approx(0.06, abs=0.02)


def test_it_does_not_age():
    later = content.read(date(2031, 5, 1))
    for one in later.demands.values():
        assert contradictions(one.written.document, date(2031, 5, 1)) == ()
    newest = later.listings["county-load"].sheet.listing.updated
    assert newest == date(2031, 4, 26)


def test_three_blind_demands_of_three_demanders_look_the_same():
    blind = [one for one in DEMO.demands.values() if one.written.document.visibility == "blind"]
    crowds = {}
    for one in blind:
        crowds.setdefault(card_of(one.written.document).fingerprint, set()).add(one.organization)
    assert sorted(len(crowd) for crowd in crowds.values()) == [1, 3]


@pytest.mark.parametrize("key", [key for key, one in DEMO.demands.items() if one.expected])
def test_what_was_meant_is_found(key, run_of):
    run, _ = run_of(key)
    assert DEMO.demands[key].expected[0] in run.order[:3]


@pytest.mark.parametrize("key", DEMO.demands)
def test_nothing_that_is_placed_breaks_a_hard_constraint(key, run_of):
    run, relevance = run_of(key)
    for match in run.matches:
        assert [one.constraint for one in match.verdicts if one.verdict == "fail"] == []
    ask = asked(DEMO.demands[key].written.document, TODAY, run.config)
    placed = [DEMO.listings[each].sheet.listing for each in run.order]
    assert [one.key for one in placed if evaluated(ask, one, relevance.get(one.key)).failed] == []


@pytest.mark.parametrize("key", DEMO.demands)
def test_every_score_follows_from_its_explanation(key, run_of):
    run, _ = run_of(key)
    for one in (*run.matches, *run.near):
        assert recomputed(Explanation.model_validate_json(one.model_dump_json())) == one.scores


@pytest.mark.parametrize("key", DEMO.demands)
def test_every_counterfactual_keeps_its_promise(key, run_of):
    run, relevance = run_of(key)
    for one in (*run.matches, *run.near):
        for promised in one.counterfactuals:
            offered = [each.sheet.listing for each in DEMO.listings.values()]
            changed = [promised.change.apply(each) if each.key == one.listing else each for each in offered]
            after = again(key, changed, relevance)
            assert after.order.index(one.listing) + 1 == promised.rank
            assert one.rank is None or promised.rank < one.rank
            found = next(match for match in after.matches if match.listing == one.listing)
            assert found.scores.placing == promised.placing


def test_there_are_counterfactuals_and_questions_to_be_seen(run_of):
    runs = [run_of(key)[0] for key in DEMO.demands]
    assert sum(len(one.counterfactuals) for run in runs for one in (*run.matches, *run.near)) >= 18
    assert sum(len(one.questions) for run in runs for one in run.matches) >= 10


def test_nearly_everything_satisfies_one_demand(run_of):
    run, _ = run_of(EVERYTHING)
    datasets = {one.key for one in DEMO.listings.values() if one.sheet.listing.kind == "dataset"}
    assert set(run.order) <= datasets
    assert len(run.order) >= 0.9 * len(datasets)


def test_nothing_satisfies_another_and_it_says_what_would(run_of):
    run, relevance = run_of(NOTHING)
    assert run.order == ()
    relaxed = run.nothing.relaxations[0]
    less = relaxed.change.apply(DEMO.demands[NOTHING].written.document)
    after = again(NOTHING, [one.sheet.listing for one in DEMO.listings.values()], relevance, demand=less)
    assert len(after.order) == relaxed.matches > 0
