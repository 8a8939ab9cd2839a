"""Datasets that are handed in: judged by a real child, ranked, and reported on pages that look at hidden parts in no detail."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from functools import partial
from html import unescape
from pathlib import Path

import httpx
import polars as pl
import pytest
from sqlmodel import select

from challenges.quality import QualityReport
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.tokens import make_token
from leaderboard.core.work import Resources
from leaderboard.rankings.models import Standing
from leaderboard.seasons import posting
from leaderboard.submissions import likeness, quality_pages, service
from leaderboard.submissions.models import PrivateScore, PublicScore, ScoreReport
from leaderboard.submissions.states import State
from tests import dataset_packages as made
from tests.conftest import Server
from tests.seasons import factories as seasons
from tests.submissions import factories
from tests.submissions.conftest import Stage
from tests.submissions.test_worker import gone, until
from tests.submissions.test_worker import settled as settled_within

pytestmark = pytest.mark.slow
on_sqlite = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
PATIENCE = 240
"""Seconds that a dataset may take on a machine that does other things too."""
settled = partial(settled_within, seconds=PATIENCE)
GATE = [
    (part, "联系13812345678" if place < 40 else site, *rest) for place, (part, site, *rest) in enumerate(made.curated())
]


@pytest.fixture
def stage(resources: Resources, tmp_path: Path, real_time: Resources) -> Stage:
    """An open dataset challenge."""
    folder = made.package_folder(tmp_path / "readings", per_day=20, **factories.running())
    with resources.write() as work:
        organizer, unit = seasons.organizer(work)
        posting.draft(work, organizer, factories.admit(work, organizer, unit, folder))
        challenge = posting.post(work, organizer, "readings")
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


def test_from_dataset_to_place_and_report(stage: Stage, start_worker, client):
    start_worker()
    raw = stage.submit(made.written(made.raw()), "raw.csv")
    mended = stage.submit(made.written(made.curated()), "mended.csv")
    for one in settled(stage, raw, mended):
        assert one.state == State.SCORED, one.fault
    keys = {"composite", "documentation", "quality", "application"}
    for table in (PublicScore, PrivateScore):
        rows = stage.read(lambda work, table=table: work.session.exec(select(table)).all())
        found = {(one.submission_id, one.key): one.value for one in rows}
        assert {key for _, key in found} == keys
        assert found[mended.id, "composite"] > found[raw.id, "composite"] + 10
    (standing,) = stage.read(lambda work: work.session.exec(select(Standing)).all())
    assert standing.submission_id == mended.id
    _pages(client(stage.actor), raw.id, mended.id)
    _others(client, stage, mended.id)


def _pages(mine: httpx.Client, raw: int, mended: int) -> None:
    """Everything that the team can look at and take away."""
    page = unescape(mine.get(f"/en/submissions/{raw}/quality").text)
    assert "Quality report: raw.csv" in page
    assert "The open dot is the raw bundle." in page
    assert "The bar is the middle team." not in page, "of one team there is no middle"
    assert "质量报告" in mine.get(f"/zh/submissions/{raw}/quality").text
    report = QualityReport.parse(mine.get(f"/en/submissions/{mended}/quality.json").content)
    assert report.measured_with == "hidden parts"
    assert mine.get(f"/api/v1/submissions/{mended}/quality").json()["grade"] == report.grade
    assert "<style>" in mine.get(f"/en/submissions/{mended}/quality.html").text
    issues = list(
        csv.DictReader(io.StringIO(gzip.decompress(mine.get(f"/en/submissions/{raw}/findings.csv").content).decode()))
    )
    assert {one["check"] for one in issues} >= {"Q13", "Q7"} or {one["check"] for one in issues} >= {"Q13"}
    for address in (f"/en/submissions/{raw}/findings.parquet", f"/api/v1/submissions/{raw}/findings.parquet"):
        table = pl.read_parquet(io.BytesIO(mine.get(address).content))
        assert table.columns == list(issues[0])
        assert table["code"].to_list() == [one["code"] for one in issues]
    patch = gzip.decompress(mine.get(f"/en/submissions/{raw}/patch.csv").content).decode()
    assert patch.startswith("record,act,column,old,new,confidence,check")
    described = mine.get(f"/en/submissions/{mended}/croissant.json").json()
    assert described["conformsTo"] == "http://mlcommons.org/croissant/1.1"
    measured = {
        one["dqv:isMeasurementOf"]["@id"]: one["dqv:value"]["@value"] for one in described["dqv:hasQualityMeasurement"]
    }
    assert measured["urn:jiebang:quality:Q13"] == 0
    assert measured["urn:jiebang:quality:composite"] == report.composite.value
    assert json.dumps(described)


def _others(client: Callable[[Actor], httpx.Client], stage: Stage, submission: int) -> None:
    """The report belongs to the team and to the organizer; what is hidden is not in what everybody reads."""
    told = httpx.get(f"{client(stage.actor).base_url}/api/v1/challenges/readings").text
    assert "public/schema.json" in told
    assert "answers/" not in told
    with stage.resources.write() as work:
        stranger = seasons.person(work, "Gu Yu")
    for address in ("quality", "quality.json", "quality.html", "patch.csv", "findings.parquet", "croissant.json"):
        assert client(stranger).get(f"/en/submissions/{submission}/{address}").status_code == 404
        assert client(stage.organizer).get(f"/en/submissions/{submission}/{address}").status_code == 200


def test_who_hands_in_a_rivals_records_is_seen_and_stands_below(stage: Stage, start_worker, client):
    with stage.resources.write() as work:
        copier, copied_entry = factories.entered(work, stage.challenge, "Zhao Lei")
        other, _ = factories.entered(work, stage.challenge, "He Miao")
    start_worker()
    curated, raw = made.curated(), made.raw()
    ours = stage.submit(made.written(curated), "ours.csv")
    copy = stage.submit(made.written(reversed(curated)), "theirs.csv", actor=copier)
    half = [good if place % 2 else bad for place, (good, bad) in enumerate(zip(curated, raw, strict=False))]
    honest = stage.submit(made.written(half), "half.csv", actor=other)
    for one in settled(stage, ours, copy, honest):
        assert one.state == State.SCORED, one.fault
    in_order = select(Standing).order_by(Standing.weakness, Standing.tiebreak, Standing.entry_id)
    standings = stage.read(lambda work: work.session.exec(in_order).all())
    assert standings[0].submission_id == ours.id, "who was first keeps the place"
    assert (standings[1].submission_id, standings[1].entry_id) == (copy.id, copied_entry.id)
    until(lambda: all(one.best_place for one in stage.read(lambda work: work.session.exec(in_order).all())))
    ranges = [(one.best_place, one.worst_place) for one in stage.read(lambda work: work.session.exec(in_order).all())]
    assert ranges[:2] == [(1, 2), (1, 2)], "equal data is a tie, whoever stands first"
    page = stage.read(lambda work: likeness.likeness(work, stage.organizer, "readings"))
    assert page.teams == 3
    first = page.pairs[0]
    assert (first.later.id, first.earlier.id, first.share, first.error) == (copy.id, ours.id, 1.0, 0.0)
    shares = {(pair.later.id, pair.earlier.id): pair.share for pair in page.pairs}
    assert shares[honest.id, ours.id] == shares[honest.id, copy.id] == 1.0, "what it mended, it mended as they did"
    rows = list(
        csv.DictReader(io.StringIO(client(stage.organizer).get("/en/organize/challenges/readings/alike.csv").text))
    )
    assert next((row["submission"], row["earlier_submission"]) for row in rows) == (str(copy.id), str(ours.id))
    assert "seen by organizers only" in client(stage.organizer).get("/en/organize/challenges/readings/alike").text
    assert "雷同记录" in client(stage.organizer).get("/zh/organize/challenges/readings/alike").text
    assert client(copier).get("/en/organize/challenges/readings/alike").status_code == 404


@on_sqlite
def test_a_gate_refuses_and_costs_nothing_but_the_report_is_there(stage: Stage, start_worker, client):
    start_worker()
    (refused,) = settled(stage, stage.submit(made.written(GATE), "people.csv"))
    assert refused.state == State.REFUSED
    mine = client(stage.actor)
    said = mine.get(f"/en/submissions/{refused.id}").text
    assert "Open the quality report" in said
    assert "Personal information (Q5): this gate does not let the dataset through" in unescape(said)
    assert "quality.gate_failed" not in said
    page = mine.get(f"/en/submissions/{refused.id}/quality").text
    assert "not passed" in page
    assert "13812345678" not in page
    assert stage.read(lambda work: work.session.get(ScoreReport, refused.id).points)["Q5"] < 80


@on_sqlite
def test_a_check_shows_the_report_without_hidden_parts(stage: Stage, start_worker, client):
    start_worker()
    mine = client(stage.actor)
    answer = mine.post(
        "/api/v1/challenges/readings/check", params={"file_name": "raw.csv"}, content=made.written(made.raw())
    )
    while answer.status_code == 202 or answer.json().get("state") == "waiting":
        answer = mine.get(answer.headers.get("location") or str(answer.url))
    assert answer.json()["state"] == "accepted"
    token = answer.json()["token"]
    assert "Open the quality report" in mine.get(f"/en/challenges/readings/check/{token}").text
    page = mine.get(f"/en/challenges/readings/check/{token}/quality")
    assert page.status_code == 200
    assert "provisional" in page.text


@on_sqlite
def test_the_middle_of_the_field_needs_three_teams(stage: Stage, start_worker):
    start_worker()
    sent = [stage.submit(made.written(made.raw(noise)), "one.csv") for noise in (0.1, 0.2)]
    settled(stage, *sent)
    with stage.resources.write() as work:
        assert quality_pages.field_medians(work, stage.phase.id) == {}
        others = [factories.entered(work, stage.challenge, name)[0] for name in ("Chen Bo", "Zhao Min")]
    settled(stage, *(stage.submit(made.written(made.raw(0.3)), "two.csv", actor=actor) for actor in others))
    medians = stage.read(lambda work: quality_pages.field_medians(work, stage.phase.id))
    points = stage.read(lambda work: work.session.get(ScoreReport, sent[1].id).points)
    assert medians.keys() == points.keys()
    assert 0 <= medians["Q13"] <= 100


@on_sqlite
def test_scoring_anew_replaces_the_files(stage: Stage, start_worker):
    start_worker()
    (one,) = settled(stage, stage.submit(made.written(made.raw()), "raw.csv"))
    before = stage.read(lambda work: work.session.get(ScoreReport, one.id).quality_key)

    with stage.resources.write() as work:
        service.rescore(work, stage.organizer, one.id)

    until(lambda: stage.read(lambda work: work.session.get(ScoreReport, one.id).quality_key) != before, PATIENCE)
    until(lambda: gone(stage, before), PATIENCE)
