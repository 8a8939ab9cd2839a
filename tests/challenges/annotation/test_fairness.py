"""Attempts to learn the gold, or to gain by knowing some of it. Each builds the file that an attacker would hand in."""

import json

import numpy as np
import polars as pl
import pytest

from challenges.annotation_plan import AnnotationPlan
from challenges.annotation_report import FEWEST_GOLD, AnnotationReport
from scoring.agreement.simulate import average, careful, hasty
from tests.challenges.annotation.jobs import CLASSES, handed, ids, scores, table, truth_of

pytestmark = pytest.mark.hostile

K = len(CLASSES)
CROWD = [average(K), average(K), hasty(K), hasty(K), careful(K)]


def without_package(said: bytes) -> dict[str, object]:
    """The annotation report but for the digest of the package, which names the gold's file."""
    found = AnnotationReport.parse(said).model_dump(mode="json")
    del found["made_with"]["package"]
    return found


def gold_of(made, split):
    return (np.load(made.prepared / f"gold-{split}-{what}.npy") for what in ("items", "labels"))


def moved(made, split, rotated):
    """Rewrites the labels of one part of the gold: every class becomes the one `rotated` places on."""
    items, labels = gold_of(made, split)
    np.save(made.prepared / f"gold-{split}-labels.npy", ((labels + rotated) % K).astype(np.int32))
    return items


def test_nothing_that_is_told_depends_on_the_private_gold(job):
    made = job(1000)
    labels = handed(made.truth, CROWD)
    report, said = made.hand_in(labels), made.said()
    moved(made, "private", 1)
    after = made.hand_in(labels)
    assert made.said() == said
    public = [one for one in report.scores if one.split == "public"]
    assert [one for one in after.scores if one.split == "public"] == public
    assert after.spreads["public"] == report.spreads["public"]
    assert scores(after)["accuracy", "private"] < 0.3


def test_a_name_for_every_label_learns_nothing_about_single_items(job):
    """The attack: nobody labels more than one item, so that what is said of a name is said of its item."""
    made = job(1000)
    labels = handed(made.truth, CROWD).with_columns(annotator=pl.format("n{}", pl.int_range(pl.len())))
    made.hand_in(labels)
    said = without_package(made.said())
    assert {(one["gold"], one["level"]) for one in said["annotators"]} == {(None, "trainee")}
    items, _ = gold_of(made, "public")
    elsewhere = np.arange(1, 1000, 2)[: len(items)]  # none of these was gold
    np.save(made.prepared / "gold-public-items.npy", elsewhere)
    np.save(made.prepared / "gold-public-labels.npy", made.truth[elsewhere].astype(np.int32))
    made.hand_in(labels)
    other = without_package(made.said())
    for one in (said, other):
        del one["inspection"]  # of the whole sample, like the score
    assert other == said


def test_a_set_of_items_too_small_to_judge_is_not_judged(job):
    """A probe that labels fewer gold items than `FEWEST_GOLD` says the same whether they are gold, right, or wrong."""
    made = job(1000)
    items, _ = gold_of(made, "public")
    names = ids(1000)
    base = handed(made.truth, CROWD).select("item", "annotator", "label")
    size = FEWEST_GOLD - 1
    told = []
    for probed in (items[:size], np.arange(1, 2 * size, 2)):
        for turn in (0, 1):
            said = [CLASSES[(made.truth[i] + turn) % K] for i in probed]
            probe = table(item=[names[i] for i in probed], annotator=["probe"] * size, label=said)
            made.hand_in(pl.concat([base, probe]))
            one = next(one for one in made.report().annotators if one.name == "probe")
            told.append((one.gold, one.level, one.labels))
    assert told == [(None, "trainee", size)] * 4


def test_what_gold_says_of_a_name_is_coarse(job):
    made = job(2000, gold=range(2000))
    made.hand_in(handed(made.truth, CROWD))
    for one in made.report().annotators:
        for end in (one.gold.value, one.gold.low, one.gold.high):
            assert end * 100 == pytest.approx(round(end * 100), abs=1e-9)


def test_who_knows_the_public_gold_gains_only_the_public_score(job):
    """Poor annotators who are handed the public gold with certainty: the private score does not rise with it."""
    made = job(1500, gold=range(0, 1500, 5))
    items, classes = gold_of(made, "public")
    known = {ids(1500)[i]: CLASSES[c] for i, c in zip(items, classes, strict=True)}
    labels = handed(made.truth, [hasty(K)] * 5)
    knowing = labels.with_columns(label=pl.col("item").replace_strict(known, default=pl.col("label")))
    honest, told = scores(made.hand_in(labels)), scores(made.hand_in(knowing))
    assert told["accuracy", "public"] == 1
    assert told["accuracy", "private"] <= honest["accuracy", "private"] + 0.02
    assert told["weakest", "private"] == pytest.approx(honest["weakest", "private"], abs=1e-12)
    assert told["cost", "private"] >= honest["cost", "private"] - 0.05


def test_many_copies_of_one_annotator_do_not_make_the_labels_better(job):
    """Certainty bought with copies of a single annotator: as right as that one, dearer, and the pair is told."""
    made = job(1500, per_item=2)
    two = handed(made.truth, [average(K), average(K)], per_item=2).select("item", "annotator", "label")
    first = two.filter(pl.col("annotator") == "a0")
    copies = pl.concat([first.with_columns(annotator=pl.lit(f"c{i}")) for i in range(2)])
    honest, copied = scores(made.hand_in(two)), scores(made.hand_in(pl.concat([two, copies])))
    for split in ("public", "private"):
        assert copied["accuracy", split] <= honest["accuracy", split] + 0.03
        assert copied["cost", split] > 1.7 * honest["cost", split]


def test_labels_shuffled_among_names_hide_the_weakest_at_the_price_of_the_leading_score(job):
    """What cannot be seen: that names are not those who labelled. It levels the names, and the consensus knows less."""
    made = job(4000)
    team = [careful(K), careful(K), hasty(K), hasty(K), hasty(K)]
    labels = handed(made.truth, team).select("item", "annotator", "label")
    shuffled = labels.sample(fraction=1, shuffle=True, seed=3).sort("item", maintain_order=True)
    shuffled = shuffled.with_columns(annotator=labels.sort("item", maintain_order=True)["annotator"])
    honest, hiding = scores(made.hand_in(labels)), scores(made.hand_in(shuffled))
    for split in ("public", "private"):
        assert hiding["weakest", split] > honest["weakest", split]
        assert hiding["accuracy", split] < honest["accuracy", split] - 0.02


def test_the_plan_holds_no_gold(job):
    made = job(300)
    plan = AnnotationPlan.load(made.prepared)
    assert plan.gold == {"public": 45, "private": 105}
    text = json.dumps(plan.model_dump(mode="json"))
    assert not any(name in text for name in ids(300))


def test_truth_is_simulated_apart_from_the_items():
    """The tests above would prove nothing if ids gave the classes away."""
    truth = truth_of(1000)
    assert np.bincount(truth).min() > 230
