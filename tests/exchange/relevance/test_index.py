"""What holds of an index whatever is in it: order, updates, filters, what is kept on disk, odd texts."""

import hashlib
import json
import random
import threading
from dataclasses import replace
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from leaderboard.exchange.relevance import Index, Scale, Text, Unreadable, fusion, language_of, relevance
from leaderboard.exchange.relevance.features import features
from leaderboard.exchange.relevance.lexical import asked
from leaderboard.exchange.relevance.vectors import BLOCK, Vectors, levels, whole_numbers
from tests.exchange.probe.reading import StoredVectors, needs, stored_both, texts


class Hashing:
    """An embedder of no understanding: texts that share words point the same way. Enough for what does not depend on
    meaning."""

    name = "hashing"
    version = "1"
    dimension = 48
    prompt = True

    def __init__(self) -> None:
        self.encoded = self.asked = 0

    def scale(self, _asked, _described, /):
        return Scale(mean=0.1, spread=0.1, floor=0.05, clear=0.4)

    def encode_need(self, text, /):
        self.asked += 1
        self.encoded -= 1
        return self.encode([text])[0]

    def encode(self, said, /):
        self.encoded += len(said)
        vectors = np.zeros((len(said), self.dimension), dtype=np.float32)
        for row, text in enumerate(said):
            for feature in features(f"{text} a"):
                vectors[row, feature % self.dimension] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


WORDS = ("负荷", "预测", "轴承", "振动", "load", "forecast", "bearing", "AIS", "PM2.5", "🙂", "сад", "x")
listings = st.lists(
    st.builds(
        lambda number, language, words: Text(f"k{number}", language, " ".join(words)),
        st.integers(0, 6),
        st.sampled_from(("zh", "en")),
        st.lists(st.sampled_from(WORDS), max_size=6),
    ),
    max_size=12,
    unique_by=lambda text: (text.key, text.language),
)
queries = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)


class Slow(Hashing):
    """As Hashing by another hash, and not prompt."""

    name = "slow"
    dimension = 32
    prompt = False


def filled(*embedders, said=None):
    said = texts() if said is None else said
    index = Index(embedders)
    index.upsert(said)
    index.complete(said)
    return index


MODELS = pytest.mark.parametrize(
    "embedders", [(), (StoredVectors(),), stored_both()], ids=["words", "vectors", "two models"]
)


@MODELS
def test_the_order_in_which_listings_come_does_not_matter(embedders):
    asking = [said for need in needs()[:12] for said in need.said.values()]
    index = filled(*embedders)
    first = [index.search(said) for said in asking]
    for seed in (1, 2):
        mixed = list(texts())
        random.Random(seed).shuffle(mixed)
        index = Index(embedders)
        keys = list(dict.fromkeys(text.key for text in mixed))
        for start in range(0, len(keys), 17):
            chosen = set(keys[start : start + 17])
            index.upsert(text for text in mixed if text.key in chosen)
        index.complete(mixed)
        assert [index.search(said) for said in asking] == first


@settings(max_examples=60)
@given(before=listings, after=listings, gone=st.sets(st.integers(0, 6)), query=queries)
def test_an_index_that_was_changed_is_one_built_anew(before, after, gone, query):
    index = filled(Hashing(), Slow(), said=before)
    index.upsert(after)
    index.complete(after)
    index.delete(f"k{number}" for number in gone)
    changed = {text.key for text in after}
    held = [*(text for text in before if text.key not in changed), *after]
    anew = filled(Hashing(), Slow(), said=[text for text in held if int(text.key[1:]) not in gone])
    assert index.search(query, top=20) == anew.search(query, top=20)
    assert index.stats().listings == anew.stats().listings
    assert index.stats().descriptions == anew.stats().descriptions


def test_many_updates_leave_no_dead_rows_behind():
    said = [Text(f"k{number}", "en", f"pump sensor {number}") for number in range(900)]
    index = filled(Hashing(), said=said)
    for summary in ("red", "green", "blue", "grey"):
        index.upsert(replace(text, summary=summary) for text in said)
    anew = filled(Hashing(), said=[replace(text, summary="grey") for text in said])
    assert index.search("grey pump 300", top=5) == anew.search("grey pump 300", top=5)
    assert index.stats().models[0].vector_bytes < 3 * 900 * Hashing.dimension


def test_a_listing_that_stays_the_same_is_not_encoded_again():
    embedder = Hashing()
    said = [Text("a", "en", "pumps"), Text("a", "zh", "水泵"), Text("b", "en", "fans")]
    index = filled(embedder, said=said)
    assert embedder.encoded == 6  # each whole and its heading
    assert index.upsert(said) == 0
    assert index.upsert([*said[:2], replace(said[2], summary="loud")]) == 1
    assert embedder.encoded == 8


def test_what_a_listing_no_longer_says_is_gone():
    index = filled(said=[Text("a", "en", "pumps"), Text("a", "zh", "水泵")])
    index.upsert([Text("a", "zh", "风机")])
    assert index.search("pumps") == []
    assert index.search("水泵") == []
    assert [found.language for found in index.search("风机")] == ["zh"]


def test_a_listing_is_described_once_in_a_language():
    with pytest.raises(ValueError, match="twice in en"):
        Index().upsert([Text("a", "en", "pumps"), Text("a", "en", "fans")])
    index = filled(said=[Text("a", "en", "pumps")])
    with pytest.raises(ValueError, match="neither zh nor en"):
        index.upsert([Text("a", "en", "fans"), Text("a", "fr", "pompes")])
    assert [found.key for found in index.search("pumps")] == ["a"]


@MODELS
def test_a_filter_takes_away_and_changes_nothing_else(embedders):
    index = filled(*embedders)
    said = needs()[0].said["zh"]
    every = index.search(said, top=1000)
    among = {text.key for text in texts() if text.sector in {"Energy", "能源"}} | {"no-such-key"}
    left = index.search(said, among=among, top=1000)
    assert left == [found for found in every if found.key in among]
    assert 2 < len(left) < len(every)
    assert index.search(said, among=()) == []


@MODELS
def test_one_listing_compared_with_many_needs_is_what_searching_with_each_finds(embedders):
    """Some 4,000 pairs, some descriptions unread by the second model, one listing gone and one with new words."""
    index = Index(embedders)
    index.upsert(texts())
    index.complete(texts()[::2])
    first = Text("need", "zh", needs()[0].said["zh"])
    index.compared(texts()[9].key, [first])  # what is kept for the next listing must not outlive a change
    index.delete([texts()[3].key])
    index.upsert([replace(texts()[40], fields=("PM2.5",))])
    asking = [Text("need", language, said) for need in needs() for language, said in need.said.items()]
    keys = list(dict.fromkeys(text.key for text in texts()))[::7]
    for key in (keys[0], texts()[40].key, *keys[1:]):
        held = index.compared(key, [*asking, Text("need", "zh", "……"), asking[0]])
        slow = {said: sum(one.relevance for one in index.search(said, among=[key])) for said in asking}
        assert held.relevances() == pytest.approx(slow, abs=1e-12)
        assert held.relevances(set(asking[5:9])) == {said: held.relevances()[said] for said in asking[5:9]}
        assert all(most >= held.relevances()[said] for said, most in held.reach().items())
    assert index.compared(texts()[3].key, asking) is None
    assert index.compared(keys[0], [Text("need", "en", "🙂")]) is None


def test_a_deleted_listing_is_found_no_more():
    index = filled(StoredVectors())
    said = needs()[0].said["zh"]
    best = index.search(said)[0].key
    assert index.delete([best, best, "no-such-key"]) == 1
    assert best not in {found.key for found in index.search(said, top=1000)}
    assert index.stats().listings == len({text.key for text in texts()}) - 1


@MODELS
def test_each_listing_once_best_first_within_bounds_and_told_again(embedders):
    index = filled(*embedders)
    for need in needs()[:20]:
        found = index.search(need.said["en"], top=30)
        assert len({one.key for one in found}) == len(found)
        assert [one.relevance for one in found] == sorted((one.relevance for one in found), reverse=True)
        for one in found:
            assert 0 < one.relevance <= 1
            assert 0 <= one.reach <= 1
            assert relevance(one.lexical, one.dense, one.reach) == pytest.approx(one.relevance, abs=1e-12)
            assert (one.dense is None) == (not embedders)


@pytest.mark.parametrize("query", ["", "   ", "🙂🚀", "…——！？", "\n\t"])
def test_a_need_that_says_nothing_finds_nothing(query):
    assert filled(Hashing()).search(query) == []
    assert filled().search(query) == []


def test_an_empty_index_finds_nothing():
    for index in (Index(), Index([Hashing(), Slow()])):
        assert index.search("load forecast") == []
        assert index.upsert([]) == 0
        assert index.delete(["a"]) == 0
        assert index.stats().listings == 0


def test_needs_that_no_listing_has_a_word_of_find_nothing():
    index = filled()
    assert index.search("qqqq zzzz") == []
    assert index.search("龘靐齉") == []


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("AIS", "ais-vessels"),
        ("ais", "ais-vessels"),
        ("DICOM", "ct-nodules"),
        ("PM2.5", "air-quality"),
        ("ICD-10", "icd-coding"),
        ("NDVI 地块", "crop-parcels"),
        ("SCADA", "wind-scada"),
        ("12345", "citizen-hotline"),
        ("adsb-approach", "adsb-approach"),
        ("SERVICE-LEGAL", "service-legal"),
        ("Taxi tracks", "taxi-tracks"),
        ("塔吊运行监测", "tower-crane"),
    ],
)
def test_names_acronyms_and_ids_are_found_by_words(query, key):
    best = filled().search(query, top=2)
    assert best[0].key == key
    assert best[0].relevance > 0.75
    assert all(other.relevance < best[0].relevance for other in best[1:])


def test_a_name_is_found_across_languages():
    index = filled(said=[*(text for text in texts() if text.language == "en")])
    assert index.search("船舶 AIS 轨迹有没有？")[0].key == "ais-vessels"


class Deaf(Hashing):
    """Its vectors know nothing: needs point one way, everything else another."""

    def encode(self, said, /):
        vectors = np.zeros((len(said), self.dimension), dtype=np.float32)
        for row, text in enumerate(said):
            vectors[row, 0 if " " not in text else 1] = 1
        return vectors


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("adsb-approach", "adsb-approach"),
        ("service-legal", "service-legal"),
        ("PM2.5", "air-quality"),
        ("NDVI", "crop-parcels"),
    ],
)
def test_an_id_or_a_name_is_found_whatever_vectors_say(query, key):
    best, *others = filled(Deaf()).search(query, top=5)
    assert best.key == key
    assert best.relevance > 0.5
    assert all(other.relevance < best.relevance for other in others)


@pytest.mark.parametrize("query", ["能见度", "visibility", "buoys", "visibility buoy"])
def test_a_few_words_that_are_there_are_found_whatever_vectors_say(query):
    """Nobody understands "nothing good enough" beside a text that says what was typed."""
    said = [
        Text("fog", "zh", "港区自动站逐时记录。气温、湿度和能见度"),
        Text("fog", "en", "Hourly records of buoys. Temperature, humidity and visibility"),
        *texts(),
    ]
    found = filled(Deaf(), said=said).search(query, least=0.3)
    assert found[0].key == "fog"


def test_long_and_mixed_texts_are_taken():
    long = "变压器 transformer 油温 " * 20_000
    mixed = Text("mixed", "zh", "🙂 ＡＩＳ 전압 データ вода 电压", summary="\x00\u202e" + "é" * 50)
    index = filled(Hashing(), said=[Text("long", "zh", "长", summary=long), mixed, Text("empty", "en", "")])
    assert index.search(long)[0].key == "long"
    assert index.search("AIS 电压")[0].key == "mixed"
    assert index.search("вода")[0].key == "mixed"
    assert {one.key for one in index.search("电压 油温")} >= {"mixed", "long"}
    assert index.stats().descriptions == {"zh": 2, "en": 1}


def test_a_need_may_be_a_whole_text():
    index = filled(StoredVectors())
    for text in texts()[:30]:
        assert index.search(replace(text, key="demand"))[0].key == text.key


def test_equal_listings_stand_by_key():
    said = [Text(key, "en", "pump pressure") for key in ("c", "a", "b")]
    for order in (said, said[::-1]):
        assert [found.key for found in filled(Hashing(), said=order).search("pump", top=2)] == ["a", "b"]


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("船舶AIS数据", "zh"),
        ("We need data", "en"),
        ("需要 AIS ADS-B SCADA", "zh"),
        ("", "en"),
        ("a long English need that names 电网 once and goes on for a while in its own words", "en"),
    ],
)
def test_the_language_of_a_need(said, language):
    assert language_of(said) == language


# What is kept on disk


def test_what_is_saved_is_loaded(tmp_path):
    embedders = stored_both()
    index = filled(*embedders)
    index.delete(["load-county"])
    assert Index.saved(tmp_path) == 0
    assert [index.save(tmp_path), index.save(tmp_path)] == [1, 2]
    assert Index.saved(tmp_path) == 2
    loaded = Index.load(tmp_path, embedders)
    assert loaded.stats() == index.stats()
    for need in needs()[:10]:
        assert loaded.search(need.said["en"]) == index.search(need.said["en"])
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == ["documents-2.json", "index.json", "postings-2.npz", "vectors-0-2.npy", "vectors-1-2.npy"]
    back = [text for text in texts() if text.key == "load-county"]
    loaded.upsert(back)
    loaded.complete(back)
    anew = filled(*embedders)
    assert [loaded.search(need.said["zh"]) for need in needs()[:10]] == [
        anew.search(need.said["zh"]) for need in needs()[:10]
    ]


class Newer(Hashing):
    version = "2"


def test_vectors_of_another_model_are_never_compared(tmp_path):
    filled(Hashing()).save(tmp_path)
    index = Index.load(tmp_path, [Newer()])
    assert index.stats().models[0].without_vector == len(texts())
    assert index.search("load forecast")[0].dense is None
    assert index.upsert(texts()) == index.stats().listings
    assert index.stats().models[0].without_vector == 0
    assert index.search("load forecast") == filled(Newer()).search("load forecast")
    assert Index.load(tmp_path).search("load forecast") == filled().search("load forecast")


def test_each_model_finds_its_own_vectors_again_in_any_order(tmp_path):
    filled(Hashing(), Slow()).save(tmp_path)
    turned = Index.load(tmp_path, [Slow(), Newer(), Hashing()])
    assert [(one.id, one.without_vector) for one in turned.stats().models] == [
        ("slow@1", 0),
        ("hashing@2", len(texts())),
        ("hashing@1", 0),
    ]
    first, second = filled(Hashing(), Slow()).search("load 负荷"), turned.search("load 负荷")
    assert [(one.key, round(one.relevance, 9)) for one in first] == [
        (one.key, round(one.relevance, 9)) for one in second
    ]


def test_vectors_of_another_length_are_refused(tmp_path):
    filled(Hashing()).save(tmp_path)

    class Longer(Hashing):
        dimension = 64

    with pytest.raises(Unreadable, match="48 numbers, not 64"):
        Index.load(tmp_path, [Longer()])


def test_some_vectors_may_be_missing(tmp_path):
    """Words stand in for them, on the same scale of relevance, until the listing is given again."""
    filled().save(tmp_path)
    index = Index.load(tmp_path, [StoredVectors()])
    index.upsert(text for text in texts() if text.key != "ais-vessels")
    assert index.stats().models[0].without_vector == 1
    said = next(need for need in needs() if need.key == "ship-going-dark").said["en"]
    found = {one.key: one for one in index.search(said, top=1000)}
    assert [key for key, one in found.items() if one.dense is None] == ["ais-vessels"]
    assert found["ais-vessels"].relevance > 0


# A model that is slow at reading


def test_a_slow_model_reads_when_it_is_told_to():
    prompt, slow = Hashing(), Slow()
    index = Index([prompt, slow])
    said = [Text("a", "en", "pumps"), Text("a", "zh", "水泵"), Text("b", "en", "fans"), Text("c", "en", "valves")]
    index.upsert(said)
    assert (prompt.encoded, slow.encoded) == (8, 0)
    assert [one.without_vector for one in index.stats().models] == [0, 4]
    assert index.incomplete() == ["a", "b", "c"]
    assert index.incomplete(2) == ["a", "b"]
    assert index.complete([*said[:2], Text("b", "en", "other fans"), Text("d", "en", "not here")]) == 1
    assert index.incomplete() == ["b", "c"]
    assert index.complete(said) == 2
    assert index.complete(said) == 0
    assert (prompt.encoded, slow.encoded) == (8, 8)
    index.upsert([replace(said[2], summary="loud")])
    assert index.incomplete() == ["b"]
    index.delete(["b"])
    assert index.incomplete() == []


def test_what_was_read_is_kept_when_another_model_has_lost_its_vectors(tmp_path):
    filled(Slow()).save(tmp_path)
    prompt, slow = Hashing(), Slow()
    index = Index.load(tmp_path, [prompt, slow])
    assert index.upsert(texts()) == index.stats().listings
    assert (prompt.encoded, slow.encoded) == (2 * len(texts()), 0)
    assert index.search("load 负荷") == filled(Hashing(), Slow()).search("load 负荷")


def test_rows_that_move_while_a_model_reads_get_their_own_vectors():
    said = [Text(f"k{number}", "en", f"pump {number}") for number in range(20)]

    class Interrupted(Slow):
        def encode(self, texts, /):
            if index.stats().listings == 20:
                index.delete(text.key for text in said[:10])
                index._move_together()
            return super().encode(texts)

    index = Index([Interrupted()])
    index.upsert(said)
    assert index.complete(said) == 10
    assert index.search("pump 15") == filled(Slow(), said=said[10:]).search("pump 15")


def test_vectors_that_another_process_has_saved_are_taken(tmp_path):
    filled(Hashing(), Slow(), said=texts()[:50]).save(tmp_path)
    changed = [replace(text, summary="changed") if text.key == texts()[0].key else text for text in texts()]
    slow = Slow()
    index = Index([Hashing(), slow])
    index.upsert(reversed(changed))
    here = [text for text in texts()[:50] if text.key != texts()[0].key]
    assert index.adopt(tmp_path) == len(here)
    assert index.adopt(tmp_path) == 0
    assert slow.encoded == 0
    index.complete(changed)
    assert index.search("load 负荷") == filled(Hashing(), Slow(), said=changed).search("load 负荷")
    with pytest.raises(Unreadable):
        index.adopt(tmp_path / "nowhere")


def test_a_listing_that_one_model_has_read_stands_on_the_scale_of_those_that_two_have():
    """Half of what is offered has no vector of the slow model: right listings without one stand nearly where they would."""
    embedders = stored_both()
    whole, half = filled(*embedders), Index(embedders)
    half.upsert(texts())
    half.complete(text for text in texts() if hashlib.sha256(text.key.encode()).digest()[0] % 2)
    lacking, moved = set(half.incomplete()), []
    for need in needs():
        for said in need.said.values():
            full = {one.key: one.relevance for one in whole.search(said, top=1000)}
            found = {one.key: one.relevance for one in half.search(said, top=1000)}
            moved += [found.get(key, 0) - full.get(key, 0) for key in need.grades if key in lacking]
    assert len(moved) > 150
    assert abs(fmean(moved)) < 0.03
    assert fmean(abs(one) > 0.2 for one in moved) < 0.1


def test_a_need_that_is_asked_again_is_not_encoded_again():
    embedder = Hashing()
    index = filled(embedder)
    for among in (None, ["load-county"], None):
        index.search("load forecast", among=among)
    index.upsert([Text("new", "en", "load")])
    index.search("load forecast")
    assert embedder.asked == 1
    index.search("load forecasts")
    assert embedder.asked == 2


@pytest.mark.parametrize("damage", ["nothing", "head", "format", "documents", "postings", "vectors", "shorter"])
def test_a_folder_that_is_not_sound_is_refused(tmp_path, damage):
    if damage != "nothing":
        filled(Hashing()).save(tmp_path)
    if damage == "head":
        (tmp_path / "index.json").write_text("{")
    if damage == "format":
        (tmp_path / "index.json").write_text(json.dumps({"format": 0, "number": 1, "models": []}))
    if damage == "documents":
        (tmp_path / "documents-1.json").write_text("[]")
    if damage == "postings":
        (tmp_path / "postings-1.npz").write_bytes((tmp_path / "postings-1.npz").read_bytes()[:500])
    if damage == "vectors":
        (tmp_path / "vectors-0-1.npy").unlink()
    if damage == "shorter":
        np.save(tmp_path / "vectors-0-1.npy", np.zeros((3, Hashing.dimension), dtype=np.int8))
    with pytest.raises(Unreadable):
        Index.load(tmp_path, [Hashing()])


def test_nothing_on_disk_is_pickled(tmp_path):
    filled(Hashing()).save(tmp_path)
    assert np.load(tmp_path / "vectors-0-1.npy", allow_pickle=False).dtype == np.int8
    with np.load(tmp_path / "postings-1.npz", allow_pickle=False) as stored:
        assert {stored[name].dtype.kind for name in stored.files} == {"u", "i", "f"}


def test_threads_may_search_while_listings_come_and_go():
    index = filled(Hashing())
    expected = {text.key for text in texts()} | {"new"}
    faults: list[BaseException] = []

    def searching() -> None:
        try:
            for _ in range(30):
                assert {found.key for found in index.search("load forecast 负荷")} <= expected
        except BaseException as fault:  # noqa: BLE001 - shown by the test's own thread
            faults.append(fault)

    threads = [threading.Thread(target=searching) for _ in range(3)]
    for thread in threads:
        thread.start()
    for turn in range(30):
        index.upsert([Text("new", "en", f"load {turn}")])
        index.delete(["new"])
    for thread in threads:
        thread.join()
    assert faults == []
    assert index.search("load forecast 负荷") == filled(Hashing()).search("load forecast 负荷")


# The arithmetic


def test_words_weigh_what_the_formula_says():
    """Against scikit-learn's counts of the same features and the formula written out."""
    said = [text for text in texts() if text.language == "zh"][:40]
    counter = CountVectorizer(analyzer=lambda text: list(features(text)))
    counts = counter.fit_transform([text.whole() for text in said]).toarray().astype(float)
    query = needs()[2].said["zh"]
    wanted = counter.transform([query]).toarray()[0].astype(float)
    vocabulary = set(counter.vocabulary_)
    unknown = [feature for feature in features(query) if feature not in vocabulary]
    sizes = np.log(np.where(counts > 0, counts, 1)) + (counts > 0)
    keys = 1  # the key is one more word of each description
    described = sizes / np.sqrt((sizes**2).sum(axis=1, keepdims=True) + keys)
    rarity = 1 + np.log((1 + len(said)) / (1 + (counts > 0).sum(axis=0)))
    weights = (np.log(np.where(wanted > 0, wanted, 1)) + (wanted > 0)) * rarity
    rest = sum((1 + np.log(unknown.count(one))) ** 2 for one in set(unknown)) * (1 + np.log(1 + len(said))) ** 2
    expected = described @ weights / np.sqrt((weights**2).sum() + rest)
    index = filled(said=said)
    words = index._lexical.compare(asked(query), index._documents.alive)
    assert words.cosine == pytest.approx(expected, abs=1e-6)


def test_cosines_of_whole_numbers_are_exact_and_near():
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(2 * BLOCK + 5, 512)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    small = whole_numbers(vectors)
    held = Vectors(512)
    for start in range(0, len(small), 1500):
        held.append(small[start : start + 1500])
    rows = np.flatnonzero(rng.random(len(small)) < 0.3)
    found = held.cosines(small[7], rows)
    exact = small[rows].astype(np.int64) @ small[7].astype(np.int64)
    sizes = np.sqrt((small.astype(np.int64) ** 2).sum(axis=1))
    assert found == pytest.approx(exact / (sizes[rows] * sizes[7]), abs=1e-15)
    assert found == pytest.approx(vectors[rows] @ vectors[7], abs=0.004)
    assert (held.taken(rows) == small[rows]).all()


@pytest.mark.parametrize("dimension", [1, 64, 512, 1040, 1041, 4096])
def test_no_sum_of_products_is_rounded(dimension):
    assert dimension * levels(dimension) ** 2 <= 2**24


def test_a_vector_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="finite"):
        whole_numbers(np.array([[np.nan, 1]], dtype=np.float32))
    assert (whole_numbers(np.zeros((1, 4), dtype=np.float32)) == 0).all()


def test_a_sample_stands_for_many():
    """Beyond a thousand descriptions of a language, mean and spread are those of a sample drawn by lot of the keys."""
    said = [Text(f"k{number}", "en", f"pump {number}") for number in range(1500)]
    index = filled(said=said)
    drawn = index._documents.sample("en")
    assert len(drawn) == fusion.SAMPLE
    assert index._documents.sample("zh").size == 0
    keys = {index._documents.keys[row] for row in drawn}
    turned = filled(said=said[::-1])
    assert {turned._documents.keys[row] for row in turned._documents.sample("en")} == keys
    lots = {text.key: hashlib.sha256(f"en {text.key}".encode()).digest()[:8] for text in said}
    assert keys == set(sorted(lots, key=lots.__getitem__)[: fusion.SAMPLE])
    assert turned.search("pump 17") == index.search("pump 17")
