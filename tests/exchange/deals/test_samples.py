"""Samples that say whose they were, and deliveries that are measured again. What the child does is done here by its own function."""

import csv
import io
import os
import random
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlmodel import select

from challenges.dataset_report import assess_dataset
from challenges.sampling import draw
from leaderboard.core.errors import Gone, Refused
from leaderboard.core.jobs import Job
from leaderboard.core.sandbox import ChildFailed, Outcome
from leaderboard.datasets import uploading
from leaderboard.datasets.fields import Changelog
from leaderboard.datasets.signals import FileMeasured
from leaderboard.exchange.deals import deliveries, samples
from leaderboard.exchange.deals.models import Deal, DealFile, DealSample
from leaderboard.exchange.listings import drafting
from leaderboard.submissions import reception
from leaderboard.submissions.reception import ReceivedFile, store
from leaderboard.wiring import PLAIN_JOBS
from tests import dataset_packages
from tests.exchange import scene as scenes


def put(table, side, data, name="data.csv"):
    """A file of a side that has come in; its id."""
    held = table.scene.resources
    path = held.settings.data_dir / "coming"
    path.write_bytes(data)
    with held.write() as work:
        received = ReceivedFile(store(held, path), len(data), "ab" * 32, name, work.now)
        return samples.talks.receive(work, table.sides[side].actor, table.key, received).id


def drawn(table, id, tmp_path):
    """The job of the last approval, as the worker would do it."""
    held = table.scene.resources
    with held.write() as work:
        queued = [job for job in work.session.exec(select(Job)) if job.kind == samples.SAMPLE_JOB][-1]
        job = SimpleNamespace(payload=queued.payload, attempt=1)
        task = samples.SampleJob().stage(work, job)
        out = tmp_path / f"out{id}"
        out.mkdir(parents=True)
        draw(task.files["data"], out, filename=task.argument["file_name"], **task.argument["drawn"])
        samples.SampleJob().record(work, job, Outcome((out / "report.json").read_bytes(), out))


def sample(table, rows=50, data=None, tmp_path=None):
    with table.scene.resources.read() as work:
        before = {one.id for one in work.session.exec(select(DealSample))}
    table.act("demander", "ask_sample", rows=rows)
    with table.scene.resources.read() as work:
        (id,) = {one.id for one in work.session.exec(select(DealSample))} - before
    if data is not None:
        table.act("supplier", "approve_sample", sample=id, rows=rows, days=7, file=put(table, "supplier", data))
        drawn(table, id, tmp_path)
    return id


def people(count=2_000):
    chance = random.Random(5)
    lines = [f"{n},1380013{n % 10_000:04d},{chance.random():.9f}" for n in range(count)]
    return ("number,phone,reading\n" + "\n".join(lines) + "\n").encode()


def fetched(table, id, side="demander"):
    with table.scene.resources.write() as work:
        path, _ = samples.fetch(work, table.sides[side].actor, table.key, id)
        return path.read_text("utf-8")


def kept(table, id):
    with table.scene.resources.read() as work:
        one = work.session.get_one(DealSample, id)
        return one.state, one.storage_key


def expiries(table, id):
    """The jobs that remove this sample, as the worker gets them."""
    with table.scene.resources.read() as work:
        queued = work.session.exec(select(Job).where(Job.kind == samples.EXPIRE_JOB).order_by(Job.id)).all()
    return [job for job in queued if job.payload["sample"] == id]


def test_a_sample_that_was_taken_back_cannot_be_fetched(table, tmp_path):
    table.until("mutual")
    first, second = (sample(table, data=people(), tmp_path=tmp_path) for _ in range(2))
    table.act("supplier", "revoke_sample", sample=first)
    with pytest.raises(Gone):
        fetched(table, first)
    assert fetched(table, second)
    table.scene.clock.advance(days=7)
    (job,) = expiries(table, first)
    PLAIN_JOBS[job.kind](table.scene.resources, job)
    assert kept(table, first) == ("revoked", None), "it stays what it was"


def test_a_sample_that_runs_out_is_removed_by_a_job_of_its_own(table, tmp_path):
    table.until("mutual")
    id = sample(table, data=people(), tmp_path=tmp_path)
    state, key = kept(table, id)
    (job,) = expiries(table, id)
    assert job.not_before == table.scene.clock.now() + timedelta(days=7)
    PLAIN_JOBS[job.kind](table.scene.resources, job)
    assert kept(table, id) == (state, key), "too early"
    table.scene.clock.advance(days=7)
    with pytest.raises(Gone):
        fetched(table, id)
    for _ in range(2):
        PLAIN_JOBS[job.kind](table.scene.resources, job)
        assert kept(table, id) == ("expired", None)
    with pytest.raises(FileNotFoundError):
        table.scene.resources.storage.path(key)


def test_an_approval_that_failed_and_came_again_counts_its_days_anew(table, tmp_path):
    table.until("mutual")
    id = sample(table, data=b"\x00\xff\x00PK", tmp_path=tmp_path)
    table.scene.clock.advance(days=3)
    table.act("supplier", "approve_sample", sample=id, rows=9, days=7, file=put(table, "supplier", people()))
    drawn(table, id, tmp_path / "again")
    first, second = expiries(table, id)
    table.scene.clock.advance(days=4)
    PLAIN_JOBS[first.kind](table.scene.resources, first)
    assert kept(table, id)[0] == "fulfilled"
    table.scene.clock.advance(days=3)
    PLAIN_JOBS[second.kind](table.scene.resources, second)
    assert kept(table, id) == ("expired", None)


def test_the_sweeper_keeps_what_a_deal_owns(table):
    table.until("mutual")
    id = put(table, "demander", b"a\n1\n")
    for mark in reception.uploads_folder(table.scene.resources).glob("*.mark"):  # as a crash after the commit leaves it
        os.utime(mark, (0, 0))
    assert reception.sweep_marks(table.scene.resources) == 0
    with table.scene.resources.read() as work:
        assert work.storage.path(work.session.get_one(DealFile, id).storage_key).read_bytes() == b"a\n1\n"


def test_a_file_from_which_no_sample_can_be_drawn_is_said(table, tmp_path):
    table.until("mutual")
    id = sample(table, data=b"\x00\xff\x00PK", tmp_path=tmp_path)
    with table.scene.resources.read() as work:
        one = work.session.get_one(DealSample, id)
        assert (one.state, one.reason) == ("failed", samples.UNREADABLE)


def test_too_many_samples_and_a_denied_one(table):
    table.until("mutual")
    first, *_ = (sample(table) for _ in range(samples.MOST_OPEN))
    with pytest.raises(Refused):
        sample(table)
    table.act("supplier", "deny_sample", sample=first, reason="Not yet.")
    sample(table)


def delivered(table, tmp_path):
    data = dataset_packages.written(dataset_packages.raw()[:60])
    table.act("supplier", "deliver", file=put(table, "supplier", data))
    (tmp_path / "data.csv").write_bytes(data)
    return tmp_path / "data.csv"


def test_a_delivery_is_held_against_the_agreed_indicators(table, tmp_path):
    measure = {"kind": "measure", "measure": "Q7", "limit": 0.01}
    rank = {"kind": "rank", "limit": 0.1}
    grades = [{"kind": "grade", "grade": grade} for grade in ("C", "AAA")]
    table.until("finalized", indicators=[{"floor": floor} for floor in (measure, rank, *grades)])
    report = assess_dataset(delivered(table, tmp_path)).report
    with pytest.raises(Refused) as waiting:
        table.act("demander", "accept_delivery")
    assert waiting.value.id == "deals.measuring"
    with table.scene.resources.write() as work:
        kept = work.settings.data_dir / "report"
        kept.write_text(report.model_dump_json())
        work.storage.put("quality/delivered.json", kept)
        work.emit(FileMeasured(f"deal:{table.deal().id}:1", "x", "measured", quality_key="quality/delivered.json"))
        found = deliveries.checked(work, table.deal(), deliveries.of_deal(work, table.deal())[0])
    known = {one.key: one for one in report.measures}
    assert found[0].value == (known["Q7"].value if "Q7" in known else None)
    assert found[1].verdict == "uncertain", "no challenge ranks a delivery"
    assert found[2].verdict == "met"
    assert found[3].verdict == ("missed" if report.grade != "AAA" else "met")
    assert table.act("demander", "reject_delivery", note="Grade.") == "rejected"


@pytest.mark.parametrize(("outcome", "sentence"), [("refused", deliveries.REFUSED), ("failed", deliveries.FAILED)])
def test_a_measuring_that_fails_leaves_the_decision_to_the_demander(table, tmp_path, outcome, sentence):
    table.until("finalized")
    delivered(table, tmp_path)
    with table.scene.resources.write() as work:
        work.emit(FileMeasured(f"deal:{table.deal().id}:1", "x", outcome))
        one = deliveries.of_deal(work, table.deal())[0]
        assert (one.measuring, one.failure) == ("failed", sentence)
        assert {held.verdict for held in deliveries.checked(work, table.deal(), one)} == {"uncertain"}
    assert table.act("demander", "accept_delivery") == "fulfilled"


def test_a_child_that_dies_is_our_fault_and_can_be_tried_again(table):
    table.until("mutual")
    id = sample(table)
    table.act("supplier", "approve_sample", sample=id, rows=5, days=5, file=put(table, "supplier", people(10)))
    with table.scene.resources.write() as work:
        job = SimpleNamespace(payload={"sample": id}, attempt=1)
        assert samples.SampleJob().failed(work, job, ChildFailed("killed"), dead=True)
        assert work.session.get_one(DealSample, id).reason == samples.OURS
    table.act("supplier", "approve_sample", sample=id, rows=5, days=5, file=put(table, "supplier", people(10)))


def test_a_sample_is_drawn_from_the_file_that_the_listing_is_about(table):
    """An upload that has not been measured yet is no version of the card so far."""
    scene = table.scene
    path = scene.resources.settings.data_dir / "coming"
    path.write_bytes(people(10))
    size = path.stat().st_size
    with scene.resources.write() as work:
        card = scenes.card(work, scene.lake)
        row = drafting.create_from_card(work, scene.lake.actor, organization_id=scene.lake.id, slug=card.slug)
        deal = Deal(
            key="x", listing_id=row.id, supplier_id=scene.lake.id, demander_id=scene.clinic.id, begun_by="demander",
            created_at=work.now, moved_at=work.now,
        )  # fmt: skip
        file = ReceivedFile(store(scene.resources, path), size, "ab" * 32, "data.csv", work.now)
        added = uploading.add(work, scene.lake.actor, card.slug, file, changelog=Changelog())
        assert samples.source_of(work, deal) is None, "the card's own file is kept elsewhere"
        added.quality_key = "datasets/measured.json"
        work.session.add(added)
        work.session.flush()
        assert samples.source_of(work, deal) == (file.storage_key, "text/csv")


def test_a_sample_holds_no_formula_not_even_in_its_header(tmp_path):
    (tmp_path / "data.csv").write_text('"=HYPERLINK(1)",b\n' + "".join(f"+{at}x,{at}\n" for at in range(20)))
    draw(tmp_path / "data.csv", tmp_path, filename="data.csv", rows=5, secret="ab" * 16, request="x/1")
    rows = list(csv.reader(io.StringIO((tmp_path / "sample.csv").read_text("utf-8"))))
    assert len(rows) == 6
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+"))]


def test_a_sample_that_failed_is_drawn_again_from_the_same_file(table, tmp_path):
    """By programs, which name the file that is there already."""
    table.until("mutual")
    id, file = sample(table), put(table, "supplier", people(60))
    table.act("supplier", "approve_sample", sample=id, rows=5, days=7, file=file)
    with table.scene.resources.write() as work:
        job = SimpleNamespace(payload={"sample": id}, attempt=5)
        samples.SampleJob().failed(work, job, ChildFailed("crash", "exit 1"), dead=True)
    assert kept(table, id)[0] == "failed"
    table.act("supplier", "approve_sample", sample=id, rows=5, days=7, file=file)
    drawn(table, id, tmp_path)
    assert kept(table, id)[0] == "fulfilled"
