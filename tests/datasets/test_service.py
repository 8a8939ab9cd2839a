"""The rules of dataset cards, on both databases."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from leaderboard.accounts.actor import NOBODY
from leaderboard.core.errors import Forbidden, Gone, Malformed, NotFound, Refused
from leaderboard.core.ledger import LedgerLine
from leaderboard.datasets import evidence, listing, making, pages, service
from leaderboard.datasets.fields import CardWords, Changelog, Reference
from leaderboard.datasets.models import Dataset, DatasetVersion
from leaderboard.rankings import final
from leaderboard.seasons import posting
from leaderboard.submissions import service as submissions
from leaderboard.submissions.models import ScoreReport, Submission
from tests.datasets.conftest import HIDDEN, report

FILE = Reference(address="https://data.example.org/tides.csv", sha256="ab" * 32, media_type="text/csv", size=10, rows=2)
WORDS = CardWords(
    title_en="Tides",
    summary_zh="每小时的潮位。",
    provenance_en="Read off gauges.",
    sector="energy",
    modalities=("table",),
    languages=("zh",),
    licence="CC-BY-4.0",
)


def create(dock, submission=None, *, consent=True, actor=None):
    submission = submission or dock.hand_in()
    with dock.resources.write() as work:
        return making.create_from_submission(work, actor or dock.captain, submission, consent=consent).slug


def refer(dock, reference=FILE, words=WORDS, *, actor=None, owner=None):
    owner = owner or f"team:{dock.entry.team_id}"
    with dock.resources.write() as work:
        made = making.create_by_reference(work, actor or dock.captain, owner=owner, words=words, reference=reference)
        return made.slug


def publish(dock, slug, actor=None):
    with dock.resources.write() as work:
        return service.publish(work, actor or dock.captain, slug)


def withdraw(dock, slug, actor=None):
    with dock.resources.write() as work:
        return service.withdraw(work, actor or dock.captain, slug)


def card(dock, slug, actor=None, locale="en"):
    with dock.resources.read() as work:
        return pages.card(work, actor or dock.captain, slug, locale)


def rows(dock, table):
    with dock.resources.read() as work:
        return work.session.exec(select(table)).all()


def test_two_clicks_make_one_dataset_that_can_be_published_at_once(dock):
    submission = dock.hand_in()
    assert create(dock, submission) == create(dock, submission)
    (dataset,), (version,) = rows(dock, Dataset), rows(dock, DatasetVersion)
    assert (dataset.state, dataset.sector, dataset.licence, dataset.modalities) == (
        "draft", "transport", "CC0-1.0", ["table"],
    )  # fmt: skip
    assert (version.number, version.rows, version.media_type) == (1, report().rows, "text/csv")
    assert (version.grade, version.composite) == (report().grade, report().composite.value)
    assert "松山湖 Data Team" in dataset.title_zh
    assert publish(dock, dataset.slug).published_at is not None


def test_clicks_at_the_same_time_make_one_dataset(dock):
    submission = dock.hand_in()
    with ThreadPoolExecutor(4) as clicks:
        made = set(clicks.map(lambda _: create(dock, submission), range(4)))
    assert len(made) == len(rows(dock, Dataset)) == len(rows(dock, DatasetVersion)) == 1


def test_consent_is_asked_for_and_kept_with_person_and_time(dock):
    submission = dock.hand_in()
    with pytest.raises(Malformed) as caught:
        create(dock, submission, consent=False)
    assert [fault.field for fault in caught.value.fields] == ["consent"]
    assert rows(dock, Dataset) == []
    create(dock, submission)
    (version,) = rows(dock, DatasetVersion)
    assert (version.consent_by, version.consent_at) == (dock.captain.person_id, dock.clock.now())
    assert [line.detail for line in rows(dock, LedgerLine) if line.act == "dataset.create"] == [
        {"submission": submission, "consent": True}
    ]


def test_only_the_captain_makes_a_card_of_a_submission(dock):
    submission = dock.hand_in()
    for actor in (dock.member, dock.organizer):
        with pytest.raises(Forbidden):
            create(dock, submission, actor=actor)
    for actor in (dock.rival, NOBODY):
        with pytest.raises(NotFound):
            create(dock, submission, actor=actor)
    assert rows(dock, Dataset) == []


def test_what_is_no_scored_dataset_is_refused_with_the_reason(dock):
    with pytest.raises(Refused, match="no dataset"):
        create(dock, dock.hand_in(dataset=False))
    withdrawn = dock.hand_in()
    with dock.resources.write() as work:
        submissions.withdraw(work, dock.captain, withdrawn)
    with pytest.raises(Refused, match="was withdrawn"):
        create(dock, withdrawn)
    failed = dock.hand_in()
    with dock.resources.write() as work:
        one = work.session.get_one(Submission, failed)
        one.state = "failed"
        work.session.add(one)
    with pytest.raises(Refused, match="Only a scored"):
        create(dock, failed)


def test_nothing_of_single_records_is_published(dock):
    create(dock)
    (version,) = rows(dock, DatasetVersion)
    with dock.resources.read() as work:
        kept = evidence.report_of(work, version)
        text = work.storage.path(version.quality_key).read_text()
    assert kept.name == "which-flights-will-be-late-dataset-of-data-team-v1.csv"
    assert "Xiaolan" not in text
    whole = report()
    assert any(kind.examples for kind in whole.issues), "else this test would look for nothing"
    assert all(not kind.examples for kind in kept.issues)
    assert [kind.count for kind in kept.issues] == [kind.count for kind in whole.issues]


def test_a_value_is_shown_where_five_records_share_it():
    column = report().columns[0].model_copy(update={"names": ("common", "five", "rare"), "bars": (30, 5, 4)})
    (after,) = evidence.publishable(report().model_copy(update={"columns": (column,)}), "x.csv").columns
    assert (after.names, after.bars) == (("common", "five"), (30, 5))


@pytest.mark.parametrize(
    ("kind", "ends", "expected"),
    [
        ("number", ("12.34", "15.5", "19.87"), ("12", None, "20")),
        ("integer", ("-1987", "0", "2024"), ("-2000", None, "2100")),
        ("number", ("0", "0.5", "0.00123"), ("0", None, "0.0013")),
        ("date", ("2024-01-31", "2024-02-11", "2024-03-05"), (None, None, None)),
        ("text", ("3", "14", "159"), ("3", "14", "159")),
    ],
)
def test_ends_of_ranges_are_rounded_outwards(kind, ends, expected):
    low, middle, high = ends
    column = report().columns[0].model_copy(update={"kind": kind, "low": low, "middle": middle, "high": high})
    whole = report().model_copy(update={"columns": (column,)})
    (after,) = evidence.publishable(whole, "x.csv").columns
    assert (after.low, after.middle, after.high) == expected


def test_a_published_report_is_the_datasets_own(dock):
    submission = dock.hand_in()
    slug = create(dock, submission)
    with dock.resources.write() as work:
        kept = work.session.get_one(ScoreReport, submission)
        work.storage.delete(kept.quality_key)
        kept.quality_key = None
        work.session.add(kept)
    assert card(dock, slug).quality.report.grade == report().grade


def test_publishing_names_all_that_is_missing_at_once(dock):
    slug = refer(dock, words=CardWords())
    with pytest.raises(Malformed) as caught:
        publish(dock, slug)
    missing = {fault.field for fault in caught.value.fields}
    assert missing == {"title_zh", "summary_zh", "provenance_zh", "sector", "modalities", "licence"}
    with dock.resources.write() as work:
        service.edit(work, dock.captain, slug, WORDS)
    assert publish(dock, slug).state == "published"
    with pytest.raises(Malformed), dock.resources.write() as work:
        service.edit(work, dock.captain, slug, CardWords(title_en="Only a title"))
    assert card(dock, slug).title.text == "Tides"


def test_every_fault_of_a_form_is_named(dock):
    wrong = CardWords(title_en="x" * 121, sector="nothing", modalities=("smell",), languages=("12",), licence="mine")
    file = Reference(address="http://a.example/x", sha256="12", media_type="csv", size=-1)
    with pytest.raises(Malformed) as caught:
        refer(dock, file, wrong, owner="team:999999")
    assert {fault.field for fault in caught.value.fields} == {
        "owner", "address", "sha256", "media_type", "size", "title_en", "sector", "modalities", "languages", "licence",
    }  # fmt: skip


@pytest.mark.parametrize(
    "address", ["ftp://a.example/x", "https://", "https://u:p@a.example/x", "https://a.example/a b", "javascript:alert(1)", "https://[x"]
)  # fmt: skip
def test_only_plain_https_addresses_are_taken(address):
    fields = {fault.field for fault in Reference(address=address, sha256="ab" * 32, media_type="text/csv").faults()}
    assert fields == {"address"}


def test_a_reference_twice_makes_one_and_another_place_of_the_file_is_refused(dock):
    assert refer(dock) == refer(dock)
    with pytest.raises(Refused, match="version 1 of the dataset “tides”"):
        refer(dock, Reference(address="https://b.example/y.csv", sha256=FILE.sha256, media_type="text/csv"))
    with pytest.raises(Malformed):
        refer(dock, actor=dock.rival)
    unit = f"organization:{dock.unit}"
    assert refer(dock, actor=dock.organizer, owner=unit) == "tides-2"
    assert card(dock, "tides-2", dock.organizer).owner == "Lingdong Grid"


def test_versions_count_from_one_and_the_same_file_is_refused(dock):
    first = dock.hand_in(sha256="cd" * 32)
    slug = create(dock, first)
    again = dock.hand_in(sha256="cd" * 32)
    with pytest.raises(Refused, match="version 1"), dock.resources.write() as work:
        making.add_submission(work, dock.captain, slug, again, consent=True, changelog=Changelog())
    second = dock.hand_in(0.9)
    with pytest.raises(Malformed), dock.resources.write() as work:
        making.add_submission(work, dock.captain, slug, second, consent=False, changelog=Changelog())
    with dock.resources.write() as work:
        changes = Changelog(zh="去除了重复记录。")
        making.add_submission(work, dock.captain, slug, second, consent=True, changelog=changes)
        making.add_reference(work, dock.captain, slug, FILE, changelog=Changelog(en="Now kept outside."))
    shown = card(dock, slug)
    assert [(row.number, row.kind, row.stale) for row in shown.versions] == [
        (3, "reference", False), (2, "submission", True), (1, "submission", True),
    ]  # fmt: skip
    assert shown.quality is None, "what was measured of an older file is not told of the newest"
    assert (shown.versions[1].changelog.text, shown.versions[1].changelog.other) == ("去除了重复记录。", True)


def test_a_rivals_submission_is_no_version(dock):
    slug = create(dock)
    theirs = dock.hand_in(entry=dock.rivals_entry)
    with pytest.raises(NotFound), dock.resources.write() as work:
        making.add_submission(work, dock.captain, slug, theirs, consent=True, changelog=Changelog())
    with pytest.raises(NotFound), dock.resources.write() as work:
        making.add_reference(work, dock.rival, slug, FILE, changelog=Changelog())


def test_drafts_are_hidden_and_withdrawn_cards_are_gone_but_for_their_owners(dock):
    slug = create(dock)
    with pytest.raises(NotFound):
        card(dock, slug, NOBODY)
    with pytest.raises(NotFound):
        publish(dock, slug, dock.rival)
    with pytest.raises(Refused):
        withdraw(dock, slug)
    first = publish(dock, slug).published_at
    dock.clock.advance(minutes=5)
    assert publish(dock, slug).published_at == first
    assert card(dock, slug, NOBODY).state == "published"
    with pytest.raises(NotFound):
        withdraw(dock, slug, dock.rival)
    assert withdraw(dock, slug).state == withdraw(dock, slug).state == "withdrawn"
    with pytest.raises(Gone):
        card(dock, slug, NOBODY)
    assert card(dock, slug).withdrawn_at is not None
    assert publish(dock, slug).withdrawn_at is None
    assert publish(dock, slug).published_at == first, "the date that is cited stays"


def test_a_card_says_when_its_submission_was_withdrawn(dock):
    submission = dock.hand_in()
    slug = create(dock, submission)
    publish(dock, slug)
    with dock.resources.write() as work:
        submissions.withdraw(work, dock.captain, submission)
    shown = card(dock, slug, NOBODY)
    assert shown.newest.taken_back
    assert shown.quality.report.grade == report().grade
    assert shown.places == ()


def test_places_are_public_ones_and_final_ones_after_finalisation(dock):
    ours, _ = dock.hand_in(0.8), dock.hand_in(0.9, entry=dock.rivals_entry)
    slug = create(dock, ours)
    (place,) = card(dock, slug).places
    assert (place.place, place.teams, place.final, place.same) == (2, 2, False, True)
    dock.hand_in(0.95)
    (place,) = card(dock, slug).places
    assert (place.place, place.same) == (1, False)
    with dock.resources.write() as work:
        posting.close(work, dock.organizer, "late", reason="The season has come to its end.")
        challenge = work.session.get_one(type(dock.challenge), dock.challenge.id)
        final.finalise(work, dock.organizer, challenge)
    (place,) = card(dock, slug).places
    assert place.final
    assert place.teams == 2
    assert str(HIDDEN) not in repr(card(dock, slug))


def test_the_catalogue_searches_sifts_and_sorts(dock):
    measured, tides = create(dock), refer(dock)
    publish(dock, measured)
    dock.clock.advance(minutes=1)
    publish(dock, tides)
    draft = refer(dock, Reference(address="https://c.example/z", sha256="ef" * 32, media_type="text/csv"))

    def found(actor=NOBODY, **asked):
        with dock.resources.read() as work:
            return listing.catalogue(work, actor, listing.Asked(**asked))

    assert [one.slug for one in found().cards] == [tides, measured]
    assert [one.slug for one in found(sort="grade").cards] == [measured, tides]
    assert [one.slug for one in found(q="潮位").cards] == [tides]
    assert [one.slug for one in found(grade=report().grade).cards] == [measured]
    assert [one.slug for one in found(grade="none", sector="energy").cards] == [tides]
    assert found(q="nothing").cards == ()
    counts = {facet.key: {one.value: one.count for one in facet.choices} for facet in found().facets}
    assert counts["licence"] == {"CC0-1.0": 1, "CC-BY-4.0": 1}
    assert counts["modality"] == {"table": 2}
    assert {one.slug for one in found(dock.captain).mine} == {measured, tides, draft}
    assert found(dock.member).mine == found(dock.captain).mine
    assert found(dock.rival).mine == ()
    for wrong in ({"sector": "x"}, {"sort": "x"}, {"grade": "Z"}):
        with pytest.raises(Malformed):
            found(**wrong)


def test_a_text_in_one_language_is_shown_and_said_so(dock):
    slug = refer(dock)
    english, chinese = card(dock, slug), card(dock, slug, locale="zh")
    assert (english.title.other, chinese.title.text, chinese.title.locale, chinese.title.other) == (
        False, "Tides", "en", True,
    )  # fmt: skip
    assert english.summary.other
    assert english.citation.text == ""
    assert "松山湖 Data Team (2026). Tides, v1." in english.cite
    assert english.bibtex.startswith("@misc{tides-v1,")
