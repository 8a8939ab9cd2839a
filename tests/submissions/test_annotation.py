"""Labels that are handed in: judged by a real child, and told of on a page that belongs to the team and its organizer."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from functools import partial
from html import unescape
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from challenges.annotation_report import NAME, AnnotationReport
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.tokens import make_token
from leaderboard.core.work import Resources
from leaderboard.rankings.models import Standing
from leaderboard.seasons import posting
from leaderboard.submissions import annotation_pages, recording, service
from leaderboard.submissions.models import PublicScore, ScoreReport, Submission
from leaderboard.submissions.states import State
from tests import annotation_packages as made
from tests.conftest import Server
from tests.seasons import factories as seasons
from tests.submissions import factories
from tests.submissions.conftest import Stage
from tests.submissions.test_worker import gone, until
from tests.submissions.test_worker import settled as settled_within

PATIENCE = 240
"""Seconds that a file may take on a machine that does other things too."""
settled = partial(settled_within, seconds=PATIENCE)
SUSPICION = "This is a suspicion and no proof."


@pytest.fixture
def stage(resources: Resources, tmp_path: Path, real_time: Resources) -> Stage:
    """An open annotation challenge."""
    folder = made.package_folder(tmp_path / "wardrobe", per_day=20, **factories.running())
    with resources.write() as work:
        organizer, unit = seasons.organizer(work)
        posting.draft(work, organizer, factories.admit(work, organizer, unit, folder))
        challenge = posting.post(work, organizer, "wardrobe")
        actor, entry = factories.entered(work, challenge)
        return Stage(resources, challenge, factories.phase_of(work, challenge), organizer, actor, entry)


@pytest.fixture
def client(stage: Stage, server: Server) -> Iterator[Callable[[Actor], httpx.Client]]:
    made_: list[httpx.Client] = []

    def as_(actor: Actor) -> httpx.Client:
        with stage.resources.write() as work:
            token = make_token(work, actor, name="test", scopes=("submit", "organize"), days=1)
        made_.append(httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token.key}"}, timeout=120))
        return made_[-1]

    yield as_
    for one in made_:
        one.close()


def key_of(stage: Stage, submission: Submission) -> str | None:
    return stage.read(lambda work: work.session.get(ScoreReport, submission.id).annotation_key)


def test_from_labels_to_place_and_report(stage: Stage, start_worker, client):
    start_worker()
    sent = stage.submit(made.labels(), "labels.csv")
    (scored,) = settled(stage, sent)
    assert scored.state == State.SCORED, scored.fault
    keys = {row.key for row in stage.read(lambda work: work.session.exec(select(PublicScore)).all())}
    assert keys == {"accuracy", "agreement", "weakest", "cost"}
    (standing,) = stage.read(lambda work: work.session.exec(select(Standing)).all())
    assert standing.submission_id == scored.id
    mine = client(stage.actor)
    report = AnnotationReport.parse(mine.get(f"/en/submissions/{scored.id}/annotation.json").content)
    assert mine.get(f"/api/v1/submissions/{scored.id}/annotation").json() == json.loads(report.model_dump_json())
    _page(unescape(mine.get(f"/en/submissions/{scored.id}/annotators").text), report)
    _table(mine.get(f"/en/submissions/{scored.id}/annotators.csv").text, report)
    assert "打开标注员报告" in mine.get(f"/zh/submissions/{scored.id}").text
    assert "这只是怀疑，不是证据。" in mine.get(f"/zh/submissions/{scored.id}/annotators").text
    _others(client, stage, scored.id)


def _page(page: str, report: AnnotationReport) -> None:
    """What the page says of annotators of whom everything is known."""
    assert report.alpha is not None
    assert f"{report.alpha.value:.3f}" in page
    assert ("Not accepted." in page) is not report.inspection.passed
    assert f"the consensus is wrong on {report.inspection.wrong}, and at most {report.inspection.allowed} may" in page
    assert SUSPICION in page
    assert "a4 and a7" in page, "who copies, and whom"
    assert page.count("always the same label") == 1
    assert "leans to coat" in page
    assert page.count('class="rail"') == len(report.annotators) + len(report.consensus), "a rail or bar for each"
    assert "<style" not in page
    assert " style=" not in page


def _table(text: str, report: AnnotationReport) -> None:
    rows = {row["annotator"]: row for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))}
    assert rows.keys() == {f"a{number}" for number in range(len(made.MIXED))}
    assert [name for name, row in rows.items() if row["constant"] == "true"] == ["a6"]
    assert float(rows["a0"]["gold"]) > float(rows["a4"]["gold"])
    assert {name: int(row["labels"]) for name, row in rows.items()} == {
        one.name: one.labels for one in report.annotators
    }
    assert rows["a5"]["towards"] == "coat"


def _others(client: Callable[[Actor], httpx.Client], stage: Stage, submission: int) -> None:
    """The report belongs to the team and to the organizer."""
    with stage.resources.write() as work:
        stranger = seasons.person(work, "Gu Yu")
    addresses = [f"/en/submissions/{submission}/{file}" for file in ("annotators", "annotators.csv", "annotation.json")]
    for address in (*addresses, f"/api/v1/submissions/{submission}/annotation"):
        assert client(stranger).get(address).status_code == 404
        assert client(stage.organizer).get(address).status_code == 200


def test_what_is_not_there_is_said(stage: Stage, start_worker, client):
    """Nobody disagrees, nobody is suspected, and one saw too few items for anything to be told of gold."""
    start_worker()
    (scored,) = settled(stage, stage.submit(made.unanimous(), "labels.csv"))
    mine = client(stage.actor)
    html = mine.get(f"/en/submissions/{scored.id}/annotators").text
    assert made.STRANGE not in html, "names are text"
    page = unescape(html)
    assert made.STRANGE in page
    assert "Accepted." in page
    assert "No item has two different labels." in page
    assert SUSPICION not in page
    assert "pairs that were compared makes the same mistakes" in page
    assert "too few gold items" in page
    report = annotation_of(stage, scored)
    assert [one.name for one in report.annotators if one.gold is None] == [made.STRANGE]
    rows = list(csv.DictReader(io.StringIO(mine.get(f"/en/submissions/{scored.id}/annotators.csv").text)))
    assert [row["gold"] == "" for row in rows] == [False, False, False, True]
    assert rows[-1]["\ufeffannotator"] == f"'{made.STRANGE}", "a spreadsheet runs nothing"


def test_nothing_is_told_of_gold_where_everybody_labelled_little(stage: Stage, start_worker, client, tmp_path: Path):
    start_worker()
    (scored,) = settled(stage, stage.submit(made.labels(made.MANY, per_item=3), "labels.csv"))
    address = f"/en/submissions/{scored.id}/annotators"
    page = unescape(client(stage.actor).get(address).text)
    assert "accuracy on gold is told of nobody" in page
    assert "with 95% interval, %" not in page, "an axis of nothing"
    mistaken = [one for one in annotation_of(stage, scored).annotators if one.confusion is not None]
    assert page.count("taken for") == len(mistaken) > len(made.MANY) / 2

    _store(stage, scored, tmp_path / "alone.json", alpha=None, kappa=None, pairs=(), pairs_in_all=0, pairs_compared=0)

    page = unescape(client(stage.actor).get(address).text)
    assert page.count("not defined for these labels") == 2
    assert "no pair could be compared" in page


def _store(stage: Stage, submission: Submission, file: Path, **other: object) -> None:
    """Has the report of a submission say something else, as that of another challenge would."""
    file.write_text(annotation_of(stage, submission).model_copy(update=other).model_dump_json(), "utf-8")
    with stage.resources.write() as work:
        kept = work.session.get(ScoreReport, submission.id)
        kept.annotation_key = f"annotation/{file.name}"
        work.storage.put(kept.annotation_key, file)
        work.session.add(kept)


def annotation_of(stage: Stage, submission: Submission) -> AnnotationReport:
    return stage.read(lambda work: annotation_pages.report_of(work, stage.actor, submission.id))


def test_scoring_anew_replaces_the_file(stage: Stage, start_worker):
    start_worker()
    (one,) = settled(stage, stage.submit(made.labels(made.ALIKE), "labels.csv"))
    before = key_of(stage, one)
    assert before is not None
    assert stage.resources.storage.path(before).exists()

    with stage.resources.write() as work:
        service.rescore(work, stage.organizer, one.id)

    until(lambda: key_of(stage, one) != before, PATIENCE)
    assert key_of(stage, one) is not None
    until(lambda: gone(stage, before), PATIENCE)


def test_a_refused_file_has_no_report(stage: Stage, start_worker, client):
    start_worker()
    (refused,) = settled(stage, stage.submit(b"item,annotator,label\nnowhere,a,shirt\n", "labels.csv"))
    assert refused.state == State.REFUSED
    assert key_of(stage, refused) is None
    mine = client(stage.actor)
    assert "Open the annotators' report" not in unescape(mine.get(f"/en/submissions/{refused.id}").text)
    assert mine.get(f"/en/submissions/{refused.id}/annotators").status_code == 404


@pytest.mark.parametrize("said", [b"{}", b"not json", b'{"format": "jiebang-annotation/2"}'])
def test_what_is_no_report_is_not_kept(resources: Resources, tmp_path: Path, said: bytes):
    """The child read a stranger's file: what it wrote is parsed first."""
    (tmp_path / NAME).write_bytes(said)
    with resources.write() as work, pytest.raises(ValueError, match="not an annotation report"):
        recording.keep_annotation(work, tmp_path, "1")


def test_a_report_that_is_too_large_is_not_read(resources: Resources, tmp_path: Path):
    (tmp_path / NAME).write_bytes(b" " * (recording.LARGEST_ANNOTATION + 1))
    with resources.write() as work, pytest.raises(ValueError, match="at most"):
        recording.keep_annotation(work, tmp_path, "1")
