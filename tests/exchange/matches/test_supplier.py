"""What suppliers are told: bands, and of blind demands nothing that their card does not say."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from sqlalchemy import event

from leaderboard.core.errors import Malformed, NotFound, Refused
from leaderboard.exchange.demands import making, vetting
from leaderboard.exchange.matches import feedback, index, pages, questions, service, supplier, supplier_pages
from leaderboard.terms.demand import Budget, FieldWanted, MeasureFloor
from leaderboard.terms.listing import Price
from tests.exchange import scene as scenes
from tests.exchange.matches.conftest import DELAYS, NEED, Fair
from tests.exchange.matches.test_runs import stall
from tests.exchange.probe.reading import texts
from tests.exchange.relevance.test_index import Hashing

BLIND = DELAYS.model_copy(update={"visibility": "blind"})


def bands(fair: Fair, key: str, by=None) -> supplier.Bands:
    with fair.resources.write() as work:
        return service.bands_for_supplier(work, (by or fair.scene.lake).actor, key)


def crowd(fair: Fair, **changes) -> list[str]:
    """Blind demands of three organizations with one card; the changes are those of the first."""
    document = BLIND.model_copy(update=changes)
    parties = (fair.scene.grid, fair.scene.clinic, fair.scene.audit)
    return [fair.demand(by, document if by is fair.scene.grid else BLIND) for by in parties]


def test_a_public_demand_is_told_by_band_and_nothing_of_a_score(fair: Fair):
    listing = stall(fair)["plain"]
    key = fair.demand()
    found = bands(fair, listing)
    assert [(one.key, one.band in {"strong", "fair"}, one.card) for one in found.fits] == [(key, True, None)]
    assert set(supplier.Fit.__slots__) == {"band", "key", "title", "organization", "card"}


def test_blind_demands_are_cards_and_only_in_a_crowd(fair: Fair):
    listing = stall(fair)["plain"]
    fair.demand(fair.scene.grid, BLIND)
    assert bands(fair, listing).fits == ()
    fair.demand(fair.scene.clinic, BLIND)
    fair.demand(fair.scene.audit, BLIND)
    cards = bands(fair, listing).fits
    assert len(cards) == 3
    assert {(one.title, one.organization) for one in cards} == {(None, None)}


def test_a_prober_learns_nothing_from_many_listings(fair: Fair):
    """Two worlds that differ in everything that a card does not show give every probe the same bands."""
    secret = {
        "budget": Budget(high=23_456),
        "musts": ("modality", "budget", "delivery", "language"),
        "languages": ("ja",),
        "exclusive": True,
        "weights": {"price": 10.0, "scope": 0.0},
        "kind": "annotation",
    }
    crowd(fair)
    probes = [
        fair.offer(
            fair.scene.lake, scenes.sheet(title=f"Probe {at}", summary_en=words, price=Price(model="fixed", low=price))
        )
        for at, (words, price) in enumerate(
            (words, price)
            for words in ("insulator cracks", "flight delays")
            for price in (100, 23_456, 23_457, 900_000)
        )
    ]
    plain = [sorted((one.band, one.key) for one in bands(fair, key).fits) for key in probes]
    with fair.resources.write() as work:
        row = supplier.demands.demand_for(work, fair.scene.grid.actor, plain[0][0][1], "exchange.read")
        version = supplier.demands.current_version(work, row)
        version.document = BLIND.model_copy(update=secret).model_dump(mode="json")
        version.need_en, version.need_zh = "Cracked insulators of our secret line 7", "秘密线路"
        version.sha256 = "5ec2e7" * 10  # what is read of a version is kept by it
        work.session.add(version)
    hidden = [sorted((one.band, one.key) for one in bands(fair, key).fits) for key in probes]
    assert plain == hidden
    assert all(plain)


def test_the_day_has_so_many_looks_and_then_a_plain_word(fair: Fair, monkeypatch):
    crowd(fair)
    monkeypatch.setattr(supplier, "LOOKS_A_DAY", 2)
    keys = [fair.offer(fair.scene.lake, scenes.sheet(title=f"Probe {at}")) for at in range(3)]
    assert [bands(fair, key).looks_left for key in keys] == [1, 0, None]
    assert bands(fair, keys[0]).looks_left == 0  # again costs nothing
    refused = bands(fair, keys[2])
    assert refused.fits == ()
    fair.scene.clock.advance(days=1)
    assert bands(fair, keys[2]).looks_left == 1


def test_the_budget_of_a_public_demand_cannot_be_found_out_by_prices(fair: Fair):
    fair.demand(document=DELAYS.model_copy(update={"musts": ("modality", "budget")}))
    prices = (1.0, 99_999.0, 100_001.0, 5_000_000.0)
    keys = [
        fair.offer(fair.scene.lake, scenes.sheet(title="Flights", price=Price(model="fixed", low=low)))
        for low in prices
    ]
    told = {tuple(one.band for one in bands(fair, key).fits) for key in keys}
    assert len(told) == 1


def test_somebody_elses_listing_is_not_there(fair: Fair):
    listing = stall(fair)["plain"]
    with pytest.raises(NotFound):
        bands(fair, listing, fair.scene.bay)


def test_a_question_is_asked_once_answered_and_answered_anew(fair: Fair):
    key, listing, id = asked_of_lake(fair)
    with fair.resources.write() as work:
        with pytest.raises(Malformed):
            questions.answer(work, fair.scene.lake.actor, listing, id, "  ")
        with pytest.raises(NotFound):
            questions.answer(work, fair.scene.grid.actor, listing, id, "Yes.")
        questions.answer(work, fair.scene.lake.actor, listing, id, "Yes, in January.")
        questions.answer(work, fair.scene.lake.actor, listing, id, "Yes, in February.")
        (found,) = questions.of_demand(work, fair.id(key)).values()
        assert found.answer == "Yes, in February."
        with pytest.raises(Refused):
            questions.ask(work, fair.scene.grid.actor, key, listing, "nothing")


def asked_of_lake(fair: Fair) -> tuple[str, str, int]:
    listing = fair.offer(fair.scene.lake, scenes.sheet(sizes={}, updated=None))
    for at, name in enumerate(("Bearing temperatures", "Ship tracks")):
        fair.offer(
            fair.scene.bay, scenes.sheet(title=name, title_zh=f"其他{at}", summary_en=name, summary_zh=f"无关{at}")
        )
    key = fair.demand(written=NEED)
    fair.work_off()
    run = fair.run(key).run
    one = next(one for one in (*run.matches, *run.near) if one.listing == listing and one.questions)
    with fair.resources.write() as work:
        for _ in range(2):
            made = questions.ask(work, fair.scene.grid.actor, key, listing, questions.digest(one.questions[0]))
    return key, listing, made.id or 0


def test_a_question_about_the_price_does_not_tell_the_budget(fair: Fair):
    listing = fair.offer(fair.scene.lake, scenes.sheet(price=Price(model="on-request")))
    key = fair.demand(document=DELAYS.model_copy(update={"visibility": "blind", "budget": Budget(high=123_457)}))
    fair.work_off()
    run = fair.run(key).run
    (one,) = (one for one in (*run.matches, *run.near) if one.listing == listing)
    (price,) = (asked for asked in one.questions if asked.id == "question.price")
    with fair.resources.write() as work:
        kept = questions.ask(work, fair.scene.grid.actor, key, listing, questions.digest(price))
        assert kept.params == {}
        page = supplier_pages.supplier_page(work, fair.scene.lake.actor, listing)
        assert [text.said("en") for _, text in page.questions] == ["what does it cost?"]


def test_of_a_blind_demand_a_question_says_no_more_than_its_card(fair: Fair):
    wanted = (FieldWanted(name="secret_load", type="number"),)
    document = DELAYS.model_copy(
        update={
            "visibility": "blind",
            "fields": wanted,
            "floors": (MeasureFloor(measure="Q7", limit=0.98765),),
            "musts": (),
        }
    )
    listing = fair.offer(fair.scene.lake, scenes.sheet(sizes={}, fields=(), updated=None, regions=()))
    key = fair.demand(document=document)
    fair.work_off()
    run = fair.run(key).run
    (one,) = (one for one in (*run.matches, *run.near) if one.listing == listing)
    asked = {question.id for question in one.questions}
    assert asked >= {"question.fields", "question.region"}
    with fair.resources.write() as work:
        for question in one.questions:
            questions.ask(work, fair.scene.grid.actor, key, listing, questions.digest(question))
        row = supplier.demands.demand_for(work, fair.scene.grid.actor, key, "demand.edit")
        seen = [
            text.said("en")
            for _, text in questions.to_listing(
                work, supplier.listings.listing_for(work, fair.scene.lake.actor, listing, "match.read")
            )
        ]
        mine = pages.matches_page(work, fair.scene.grid.actor, key)
    said = " ".join(seen)
    assert "secret_load" not in said
    assert "0.98765" not in said
    assert "Guangdong" not in said
    assert "does it cover these places: China?" in seen
    assert "which fields are there?" in seen
    put = {row.put.said("en") for match in (*mine.matches, *mine.near) for row in match.questions if row.put}
    assert put <= set(seen)
    assert "which fields are there?" in put
    with fair.resources.write() as work:
        supplier.demands.reveal(work, row.id or 0, fair.scene.lake.id)
        own = supplier.listings.listing_for(work, fair.scene.lake.actor, listing, "match.read")
        told = " ".join(text.said("en") for _, text in questions.to_listing(work, own))
    assert "secret_load" in told


def test_what_fits_is_asked_in_as_many_questions_whatever_the_number_of_demands(fair: Fair):
    listing = stall(fair)["plain"]
    crowd(fair)
    few, many = [], []
    for asked in (few, many):

        def hear(_connection, _cursor, statement, *_rest, asked=asked):
            asked.append(statement)

        bands(fair, listing)
        event.listen(fair.resources.database.engine, "before_cursor_execute", hear)
        found = bands(fair, listing).fits
        event.remove(fair.resources.database.engine, "before_cursor_execute", hear)
        if asked is few:
            assert len(found) == 3
            for _ in range(2):
                crowd(fair)
                fair.demand()
    assert sum(one.card is not None for one in found) == 9
    assert len(many) == len(few)


def test_bands_are_those_of_comparing_each_demand_by_itself(fair: Fair, monkeypatch):
    """With 200 demands of which many fit in part, on both sides of every threshold."""
    monkeypatch.setattr(index, "_embedders", lambda: (Hashing(),))
    index._KEEPERS.clear()
    listings = list(stall(fair).values())
    kinds = (DELAYS, DELAYS.model_copy(update={"musts": ()}), DELAYS.model_copy(update={"sizes": (), "sectors": ()}))
    said = [text.title for text in texts()]
    with fair.resources.write() as work:
        unit = fair.scene.grid
        for at in range(200):
            other = said[at % len(said)]
            words = (NEED.need_en, "flights", "", other, f"{other} departures weather 500 CNY")[at % 5]
            draft = replace(NEED, title_en=f"Need {at} {words}", title_zh="" if at % 2 else words, need_en=words)
            row = making.create(work, unit.actor, unit.id, draft)
            row = making.edit(work, unit.actor, row.key, replace(draft, document=kinds[at % 3]), base=row.version)
            making.submit(work, unit.actor, row.key)
            vetting.approve(work, fair.scene.operator, row.key, version=row.version)
    with fair.resources.read() as work:
        shelf, actor = index.refresh(work), fair.scene.lake.actor
        told = 0
        for key in listings:
            entry = shelf.entries[key]
            found = {one.key: one.band for one in supplier.fits(work, actor, shelf, entry, blind=True)}
            slow = {read.key: band for read in by_itself(work, shelf, entry) if (band := read.band) is not None}
            assert found == slow
            told += len(found)
    assert 50 < told < 150 * len(listings)


def by_itself(work, shelf, entry):
    """Each demand's band, by a search for every text of it."""
    held = supplier.standing.others(work, entry.offer.organization_id)
    for one in held:
        read = supplier.standing.read(work, [one])[one.id]
        found = shelf.relevances(read.texts, among=[entry.offer.key])
        worth = found.get(entry.offer.key, 0.0) if read.texts else 1.0
        band = supplier._band(read.shown, entry, worth, supplier.runs.day_of(work))
        yield SimpleNamespace(key=one.key, band=band)


def test_feedback_is_kept_changed_and_taken_back(fair: Fair):
    listing = stall(fair)["plain"]
    key = fair.demand()
    fair.work_off()
    actor = fair.scene.grid.actor
    with fair.resources.write() as work:
        feedback.say(work, actor, key, listing, verdict="useful")
        feedback.say(work, actor, key, listing, verdict="not_useful", reason="price", note="too dear")
        (said,) = feedback.of_demand(work, fair.id(key)).values()
        assert (said.verdict, said.reason, said.note) == ("not_useful", "price", "too dear")
        with pytest.raises(Malformed):
            feedback.say(work, actor, key, listing, verdict="wonderful")
        with pytest.raises(NotFound):
            feedback.say(work, fair.scene.lake.actor, key, listing, verdict="useful")
        feedback.take_back(work, actor, key, listing)
        feedback.take_back(work, actor, key, listing)
        assert feedback.of_demand(work, fair.id(key)) == {}
        with pytest.raises(Refused):
            feedback.say(work, actor, key, "no-such-listing", verdict="useful")
