"""The search: words in both languages, facets, and what is said where nothing is good enough."""

import csv
import io

import pytest
from sqlalchemy import event
from sqlmodel import select

from leaderboard.accounts.actor import NOBODY
from leaderboard.core.errors import Malformed
from leaderboard.exchange.listings.signals import Rating
from leaderboard.exchange.matches import index, search, sifting
from leaderboard.exchange.matches.models import ListingChange
from leaderboard.exchange.matches.search import Asked
from tests.exchange import scene as scenes
from tests.exchange.matches.conftest import Fair
from tests.exchange.matches.test_runs import stall


def found(fair: Fair, **asked) -> search.SearchPage:
    with fair.resources.read() as work:
        return search.search(work, NOBODY, Asked(**asked))


def test_words_of_either_language_find_the_same_offer_first(fair: Fair):
    stalls = stall(fair)
    for words in ("apron vehicles", "机坪车辆图片"):
        assert found(fair, q=words).hits[0].card.key == stalls["pictures"]


def test_facets_count_what_a_click_would_show(fair: Fair):
    stall(fair)
    page = found(fair, sector="transport")
    modalities = next(one for one in page.facets if one.key == "modality")
    for choice in modalities.choices:
        assert found(fair, sector="transport", modality=choice.value).total == choice.count
    assert (page.total, page.all) == (5, 6)


def test_a_sentence_is_read_and_offered_as_filters(fair: Fair):
    stall(fair)
    page = found(fair, q="Traffic tables we may train models on, at least 20,000 rows")
    assert page.read is not None
    assert {way.path.partition("&")[2] for way in page.read.filters} >= {"sector=transport", "use=train-models"}
    assert page.read.others


def test_nothing_good_enough_says_which_choice_to_drop_and_what_that_brings(fair: Fair):
    stall(fair)
    page = found(fair, q="ship tracks", sector="manufacturing", price="fixed")
    assert page.hits == ()
    assert page.nothing is not None
    for way in page.nothing.dropping:
        assert way.count > 0
    dropped = {way.label.said("en"): way.count for way in page.nothing.dropping}
    assert dropped["Manufacturing"] == found(fair, q="ship tracks", price="fixed").total > 0


def test_a_word_that_is_nearly_one_leads_there(fair: Fair):
    stall(fair)
    page = found(fair, q="beerings")
    words = [way.label.said("en") for way in page.nothing.words] if page.nothing else []
    assert page.hits or "bearing" in words


def test_nothing_is_offered_at_all(fair: Fair):
    page = found(fair, q="anything")
    assert (page.hits, page.nothing, page.all) == ((), None, 0)


def test_offers_of_one_supplier_with_honest_counts_and_what_others_say_of_it(fair: Fair, browser_of, monkeypatch):
    stall(fair)
    page = found(fair)
    suppliers = next(one for one in page.facets if one.key == "supplier")
    assert {one.value for one in suppliers.choices} == {
        fair.scene.lake.slug,
        fair.scene.bay.slug,
        fair.scene.audit.slug,
    }
    for choice in suppliers.choices:
        assert found(fair, supplier=choice.value).total == choice.count
    assert sum(one.count for one in suppliers.choices) == page.total
    assert dict(found(fair, supplier=fair.scene.lake.slug).chosen)["supplier"].said("zh") == fair.scene.lake.name
    assert found(fair, supplier=fair.scene.grid.slug).total == 0
    with pytest.raises(Malformed):
        found(fair, supplier="nobody")
    monkeypatch.setattr(search, "MOST_SUPPLIERS", 1)
    few = found(fair)
    assert [len(one.choices) for one in few.facets if one.key == "supplier"] == [1]
    assert few.more_suppliers == 2
    said = browser_of().get("/api/v1/exchange/search", params={"supplier": fair.scene.lake.slug}).json()
    assert {one["organization"] for one in said["offers"]} == {fair.scene.lake.slug}
    assert said["offers"][0]["rating"] is None
    monkeypatch.setattr(search.listings, "ratings", lambda _work, ids: {id: Rating(3, 4.25) for id in ids})
    said = browser_of().get("/api/v1/exchange/search").json()
    assert said["offers"][0]["rating"] == {"count": 3, "value": 4.25}
    head, first, *_ = csv.reader(io.StringIO(browser_of().get("/en/exchange.csv").text.lstrip("\ufeff")))
    assert dict(zip(head, first, strict=True))["rating"] == "4.25"


def test_a_search_asks_the_database_as_much_whatever_is_offered(fair: Fair):
    stall(fair)
    found(fair)
    few, many = [], []
    for asked in (few, many):
        if asked is many:
            stall(fair)
            found(fair)

        def hear(_connection, _cursor, statement, *_rest, asked=asked):
            asked.append(statement)

        event.listen(fair.resources.database.engine, "before_cursor_execute", hear)
        found(fair, q="tables", sector="transport", sort="quality")
        event.remove(fair.resources.database.engine, "before_cursor_execute", hear)
    assert few
    assert len(many) == len(few)


def test_a_facet_that_is_no_facet_is_said(fair: Fair):
    with pytest.raises(Malformed):
        found(fair, sector="nonsense")


def test_another_process_sees_changes_and_reads_the_saved_index(fair: Fair, monkeypatch):
    stalls = stall(fair)
    with fair.resources.read() as work:
        index.refresh(work)
    index._KEEPERS.clear()  # as another process would begin
    taken = []
    monkeypatch.setattr(index, "texts_of", lambda offer: taken.append(offer.key) or [])
    monkeypatch.setattr(index, "WINDOW", 0)
    assert found(fair, q="ship tracks").hits[0].card.key == stalls["ships"]
    assert taken == []  # nothing was described again
    monkeypatch.undo()
    with fair.resources.write() as work:
        scenes.deeds.withdraw(work, fair.scene.bay.actor, stalls["ships"])
    assert all(hit.card.key != stalls["ships"] for hit in found(fair, q="ship tracks").hits)


def test_an_index_that_cannot_be_read_is_built_anew(fair: Fair):
    stalls = stall(fair)
    with fair.resources.read() as work:
        index.refresh(work)
        folder = work.settings.data_dir / index.FOLDER
    (folder / "index.json").write_text("{")
    index._KEEPERS.clear()
    assert found(fair, q="ship tracks").hits[0].card.key == stalls["ships"]


def test_a_request_describes_few_listings_and_says_how_many_wait(fair: Fair, monkeypatch):
    stall(fair)
    monkeypatch.setattr(index, "AT_ONCE", 2)
    assert found(fair, q="ship").behind == 4
    with fair.resources.read() as work:
        index.refresh(work)
    assert found(fair, q="ship").behind == 0


def test_of_a_listing_only_its_last_change_is_kept(fair: Fair):
    key = fair.offer()
    with fair.resources.write() as work:
        for _ in range(5):
            index.note(work, 1)
        numbers = work.session.exec(select(ListingChange.id).where(ListingChange.listing_id == 1)).all()
    assert key
    assert len(numbers) == 1


def test_a_long_text_that_finds_nothing_costs_as_much_as_a_short_one(fair: Fair, monkeypatch):
    stall(fair)
    asked = []
    monkeypatch.setattr(sifting, "get_close_matches", lambda word, *_, **__: asked.append(word) or [])
    nonsense = " ".join(f"qz{chr(97 + at % 26)}x{at}" for at in range(80))
    assert found(fair, q=nonsense).nothing is not None
    assert len(asked) == search.MOST_RESPELT
