"""Uploaded files: received, described, measured by a real child, shown in part with consent, and what goes wrong on the way."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from leaderboard import wiring
from leaderboard.core import jobs
from leaderboard.core.errors import Malformed, NotFound, Refused
from leaderboard.core.ledger import LedgerLine
from leaderboard.core.sandbox import ChildFailed, Outcome
from leaderboard.datasets import columns, evidence, listing, measuring, pages, service, upload_pages, uploading
from leaderboard.datasets.fields import CardWords, Changelog
from leaderboard.datasets.models import Dataset, DatasetVersion
from leaderboard.datasets.standards import subject
from leaderboard.submissions import reception
from tests import dataset_packages
from tests.datasets.conftest import report
from tests.datasets.test_service import WORDS, create, publish, refer, rows, withdraw
from tests.submissions import factories
from tests.submissions.test_worker import gone, until

TABLE = dataset_packages.written(dataset_packages.raw()[:60])
OTHER = dataset_packages.written(dataset_packages.raw()[:70])
PATIENCE = 120
LEASE = timedelta(seconds=60)


def received(dock, data=TABLE, name="readings.csv"):
    return factories.arrived(dock.resources, data, name)


def upload(dock, data=TABLE, name="readings.csv", *, slug=None, actor=None, preview=False):
    """The card's address and the version's number; the file is settled as a request does."""
    file, kept = received(dock, data, name), False
    actor = actor or dock.captain
    try:
        with dock.resources.write() as work:
            if slug is None:
                owner = f"team:{dock.entry.team_id}"
                made = uploading.create(work, actor, owner=owner, words=WORDS, file=file, preview=preview)
                found = made.slug, 1
            else:
                found = (
                    slug,
                    uploading.add(work, actor, slug, file, changelog=Changelog("new", ""), preview=preview).number,
                )
        kept = True
    finally:
        reception.settle(dock.resources, file.storage_key, kept=kept)
    return found


def version(dock, slug, number=1):
    with dock.resources.read() as work:
        dataset = service.dataset_for(work, dock.captain, slug, "dataset.edit")
        return uploading.version_of(work, dataset, number)


def act(dock, verb, *given, **how):
    with dock.resources.write() as work:
        return verb(work, how.pop("actor", dock.captain), *given, **how)


def job_of(dock, slug, number=1):
    """The waiting job of a version, as a worker leases it."""
    request = version(dock, slug, number).request
    with dock.resources.write() as work:
        found = jobs.claim(work.session, "test", work.now, LEASE, kinds=[measuring.MEASURE_JOB], most=10)
    (job,) = [one for one in found if one.payload["request"] == request]
    return job


def reached(dock, slug, state, number=1):
    until(lambda: version(dock, slug, number).measuring == state, PATIENCE)
    return version(dock, slug, number)


def measured(dock, slug, number=1, **said):
    """Described by its owner as a form says, and measured."""
    reached(dock, slug, "described", number)
    act(dock, uploading.describe, slug, number, said)
    return reached(dock, slug, "measured", number)


@pytest.mark.slow
def test_from_a_file_to_evidence_of_a_public_card(dock, real_time, start_worker):
    start_worker()
    slug, _ = upload(dock, preview=True)
    with pytest.raises(Refused, match=r"datasets\.not_measured"):
        publish(dock, slug)
    found = reached(dock, slug, "described")
    assert found.rows == 60
    known = {one.name: one for one in columns.read(found.columns)}
    assert known["site"].type == "string"
    said = columns.read(found.columns)
    form = {f"role-{place}": one.role for place, one in enumerate(said)}
    place = [one.name for one in said].index("site")
    form |= {f"unit-{place}": "°C", f"about_zh-{place}": "站点", f"role-{place}": "group"}
    done = measured(dock, slug, **form)
    assert (done.composite is not None, done.request) == (True, "")
    assert done.grade in {"AAA", "AA", "A", "B", "C"}
    publish(dock, slug)
    with dock.resources.read() as work:
        card = pages.card(work, dock.rival, slug, "en")
        (listed,) = listing.published(work)
        whole = evidence.read(work, done.report_key)
    assert listed.grade == card.newest.grade == whole.grade
    assert whole.roles["group"] == "site"
    (row,) = [one for one in card.schema if one.measured.found.name == "site"]
    assert (row.unit, row.about.text, row.about.other) == ("°C", "站点", True)
    assert card.file is None
    assert len(card.preview.rows) == 60
    assert card.quality.report.name == f"{slug}-v1.csv"
    assert all(not kind.examples for kind in card.quality.report.issues)


@pytest.mark.slow
def test_what_is_no_table_is_refused_with_reasons_and_another_file_takes_its_place(dock, real_time, start_worker):
    start_worker()
    slug, _ = upload(dock, b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    refused = reached(dock, slug, "refused")
    with dock.resources.read() as work:
        page = upload_pages.file_page(work, dock.captain, slug, 1, "zh")
    assert page.groups
    assert gone(dock, refused.storage_key) is False
    assert upload(dock, slug=slug) == (slug, 1)
    assert reached(dock, slug, "described").sha256 != refused.sha256
    assert gone(dock, refused.storage_key)


@pytest.mark.slow
def test_records_of_a_submission_are_drawn_and_taken_back(dock, real_time, start_worker, tmp_path):
    slug = create(dock)
    key = version_key(dock, slug)
    file = tmp_path / "file"
    file.write_bytes(TABLE)
    dock.resources.storage.put(key, file)
    start_worker()
    act(dock, uploading.show_records, slug, 1, agreed=True)
    until(lambda: version(dock, slug).preview_key, PATIENCE)
    drawn = version(dock, slug)
    assert (drawn.preview_by, drawn.preview_at is not None, drawn.measuring) == (dock.captain.person_id, True, "")
    with dock.resources.read() as work:
        assert len(evidence.preview_of(work, drawn).rows) == 60
    act(dock, uploading.show_records, slug, 1, agreed=False)
    assert (version(dock, slug).preview_key, version(dock, slug).preview_at) == (None, None)
    assert gone(dock, drawn.preview_key)
    assert [line.detail["agreed"] for line in rows(dock, LedgerLine) if line.act == "dataset.preview"] == [True, False]


def version_key(dock, slug):
    with dock.resources.read() as work:
        return uploading.files.key_of(work, service.versions(work, service.shown(work, dock.captain, slug))[0])


# Rules


def answer(dock, slug, number=1, *, outcome="measured", request=None, quality=False):
    """What the sandbox answers, without one."""
    found = version(dock, slug, number)
    with dock.resources.write() as work:
        key = None
        if quality:
            key = evidence._stored(work, report().model_dump_json(), "quality/test")
        work.emit(
            uploading.FileMeasured(
                subject=uploading.subject_of(found),
                request=request or found.request,
                outcome=outcome,
                quality_key=key,
                columns=(
                    {"name": "part", "type": "string", "role": "id"},
                    {"name": "mood", "type": "string", "role": ""},
                ),
                rows=60,
                findings=({"id": "dataset.no_rows", "level": "error", "params": {}, "count": 1, "examples": []},)
                if outcome == "refused"
                else (),
            )
        )
    return key


def done(dock, slug, number=1, **said):
    answer(dock, slug, number)
    act(dock, uploading.describe, slug, number, said or {"role-0": "id"})
    return answer(dock, slug, number, quality=True)


def test_until_it_is_measured_a_later_version_is_its_owners_alone(dock):
    slug, _ = upload(dock)
    done(dock, slug)
    publish(dock, slug)
    assert upload(dock, OTHER, slug=slug) == (slug, 2)
    for actor, count in ((dock.captain, 1), (dock.rival, 1)):
        with dock.resources.read() as work:
            card = pages.card(work, actor, slug, "en")
            assert len(card.versions) == count
            assert (card.file is not None) == (actor is dock.captain)
            assert listing.published(work)[0].version == 1
            assert [one.newest.number for one in subject.published(work)] == [1]
    with dock.resources.read() as work, pytest.raises(NotFound):
        upload_pages.file_page(work, dock.rival, slug, 2, "en")
    done(dock, slug, 2)
    with dock.resources.read() as work:
        card = pages.card(work, dock.rival, slug, "en")
        assert [(row.number, row.stale) for row in card.versions] == [(2, False), (1, True)]


def test_a_later_version_keeps_what_was_said_of_its_columns(dock):
    slug, _ = upload(dock)
    done(dock, slug, **{"role-1": "label", "unit-1": "bar"})
    upload(dock, OTHER, slug=slug)
    answer(dock, slug, 2)
    assert [(one.role, one.unit) for one in columns.read(version(dock, slug, 2).columns)] == [
        ("id", ""),
        ("label", "bar"),
    ]


def test_measured_again_only_when_parts_change(dock):
    slug, _ = upload(dock)
    done(dock, slug)
    assert act(dock, uploading.describe, slug, 1, {"role-0": "id", "unit-0": "kg"}).measuring == "measured"
    changed = act(dock, uploading.describe, slug, 1, {"role-0": "", "role-1": "id"})
    assert changed.measuring == "measuring"
    before = changed.quality_key
    answer(dock, slug, quality=True)
    assert version(dock, slug).quality_key != before
    assert gone(dock, before)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"role-0": "id", "role-1": "id"}, "role-1"),
        ({"role-0": "president"}, "role-0"),
        ({"unit-1": "k" * 41}, "unit-1"),
        ({"about_en-0": "k" * 301}, "about_en-0"),
    ],
)
def test_wrong_words_about_columns_are_named(dock, form, field):
    slug, _ = upload(dock)
    answer(dock, slug)
    with pytest.raises(Malformed) as refusal:
        act(dock, uploading.describe, slug, 1, form)
    assert [error.field for error in refusal.value.fields] == [field]
    assert version(dock, slug).measuring == "described"


def test_the_same_file_twice_at_once_makes_one_card(dock):
    def go(_):
        try:
            return upload(dock)
        except Refused as refusal:
            return refusal.id

    with ThreadPoolExecutor(2) as both:
        found = list(both.map(go, range(2)))
    assert found.count("datasets.same_file") == 1
    (only,) = rows(dock, DatasetVersion)
    assert dock.resources.storage.path(only.storage_key).read_bytes() == TABLE
    assert len(rows(dock, Dataset)) == 1


@pytest.mark.parametrize("name", ["readings.xlsx", "readings", "readings.csv.exe"])
def test_other_kinds_of_file_are_not_taken(dock, name):
    with pytest.raises(Malformed) as refusal:
        upload(dock, name=name)
    assert [error.field for error in refusal.value.fields] == ["file"]
    assert rows(dock, Dataset) == []


def test_strangers_bring_nothing(dock):
    with pytest.raises(Malformed):
        upload(dock, actor=dock.rival)
    slug, _ = upload(dock)
    for actor in (dock.member, dock.rival):
        with pytest.raises(NotFound):
            upload(dock, OTHER, slug=slug, actor=actor)


def test_members_of_the_team_read_its_drafts_and_nobody_else(dock):
    slug, _ = upload(dock)
    with dock.resources.read() as work:
        card = pages.card(work, dock.member, slug, "en")
        assert (card.may_edit, card.may_withdraw, card.file) == (False, False, None)
        assert [one.slug for one in listing.of_groups(work, dock.member)] == [slug]
        assert listing.of_groups(work, dock.rival) == listing.of_actor(work, dock.member) == []
    with dock.resources.read() as work, pytest.raises(NotFound):
        pages.card(work, dock.rival, slug, "en")
    with pytest.raises(NotFound):
        act(dock, service.edit, slug, WORDS, actor=dock.member)


def test_a_card_withdrawn_while_its_file_is_measured_stays_withdrawn_and_keeps_the_evidence(dock):
    slug, _ = upload(dock)
    done(dock, slug)
    publish(dock, slug)
    upload(dock, OTHER, slug=slug)
    answer(dock, slug, 2)
    act(dock, uploading.describe, slug, 2, {})
    withdraw(dock, slug)
    answer(dock, slug, 2, quality=True)
    with dock.resources.read() as work:
        card = pages.card(work, dock.captain, slug, "en")
    assert (card.state, card.newest.number, card.newest.grade) == ("withdrawn", 2, report().grade)


def test_an_answer_about_an_older_file_is_dropped(dock):
    slug, _ = upload(dock)
    old = version(dock, slug).request
    upload(dock, OTHER, slug=slug)
    key = answer(dock, slug, request=old, quality=True)
    assert (version(dock, slug).measuring, version(dock, slug).quality_key) == ("looking", None)
    assert gone(dock, key)


def test_consent_taken_back_while_records_are_drawn_shows_none(dock):
    slug, _ = upload(dock)
    done(dock, slug)
    act(dock, uploading.show_records, slug, 1, agreed=True)
    request = version(dock, slug).request
    act(dock, uploading.show_records, slug, 1, agreed=False)
    with dock.resources.write() as work:
        drawn = evidence._stored(work, "{}", "previews/test")
        subject = uploading.subject_of(version(dock, slug))
        work.emit(uploading.FileMeasured(subject=subject, request=request, outcome="measured", preview_key=drawn))
    assert version(dock, slug).preview_key is None
    assert gone(dock, drawn)


def test_nothing_of_a_file_kept_elsewhere_is_shown(dock):
    slug = refer(dock)
    with pytest.raises(Refused, match=r"datasets\.elsewhere"):
        act(dock, uploading.show_records, slug, 1, agreed=True)


# Bad days of the sandbox


def fail(dock, slug, reason, *, dead=False, attempt=1):
    return fail_job(dock, replace(job_of(dock, slug), attempt=attempt), reason, dead=dead)


def fail_job(dock, job, reason, *, dead=False):
    with dock.resources.write() as work:
        settled = wiring.SANDBOX_JOBS[measuring.MEASURE_JOB].failed(work, job, ChildFailed(reason), dead=dead)
        jobs.release(work.session, [job], work.now)
    return settled


def test_a_worker_killed_in_the_middle_leaves_the_job_to_the_next(dock):
    slug, _ = upload(dock)
    first = job_of(dock, slug)  # and is never heard of again
    assert version(dock, slug).measuring == "looking"
    dock.clock.advance(minutes=2)
    second = job_of(dock, slug)
    assert (second.id, second.attempt) == (first.id, first.attempt + 1)
    assert not fail_job(dock, second, "killed")
    assert version(dock, slug).measuring == "looking"


def test_after_the_last_try_it_says_that_it_failed_and_can_be_tried_again(dock):
    slug, _ = upload(dock)
    assert fail(dock, slug, "broken", dead=True)
    assert version(dock, slug).measuring == "failed"
    assert act(dock, uploading.try_again, slug, 1).measuring == "looking"
    with pytest.raises(Refused, match=r"datasets\.not_failed"):
        act(dock, uploading.try_again, slug, 1)


def test_a_file_that_breaks_the_limits_twice_is_refused(dock):
    slug, _ = upload(dock)
    assert not fail(dock, slug, "memory", attempt=1)
    assert fail(dock, slug, "memory", attempt=2)
    assert version(dock, slug).measuring == "refused"
    with dock.resources.read() as work:
        (group,) = upload_pages.file_page(work, dock.captain, slug, 1, "en").groups
    assert "MB of memory" in group.title


def test_a_lying_child_is_a_failed_try(dock, tmp_path):
    slug, _ = upload(dock)
    job, report = job_of(dock, slug), b'{"outcome": "accepted", "rows": 1, "made_with": {}, "seconds": {}}'
    (tmp_path / "out").mkdir()
    for columns_said in (None, "[]", '{"columns": [{"name": "a", "type": "virus"}]}'):
        if columns_said is not None:
            (tmp_path / "out" / "columns.json").write_text(columns_said)
        with dock.resources.write() as work, pytest.raises(ValueError, match=r"(?i)column"):
            wiring.SANDBOX_JOBS[measuring.MEASURE_JOB].record(work, job, Outcome(report, tmp_path / "out"))


def test_a_file_that_is_gone_is_said_to_have_failed(dock):
    slug, _ = upload(dock)
    dock.resources.storage.delete(version(dock, slug).storage_key)
    job = job_of(dock, slug)
    with dock.resources.write() as work:
        assert wiring.SANDBOX_JOBS[measuring.MEASURE_JOB].stage(work, job) is None
    assert version(dock, slug).measuring == "failed"


def test_the_sweeper_keeps_what_a_version_owns(dock):
    file = received(dock)
    with dock.resources.write() as work:
        made = uploading.create(
            work, dock.captain, owner=f"team:{dock.entry.team_id}", words=CardWords(title_en="T"), file=file
        )
        slug = made.slug
    for mark in reception.uploads_folder(dock.resources).glob("*.mark"):  # as a crash after the commit leaves it
        os.utime(mark, (0, 0))
    assert reception.sweep_marks(dock.resources) == 0
    assert dock.resources.storage.path(version(dock, slug).storage_key).read_bytes() == TABLE
