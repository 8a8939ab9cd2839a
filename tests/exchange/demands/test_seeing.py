"""Who sees how much: the ladder of tiers, and that nothing hidden comes out by any way, time included."""

import csv
import io
import re
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import event
from sqlmodel import select

from leaderboard.accounts.actor import NOBODY
from leaderboard.core.errors import NotFound
from leaderboard.exchange.demands import facts, gaps, listing, making, outlets, service, showing, sums
from leaderboard.exchange.demands.content import Written
from leaderboard.exchange.demands.listing import Asked
from leaderboard.exchange.demands.models import DemandAccess
from leaderboard.terms.demand import Budget, Demand, GradeFloor, Indicator, SizeWanted
from tests.exchange.demands.conftest import DOCUMENT, TEXT, unit_of
from tests.exchange.demands.test_service import do

SECRET = Written(
    title_zh="灵动代号青鸾",
    title_en="Project Zephyrine",
    need_zh="灵动电网的秘密项目，预算123456元以内，需要图像。",
    need_en="Lingdong Grid's secret quillwort project, budget of at most 123,456 yuan, 20,000 images.",
)
LEAKS = ("灵动", "Lingdong", "Zephyrine", "quillwort", "123456", "123,456", "512345", "512,345", "秘密", "青鸾")


def tiered(market, visibility, **changes):
    return market.open(document=DOCUMENT.model_copy(update={"visibility": visibility, **changes}), written=SECRET)


def whole(market, actor, key):
    with market.resources.read() as work:
        return showing.seen(work, actor, key)


def listed(market, actor, **asked):
    with market.resources.read() as work:
        return listing.listed(work, actor, Asked(**asked))


@pytest.mark.parametrize(
    ("visibility", "nobody", "unverified", "verified"),
    [
        ("public", "full", "full", "full"),
        ("verified", "none", "none", "full"),
        ("blind", "none", "none", "none"),
        ("invited", "none", "none", "none"),
    ],
)
def test_the_ladder(market, visibility, nobody, unverified, verified):
    key = tiered(market, visibility)
    assert market.tier(NOBODY, key) == nobody
    assert market.tier(market.unverified, key) == unverified
    assert market.tier(market.verified, key) == verified
    assert market.tier(market.buyer, key) == market.tier(market.operator, key) == "full"
    for actor in (NOBODY, market.unverified, market.verified):
        found = [item.key for item in listed(market, actor).items]
        assert (key in found) == (market.tier(actor, key) != "none")


@pytest.mark.parametrize("visibility", ["verified", "blind", "invited"])
def test_whoever_was_invited_or_met_with_interest_reads_it_in_full(market, visibility):
    document = DOCUMENT.model_copy(update={"visibility": visibility})
    key = market.open(document=document, invited=[market.slug(market.unverified)])
    assert market.tier(market.unverified, key) == "full"
    other = tiered(market, visibility)
    do(market, service.reveal, market.row(other).id, unit_of(market.unverified))
    assert market.tier(market.unverified, other) == "full"
    do(market, making.withdraw, market.buyer, other)
    assert market.tier(market.unverified, other) == "none"


@pytest.mark.parametrize("state", ["draft", "submitted", "vetting", "withdrawn"])
def test_before_and_after_its_time_a_public_demand_is_its_own(market, state):
    key = market.draft(written=SECRET)
    if state != "draft":
        do(market, making.submit, market.buyer, key)
    with market.resources.write() as work:
        row = service.demand_for(work, market.buyer, key, "demand.edit", lock=True)
        service.move(work, market.buyer, row, state)
    for actor in (NOBODY, market.verified):
        assert market.tier(actor, key) == "none"
        with pytest.raises(NotFound):
            whole(market, actor, key)


def test_blind_cards_need_three_organizations_that_look_alike(market):
    two = market.blind(2)
    assert {market.tier(NOBODY, key) for key in two} == {"none"}
    assert listed(market, NOBODY).items == ()
    again = market.open(market.buyer, DOCUMENT.model_copy(update={"visibility": "public"}))  # a public one is no crowd
    assert {market.tier(NOBODY, key) for key in two} == {"none"}
    third = market.open(market.buyer, DOCUMENT.model_copy(update={"visibility": "blind", "exclusive": True}))
    assert {market.tier(NOBODY, key) for key in (*two, third)} == {"card"}
    cards = [item for item in listed(market, NOBODY).items if item.key != again]
    assert [replace(card, key="") for card in cards] == [replace(cards[0], key="")] * 3
    do(market, making.withdraw, market.buyer, third)
    assert {market.tier(NOBODY, key) for key in two} == {"none"}


def test_three_demands_of_one_organization_are_no_crowd(market):
    document = DOCUMENT.model_copy(update={"visibility": "blind"})
    keys = [market.open(market.buyer, document.model_copy(update={"certificate": bool(at)})) for at in range(2)]
    keys.append(market.open(market.buyer, document.model_copy(update={"exclusive": True})))
    assert {market.tier(NOBODY, key) for key in keys} == {"none"}


def test_a_card_says_bands_only(market):
    keys = market.blind(3, sizes=(SizeWanted(unit="images", least=23_456),))
    with market.resources.read() as work:
        need = service.need_of(work, market.row(keys[0]))
        card = service.blind_card(work, need)
    assert (card.sectors, card.modalities, card.size, card.floor, card.regions) == (
        ("energy",), ("image",), "images:4", "", ("CN",),
    )  # fmt: skip
    seen = whole(market, NOBODY, keys[0])
    assert (seen.title, seen.text, seen.organization, seen.opened_at, seen.deadline) == (None, None, "", None, "")


@pytest.mark.parametrize("visibility", ["verified", "blind", "invited"])
def test_a_hidden_and_a_missing_demand_ask_the_same_and_answer_the_same(market, visibility):
    keys = [tiered(market, visibility), market.draft(written=SECRET), "zzzzzzzzzz"]
    engine, answers = market.resources.database.engine, []
    for key in keys:
        asked = []

        def hear(_connection, _cursor, statement, *_rest, asked=asked):
            asked.append(statement)

        event.listen(engine, "before_cursor_execute", hear)
        with market.resources.read() as work, pytest.raises(NotFound) as caught:
            showing.seen(work, market.unverified, key)
        event.remove(engine, "before_cursor_execute", hear)
        answers.append((asked, caught.value.id, caught.value.message, caught.value.params))
    assert answers[0] == answers[1] == answers[2]
    assert len(answers[0][0]) > 3


def test_the_list_and_the_single_answer_agree(market):
    keys = [tiered(market, one) for one in ("public", "verified", "blind", "invited")] + market.blind(3)
    with market.resources.read() as work:
        rows = [market.row(key) for key in keys]
        for actor in (NOBODY, market.unverified, market.verified, market.buyer, market.operator):
            assert service.tiers(work, actor, rows) == [service.may_see(work, actor, row) for row in rows]


def test_budgets_are_bands_to_others_and_nothing_where_hidden(market):
    key = market.open(written=SECRET)
    theirs, own = whole(market, market.verified, key), whole(market, market.buyer, key)
    assert [fact.value.said("en") for fact in theirs.facts if fact.label.message == "Budget"] == [
        "CNY 300,000 to 1,000,000"
    ]
    assert [fact.value.said("en") for fact in own.facts if fact.label.message == "Budget"] == ["CNY 512,345 at most"]
    assert "123,456" not in theirs.text.en
    assert "123456" not in theirs.text.zh
    assert sums.BLACK in theirs.text.zh
    assert own.text.en == SECRET.need_en
    hidden = market.open(document=DOCUMENT.model_copy(update={"budget": Budget(high=512_345, hidden=True)}))
    assert "Budget" not in {fact.label.message for fact in whole(market, market.verified, hidden).facts}


@pytest.mark.parametrize("amount", [7, 9_999, 10_001, 30_001, 299_999, 10**9])
def test_a_band_never_tells_the_amount(amount):
    (band,) = showing.facts(Demand(budget=Budget(high=amount)), "band")[-1].value.items
    assert not re.search(rf"\b{amount:,}\b", band.said("en"))


def test_search_finds_cards_by_their_cards_only(market):
    for key in market.blind(2):
        assert key
    tiered(market, "blind")
    for word in ("Zephyrine", "quillwort", "秘密", "Lingdong"):
        assert listed(market, market.unverified, q=word).total == 0
    assert listed(market, market.unverified, q="能源").total == 5
    assert listed(market, market.buyer, q="Zephyrine").total == 5


def test_counts_of_what_is_not_public_come_in_fives(market):
    market.open()
    for _ in range(2):
        tiered(market, "verified", exclusive=bool(_))
    page = listed(market, market.verified)
    assert (page.total, page.all, page.rounded) == (6, 6, True)
    (energy,) = (choice for facet in page.facets if facet.key == "sector" for choice in facet.choices)
    assert (energy.value, energy.count) == ("energy", 6)
    assert listed(market, NOBODY).total == 1


def test_the_log_says_who_saw_which_tier_once_a_day(market):
    key, (blind, *_) = tiered(market, "verified"), market.blind(3)
    for _ in range(2):
        for actor in (market.verified, market.operator, market.buyer):
            showing.note(market.resources, actor, [(key, "full"), (blind, "card")])
        showing.note(market.resources, NOBODY, [(blind, "card")])
    with market.resources.read() as work:
        log = showing.access_log(work, market.buyer, key)
        assert [line[1:] for line in log] == [("full", "operator", "", None), ("full", "member", "Bay Vision", 1)]
        with pytest.raises(NotFound):
            showing.access_log(work, market.verified, key)
        lines = work.session.exec(select(DemandAccess)).all()
    assert [(one.organization_id, one.person_id) for one in lines if one.tier == "card"].count((None, None)) == 1
    market.clock.advance(days=1)
    showing.note(market.resources, market.verified, [(key, "full")])
    with market.resources.read() as work:
        assert len(showing.access_log(work, market.buyer, key)) == 3


# Gaps


def unmet(market, key, actor=None):
    do(market, making.close, actor or market.buyer, key, reason="quality")


def report(market):
    with market.resources.read() as work:
        return gaps.gaps(work, NOBODY)


def test_gaps_count_public_demands_and_hidden_ones_in_crowds_only(market):
    unmet(market, market.open())
    keys = [
        market.open(actor, DOCUMENT.model_copy(update={"visibility": "invited"}))
        for actor in (market.buyer, market.verified)
    ]
    for key, actor in zip(keys, (market.buyer, market.verified), strict=True):
        unmet(market, key, actor)
    (cell,) = report(market).cells.values()
    assert (cell.sector, cell.modality, cell.count, cell.missing.said("en")) == (
        "energy", "image", 1, "The quality offered was too low",
    )  # fmt: skip
    unmet(
        market, market.open(market.unverified, DOCUMENT.model_copy(update={"visibility": "blind"})), market.unverified
    )
    (cell,) = report(market).cells.values()
    assert cell.count == 6


def test_gaps_name_the_constraint_that_failed_most(market):
    for missing in (["budget"], ["floor.1", "budget"], ["floor.0"]):
        key = market.open()
        do(market, service.note_missing, market.row(key).id, missing)
        unmet(market, key)
    (cell,) = report(market).cells.values()
    assert cell.missing.said("en") == "Quality floors"


def test_what_was_never_open_is_no_gap(market):
    key = market.draft()
    do(market, making.withdraw, market.buyer, key)
    assert report(market).cells == {}


# Over HTTP


WAYS = ("/en/demands/{key}", "/zh/demands/{key}", "/api/v1/demands/{key}")
LISTS = (
    "/en/demands", "/zh/demands", "/en/demands.csv", "/zh/demands.csv", "/api/v1/demands", "/en/demands?q=Zephyrine",
    "/en/exchange/gaps", "/en/exchange/gaps.csv", "/api/v1/exchange/gaps",
)  # fmt: skip
CLOSED = ("edit", "brief.md", "access.csv")


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_nothing_hidden_leaks_by_any_address(market, browser_of):
    market.blind(2)
    hidden = {one: tiered(market, one) for one in ("verified", "invited")}
    blind, draft = tiered(market, "blind"), market.draft(written=SECRET)
    do(market, outlets.propose, market.buyer, blind)
    for actor in (None, market.unverified):
        browser = browser_of(actor)
        for key in (*hidden.values(), draft, "zzzzzzzzzz"):
            for way in WAYS:
                answer, missing = browser.get(way.format(key=key)), browser.get(way.format(key="yyyyyyyyyy"))
                assert answer.status_code == 404
                assert clean(answer.text, key) == clean(missing.text, "yyyyyyyyyy")
            for tail in CLOSED:
                assert browser.get(f"/en/demands/{key}/{tail}").status_code == 404
            for tail in ("edit", "submit", "take-back", "withdraw", "close", "propose", "retract", "vet"):
                assert browser.post(f"/en/demands/{key}/{tail}", data={}).status_code == 404
        texts = [browser.get(way.format(key=blind)).text for way in WAYS]
        texts += [browser.get(address).text for address in LISTS if "q=" not in address]
        assert "Blind demand" in texts[0]
        for text in texts:
            assert [leak for leak in LEAKS if leak in text] == []
            assert not any(key in text for key in (*hidden.values(), draft))
        assert browser.get("/en/demands?q=Zephyrine").text.count("Zephyrine") <= browser.get(
            "/en/demands?q=Zephyrinf"
        ).text.count("Zephyrinf")


def clean(text, key):
    """Without what the page says of its own address, of this request and of the moment."""
    text = re.sub(r"\b[0-9a-f]{12}\b", "REQUEST", text.replace(key, "KEY"))
    return re.sub(r"<time.*?</time>", "TIME", text)


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_the_owner_downloads_who_saw_it(market, browser_of):
    key = tiered(market, "verified")
    browser_of(market.verified).get(f"/en/demands/{key}")
    browser_of(market.verified).get("/api/v1/demands")
    answer = browser_of(market.buyer).get(f"/en/demands/{key}/access.csv")
    (header, line) = csv.reader(io.StringIO(answer.text.lstrip("\ufeff")))
    assert header == list(showing.LOG_HEADER)
    assert line[1:] == ["full", "member of an organization", "Bay Vision", "1"]
    assert TEXT.title_en not in answer.text


def test_a_remark_on_an_indicator_tells_others_no_sum_either(market):
    remark = Indicator(floor=GradeFloor(grade="A"), note="worth 512,345 yuan to us")
    key = market.open(document=DOCUMENT.model_copy(update={"indicators": (remark,)}))
    with market.resources.write() as work:
        outlets.propose(work, market.buyer, key)
    with market.resources.read() as work:
        said = {
            name: " ".join(str(facts.said(fact.value, "en")) for fact in showing.seen(work, actor, key).facts)
            for name, actor in (("own", market.buyer), ("other", market.unverified))
        }
        brief = outlets.proposed_brief(work, market.operator, key, "en")
    assert "512,345 yuan" in said["own"]
    for text in (said["other"], brief):
        assert "512,345" not in text
        assert "worth █████ to us" in text


def test_the_list_is_asked_in_as_many_questions_whatever_there_is_and_reads_each_version_once(market):
    engine, numbers = market.resources.database.engine, []
    market.blind(3)
    for more in (1, 4, 0):
        for _ in range(more):
            market.open(written=replace(TEXT, title_en=f"Insulators {uuid4().hex}"))
        asked = []

        def hear(_connection, _cursor, statement, *_rest, asked=asked):
            asked.append(statement)

        event.listen(engine, "before_cursor_execute", hear)
        with market.resources.read() as work:
            page = listing.listed(work, market.verified, listing.Asked(q="insulators"))
        event.remove(engine, "before_cursor_execute", hear)
        numbers.append(len(asked))
    assert page.total == 5
    assert numbers[0] == numbers[1] == numbers[2] + 1  # nothing new: no version is read for being sifted


def test_places_and_languages_are_named(market):
    document = DOCUMENT.model_copy(update={"regions": ("CN-44", "XX"), "languages": ("zh",), "region": "HK"})
    said = {fact.label.said("en"): fact.value.said("en") for fact in facts.facts(document, "exact")}
    assert (said["Geography"], said["Languages"], said["Used in"]) == ("Guangdong, XX", "Chinese", "Hong Kong SAR")
    card = facts.card_facts(service.card_of(document))
    assert "中国" in {fact.value.said("zh").split("、")[0] for fact in card}
