"""Models that are slow at describing: the worker's alone, slice by slice, and what is found until they are done."""

import json

import pytest

from leaderboard.exchange.matches import index, jobs
from leaderboard.exchange.matches.service import replay
from leaderboard.submissions.signals import WorkerStarted
from tests.exchange.matches.conftest import Fair
from tests.exchange.matches.test_runs import stall
from tests.exchange.matches.test_search import found
from tests.exchange.relevance.test_index import Hashing, Slow

EVERY = (jobs.DEMAND_JOB, jobs.LISTING_JOB, jobs.READING_JOB)


class Request(Exception):
    """A slow model was asked to describe in a request."""


class Elsewhere(Slow):
    """The slow model of a process that must not describe by it."""

    def encode(self, texts, /):
        if len(texts) > 1:
            raise Request
        return super().encode(texts)


@pytest.fixture
def models(monkeypatch):
    """Gives every process after this the models; a new process each time."""

    def given(*embedders):
        index._KEEPERS.clear()
        monkeypatch.setattr(index, "_embedders", lambda: embedders)

    given(Hashing(), Slow())
    return given


def complete(fair: Fair) -> index.Shelf:
    with fair.resources.read() as work:
        return index.complete(work)[0]


def test_few_listings_are_read_by_all_models_before_they_are_matched(fair: Fair, models):
    stall(fair)
    key = fair.demand()
    assert jobs.READING_JOB not in fair.work_off(*EVERY)
    assert fair.run(key).embedder == "hashing@1 + slow@1"
    models(Hashing(), Elsewhere())
    assert found(fair, q="ship tracks").model == "hashing@1 + slow@1"


def test_many_listings_are_read_slice_by_slice_and_then_all_is_matched_once_more(fair: Fair, models, monkeypatch):
    monkeypatch.setattr(index, "SLICE", 2)
    stall(fair)
    key = fair.demand()
    fair.work_off(jobs.DEMAND_JOB, jobs.LISTING_JOB)
    first = fair.run(key)
    assert first.embedder == "hashing@1"
    done = fair.work_off(*EVERY)
    assert done.count("matches:reading") == 3
    assert done[-1] == f"matches:demand:{fair.id(key)}"
    assert fair.run(key).embedder == "hashing@1 + slow@1"
    with fair.resources.read() as work:
        assert replay(work, first.id)
        assert replay(work, fair.run(key).id)
    assert not [one for one in fair.work_off(*EVERY) if one == "matches:reading"]


def test_how_far_a_model_is_is_said_and_what_was_read_outlives_the_process(fair: Fair, models, monkeypatch):
    monkeypatch.setattr(index, "SLICE", 2)
    stall(fair)
    assert complete(fair).model == "hashing@1 + slow@1 (4 of 12)"
    again = Slow()
    models(Hashing(), again)
    assert complete(fair).model == "hashing@1 + slow@1 (8 of 12)"
    assert again.encoded == 8  # two listings in two languages, whole and heading
    assert complete(fair).is_complete


def test_a_process_takes_vectors_from_the_saved_index_as_they_come(fair: Fair, models, monkeypatch):
    monkeypatch.setattr(index, "SLICE", 4)
    stall(fair)
    complete(fair)
    worker = dict(index._KEEPERS)
    models(Hashing(), Elsewhere())
    assert found(fair, q="ship tracks").model == "hashing@1 + slow@1 (8 of 12)"
    here = dict(index._KEEPERS)
    index._KEEPERS.update(worker)
    monkeypatch.setattr(index, "_embedders", lambda: (Hashing(), Slow()))
    assert complete(fair).is_complete
    index._KEEPERS.update(here)
    assert found(fair, q="ship tracks").model == "hashing@1 + slow@1"


def test_vectors_of_another_worker_are_not_lost_when_this_one_saves(fair: Fair, models, monkeypatch):
    monkeypatch.setattr(index, "SLICE", 4)
    stall(fair)
    with fair.resources.read() as work:
        index.refresh(work)
    idle = dict(index._KEEPERS)
    models(Hashing(), Slow())
    complete(fair)
    index._KEEPERS.update(idle)
    fair.offer()
    with fair.resources.read() as work:
        index.refresh(work)
    models(Hashing(), Elsewhere())
    assert found(fair, q="ship tracks").model == "hashing@1 + slow@1"


def test_the_index_is_saved_for_every_part_that_is_read_and_at_the_end(fair: Fair, models, monkeypatch):
    monkeypatch.setattr(index, "SLICE", 1)
    monkeypatch.setattr(index, "PARTS", 2)
    stall(fair)
    with fair.resources.read() as work:
        folder = work.settings.data_dir / index.FOLDER
    saved = []
    for _ in range(6):
        complete(fair)
        saved.append(json.loads((folder / "index.json").read_text())["number"])
    assert saved == [1, 1, 1, 2, 2, 3]  # the first because there was none


def test_a_spoilt_saved_index_stops_no_search(fair: Fair, models, monkeypatch):
    monkeypatch.setattr(index, "SLICE", 2)
    stall(fair)
    complete(fair)
    models(Hashing(), Elsewhere())
    found(fair, q="ship tracks")
    with fair.resources.read() as work:
        folder = work.settings.data_dir / index.FOLDER
    (folder / "index.json").write_text(json.dumps({"format": 2, "number": 99, "models": ["slow@1"]}))
    assert found(fair, q="ship tracks").model == "hashing@1 + slow@1 (4 of 12)"


@pytest.mark.parametrize("before", [(Hashing(),), ()], ids=["the second", "both"])
def test_a_model_that_is_installed_later_reads_by_itself_when_a_worker_starts(fair: Fair, models, before, monkeypatch):
    monkeypatch.setattr(index, "SLICE", 4)
    models(*before)
    stall(fair)
    key = fair.demand()
    fair.work_off(*EVERY)
    assert fair.run(key).embedder == ("hashing@1" if before else None)
    models(Hashing(), Slow())
    assert started(fair) == ["matches:unread", "matches:reading", "matches:reading", f"matches:demand:{fair.id(key)}"]
    assert fair.run(key).embedder == "hashing@1 + slow@1"
    models(Hashing(), Elsewhere())
    assert found(fair, q="ship tracks").model == "hashing@1 + slow@1"
    assert started(fair) == ["matches:unread"]  # nothing is left to read


def started(fair: Fair) -> list[str]:
    """What is done after two workers have started at once."""
    with fair.resources.write() as work:
        for name in ("one", "two"):
            work.emit(WorkerStarted(name))
    return fair.work_off(*EVERY, jobs.UNREAD_JOB)


def test_a_worker_that_starts_where_nothing_was_saved_or_nothing_is_installed_asks_for_nothing(fair: Fair, models):
    assert started(fair) == []
    models()
    stall(fair)
    fair.work_off(*EVERY)
    assert started(fair) == ["matches:unread"]


def test_a_worker_asks_for_what_another_did_not_finish(fair: Fair, models, monkeypatch):
    monkeypatch.setattr(index, "SLICE", 2)
    stall(fair)
    assert complete(fair).model == "hashing@1 + slow@1 (4 of 12)"
    models(Hashing(), Slow())
    assert started(fair).count("matches:reading") >= 2
    assert complete(fair).is_complete


def test_a_model_that_reads_nothing_is_not_asked_for_ever(fair: Fair, models, monkeypatch):
    stall(fair)
    monkeypatch.setattr(index, "SLICE", 2)
    key = fair.demand()
    monkeypatch.setattr(index._Keeper, "complete", lambda _: 0)
    assert fair.work_off(*EVERY).count("matches:reading") < 8
    assert fair.run(key).embedder == "hashing@1"
