"""From a draft to the list and away from it: every verb, what follows from the card, and two people at once."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import httpx
import pytest
from sqlmodel import select

from leaderboard import wiring
from leaderboard.accounts.models import Organization, Person
from leaderboard.core.errors import Gone, JiebangError, Malformed, NotFound, Refused
from leaderboard.core.jobs import Job
from leaderboard.core.ledger import LedgerLine
from leaderboard.core.work import Work
from leaderboard.datasets import audits, making, usage
from leaderboard.datasets import service as datasets
from leaderboard.datasets.fields import CardWords, Changelog
from leaderboard.exchange.listings import deeds, drafting, editing, pages, routes, service
from leaderboard.exchange.listings import letters as letters_of_listings
from leaderboard.exchange.listings.sheet import changed
from leaderboard.exchange.listings.states import State
from leaderboard.terms.licences import POLICIES
from leaderboard.terms.listing import Price
from leaderboard.terms.policy import Constraint, Policy, Rule
from tests.datasets.conftest import report
from tests.exchange import scene as scenes
from tests.exchange.scene import Scene


def state(work: Work, scene: Scene, key: str) -> State:
    return State(service.listing_for(work, scene.operator, key, "exchange.review").state)


def keys(work: Work) -> list[str]:
    return [offer.key for offer in service.offers(work)]


def letters(work: Work) -> list[str]:
    """Subjects of the mails that wait, in order."""
    rows = work.session.exec(select(Job).where(Job.kind == wiring.MAIL).order_by(Job.id)).all()
    return [row.payload["subject"].partition("：")[0] for row in rows]


def test_a_listing_that_passes_its_review_is_offered_and_its_members_are_told(scene: Scene) -> None:
    with scene.resources.write() as work:
        scenes.colleague(work, scene.lake)
        key = scenes.listed(work, scene, scene.lake)
        (offer,) = service.offers(work)
        assert (offer.key, offer.organization, offer.document.home) == (key, "Songshan Lake Data", "CN-44")
        assert service.offer(work, offer.version_id) == offer
        assert letters(work) == ["已上架", "已上架"]
        deeds_done = [line.act for line in work.session.exec(select(LedgerLine)) if line.act.startswith("listing.")]
        assert deeds_done == ["listing.create", "listing.submit", "listing.take_up", "listing.approve"]


def test_without_a_scenario_nothing_is_handed_in(scene: Scene) -> None:
    with scene.resources.write() as work:
        key = scenes.drafted(work, scene.lake, scenes.sheet(scenario_en="", scenario_zh=""))
        with pytest.raises(Malformed) as refused:
            deeds.submit(work, scene.lake.actor, key)
        assert [fault.field for fault in refused.value.fields] == ["scenario_zh"]
        assert state(work, scene, key) == State.DRAFT


def test_before_its_review_a_listing_is_seen_by_its_own_and_the_operator(scene: Scene) -> None:
    with scene.resources.write() as work:
        key = scenes.drafted(work, scene.lake)
        deeds.submit(work, scene.lake.actor, key)
        for stranger in (scene.bay.actor, scene.grid.actor):
            with pytest.raises(NotFound):
                service.shown(work, stranger, key)
            with pytest.raises(NotFound):
                deeds.withdraw(work, stranger, key)
        with pytest.raises(NotFound):
            deeds.take_up(work, scene.lake.actor, key)
        assert service.shown(work, scene.operator, key).key == key
        assert keys(work) == []


def test_nobody_offers_in_the_name_of_another_organization(scene: Scene) -> None:
    with scene.resources.write() as work:
        for actor in (scene.bay.actor, scene.operator):
            with pytest.raises(JiebangError):
                drafting.create(work, actor, organization_id=scene.lake.id, sheet=scenes.sheet())


def test_returned_mended_and_handed_in_again(scene: Scene) -> None:
    with scene.resources.write() as work:
        key = scenes.drafted(work, scene.lake)
        deeds.submit(work, scene.lake.actor, key)
        deeds.submit(work, scene.lake.actor, key)
        with pytest.raises(Refused, match="not_taken_up"):
            deeds.send_back(work, scene.operator, key, number=1, note="Which airports?")
        deeds.take_up(work, scene.operator, key)
        with pytest.raises(Malformed):
            deeds.send_back(work, scene.operator, key, number=1, note="  ")
        with pytest.raises(Refused, match="in_review"):
            drafting.edit(work, scene.lake.actor, key, scenes.sheet(title="Other"), seen=1)
        row = deeds.send_back(work, scene.operator, key, number=1, note="Which airports?")
        assert (row.state, row.review_note, letters(work)) == (
            State.RETURNED,
            "Which airports?",
            ["退回修改"],
        )
        drafting.edit(work, scene.lake.actor, key, scenes.sheet(title="Flight delays of Guangzhou"), seen=1)
        assert scenes.reviewed(work, scene, scene.lake, key) == key
        assert keys(work) == [key]


def test_what_is_rejected_stays_rejected(scene: Scene) -> None:
    with scene.resources.write() as work:
        key = scenes.drafted(work, scene.lake)
        deeds.submit(work, scene.lake.actor, key)
        deeds.take_up(work, scene.operator, key)
        deeds.reject(work, scene.operator, key, number=1, note="State secrets.")
        for deed in (deeds.submit, deeds.withdraw):
            with pytest.raises(Refused):
                deed(work, scene.lake.actor, key)
        with pytest.raises(Refused, match="rejected"):
            drafting.edit(work, scene.lake.actor, key, scenes.sheet(title="Other"), seen=1)
        assert letters(work) == ["未通过审核"]


def test_a_review_of_what_was_withdrawn_meanwhile_decides_nothing(scene: Scene) -> None:
    with scene.resources.write() as work:
        key = scenes.drafted(work, scene.lake)
        deeds.submit(work, scene.lake.actor, key)
        deeds.take_up(work, scene.operator, key)
        deeds.withdraw(work, scene.lake.actor, key)
        for decide in (
            lambda: deeds.approve(work, scene.operator, key, number=1, checked=deeds.CHECKLIST),
            lambda: deeds.reject(work, scene.operator, key, number=1, note="No."),
        ):
            with pytest.raises(Refused, match="withdrawn_meanwhile"):
                decide()
        assert state(work, scene, key) == State.DELISTED


def test_of_a_listed_one_the_price_changes_at_once_and_the_terms_after_a_review(scene: Scene) -> None:
    with scene.resources.write() as work:
        key = scenes.listed(work, scene, scene.lake)
        dearer = scenes.sheet(price=Price(model="fixed", low=30_000))
        drafting.edit(work, scene.lake.actor, key, dearer, seen=1)
        assert service.offers(work)[0].document.price == Price(model="fixed", low=30_000)
        looser = scenes.sheet(price=Price(model="fixed", low=30_000), policy=POLICIES["CC0-1.0"])
        row = drafting.edit(work, scene.lake.actor, key, looser, seen=2)
        assert (row.version, row.proposed, row.state) == (2, 3, State.LISTED)
        assert service.offers(work)[0].document.policy.licence == "CC-BY-4.0"
        with pytest.raises(Refused, match="changed_meanwhile"):
            deeds.approve(work, scene.operator, key, number=2, checked=deeds.CHECKLIST)
        deeds.approve(work, scene.operator, key, number=3, checked=deeds.CHECKLIST)
        assert service.offers(work)[0].document.policy.licence == "CC0-1.0"
        newest, before, _ = service.versions(work, row)
        assert changed(before, newest, of_card=False) == ("policy",)


def test_the_same_terms_in_another_order_are_no_change(scene: Scene) -> None:
    terms = POLICIES["CC-BY-4.0"]
    turned = terms.model_copy(update={"permissions": tuple(reversed(terms.permissions))})
    with scene.resources.write() as work:
        key = scenes.listed(work, scene, scene.lake, scenes.sheet(policy=turned))
        row = drafting.edit(work, scene.lake.actor, key, scenes.sheet(title="Flight delays, all", policy=terms), seen=1)
        assert (row.version, row.proposed) == (2, None)


def test_a_change_that_was_not_accepted_leaves_what_is_shown(scene: Scene) -> None:
    with scene.resources.write() as work:
        key = scenes.listed(work, scene, scene.lake)
        drafting.edit(work, scene.lake.actor, key, scenes.sheet(personal="contained"), seen=1)
        row = deeds.send_back(work, scene.operator, key, number=2, note="Whose data?")
        assert (row.version, row.proposed, row.state) == (1, None, State.LISTED)
        assert service.offers(work)[0].document.personal == "none"


def test_an_edit_that_says_nothing_new_makes_no_version(scene: Scene) -> None:
    with scene.resources.write() as work:
        key = scenes.drafted(work, scene.lake)
        row = drafting.edit(work, scene.lake.actor, key, scenes.sheet(), seen=1)
        assert len(service.versions(work, row)) == 1


def test_withdrawn_and_offered_again(scene: Scene) -> None:
    with scene.resources.write() as work:
        key = scenes.listed(work, scene, scene.lake)
        deeds.withdraw(work, scene.lake.actor, key)
        deeds.withdraw(work, scene.lake.actor, key)
        with pytest.raises(Gone):
            service.shown(work, scene.grid.actor, key)
        assert keys(work) == []
        scenes.reviewed(work, scene, scene.lake, key)
        assert keys(work) == [key]


def test_a_service_is_listed_without_measuring(scene: Scene) -> None:
    with scene.resources.write() as work:
        key = scenes.listed(work, scene, scene.bay, scenes.sheet("annotation", title="Labelling"))
        assert keys(work) == [key]


@pytest.mark.parametrize("locale", ["en", "zh"])
@pytest.mark.parametrize("news", get_args(letters_of_listings.News))
def test_every_letter_can_be_written_in_both_languages(
    scene: Scene, locale: str, news: letters_of_listings.News
) -> None:
    with scene.resources.write() as work:
        key = scenes.drafted(work, scene.lake)
        work.session.get_one(Person, scene.lake.actor.id).locale = locale
        row = service.listing_for(work, scene.operator, key, "exchange.review")
        row.review_note = "Which airports?"
        letters_of_listings.tell(work, row, news)
        work.session.flush()
        (letter,) = work.session.exec(select(Job).where(Job.kind == wiring.MAIL)).all()
    assert "Flight delays of 2025" in letter.payload["subject"]
    assert f"/{locale}/listings/{key}" in letter.payload["text"]
    assert "Which airports?" in letter.payload["text"]


# What follows from the card


def test_a_listing_from_a_card_follows_its_files_and_its_evidence(scene: Scene) -> None:
    with scene.resources.write() as work:
        card = scenes.card(work, scene.lake)
        row = drafting.create_from_card(work, scene.lake.actor, organization_id=scene.lake.id, slug=card.slug)
        assert drafting.create_from_card(work, scene.lake.actor, organization_id=scene.lake.id, slug=card.slug) is row
        content = scenes.sheet(policy=POLICIES["CC-BY-4.0"], sizes={"rows": 9.0, "hours": 3.0})
        drafting.edit(work, scene.lake.actor, row.key, content, seen=1)
        scenes.reviewed(work, scene, scene.lake, row.key)
        (offer,) = service.offers(work)
        assert offer.document.sizes == {"rows": 60.0, "bytes": 4096.0, "hours": 3.0}, (
            "the card knows rows and bytes better"
        )
        assert (offer.document.evidence, offer.dataset_slug) == ((), card.slug)
        first = scenes.measured(work, card, report())
        (offer,) = service.offers(work)
        (one,) = offer.document.fresh_evidence
        assert (one.version, one.grade.value if one.grade else "") == (first.sha256, report().grade)
        assert set(one.measures) == {measure.key for measure in report().measures}
        assert {field.name for field in offer.document.fields} == {column.name for column in report().columns}
        making.add_reference(work, scene.lake.actor, card.slug, scenes.reference("second"), changelog=Changelog())
        (offer,) = service.offers(work)
        assert offer.document.fresh_evidence == ()
        assert [old.version for old in offer.document.evidence] == [first.sha256], "stale, not lost"


def test_a_listing_begins_with_the_terms_of_its_card_and_shows_its_audits(scene: Scene) -> None:
    sold = Policy(permissions=(Rule(action="commercialize", constraint=Constraint(regions=("CN",))),))
    with scene.resources.write() as work:
        card = scenes.card(work, scene.lake)
        words = replace(CardWords.of(card), licence="CC-BY-NC-4.0", own=sold)
        datasets.edit(work, scene.lake.actor, card.slug, words)
        row = drafting.create_from_card(work, scene.lake.actor, organization_id=None, slug=card.slug)
        drafted = service.document(service.newest_version(work, row))
        assert drafted.policy == usage.policy_of("CC-BY-NC-4.0", sold)
        assert pages.listing(work, scene.lake.actor, row.key, "en").told.audits == ()
        work.session.get_one(Organization, scene.bay.id).audits = True
        auditor = replace(scene.bay.actor, auditing_ids=frozenset({scene.bay.id}))
        finding = audits.Finding(matter="contract", outcome="passed", audited_on=audits.today(work))
        audits.record(work, auditor, card.slug, 1, finding, organization_id=scene.bay.id)
        (audit,) = pages.listing(work, scene.lake.actor, row.key, "en").told.audits
        assert (audit.matter_key, audit.outcome_key, audit.stale) == ("contract", "passed", False)


def test_a_withdrawn_card_takes_its_listing_out_of_sight_until_it_is_published_again(scene: Scene) -> None:
    with scene.resources.write() as work:
        card = scenes.card(work, scene.lake)
        row = drafting.create_from_card(work, scene.lake.actor, organization_id=scene.lake.id, slug=card.slug)
        drafting.edit(work, scene.lake.actor, row.key, scenes.sheet(), seen=1)
        scenes.reviewed(work, scene, scene.lake, row.key)
        datasets.withdraw(work, scene.lake.actor, card.slug)
        assert (state(work, scene, row.key), keys(work)) == (State.SUSPENDED, [])
        with pytest.raises(Refused, match="card_hidden"):
            deeds.resume(work, scene.operator, row.key)
        datasets.publish(work, scene.lake.actor, card.slug)
        assert (state(work, scene, row.key), keys(work)) == (State.LISTED, [row.key])
        deeds.suspend(work, scene.operator, row.key, note="A complaint.")
        datasets.withdraw(work, scene.lake.actor, card.slug)
        datasets.publish(work, scene.lake.actor, card.slug)
        assert keys(work) == [], "what the operator suspended, only the operator resumes"


def test_a_draft_card_cannot_be_offered(scene: Scene) -> None:
    with scene.resources.write() as work:
        card = scenes.card(work, scene.lake, publish=False)
        row = drafting.create_from_card(work, scene.lake.actor, organization_id=scene.lake.id, slug=card.slug)
        drafting.edit(work, scene.lake.actor, row.key, scenes.sheet(), seen=1)
        with pytest.raises(Refused, match="card_hidden"):
            deeds.submit(work, scene.lake.actor, row.key)
        with pytest.raises(NotFound):
            drafting.create_from_card(work, scene.bay.actor, organization_id=scene.bay.id, slug=card.slug)


# Growing old


def test_without_its_owners_word_a_listing_leaves_the_list_after_a_warning(scene: Scene) -> None:
    with scene.resources.write() as work:
        key = scenes.listed(work, scene, scene.lake)

    def aged(after: timedelta) -> list[str]:
        scene.clock.advance(seconds=after.total_seconds())
        with scene.resources.write() as work:
            deeds.age(
                work, scene.operator, service.listing_for(work, scene.operator, key, "exchange.review", lock=True)
            )
            return letters(work)

    assert aged(timedelta(days=100)) == ["已上架"]
    assert aged(timedelta(days=70)) == ["已上架", "请确认仍然有效"]
    assert aged(timedelta(days=10)) == ["已上架", "请确认仍然有效", "已不在列表中"]
    with scene.resources.write() as work:
        assert (state(work, scene, key), keys(work)) == (State.STALE, [])
        assert service.shown(work, scene.grid.actor, key).key == key, "who has the address may still read it"
        deeds.confirm(work, scene.lake.actor, key)
        assert keys(work) == [key]
    assert aged(timedelta(days=100))[-1] == "已不在列表中", "fresh again"


# Two at once


def at_once(scene: Scene, *acts: Callable[[Work], object]) -> list[JiebangError | None]:
    """Each in a transaction and a thread of its own, begun together."""
    start = threading.Barrier(len(acts))
    found: list[JiebangError | None] = [None] * len(acts)

    def run(at: int) -> None:
        start.wait()
        try:
            with scene.resources.write() as work:
                acts[at](work)
        except JiebangError as error:
            found[at] = error

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_two_edits_at_once_one_is_kept_and_the_other_is_told(scene: Scene) -> None:
    with scene.resources.write() as work:
        key = scenes.drafted(work, scene.lake)
    errors = at_once(
        scene,
        *(
            lambda work, title=title: drafting.edit(work, scene.lake.actor, key, scenes.sheet(title=title), seen=1)
            for title in ("One", "Other")
        ),
    )
    assert sorted(error.id for error in errors if error) == ["listings.changed_meanwhile"]
    with scene.resources.read() as work:
        row = service.listing_for(work, scene.operator, key, "exchange.review")
        assert (row.version, len(service.versions(work, row))) == (2, 2)


def test_withdrawing_and_approving_at_once_never_lists_what_was_withdrawn(scene: Scene) -> None:
    with scene.resources.write() as work:
        key = scenes.drafted(work, scene.lake)
        deeds.submit(work, scene.lake.actor, key)
        deeds.take_up(work, scene.operator, key)
    at_once(
        scene,
        lambda work: deeds.withdraw(work, scene.lake.actor, key),
        lambda work: deeds.approve(work, scene.operator, key, number=1, checked=deeds.CHECKLIST),
    )
    with scene.resources.read() as work:
        assert (state(work, scene, key), keys(work)) == (State.DELISTED, [])


def test_programs_get_the_list_sifted_and_page_by_page(
    scene: Scene, browser_of: Callable[..., httpx.Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "PAGE_SIZE", 2)
    with scene.resources.write() as work:
        for sector, kind in (("transport", "dataset"), ("energy", "dataset"), ("transport", "cleaning")):
            for by in (scene.lake, scene.bay):
                scenes.listed(work, scene, by, scenes.sheet(kind, title=f"{kind} {sector} {by.slug}", sector=sector))
    browser = browser_of()

    def found(**asked: str | int) -> tuple[list[str], int, int]:
        answer = browser.get("/api/v1/listings", params=asked).json()
        return [one["key"] for one in answer["listings"]], answer["total"], answer["pages"]

    newest = ["cleaning-transport-bay-annotation", "cleaning-transport-songshan-lake-data"]
    assert found() == (newest, 6, 3)
    assert found(page=3)[0][-1] == "dataset-transport-songshan-lake-data"
    assert found(page=4) == ([], 6, 3)
    energy = ["dataset-energy-bay-annotation", "dataset-energy-songshan-lake-data"]
    assert found(sector="energy") == (energy, 2, 1)
    assert found(sector="transport", kind="dataset")[1:] == (2, 1)
    assert found(kind="talent") == ([], 0, 1)


def test_two_organizations_of_one_name_can_both_be_chosen(scene: Scene) -> None:
    with scene.resources.write() as work:
        twin = scenes.party(work, scene.operator, "Songshan Lake Data", "songshan-lake-two", "Lin Er")
        both = replace(scene.lake.actor, organization_ids=frozenset({scene.lake.id, twin.id}))
        assert {id for id, _ in editing.new_page(work, both).organizations} == {str(scene.lake.id), str(twin.id)}
