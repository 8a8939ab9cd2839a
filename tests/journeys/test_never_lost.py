"""Server, worker and scoring child are killed, again and again, while files are handed in: nothing is lost, nothing is done twice."""

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest
from sqlmodel import func, select

from leaderboard.core import jobs
from leaderboard.core.jobs import Job
from leaderboard.rankings import rebuild
from leaderboard.submissions.models import PrivateScore, PublicScore, ScoreReport, Submission
from leaderboard.submissions.states import PENDING, State
from tests.submissions import factories
from tests.submissions.processes import Installation, installed

pytestmark = [pytest.mark.slow, pytest.mark.journey]

KILLS = 30
SETTLE_SECONDS = 240


class Submitter(threading.Thread):
    """Hands files in without a pause; asks again, with the same key, whenever an answer was lost."""

    def __init__(self, place: Installation) -> None:
        super().__init__(name="submitter")
        self.place = place
        self.enough = threading.Event()
        self.answered: dict[str, int] = {}
        self.lost_answers = 0
        self.odd: list[str] = []

    def run(self) -> None:
        number = 0
        while not self.enough.is_set():
            self._hand_in(f"key-{number}", factories.predictions(seed=number))
            number += 1
            time.sleep(0.05)

    def _hand_in(self, key: str, data: bytes) -> None:
        while True:  # until it is answered: a program that gives up would not be told either
            with contextlib.suppress(httpx.TransportError):
                answer = httpx.post(
                    f"{self.place.url}/api/v1/challenges/late/submissions",
                    params={"file_name": f"{key}.csv"},
                    content=data,
                    headers={**self.place.headers, "Idempotency-Key": key},
                    timeout=120,
                )
                if answer.status_code == 201:
                    self.answered[key] = answer.json()["id"]
                    return
                if answer.status_code < 500:
                    self.odd.append(answer.text)
                    return
            self.lost_answers += 1
            time.sleep(0.1)


def kill_something(place: Installation, draw: random.Random) -> str:
    what = draw.choice(["server", "worker", "child"])
    if what == "child":
        children = place.children()
        if children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(draw.choice(children), signal.SIGKILL)
            return what
        what = "worker"
    place.kill(what)
    place.run(what)
    if what == "server":
        place.until_up()
    return what


def test_nothing_answered_is_lost_and_everything_is_scored_once(tmp_path: Path):
    draw = random.Random(20261122)
    # A job that waits in the hands of a killed worker loses a try each time; thirty kills are more than a bad year's.
    with installed(tmp_path, workers=1, lease_seconds=2, attempts=KILLS + 5) as place:
        place.start()
        submitter = Submitter(place)
        submitter.start()
        killed: Counter[str] = Counter()
        try:
            while killed.total() < KILLS:
                time.sleep(draw.uniform(0.1, 1.5))
                killed[kill_something(place, draw)] += 1
        finally:
            submitter.enough.set()
            submitter.join(120)
        assert submitter.odd == []
        assert len(submitter.answered) >= KILLS
        assert min(killed["server"], killed["worker"], killed["child"]) >= 3, killed
        until_settled(place)
        judge(place, submitter)


def until_settled(place: Installation) -> None:
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        with place.resources() as held, held.read() as work:
            states = Counter(work.session.exec(select(Submission.state)).all())
        if not any(state in PENDING for state in states):
            return
        assert time.monotonic() < deadline, f"not settled: {states}"
        time.sleep(0.5)


def judge(place: Installation, submitter: Submitter) -> None:
    with place.resources() as held, held.read() as work:
        rows = {row.id: row for row in work.session.exec(select(Submission))}
        for key, submission_id in submitter.answered.items():
            assert rows[submission_id].idempotency_key == key
            assert held.storage.path(rows[submission_id].storage_key).stat().st_size == rows[submission_id].size
        keys = Counter(row.idempotency_key for row in rows.values())
        assert set(keys.values()) == {1}
        assert sorted(row.number for row in rows.values()) == list(range(1, len(rows) + 1))
        assert {row.state for row in rows.values()} == {State.SCORED}
        for table in (PublicScore, PrivateScore):
            counted = work.session.exec(select(table.submission_id, func.count()).group_by(table.submission_id)).all()
            assert dict(counted) == dict.fromkeys(rows, 2)
        assert len(work.session.exec(select(ScoreReport.submission_id)).all()) == len(rows)
        left = work.session.exec(select(Job).where(Job.kind == "score", Job.state != jobs.DONE)).all()
        assert left == []
        assert rebuild.check(work) == []
